"""The buyer's own words, by language: pools of lines and the sentences that explain each rule."""

from __future__ import annotations

import functools
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from calls.engine.moods import MOODS, Mood
from scenarios.briefs import PersonaBrief

_WORD = re.compile(r"[\w'’]+")


@dataclass(frozen=True, slots=True)
class Wording:
    pools: Mapping[str, tuple[str, ...]]
    moods: Mapping[str, str]
    traces: Mapping[str, str]
    reasons: Mapping[str, str]
    topics: Mapping[str, str]
    traits: Mapping[str, str]


@functools.cache
def wording(language: str) -> Wording:
    """The wording of "en" or "es"."""
    data: dict[str, Any] = yaml.safe_load((Path(__file__).parent / f"{language}.yaml").read_text("utf-8"))
    named = {part: data.pop(part) for part in ("moods", "traces", "reasons", "topics", "traits")}
    return Wording(pools={name: tuple(lines) for name, lines in data.items()}, **named)


class Phrases:
    """Draws lines for one buyer: in turn, from a start that depends on the buyer, so never at random."""

    def __init__(self, brief: PersonaBrief) -> None:
        self._brief = brief
        self._wording = wording(brief.language)
        self._values = {
            "name": brief.name,
            "company": brief.company,
            "industry": brief.industry,
            "role": brief.role[:1].lower() + brief.role[1:] if brief.role[1:2].islower() else brief.role,
            "competitor": brief.competitor,
            "next_step": brief.next_step.rstrip(" ."),
        }
        self._own = tuple(_bare(text) for text in _written_for(brief))

    def pool(self, name: str) -> tuple[str, ...]:
        """The variants of a pool for this buyer's personality, or for everybody; without those that the author's own words
        for this buyer begin with, which would else be heard twice ("Between us. Between us, ..."), where others are left."""
        lines = self._wording.pools.get(f"{name}.{self._brief.personality}") or self._wording.pools[name]
        return tuple(line for line in lines if not self._is_own(line)) or lines

    def _is_own(self, line: str) -> bool:
        opening = _bare(line)
        return any(text == opening or text.startswith(f"{opening} ") for text in self._own)

    def line(self, name: str, drawn: int, **values: object) -> str:
        """The line that comes after `drawn` others of the pool."""
        pool = self.pool(name)
        start = zlib.crc32(f"{self._brief.name}/{name}".encode())
        return _filled(pool[(start + drawn) % len(pool)], {**self._values, **values})

    def size(self, name: str) -> int:
        return len(self.pool(name))

    def every(self, name: str) -> tuple[str, ...]:
        return tuple(_filled(line, self._values) for line in self.pool(name))

    def why(self, rule: str, **values: object) -> str:
        return _filled(self._wording.traces[rule], values)

    def reason(self, name: str, **values: object) -> str:
        return _filled(self._wording.reasons[name], values)

    def topic(self, name: str) -> str:
        return self._wording.topics[name]

    def trait(self, name: str) -> str:
        """A personality or a difficulty in the language of the call."""
        return self._wording.traits.get(name, name)

    def effect(self, moved: Mood) -> str:
        """ "patience −8, trust +3"; empty when nothing moved."""
        return ", ".join(
            f"{self._wording.moods[mood]} {'+' if value > 0 else '−'}{abs(value)}"
            for mood, value in zip(MOODS, moved, strict=True)
            if value
        )


def _written_for(brief: PersonaBrief) -> Iterator[str]:
    """What an author has this buyer say in the middle of a call."""
    yield from (pain.reveal_text for pain in brief.hidden_pains)
    for objection in brief.objections:
        yield from (objection.text, objection.concern, objection.resolved_text, objection.hardened_text)
    yield from brief.facts.values()


def _bare(text: str) -> str:
    """Its words alone, to tell whether one text begins with another."""
    return " ".join(_WORD.findall(text.casefold()))


def _filled(line: str, values: Mapping[str, object]) -> str:
    """Replaces {names} that are known; what a trainee or an author wrote is never read as a pattern."""
    for key, value in values.items():
        if f"{{{key}}}" in line:
            line = line.replace(f"{{{key}}}", str(value))
    return line
