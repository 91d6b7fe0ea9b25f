"""A good seller is still understood when the recogniser drops words, case, commas and question marks."""

from __future__ import annotations

import random
import re

import pytest

from calls.engine import Buyer
from integrations.embeddings.embedded import default_encoder
from scenarios import presets
from tests.sellers.play import Seller, scenario_keys, scripts

FILLERS = {"en": "uh", "es": "eh"}
MOST_TURNS = 30


def misheard(text: str, chance: random.Random, language: str) -> str:
    """One word in twenty lost, a filler here and there, no case, no commas, every third question mark gone."""
    pieces = []
    for piece in re.split(r"(?<=[.?!])\s+", text):
        words = re.sub(r"[.,?!¿¡:]", "", piece.lower()).split()
        words = [word for word in words if chance.random() > 0.05]
        if len(words) > 3 and chance.random() < 0.3:
            words.insert(chance.randrange(len(words)), FILLERS[language])
        kept = piece.endswith("?") and chance.random() < 0.67
        pieces.append(" ".join(words) + ("?" if kept else "."))
    return " ".join(pieces)


def outcome(slug: str, language: str, seed: int) -> str:
    chance = random.Random(seed)
    buyer = Buyer(presets.scenarios()[slug, language].brief(), encoder=default_encoder())
    seller = Seller("good", scripts(slug, language)["good"])
    buyer.open()
    said = seller.opening()
    for number in range(1, MOST_TURNS):
        reply = buyer.hear(misheard(said, chance, language), at_ms=number * 9_000)
        if reply.hang_up:
            return reply.hang_up.outcome
        seller.listen(reply)
        said = seller.answer(buyer.state())
    return ""


@pytest.mark.parametrize("language", ["en", "es"])
def test_most_misheard_calls_are_still_won(language: str):
    outcomes = [
        outcome(slug, spoken, seed) for slug, spoken in scenario_keys() if spoken == language for seed in (1, 2, 3)
    ]
    assert outcomes.count("won") >= 0.75 * len(outcomes), outcomes
