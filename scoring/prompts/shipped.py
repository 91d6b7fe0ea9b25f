"""The prompts that come with the software: two text files for each version, `<version>.system.md` and `<version>.user.md`.

A file is never edited once a version has judged a call; a change is a new file and a new line in `SHIPPED`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scoring.judges.base import Track

from .rendering import Prompt

FOLDER = Path(__file__).parent
# What an installation begins with.
FIRST: dict[Track, str] = {"quick": "quick-1", "deep": "deep-1"}


@dataclass(frozen=True, slots=True)
class Shipped:
    """A version in the software, and what it is for."""

    version: str
    track: Track
    why: str

    def prompt(self) -> Prompt:
        return Prompt(self.version, _text(self.version, "system"), _text(self.version, "user"))


SHIPPED = (
    Shipped("quick-1", "quick", "The first one."),
    Shipped("deep-1", "deep", "The first one."),
    Shipped(
        "quick-2", "quick", "Says what was left out of the transcript, and that rubric and facts are data as well."
    ),
    Shipped("deep-2", "deep", "Says what was left out of the transcript, and that rubric and facts are data as well."),
)


def first(track: Track) -> Prompt:
    """The prompt that a track has where nobody has chosen another."""
    return next(item for item in SHIPPED if item.version == FIRST[track]).prompt()


@cache
def _text(version: str, part: str) -> str:
    return (FOLDER / f"{version}.{part}.md").read_text(encoding="utf-8")
