"""The rules that guard judges, for the documents of the knowledge base: who looks after one is shown what in it speaks to a
judge, and no buyer is told it."""

from __future__ import annotations

from scenarios.knowledge.hostile import register_finder
from scoring.transcripts import TranscriptTurn

from .detector import flagged_in


def register() -> None:
    register_finder("injection", spoken_to_a_judge)


def spoken_to_a_judge(text: str) -> list[tuple[int, int]]:
    """Where the sentences stand that `without_flagged` leaves out, in order."""
    page = TranscriptTurn("document", 0, "user", text, 0, 0)
    return [(flag.start, flag.end) for flag in flagged_in([page])]
