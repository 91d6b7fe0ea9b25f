"""A good, a mediocre and a bad seller for any buyer: they say what its author wrote that settles, half settles or hardens."""

from __future__ import annotations

from typing import Any

from integrations.embeddings.embedded import default_encoder
from scenarios.briefs import PersonaBrief, RubricSpec
from scoring.judges.base import Case
from scoring.judges.embedded import EmbeddedJudge
from scoring.results import result_of
from tests.sellers.play import Played, hold

WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "good": "Good morning, this is Laura Stone from {seller}. I'm calling because firms like yours often lose time and "
        "money with {work}. May I ask you two questions about how you do it today?",
        "mediocre": "Hello, this is Laura from {seller}. We have a very good product and I would like to present it to you.",
        "bad": "Hi! We are the number one in the market and I have an unbeatable offer for you today, you just have to sign.",
        "explore": "I understand that this worries you. What is behind it, what happened exactly?",
        "half": ["Many customers say that at first. It is really easy to use.", "We have a good service team."],
        "pitches": [
            "Our solution has many functions and a modern surface.",
            "We are growing fast and have won awards.",
        ],
        "push": [
            "You have to decide today, tomorrow it costs more.",
            "Trust me, everybody buys it.",
            "Just sign, you won't regret it.",
        ],
        "close": "So if I sum up: {pain} Shall we agree on {step}, on Tuesday at ten?",
        "soft": "Could we perhaps talk again some time?",
        "bye": "Thank you for your time, goodbye.",
        "empathy": "Thank you for telling me, that must be hard. ",
    },
    "es": {
        "good": "Buenos días, soy Laura Peña, de {seller}. Le llamo porque empresas como la suya suelen perder tiempo y "
        "dinero con {work}. ¿Me permite un par de preguntas sobre cómo lo hacen hoy?",
        "mediocre": "Hola, soy Laura, de {seller}. Tenemos un producto muy bueno y me gustaría presentárselo.",
        "bad": "¡Hola! Somos los número uno del mercado y hoy tengo una oferta imbatible, solo tiene que firmar.",
        "explore": "Entiendo que eso le preocupe. ¿Qué hay detrás, qué pasó exactamente?",
        "half": [
            "Muchos clientes dicen eso al principio. Es muy fácil de usar.",
            "Tenemos un buen equipo de servicio.",
        ],
        "pitches": [
            "Nuestra solución tiene muchas funciones y una pantalla moderna.",
            "Crecemos rápido y hemos ganado premios.",
        ],
        "push": [
            "Tiene que decidirse hoy, mañana cuesta más.",
            "Confíe en mí, lo compra todo el mundo.",
            "Firme y ya está.",
        ],
        "close": "Entonces, si resumo: {pain} ¿Quedamos en {step}, el martes a las diez?",
        "soft": "¿Podríamos hablar otra vez algún día?",
        "bye": "Gracias por su tiempo, adiós.",
        "empathy": "Gracias por contármelo, tiene que ser duro. ",
    },
}


def script(quality: str, brief: PersonaBrief, *, seller: str, work: str) -> dict[str, Any]:
    """What the seller of `tests.sellers.play` has to say."""
    words = WORDS[brief.language]
    opening = words[quality].format(seller=seller, work=work)
    if quality == "bad":
        answers = {item.key: list(item.harden_hints) for item in brief.objections}
        return {
            "opening": opening,
            "pitches": words["push"],
            "answers": answers,
            "close": [words["push"][0]],
            "bye": words["bye"],
        }
    if quality == "mediocre":
        answers = {item.key: [words["half"][index % 2]] for index, item in enumerate(brief.objections)}
        asked = [brief.hidden_pains[0].reveal_hints[-1]]
        return {
            "opening": opening,
            "pitches": words["pitches"],
            "questions": asked,
            "answers": answers,
            "close": [words["soft"]],
            "bye": words["bye"],
        }
    questions = [pain.reveal_hints[0] for pain in brief.hidden_pains]
    pain = brief.hidden_pains[0].pain
    return {
        "opening": opening,
        "questions": [words["empathy"] + one if index else one for index, one in enumerate(questions)],
        "explore": {item.key: words["explore"] for item in brief.objections},
        "answers": {item.key: list(item.resolve_hints[:3]) for item in brief.objections},
        "close": [words["close"].format(pain=pain, step=brief.next_step)] * 2,
        "bye": words["bye"],
    }


def played(quality: str, brief: PersonaBrief, *, seller: str, work: str) -> Played:
    """The whole call, the same each time."""
    return hold(brief, quality, script(quality, brief, seller=seller, work=work))


def score(call: Played, brief: PersonaBrief, rubric: RubricSpec) -> int:
    """What the embedded judge makes of it."""
    case = Case(turns=tuple(call.turns), rubric=rubric, language=brief.language, mode=brief.mode, brief=brief)
    return int(result_of(case, EmbeddedJudge(default_encoder()).judge(case, track="quick"), flags=[])["overall_score"])
