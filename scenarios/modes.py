"""What each mode of call means: what it trains, how it opens, and what the buyer expects of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .briefs import MODES


@dataclass(frozen=True, slots=True)
class ModeTemplate:
    """`opening` and `situation` are by language; `{name}` and `{company}` are the buyer's."""

    mode: str
    opening: Mapping[str, str]
    situation: Mapping[str, str]


TEMPLATES: dict[str, ModeTemplate] = {
    template.mode: template
    for template in (
        ModeTemplate(
            "cold_call",
            opening={"en": "Hello, {name} speaking.", "es": "¿Dígame? Habla {name}."},
            situation={
                "en": "The seller calls you out of the blue. You were doing something else and you do not know them.",
                "es": "Quien vende te llama sin avisar. Estabas con otra cosa y no le conoces.",
            },
        ),
        ModeTemplate(
            "discovery",
            opening={
                "en": "Hi, {name} here. I have our meeting in the calendar. Where would you like to start?",
                "es": "Hola, soy {name}. Tengo nuestra reunión en la agenda. ¿Por dónde quieres empezar?",
            },
            situation={
                "en": "You agreed to this meeting. You answer what you are asked and expect to be understood before you are "
                "sold anything.",
                "es": "Aceptaste esta reunión. Respondes a lo que te preguntan y esperas que te entiendan antes de que te "
                "vendan nada.",
            },
        ),
        ModeTemplate(
            "objection_gauntlet",
            opening={
                "en": "{name} speaking. I have read your offer, and I have my doubts.",
                "es": "Habla {name}. He leído tu oferta y tengo mis dudas.",
            },
            situation={
                "en": "You know the offer already. You raise your objections one after another and want each one settled.",
                "es": "Ya conoces la oferta. Pones tus objeciones una tras otra y quieres que se resuelva cada una.",
            },
        ),
    )
}
assert set(TEMPLATES) == set(MODES)


def opening_line(mode: str, *, language: str, name: str, company: str) -> str:
    """The buyer's first words where neither the scenario nor the persona brings its own."""
    template = TEMPLATES[mode].opening
    return template.get(language, template["en"]).format(name=name, company=company)


def situation(mode: str, *, language: str) -> str:
    """What the buyer knows about this kind of call."""
    texts = TEMPLATES[mode].situation
    return texts.get(language, texts["en"])
