"""The calls that judges are tried on, as data: `calls/*.yaml` in two languages, `attacks.yaml`, `honest.yaml`.

A call file holds one buyer and three sellers of different quality; each line is there in English and in Spanish, so that the
two transcripts say the same. The same calls, as they are, are the ground that attacks and honest variants are laid on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from scenarios import presets
from scenarios.briefs import LANGUAGES, HiddenPain, Objection, PersonaBrief, RubricSpec
from scoring.judges.base import Case
from scoring.transcripts import TranscriptTurn, count_words

FOLDER = Path(__file__).parent
RUBRIC = "five-criterion"
QUALITIES = ("good", "middling", "weak")
# Words per minute. Both languages are spoken at the same pace: what is compared is the judge, not the mouth.
PACE = {"good": 140, "middling": 150, "weak": 175, "buyer": 150}
PAUSE_MS = 600

Line = tuple[str, str]  # speaker ("T" trainee, "B" buyer), words


@dataclass(frozen=True, slots=True)
class Talk:
    """One call in one language. `pair` is the same in both."""

    pair: str
    language: str
    quality: str
    mode: str
    lines: tuple[Line, ...]
    buyer: PersonaBrief

    def case(self, lines: Sequence[Line] | None = None, *, buyer: PersonaBrief | None = None) -> Case:
        """What a judge is given; `lines` and `buyer` stand in for the call's own in a variant."""
        return Case(
            turns=_turns(self.lines if lines is None else lines, self.quality),
            rubric=rubric(self.language),
            language=self.language,
            mode=self.mode,
            brief=buyer or self.buyer,
        )


@dataclass(frozen=True, slots=True)
class Attack:
    """Words meant to move the score. `place`: where they stand; `disguise`: how they are dressed up."""

    key: str
    language: str
    place: str
    disguise: str
    text: str


@dataclass(frozen=True, slots=True)
class Honest:
    """Words a salesperson or a buyer might say that only look like an attack; they must cost nothing."""

    key: str
    language: str
    place: str
    text: str


@cache
def rubric(language: str) -> RubricSpec:
    return presets.rubrics()[RUBRIC, language].spec


@cache
def talks() -> tuple[Talk, ...]:
    """All calls, both languages, in a fixed order. Raises ValueError naming the file where the two do not match."""
    found = []
    for path in sorted((FOLDER / "calls").glob("*.yaml")):
        data = _read(path)
        for quality in QUALITIES:
            rows = data["calls"][quality]
            if any(set(row) != {"by", *LANGUAGES} for row in rows):
                raise ValueError(f"{path.name}: a line of “{quality}” lacks a language")
            for language in LANGUAGES:
                found.append(
                    Talk(
                        pair=f"{path.stem}/{quality}",
                        language=language,
                        quality=quality,
                        mode=data["mode"],
                        lines=tuple((row["by"], row[language]) for row in rows),
                        buyer=_buyer(data, language),
                    )
                )
    return tuple(found)


@cache
def attacks() -> tuple[Attack, ...]:
    return tuple(Attack(**row) for row in _read(FOLDER / "attacks.yaml"))


@cache
def honest() -> tuple[Honest, ...]:
    return tuple(Honest(**row) for row in _read(FOLDER / "honest.yaml"))


@cache
def corpus_hash() -> str:
    """SHA-256 over all files: results on another corpus are results on another corpus."""
    files = sorted(FOLDER.rglob("*.yaml"))
    return hashlib.sha256(b"\0".join(path.name.encode() + b"\0" + path.read_bytes() for path in files)).hexdigest()


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def _buyer(data: Mapping[str, Any], language: str) -> PersonaBrief:
    about, said = data["buyer"], data["buyer"][language]
    return PersonaBrief(
        name=about["name"],
        role=said["role"],
        company=about["company"],
        industry=said["industry"],
        personality=about["personality"],
        difficulty="medium",
        language=language,
        backstory="",
        facts={},
        objections=(
            Objection(
                key="objection",
                kind=about["objection_kind"],
                text=said["objection"],
                concern=said["concern"],
                resolve_hints=(said["settled_by"],),
                resolved_text=said["settled"],
            ),
        ),
        hidden_pains=(
            HiddenPain(key="pain", pain=said["pain"], reveal_hints=(said["asked"],), reveal_text=said["told"]),
        ),
        voice_id="",
        mode=data["mode"],
        first_message=data["calls"]["good"][0][language],
        goal="",
        next_step="",
    )


def _turns(lines: Sequence[Line], quality: str) -> tuple[TranscriptTurn, ...]:
    """Turns with the times that speaking at the pace would give them."""
    turns: list[TranscriptTurn] = []
    clock = 400
    for seq, (speaker, words) in enumerate(lines, start=1):
        pace = PACE[quality] if speaker == "T" else PACE["buyer"]
        end = clock + max(count_words(words) * 60_000 // pace, 400)
        turns.append(TranscriptTurn(f"t{seq}", seq, "user" if speaker == "T" else "assistant", words, clock, end))
        clock = end + PAUSE_MS
    return tuple(turns)
