"""A definition with faults in several places: each is said once, and put better without touching the rest of the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from .findings import Draft, Finding
from .words import Words

Rule = Callable[[Draft, Words], Iterator[Finding]]

FEWEST_WORDS = 3  # of a piece that is judged by itself
SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[¿¡]?[A-ZÁÉÍÓÚÑ])")
JOINTS = re.compile(rf"{SENTENCES.pattern}|\s*[;,]\s+(?:(?:and|y|e)\s+)?|\s+(?:and|y|e)\s+")


def by_piece(first: Finding, item: Draft, rules: Sequence[Rule], words: Words) -> list[Finding]:
    """What these rules find in a definition in which `first` was found: one finding of each rule, `first`'s own to begin
    with, and each proposal leaves the other pieces as they are. `first` alone where one sentence has one fault."""
    if first.rule == "compound" or not first.field.endswith(".definition"):
        return [first]
    text = item.definition.strip()
    pieces = JOINTS.split(text)
    found = _found(first, item, pieces, rules, words)
    if len(found) < 2:
        pieces = SENTENCES.split(text)
        found = _found(first, item, pieces, rules, words) if len(pieces) > 1 else {}
    if len(found) < 2:
        # One sentence, of which one demand alone is at fault: the others are what the author asked for, and stay.
        joined = [demand for piece in pieces for demand in words.joining.split(piece)]
        demands = [demand for several in joined for demand in words.listing.split(several) if demand.strip(" .,;")]
        if len(demands) > len(pieces):
            only = _found(first, item, demands, rules, words)
            if len(only) == 1 and _sound(item, demands, only, rules, words):
                pieces, found = demands, only
    return [_for_its_piece(finding, pieces, place) for place, finding in found.items()] or [first]


def _found(
    first: Finding, item: Draft, pieces: Sequence[str], rules: Sequence[Rule], words: Words
) -> Mapping[int, Finding]:
    """By the piece's place; empty where `first` is in no single piece."""
    found: dict[int, Finding] = {}
    seen: set[str] = set()
    for place in sorted(range(len(pieces)), key=lambda place: first.words not in pieces[place]):
        if first.words not in pieces[place] and len(pieces[place].split()) < FEWEST_WORDS:
            continue
        alone = replace(item, definition=pieces[place])
        each = (one for rule in rules for one in rule(alone, words) if one.field == first.field)
        one = next((one for one in each if one.rule not in seen), None)
        if not found and (one is None or one.rule != first.rule):
            return {}
        if one is not None:
            found[place] = one
            seen.add(one.rule)
    return found


def _sound(
    item: Draft, demands: Sequence[str], but: Mapping[int, Finding], rules: Sequence[Rule], words: Words
) -> bool:
    """Is nothing to be said of any demand but these?"""
    others = [replace(item, definition=demand) for place, demand in enumerate(demands) if place not in but]
    return not any(
        finding.field.endswith(".definition") for other in others for rule in rules for finding in rule(other, words)
    )


def _for_its_piece(finding: Finding, pieces: Sequence[str], at: int) -> Finding:
    if not finding.changes:
        return finding
    put = [finding.proposal if place == at else piece.strip(" .,;") for place, piece in enumerate(pieces)]
    text = " ".join(f"{piece[0].upper()}{piece[1:].rstrip('.')}." for piece in put if piece)
    return replace(finding, proposal=text, changes={finding.key: {"definition": text}})
