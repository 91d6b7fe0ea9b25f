"""How conditions are put into words, in the language of the call: for the preview, for language models and for traces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .graph import When


@dataclass(frozen=True, slots=True)
class Wording:
    """One language's words. `before`: what an edge waits for; `after`: the same once it has happened. Both by kind of
    condition; `_one` is said where the number is 1."""

    kinds: Mapping[str, str]
    outcomes: Mapping[str, str]
    intents: Mapping[str, str]
    before: Mapping[str, str]
    after: Mapping[str, str]
    says: str
    instructions: str
    speaks: str
    own_buyer: str
    stranger: str
    begins: str
    goes: str
    ends: str
    order: str


ENGLISH = Wording(
    kinds={
        "start": "Start",
        "gatekeeper": "Gatekeeper",
        "buyer": "Buyer",
        "stage": "Stage",
        "end": "End",
    },
    outcomes={
        "won": "next step agreed",
        "follow_up": "a lesser promise",
        "undecided": "undecided",
        "lost": "lost",
    },
    intents={
        "introduction": "says who they are",
        "reason": "says why they call",
        "put_through": "asks to be put through",
        "permission": "asks whether the moment is good",
        "empathy": "shows understanding",
        "reflection": "sums up what they heard",
        "explore": "asks what is behind it",
        "evidence": "names something that can be checked",
        "price": "talks about the price",
        "next_step": "asks for the next step",
        "farewell": "says goodbye",
        "pitch": "pitches",
        "discount": "offers a discount",
        "small_talk": "makes small talk",
        "buzzwords": "uses buzzwords",
        "pushy": "puts pressure on",
        "dismissal": "waves a worry away",
        "rude": "is rude",
    },
    before={
        "always": "after the next turn of the seller",
        "intent": "when the seller {intent}",
        "objection_met": "when the objection “{value}” is settled",
        "pain_revealed": "when the pain “{value}” has come out",
        "agreed": "when the next step is agreed on",
        "questions": "when the seller has asked {count} questions here",
        "questions_one": "when the seller has asked a question here",
        "turns": "when the seller has spoken {count} times here",
        "turns_one": "when the seller has spoken once here",
        "time_stage": "after {count} seconds here",
        "time_call": "when the call has lasted {count} seconds",
        "patience": "when patience is at {count} or below",
    },
    after={
        "always": "one turn later",
        "intent": "the seller {intent}",
        "objection_met": "the objection “{value}” was settled",
        "pain_revealed": "the pain “{value}” came out",
        "agreed": "the next step was agreed on",
        "questions": "{count} questions were asked",
        "questions_one": "a question was asked",
        "turns": "the seller had spoken {count} times",
        "turns_one": "the seller had spoken once",
        "time_stage": "{count} seconds had passed here",
        "time_call": "the call had lasted {count} seconds",
        "patience": "patience was down to {count} or less",
    },
    says="Begins with: “{text}”",
    instructions="How: {text}",
    speaks="{who} speaks",
    own_buyer="the buyer",
    stranger="somebody who is not in this organisation",
    begins="The call begins at “{title}”.",
    goes="→ “{title}” {when}",
    ends="The call ends: {outcome}.",
    order="What comes first in this list goes first.",
)
SPANISH = Wording(
    kinds={
        "start": "Inicio",
        "gatekeeper": "Filtro",
        "buyer": "Quien compra",
        "stage": "Etapa",
        "end": "Final",
    },
    outcomes={
        "won": "siguiente paso acordado",
        "follow_up": "una promesa menor",
        "undecided": "sin decidir",
        "lost": "perdida",
    },
    intents={
        "introduction": "dice quién es",
        "reason": "dice por qué llama",
        "put_through": "pide que le pasen",
        "permission": "pregunta si es buen momento",
        "empathy": "muestra comprensión",
        "reflection": "resume lo que ha oído",
        "explore": "pregunta qué hay detrás",
        "evidence": "nombra algo que se puede comprobar",
        "price": "habla del precio",
        "next_step": "pide el siguiente paso",
        "farewell": "se despide",
        "pitch": "suelta un discurso de venta",
        "discount": "ofrece un descuento",
        "small_talk": "habla de cosas sin importancia",
        "buzzwords": "usa palabras vacías",
        "pushy": "presiona",
        "dismissal": "quita importancia a una preocupación",
        "rude": "falta al respeto",
    },
    before={
        "always": "tras el siguiente turno de quien vende",
        "intent": "cuando quien vende {intent}",
        "objection_met": "cuando la objeción «{value}» queda resuelta",
        "pain_revealed": "cuando ha salido el problema «{value}»",
        "agreed": "cuando se acuerda el siguiente paso",
        "questions": "cuando quien vende ha hecho {count} preguntas aquí",
        "questions_one": "cuando quien vende ha hecho una pregunta aquí",
        "turns": "cuando quien vende ha hablado {count} veces aquí",
        "turns_one": "cuando quien vende ha hablado una vez aquí",
        "time_stage": "tras {count} segundos aquí",
        "time_call": "cuando la llamada ha durado {count} segundos",
        "patience": "cuando la paciencia está en {count} o menos",
    },
    after={
        "always": "un turno después",
        "intent": "quien vende {intent}",
        "objection_met": "la objeción «{value}» quedó resuelta",
        "pain_revealed": "salió el problema «{value}»",
        "agreed": "se acordó el siguiente paso",
        "questions": "se hicieron {count} preguntas",
        "questions_one": "se hizo una pregunta",
        "turns": "quien vende había hablado {count} veces",
        "turns_one": "quien vende había hablado una vez",
        "time_stage": "habían pasado {count} segundos aquí",
        "time_call": "la llamada había durado {count} segundos",
        "patience": "la paciencia había bajado a {count} o menos",
    },
    says="Empieza con: «{text}»",
    instructions="Cómo: {text}",
    speaks="habla {who}",
    own_buyer="quien compra",
    stranger="alguien que no está en esta organización",
    begins="La llamada empieza en «{title}».",
    goes="→ «{title}» {when}",
    ends="La llamada termina: {outcome}.",
    order="Lo que va antes en esta lista tiene preferencia.",
)
WORDS: Mapping[str, Wording] = {"en": ENGLISH, "es": SPANISH}


def wording(language: str) -> Wording:
    """The words of "en" or "es"; English for any other."""
    return WORDS.get(language, ENGLISH)


def expected(when: When, *, language: str, names: Mapping[str, str] | None = None) -> str:
    """What an edge waits for: "when the seller has asked 3 questions here". `names`: an objection's or pain's key → text."""
    words = wording(language)
    return _filled(words.before, when, words, names or {})


def happened(when: When, *, language: str, names: Mapping[str, str] | None = None) -> str:
    """Why an edge was taken: "3 questions were asked"."""
    words = wording(language)
    return _filled(words.after, when, words, names or {})


def _filled(texts: Mapping[str, str], when: When, words: Wording, names: Mapping[str, str]) -> str:
    key = f"time_{when.since or 'stage'}" if when.kind == "time" else when.kind
    if when.count == 1:
        key = f"{key}_one" if f"{key}_one" in texts else key
    values: dict[str, Any] = {
        "intent": words.intents.get(when.value, when.value),
        "count": when.count,
        "value": names.get(when.value, when.value),
    }
    text = texts[key]
    for name, value in values.items():  # what an author wrote comes last, so it is never read as a pattern
        text = text.replace(f"{{{name}}}", str(value) or "?")
    return text
