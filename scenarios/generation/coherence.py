"""Do the buyer, the business and the way it speaks fit together? Rules that name the field at fault; nothing here blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from scenarios.knowledge.languages import language_of
from scenarios.validation import Note, shorten, warning

from .leaks import leaks, told_of, words_of
from .material import Material
from .words import OTHER, industry_of

LEAST_TEXT = 60  # characters from which a text shows its language


def check(persona: Mapping[str, Any], scenario: Mapping[str, Any] | None, material: Material) -> list[Note]:
    """Contradictions, each with the path of its field: `company`, `scenario.trainee_brief`."""
    notes = [*_company(persona, material), *_industry(persona, material), *_role(persona, material)]
    notes += [*_competitor(persona, material), *_language(persona, scenario)]
    notes += list(_banned(persona, scenario, material))
    if scenario is not None:
        notes += _scenario(persona, scenario, material)
    else:
        told = [("first_message", str(persona.get("first_message", "")))]
        notes += [_leak(path, sentence) for path, sentence in leaks(persona, told)]
    return notes


def _company(persona: Mapping[str, Any], material: Material) -> Iterable[Note]:
    if not material.company:
        return
    own, theirs = material.company.text.casefold(), str(persona["company"]).casefold()
    if own and (own == theirs or re.search(rf"\b{re.escape(own)}\b", theirs)):
        message = _("The buyer works for “%(company)s”, which is the seller. Give the buyer a company of their own.")
        yield warning("company", message % {"company": persona["company"]})
    for competitor in material.competitors:
        if competitor.text.casefold() == theirs:
            message = _("The buyer works for “%(company)s”, which the playbook names as a competitor.")
            yield warning("company", message % {"company": persona["company"]})


def _industry(persona: Mapping[str, Any], material: Material) -> Iterable[Note]:
    language = str(persona["language"])
    if not material.audience:
        return
    sold_to = industry_of([material.audience.text], language=language)
    works_in = industry_of([str(persona["industry"])], language=language)
    if OTHER not in {sold_to, works_in} and sold_to != works_in:
        message = _("The buyer is in “%(industry)s”, but what is sold is for “%(audience)s”.")
        values = {"industry": persona["industry"], "audience": shorten(material.audience.text)}
        yield warning("industry", message % values)


def _role(persona: Mapping[str, Any], material: Material) -> Iterable[Note]:
    if not material.role:
        return
    if not words_of(material.role.text) & words_of(str(persona["role"])):
        message = _("The buyer is “%(role)s”; the playbook speaks to “%(wanted)s”.")
        yield warning("role", message % {"role": persona["role"], "wanted": material.role.text})


def _competitor(persona: Mapping[str, Any], material: Material) -> Iterable[Note]:
    used = str(persona.get("competitor", "")).strip()
    if not used:
        return
    if material.company and used.casefold() == material.company.text.casefold():
        message = _("“%(company)s” is named as the supplier of today, but it is the one that sells.")
        yield warning("competitor", message % {"company": used})
    names = {one.text.casefold() for one in material.competitors}
    if names and used.casefold() not in names and used[:1].isupper():
        message = _("“%(name)s” is not among the competitors that were named (%(known)s).")
        yield warning(
            "competitor", message % {"name": used, "known": ", ".join(one.text for one in material.competitors)}
        )


def _language(persona: Mapping[str, Any], scenario: Mapping[str, Any] | None) -> Iterable[Note]:
    wanted = str(persona["language"])
    texts = [("backstory", str(persona.get("backstory", "")))]
    texts += [
        (f"objections[{index}].text", f"{item['text']} {item.get('concern', '')}")
        for index, item in enumerate(persona.get("objections", ()))
    ]
    if scenario is not None:
        texts.append(("scenario.trainee_brief", str(scenario.get("trainee_brief", ""))))
    for path, text in texts:
        if len(text) >= LEAST_TEXT and language_of(text, otherwise=wanted) != wanted:
            yield warning(path, _("This text is not in the language of the persona."))


def _banned(persona: Mapping[str, Any], scenario: Mapping[str, Any] | None, material: Material) -> Iterable[Note]:
    """Words that the branding rules out, where the seller is told what to say: good answers and the brief."""
    texts = [
        (f"objections[{index}].resolve_hints", hint)
        for index, item in enumerate(persona.get("objections", ()))
        for hint in item.get("resolve_hints", ())
    ]
    if scenario is not None:
        texts += [(f"scenario.{name}", str(scenario.get(name, ""))) for name in ("trainee_brief", "goal", "product")]
    for path, text in texts:
        for word in material.banned:
            if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE):
                message = _("“%(word)s” is a word that your branding rules out.")
                yield warning(path, message % {"word": word})


def _scenario(persona: Mapping[str, Any], scenario: Mapping[str, Any], material: Material) -> Iterable[Note]:
    if scenario.get("language") != persona["language"]:
        yield warning("scenario.language", _("Scenario and persona are in different languages."))
    if material.product and scenario.get("product"):
        named = words_of(material.product.text) | words_of(material.company.text if material.company else "")
        if not named & words_of(str(scenario["product"])):
            message = _("The scenario sells “%(product)s”, which what was given does not name.")
            yield warning("scenario.product", message % {"product": shorten(str(scenario["product"]))})
    told = [(f"scenario.{path}", text) for path, text in told_of(scenario)]
    told.append(("first_message", str(persona.get("first_message", ""))))
    yield from (_leak(path, sentence) for path, sentence in leaks(persona, told))


def _leak(path: str, sentence: str) -> Note:
    message = _("This gives away what has to be found out: “%(text)s”.")
    return warning(path, message % {"text": shorten(sentence, 80)})
