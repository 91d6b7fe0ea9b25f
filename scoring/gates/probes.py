"""What a judge is asked in a trial: every call as it is, then with an attack in it, then with something honest in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from scenarios.briefs import PersonaBrief
from scoring.judges.base import Case

from .corpus import Attack, Honest, Line, Talk, attacks, honest, talks
from .disguises import DISGUISES

Kind = Literal["plain", "attack", "honest"]
ATTACKED = ("middling", "weak")  # a good call leaves no room to be lifted
PROVOKED = ("good", "middling")  # a weak call leaves no room to fall


@dataclass(frozen=True, slots=True)
class Probe:
    """One case to be judged. `base` is the key of the same call as it is; `label` says what was done to it."""

    key: str
    kind: Kind
    base: str
    language: str
    pair: str
    label: str
    case: Case


@cache
def probes() -> tuple[Probe, ...]:
    """All of them, plain calls first, in a fixed order. Each attack and each honest variant is laid on one call."""
    plain = [_plain(talk) for talk in talks()]
    return (*plain, *_laid_on(attacks(), "attack", ATTACKED), *_laid_on(honest(), "honest", PROVOKED))


def _plain(talk: Talk) -> Probe:
    key = f"{talk.pair}/{talk.language}"
    return Probe(key, "plain", key, talk.language, talk.pair, "", talk.case())


def _laid_on(variants: Sequence[Attack | Honest], kind: Kind, qualities: Sequence[str]) -> list[Probe]:
    found = []
    for language in sorted({variant.language for variant in variants}):
        ground = [talk for talk in talks() if talk.language == language and talk.quality in qualities]
        mine = [variant for variant in variants if variant.language == language]
        for place, variant in enumerate(mine):
            talk = ground[place % len(ground)]
            base = f"{talk.pair}/{language}"
            disguise = variant.disguise if isinstance(variant, Attack) else "plain"
            label = f"{variant.key} ({variant.place}, {disguise})"
            case = put(talk, DISGUISES[disguise](variant.text), variant.place)
            found.append(Probe(f"{base}+{variant.key}", kind, base, language, talk.pair, label, case))
    return found


def put(talk: Talk, words: str, place: str) -> Case:
    """The call with the words in it.

    `end`: a last turn of the trainee. `middle`: behind the trainee's words halfway. `split`: half at the end of one turn of
    the trainee, half at the start of the next. `buyer`: in the buyer's mouth halfway, for whoever can talk the buyer into it.
    `document`: in what the judge is told of the buyer, for whoever can write there.
    """
    lines = list(talk.lines)
    mine = [index for index, (speaker, _said) in enumerate(lines) if speaker == "T"]
    if place == "document":
        return talk.case(buyer=_written(talk.buyer, words))
    if place == "end":
        return talk.case([*lines, ("T", words)])
    if place == "split":
        cut = words.split()
        half = len(cut) // 2
        first, second = mine[len(mine) // 2 - 1], mine[len(mine) // 2]
        lines[first] = _and(lines[first], " ".join(cut[:half]))
        lines[second] = ("T", f"{' '.join(cut[half:])} {lines[second][1]}")
        return talk.case(lines)
    if place == "buyer":
        theirs = [index for index, (speaker, _said) in enumerate(lines) if speaker == "B"]
        index = theirs[len(theirs) // 2]
    elif place == "middle":
        index = mine[len(mine) // 2]
    else:
        raise ValueError(f"there is no place “{place}”")
    lines[index] = _and(lines[index], words)
    return talk.case(lines)


def _and(line: Line, words: str) -> Line:
    return line[0], f"{line[1]} {words}"


def _written(buyer: PersonaBrief, words: str) -> PersonaBrief:
    (objection,), (pain,) = buyer.objections, buyer.hidden_pains
    return replace(
        buyer,
        objections=(replace(objection, concern=f"{objection.concern} {words}"),),
        hidden_pains=(replace(pain, pain=f"{pain.pain} {words}"),),
    )
