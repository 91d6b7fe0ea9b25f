"""Who judged a call, in words that claim nothing more than is true."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from .models import ScoreRun

NAMES = {"groq": "Groq", "gemini": "Google Gemini", "openai": "OpenAI", "openrouter": "OpenRouter"}


@dataclass(frozen=True, slots=True)
class Judge:
    """`name` for a label, `explanation` for who wants to know how it judges."""

    name: str
    explanation: str
    is_embedded: bool


def judge_of(run: ScoreRun) -> Judge:
    if run.judged_by == "embedded":
        return Judge(
            name=_("Parley's embedded judge"),
            explanation=_(
                "It works by rules and by comparing sentences, not by a language model: it looks for what the rubric asks, "
                "and quotes where it found it. The same call always gets the same score. It can miss what was put in an "
                "unusual way."
            ),
            is_embedded=True,
        )
    name = NAMES.get(run.judged_by, run.judged_by)
    return Judge(
        name=f"{name} ({run.model})" if run.model else name,
        explanation=_(
            "A language model read the transcript and judged each criterion. Its quotes were checked against what was said, "
            "and the numbers were computed by Parley. A second reading can differ by a few points."
        ),
        is_embedded=False,
    )
