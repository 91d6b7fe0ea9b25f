"""What is filled into the templates for one buyer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.speech.voices import voices_for
from scenarios.generation.material import Material
from scenarios.generation.words import OTHER, filled, industries, industry_of, lowered, pick, talk

_OF_A_WOMAN = re.compile(r"(?<!ist)a$")  # an "especialista" may be a man
_OF_A_MAN = re.compile(r"(?:o|or|jefe)$")


@dataclass(frozen=True, slots=True)
class Setting:
    """Who the buyer is and in which world; `slots` by name, for `say`."""

    language: str
    seed: int
    personality: str
    difficulty: str
    gender: str
    industry: str
    pack: Mapping[str, Any]
    slots: dict[str, str]
    names_competitor: bool = False  # else `competitor` is how they do it today, without a supplier

    def say(self, text: str, **more: str) -> str:
        return filled(text, {**self.slots, **more}, language=self.language)

    def pick(self, options: Any, of: str) -> Any:
        return pick(options, seed=self.seed, of=of)


def setting(wish: Mapping[str, Any], material: Material, *, part: str = "") -> Setting:
    """`part`: another person of the same draft, such as the one who answers the telephone."""
    language, seed = wish["language"], int(wish.get("seed", 0))
    words = talk(language)
    about = [wish.get("industry", ""), *(one.text for one in (material.audience, material.product) if one)]
    about += [one.text for one in material.pains]
    key = industry_of(about, language=language)
    pack = industries(language)[key]
    salt = f"{part}:{wish.get('industry', '')}:{wish.get('role', '')}:{material.text()[:400]}"

    def chosen(options: Any, of: str) -> Any:
        return pick(options, seed=seed, of=f"{salt}:{of}")

    title = wish.get("role", "").strip() or (material.role.text if material.role else "")
    gender = ("" if part else gender_of(title, language=language)) or chosen(("f", "m"), "gender")
    first, last = chosen(words["people"][gender], "first"), chosen(words["people"]["last"], "last")
    taken = material.text().casefold()
    places = [place for place in words["people"]["places"] if place.casefold() not in taken] or words["people"][
        "places"
    ]
    place, kind = chosen(places, "place"), chosen(pack["companies"], "kind")
    company = f"{kind} {place}" if language == "es" else f"{place} {kind}"
    industry = wish.get("industry", "").strip() or pack["label"]
    role = title or pack["role"][gender]
    competitor = material.competitors[0].text if material.competitors else pack["today"]
    slots = {
        **{name: pack[name] for name in ("people", "customers", "busy", "work", "today", "boss", "peer", "scene")},
        "name": f"{first} {last}",
        "first": first,
        "company": company,
        "industry": lowered(industry) if key == OTHER else industry,
        "role": role,
        "role_low": lowered(role),
        "competitor": competitor,
        "peer_cap": pack["peer"],
        "seller": material.company.text if material.company else "",
    }
    named = bool(material.competitors)
    return Setting(language, seed, wish["personality"], wish["difficulty"], gender, key, pack, slots, named)


def gender_of(title: str, *, language: str) -> str:
    """Whom a Spanish job title speaks of, "f" or "m": "Jefa de flota", "Director". Empty where it may be either."""
    if language != "es" or not title:
        return ""
    first = title.split(maxsplit=1)[0].casefold()
    if _OF_A_WOMAN.search(first):
        return "f"
    return "m" if _OF_A_MAN.search(first) else ""


def voice_of(place: Setting) -> str:
    """A voice of the buyer's language and gender."""
    wanted = "female" if place.gender == "f" else "male"
    voices = [voice.id for voice in voices_for(place.language) if voice.gender == wanted]
    return str(place.pick(voices or [voice.id for voice in voices_for(place.language)], f"voice:{place.slots['name']}"))
