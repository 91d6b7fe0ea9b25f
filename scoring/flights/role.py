"""Does the buyer stay the buyer? Finds turns in which they speak as an assistant or a seller, in another language, or
against their own facts. Rules on text and one comparison of meanings; what any model or author wrote is judged alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from calls.engine.lexicon import lexicon
from calls.engine.text import content_words, plain, sentences
from integrations.embeddings.base import Encoder
from scoring.judges.figures import figures_in
from scoring.transcripts import fold

from .findings import Finding
from .plans import Plan
from .simulator import Flown

SAME_SUBJECT = 0.62  # cosine from which two sentences speak of the same thing
SHARED_WORDS = 2
FEW_WORDS = 5
QUOTED = 160

_ASSISTANT = {
    "en": re.compile(
        r"\b(language model|as an? (ai|virtual|digital)( language)?( model| assistant)?|im an? (ai|bot|virtual assistant"
        r"|artificial intelligence)|chatgpt|openai|anthropic|my (system )?prompt|system prompt|my instructions (are|say|were)"
        r"|i was (told|instructed) to (play|act)|im (only )?(playing|pretending)"
        r"|this is (only |just )?a (simulation|role ?play)"
        r"|how (can|may) i (help|assist) you( today)?|im here to (help|assist))\b"
    ),
    "es": re.compile(
        r"\b(modelo de lenguaje|como (una )?(ia|inteligencia artificial|asistente virtual)"
        r"|soy (una?|el|la) (ia|bot|inteligencia artificial|asistente virtual)|chatgpt|openai|anthropic"
        r"|mi prompt|prompt de sistema|mis instrucciones (son|dicen|eran)|me (han )?(dicho|indicado) que (actue|interprete)"
        r"|estoy (solo )?(interpretando|fingiendo)|esto es (solo )?(una simulacion|un juego de rol)"
        r"|en que (le|te) puedo (ayudar|asistir)|estoy aqui para ayudar)\b"
    ),
}
_SELLER = {
    "en": re.compile(
        r"\b(im calling (you )?(from|because|about)|the reason for my call|let me (show|tell) you (about )?(our|my) "
        r"(product|platform|solution|software|service)|our (product|platform|solution|software|service) (offers|gives you|"
        r"will help you|can help you|lets you|saves you)|would you (like|be interested in) (a demo|a trial|to buy|to sign)"
        r"|(we|i) can offer you (a|an|our)|shall i send you (a quote|an offer|our brochure))\b"
    ),
    "es": re.compile(
        r"\b((le|te) llamo (de|porque|para)|el motivo de mi llamada|dejeme (ensenarle|hablarle|contarle) (de )?"
        r"(nuestr[oa]|mi) (producto|plataforma|solucion|programa|servicio)"
        r"|nuestr[oa] (producto|plataforma|solucion|programa|servicio) (le ofrece|le ayuda|le permite|le ahorra)"
        r"|(le gustaria|le interesa) (ver )?(una demostracion|una prueba|comprar|firmar)"
        r"|(le|les) (podemos|puedo) ofrecer (un|una|nuestr[oa])|le mando (un presupuesto|una oferta|nuestro folleto))\b"
    ),
}


def breaks(plan: Plan, flown: Flown, *, encoder: Encoder) -> list[Finding]:
    """At most one finding of each kind and turn."""
    found: list[Finding] = []
    facts = _Facts(plan, encoder)
    for turn in flown.turns:
        if turn.by_trainee or not turn.content.strip():
            continue
        about: dict[str, Any] = {"trainee": flown.trainee, "seed": flown.seed, "seq": turn.seq}
        for code, pattern in (("speaks_as_assistant", _ASSISTANT), ("speaks_as_seller", _SELLER)):
            if said := _first(turn.content, pattern[plan.language]):
                found.append(Finding(code, quote=said, **about))
        if said := _in_another_language(turn.content, plan.language):
            found.append(Finding("other_language", quote=said, **about))
        if flown.speakers.get(turn.seq):
            continue  # the facts are those of the scenario's own buyer
        for said, topic, written in facts.contradicted_by(turn.content):
            found.append(
                Finding("contradicts_fact", quote=said, values={"topic": topic, "written": written[:QUOTED]}, **about)
            )
            break
    return found


def _first(text: str, pattern: re.Pattern[str]) -> str:
    return next((piece[:QUOTED] for piece in sentences(text) if pattern.search(plain(piece))), "")


def _in_another_language(text: str, language: str) -> str:
    """The first longer sentence whose commonest words are those of the other language."""
    words = lexicon(language)
    for piece in sentences(text):
        said = plain(piece).split()
        foreign, own = sum(word in words.foreign for word in said), sum(word in words.own for word in said)
        if len(said) >= FEW_WORDS and foreign >= 2 and foreign > 2 * own:
            return piece[:QUOTED]
    return ""


class _Facts:
    """The facts that have figures, to hold other words of the buyer against."""

    def __init__(self, plan: Plan, encoder: Encoder) -> None:
        self._language = plan.language
        self._stopwords = lexicon(plan.language).stopwords
        self._encoder = encoder
        self._facts = [
            (topic, answer) for topic, answer in plan.brief.facts.items() if figures_in(fold(answer), plan.language)
        ]

    def contradicted_by(self, text: str) -> Iterator[tuple[str, str, str]]:
        """(what was said, the fact's topic, the fact) for sentences of the same subject with no figure in common."""
        own = " ".join(text.split())
        for piece in sentences(text):
            mine = figures_in(fold(piece), self._language)
            if not mine:
                continue
            for topic, answer in self._facts:
                written = figures_in(fold(answer), self._language)
                if piece in answer or answer in own or mine & written:
                    continue
                if self._same_subject(piece, f"{topic}: {answer}"):
                    yield piece[:QUOTED], topic, answer

    def _same_subject(self, one: str, other: str) -> bool:
        shared = content_words(one, self._stopwords) & content_words(other, self._stopwords)
        if len({word for word in shared if not any(char.isdigit() for char in word)}) < SHARED_WORDS:
            return False
        vectors = self._encoder.encode([one, other])
        return round(float(vectors[0] @ vectors[1]), 3) >= SAME_SUBJECT
