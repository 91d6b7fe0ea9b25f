"""A draft of a scenario from a real call: what the customer objected, what hurt them, and the questions that brought it out.

Only what was said is used, word for word, so that the draft claims nothing. It is no finished scenario: an author names the
buyer, says what is behind each objection, and publishes it. What points at a person is masked as far as it can be recognised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from .authoring import create
from .models import HiddenPain, Objection, Persona, Rubric, Scenario
from .models.personas import Difficulty, Personality

MOST_OBJECTIONS = 6
MOST_PAINS = 4
MOST_STATEMENTS = 6
LEAST_WORDS = 4
LONGEST = 400  # characters of a sentence; what no recogniser has parted is nothing that somebody says as it stands
LEAST_STATEMENT_WORDS = 8
MASK = "…"

_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
# Addresses, telephone numbers, links: masked wherever they stand.
_PRIVATE = re.compile(r"\S+@\S+\.\S+|https?://\S+|www\.\S+|\+?\d[\d\s().-]{6,}\d", re.IGNORECASE)
_INTRODUCED = {
    "en": re.compile(r"\b(?:this is|my name is|my name's|I am|I'm|it's)\s+([A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)?)"),
    "es": re.compile(
        r"\b(?:[Ss]oy|[Mm]e llamo|[Mm]i nombre es|[Ll]e habla|[Ll]e saluda)\s+([A-ZÁÉÍÓÚÑ][\wáéíóúñ'-]+"
        r"(?:\s+[A-ZÁÉÍÓÚÑ][\wáéíóúñ'-]+)?)"
    ),
}
OBJECTIONS: dict[str, dict[str, str]] = {
    "en": {
        "price": r"expensive|budget|too much money|cheaper|afford|costs? (?:too|so) much|price is",
        "timing": r"not (?:a good|the right) time|no time|too busy|next (?:quarter|year)|call me (?:back|later)|right now we",
        "authority": r"(?:ask|talk to|check with|decided by) (?:my|our|the) (?:boss|manager|board|director|partner)|"
        r"not my decision|not the one who decides",
        "need": r"don't (?:really )?need|no need|not interested|we(?:'re| are) fine|works (?:fine|well) (?:for us|already)",
        "trust": r"never heard of|how do I know|guarantee|sounds too good|burn(?:t|ed) before|references",
        "competitor": r"already (?:use|have|work with)|happy with (?:our|what)|current (?:supplier|provider|vendor)",
        "status_quo": r"always done|changing (?:is|would)|too much (?:work|effort) to (?:change|switch)|stay with",
        "features": r"does(?:n't| not) (?:do|have|support|work with)|integrat|missing",
    },
    "es": {
        "price": r"car[oa]\b|presupuesto|más barato|demasiado dinero|cuesta (?:mucho|demasiado)|precio es",
        "timing": r"no es (?:un )?buen momento|no tengo tiempo|muy ocupad|próximo (?:trimestre|año)|llám[ea]me (?:luego|más)",
        "authority": r"(?:hablarlo|consultarlo|preguntar|decide).{0,20}(?:jefe|jefa|direc|soci|junta)|no decido yo",
        "need": r"no (?:lo |la )?necesit|no (?:me|nos) interesa|estamos bien|(?:nos|ya) funciona bien",
        "trust": r"no (?:los|les) conozco|cómo sé|garant|demasiado bonito|mala experiencia|referencias",
        "competitor": r"ya (?:usamos|tenemos|trabajamos)|content[oa]s? con|proveedor actual",
        "status_quo": r"siempre lo hemos|toda la vida|cambiar (?:es|sería)|mucho trabajo cambiar|seguir como",
        "features": r"no (?:tiene|hace|permite|funciona con)|integra|le falta",
    },
}
PAINS = {
    "en": r"problem|issue|we lose|losing|cost(?:s|ing)? us|waste|wasting|complain|mistake|error|delay|late\b|too long|"
    r"by hand|manually|frustrat|penalt|nobody knows|keeps? (?:breaking|failing)|struggl",
    "es": r"problema|perdemos|perdiendo|nos cuesta|desperdici|se quejan|quejas|errores|retras|tarda|tarde\b|a mano|"
    r"manualmente|frustra|multa|penaliza|nadie sabe|falla|se cae|nos falta",
}
NEXT_STEPS = {
    "en": r"\b(?:meet|meeting|demo|call|send|invit|schedule|book|look at (?:it|this|that|your)|show you|sit down)\w*\b.*"
    r"\b(?:monday|tuesday|wednesday|thursday|friday|tomorrow|next week|today|at \w+|o'clock)\b",
    "es": r"\b(?:reuni|vernos|ve[aá]mos|verlo|mostrar|enseñ|demo|llamad|llamo|envi|mand|agend|qued)\w*\b.*"
    r"\b(?:lunes|martes|miércoles|jueves|viernes|"
    r"mañana|semana|hoy|a las)\b",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A turn of the call."""

    by_trainee: bool
    text: str


@dataclass(slots=True)
class Found:
    """What a call holds for a scenario. Texts are masked."""

    first_message: str = ""
    next_step: str = ""
    statements: tuple[str, ...] = ()
    objections: tuple[dict[str, Any], ...] = ()
    pains: tuple[dict[str, Any], ...] = ()


@transaction.atomic
def draft_from_call(
    *, lines: Sequence[Line], language: str, mode: str, rubric: Rubric, names: Iterable[str] = (), real: bool = True
) -> Scenario:
    """A draft scenario with a draft persona of its own. `names`: people and firms that are not to be told. `real`: the call
    was not one of practice."""
    found = find(lines, language=language, names=names)
    with translation.override(language):
        title, unnamed = _("From a real call") if real else _("From a practice call"), _("Customer")
        backstory = _("In the call the customer said:") + "".join(f"\n- {text}" for text in found.statements)
    persona = create(
        model=Persona,
        values={
            "name": unnamed,
            "role": "",
            "company": "",
            "industry": "",
            "personality": Personality.SKEPTICAL,
            "difficulty": Difficulty.MEDIUM,
            "language": language,
            "backstory": backstory if found.statements else "",
            "first_message": found.first_message,
            "objections": list(found.objections),
            "hidden_pains": list(found.pains),
        },
        children={"objections": Objection, "hidden_pains": HiddenPain},
    )
    return create(
        model=Scenario,
        values={
            "title": title,
            "mode": mode,
            "language": language,
            "persona": persona,
            "rubric": rubric,
            "trainee_brief": "",
            "goal": "",
            "next_step": found.next_step,
            "first_message": "",
        },
        children={},
    )


def find(lines: Sequence[Line], *, language: str, names: Iterable[str] = ()) -> Found:
    """Pure: the same lines give the same finding."""
    hidden = _names_in(lines, language, names)
    spoken = [Line(line.by_trainee, masked(line.text, hidden)) for line in lines]
    customer = [text for line in spoken if not line.by_trainee for text in sentences(line.text)]
    objections = _objections(spoken, language)
    pains = _pains(spoken, language, taken={item["text"] for item in objections})
    return Found(
        first_message=next((line.text for line in spoken if not line.by_trainee), "")[:300],
        next_step=_next_step(spoken, language),
        statements=tuple([text for text in customer if len(text.split()) >= LEAST_STATEMENT_WORDS][:MOST_STATEMENTS]),
        objections=tuple(objections),
        pains=tuple(pains),
    )


def sentences(text: str) -> list[str]:
    parts = (part.strip() for part in _SENTENCE.split(text.strip()))
    return [part for part in parts if part and len(part) <= LONGEST]


def masked(text: str, names: Iterable[str]) -> str:
    """Without addresses, numbers to call, links and these names."""
    text = _PRIVATE.sub(MASK, text)
    for name in names:
        text = re.sub(rf"\b{re.escape(name)}\b", MASK, text, flags=re.IGNORECASE)
    return text


def _names_in(lines: Sequence[Line], language: str, known: Iterable[str]) -> list[str]:
    """Names that are known and those by which somebody introduces themselves, longest first."""
    names = {part for name in known for part in (name.strip(), *name.split()) if len(part) > 2}
    for line in lines:
        for match in _INTRODUCED[language].finditer(line.text):
            names.update({match[1], *match[1].split()})
    return sorted(names, key=lambda name: (-len(name), name))


def _objections(lines: Sequence[Line], language: str) -> list[dict[str, Any]]:
    """One of each kind, with what was answered as a first hint of what settles it."""
    found: dict[str, dict[str, Any]] = {}
    for index, line in enumerate(lines):
        if line.by_trainee:
            continue
        for text in sentences(line.text):
            kind = next((name for name, words in OBJECTIONS[language].items() if _has(words, text)), "")
            if not kind or kind in found or len(text.split()) < LEAST_WORDS:
                continue
            answers = next((sentences(one.text)[:2] for one in lines[index + 1 :] if one.by_trainee), [])
            if len(" ".join(answers)) > LONGEST:
                answers = answers[:1]
            found[kind] = {
                "key": kind.replace("_", "-"),
                "kind": kind,
                "text": text,
                "concern": "",
                "resolve_hints": [" ".join(answers)] if answers else [],
            }
    return list(found.values())[:MOST_OBJECTIONS]


def _pains(lines: Sequence[Line], language: str, *, taken: set[str]) -> list[dict[str, Any]]:
    """What the customer told after a question: the question is what earns it."""
    found: list[dict[str, Any]] = []
    question = ""
    for line in lines:
        if line.by_trainee:
            asked = [text for text in sentences(line.text) if text.endswith("?")]
            question = asked[-1] if asked else ""
            continue
        for text in sentences(line.text):
            if question and text not in taken and len(text.split()) >= LEAST_WORDS and _has(PAINS[language], text):
                found.append(
                    {
                        "key": f"pain-{len(found) + 1}",
                        "pain": text,
                        "reveal_hints": [question],
                        "reveal_text": text,
                    }
                )
                break
    return found[:MOST_PAINS]


def _next_step(lines: Sequence[Line], language: str) -> str:
    for line in reversed(lines[-8:]):
        for text in reversed(sentences(line.text)):
            if line.by_trainee and _has(NEXT_STEPS[language], text):
                return text[:200]
    return ""


def _has(words: str, text: str) -> bool:
    return re.search(words, text, re.IGNORECASE) is not None
