"""The kinds of work that language models do here: whom each asks first, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Task:
    """`order`: vendors, first asked first. `seconds`: for all of them together, whatever happens. `attempt_seconds`: for one
    request."""

    name: str
    order: tuple[str, ...]
    seconds: float
    attempt_seconds: float


# quick: somebody looks at the screen. deep: the debrief. coach: somebody waits for an answer. flight: one line of a
# simulated seller. author_…: drafts, in the background or while an author waits.
NAMES = ("quick", "deep", "coach", "flight", "author_persona", "author_rubric", "author_scenario", "author_coherence")
# Whose models are asked where the money is not enough for a task's own: a debrief by the quick score's is better than none.
CHEAPER = {"deep": "quick"}
# A quick score has no time for a second request that the first one did not leave.
_ATTEMPT_SECONDS = {"deep": 30.0, "coach": 12.0, "flight": 10.0, "author": 45.0}


def task_named(name: str) -> Task:
    """Raises `KeyError` for work that is not known."""
    kind = "author" if name in NAMES and name.startswith("author_") else name
    seconds = float(
        {
            "quick": settings.QUICK_SCORE_SECONDS,
            "deep": settings.DEEP_SCORE_SECONDS,
            "coach": settings.COACH_SECONDS,
            "flight": settings.FLIGHT_SECONDS,
            "author": settings.AUTHOR_SECONDS,
        }[kind]
    )
    return Task(name, tuple(settings.LLM_ORDERS[kind]), seconds, _ATTEMPT_SECONDS.get(kind, seconds))
