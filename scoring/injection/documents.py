"""Whoever looks after a document is shown what in it speaks to a judge, in the words that are kept from every model."""

from __future__ import annotations

from scenarios.knowledge.hostile import register_finder
from scoring.transcripts import TranscriptTurn

from .detector import flagged_in


def register() -> None:
    register_finder("injection", sentences_to_a_judge)


def sentences_to_a_judge(text: str) -> list[str]:
    """The sentences of a text that `without_flagged` leaves out, in order."""
    page = TranscriptTurn("document", 0, "user", text, 0, 0)
    return [" ".join(flag.text.split()) for flag in flagged_in([page])]
