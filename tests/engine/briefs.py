"""Buyers for the engine's tests: the preset freight manager, bent as a test needs it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from calls.engine import Buyer, Reply
from integrations.embeddings.embedded import default_encoder
from scenarios import presets
from scenarios.briefs import PersonaBrief

OPENING = {
    "en": "Hi, this is Laura from RouteWise. I'm calling because we help hauliers get fewer late deliveries.",
    "es": "Hola, soy Laura, de Rutaclara. Le llamo porque ayudamos a transportistas a tener menos retrasos.",
}


def brief(language: str = "en", **changes: Any) -> PersonaBrief:
    return replace(presets.scenarios()["freight-cold-call", language].brief(), **changes)


def buyer(language: str = "en", **changes: Any) -> Buyer:
    """A buyer who has just picked up."""
    made = Buyer(brief(language, **changes), encoder=default_encoder())
    made.open()
    return made


def say(made: Buyer, *turns: str, seconds: int = 8) -> list[Reply]:
    """Say one turn after the other; the clock runs on by `seconds` each."""
    start = made.state()["turn"]
    return [made.hear(text, at_ms=(start + number) * seconds * 1000) for number, text in enumerate(turns, start=1)]


def rules(reply: Reply) -> list[str]:
    return [entry.rule for entry in reply.trace]


def subjects(reply: Reply, rule: str) -> list[str]:
    return [entry.subject for entry in reply.trace if entry.rule == rule]
