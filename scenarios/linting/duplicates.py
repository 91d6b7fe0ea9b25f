"""Two criteria that look for the same: what one call did well or badly would count twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from django.utils.translation import gettext as _

from integrations.embeddings.base import Encoder

from .findings import Draft, Finding

# No clean threshold exists, so nearness in meaning has to be joined by shared words or by the same signals.
ALIKE = 0.88
NEAR = 0.7
SHARED_WORDS = 0.5
LETTERS = 4  # of a word that carries meaning


def duplicates(items: Sequence[Draft], encoder: Encoder) -> Iterator[Finding]:
    """Each pair once, at the later criterion. What is judged by parts or by a document is left alone."""
    compared = [item for item in items if item.kind not in {"compound", "grounded"} and item.definition.strip()]
    if len(compared) < 2:
        return
    vectors = encoder.encode([f"{item.name}. {item.definition}" for item in compared])
    for first, second in combinations(range(len(compared)), 2):
        one, two = compared[first], compared[second]
        if not _alike(one, two, round(float(vectors[first] @ vectors[second]), 4)):
            continue
        message = _("“%(second)s” looks for nearly the same as “%(first)s”: what a call does there counts twice.")
        proposal = _("Keep “%(first)s” with a weight of %(weight)d and take “%(second)s” out.")
        weight = one.weight + two.weight
        yield Finding(
            rule="duplicate",
            key=two.key,
            field=f"criteria[{two.index}].definition",
            words=one.name,
            message=message % {"first": one.name, "second": two.name},
            proposal=proposal % {"first": one.name, "second": two.name, "weight": weight},
            changes={one.key: {"weight": weight}, two.key: None} if weight <= 100 else {},
        )


def _alike(one: Draft, two: Draft, nearness: float) -> bool:
    mine, theirs = _stems(one.definition), _stems(two.definition)
    shared = len(mine & theirs) / min(len(mine), len(theirs)) if mine and theirs else 0.0
    same_signals = bool(one.signals) and set(one.signals) == set(two.signals)
    if nearness >= ALIKE:
        return shared > 0 or same_signals
    return nearness >= NEAR and (shared >= SHARED_WORDS and (same_signals or not (one.signals and two.signals)))


def _stems(text: str) -> set[str]:
    words = ("".join(char for char in word if char.isalpha()).lower() for word in text.split())
    return {word[:6] for word in words if len(word) >= LETTERS} - {"seller"[:6], "vended", "buyer", "compra"}
