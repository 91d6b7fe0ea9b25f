"""Whether the buyer agreed to a next step: a yes is one only if nothing after it takes it back."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from calls.engine import wording
from scoring.metrics import measure
from scoring.transcripts import TranscriptTurn

WORDING = Path(wording.__file__).parent
OFFER = {"en": "Shall I send you the contract?", "es": "¿Le mando el contrato?"}
VISIT = {
    "en": "Could I come by and show you on your own numbers?",
    "es": "¿Podríamos hacer una visita y verlo con sus cifras?",
}
YES = {
    "en": [
        "Yes.",
        "Yes, please.",
        "Sure, why not.",
        "Okay, let's do that.",
        "All right.",
        "Fine, I'm in.",
        "Sounds good to me.",
        "That works.",
        "Okay, you've convinced me.",
        "Yes, gladly. What time?",
        "Sure. When would that be?",
        "Fine. Don't be late.",
        "Fine, but only half an hour.",
        "Yes, but bring the numbers.",
        "It costs a lot, but all right, let's do it.",
        "Send me an invitation.",
        "Okay, send me an email on Thursday morning with the address.",
        "I'd like that.",
        "It's a deal.",
        "From the fifteenth on, yes.",
        "A trial is fine, but security will have to look at it.",
        "Do that.",
        "A visit would be fine with me.",
        "Sure. Send me an email with the invitation.",
        "Tuesday doesn't work, but Wednesday at ten does.",
        "Yes, if you like.",
        "Sure, if you can make it short.",
        "Okay, if you can tell me the address.",
        "Yes, if you send me an invitation.",
    ],
    "es": [
        "Sí.",
        "Sí, por favor.",
        "Claro, por qué no.",
        "De acuerdo, hagámoslo.",
        "Vale.",
        "Está bien, cuente conmigo.",
        "Me parece bien.",
        "Me va bien.",
        "Vale, me ha convencido.",
        "Sí, con gusto. ¿A qué hora?",
        "Claro. ¿Cuándo sería?",
        "Bien, pero solo media hora.",
        "Sí, pero traiga los números.",
        "Es mucho, pero vale, hagámoslo.",
        "Mándeme una invitación.",
        "De acuerdo, mándeme un correo el jueves por la mañana.",
        "Me gustaría.",
        "Trato hecho.",
        "A partir del quince, sí.",
        "Una prueba está bien, pero tendrá que verlo seguridad.",
        "Sí, hágalo.",
        "Ok, dale.",
        "Okey.",
        "Sí, si quiere.",
        "Claro, si me dice la dirección.",
        "Vale, si es solo media hora.",
        "Eso sí me convence, de acuerdo.",
    ],
}
NO_YES = {
    "en": [
        "Fine, but I don't see yet what that has to do with us. Send me an email.",
        "Sure, send me an email.",
        "Send me something by email and I'll have a look.",
        "Okay. What would that cost us?",
        "I'm not sure.",
        "We're fine as we are.",
        "Yes, but it's too expensive.",
        "All right. But I don't decide that.",
        "Okay, but why should I?",
        "It works fine today.",
        "Sure, I'll think about it.",
        "Fine. Put it in writing first.",
        "Of course not.",
        "No deal.",
        "That's a big deal for us.",
        "Yes, we have a problem with the budget, though that would not be cheap.",
        "Okay, maybe.",
        "Not really.",
        "Everything is fine.",
        "Yes?",
        "Sounds good, just email me something and I'll take a look.",
        "Sounds good. Email me.",
        "Fine. Shoot me an email.",
        "Sure, call me next quarter.",
        "Okay, drop me a line next week.",
        "Let's do that another time.",
        "Perfect, but after the summer.",
        "Yes, if you can tell me what it costs.",
        "Sure, once you've answered my question.",
        "Okay, if you can prove it.",
        "If you tell me the price first, yes.",
        "Fine, as soon as I know what it costs.",
        "Sounds good, if the price is right.",
        "Sure, if it's not too expensive.",
        "Yes, as long as you give us a discount.",
    ],
    "es": [
        "Bien, pero no veo qué tiene que ver con nosotros. Mándeme un correo.",
        "Claro, mándeme un correo.",
        "Envíeme información.",
        "Mándeme algo por correo y le echo un vistazo.",
        "Vale. ¿Y eso cuánto nos costaría?",
        "No estoy seguro.",
        "Estamos bien así.",
        "Sí, pero es muy caro.",
        "De acuerdo. Pero no lo decido yo.",
        "Vale, pero ¿por qué?",
        "Funciona bien así.",
        "Claro, lo pensaré.",
        "Bien. Primero por escrito.",
        "Por supuesto que no.",
        "Vale, quizá.",
        "Todo está bien.",
        "No mucho.",
        "¿Sí?",
        "Vale, llámeme el mes que viene.",
        "Vale, llámeme el próximo trimestre.",
        "Claro, llámeme la próxima semana.",
        "Bien, pero el próximo año.",
        "Perfecto, pero después del verano.",
        "Bien, mejor en otro momento.",
        "Sí, si me dice cuánto cuesta.",
        "Sí, si puede decirme el precio.",
        "Vale, siempre que me garantice que funciona.",
        "Claro, en cuanto sepa cuánto cuesta.",
        "De acuerdo, si antes me contesta a eso.",
        "Me parece bien, si el precio es razonable.",
        "Bien, si no es muy caro.",
        "Vale, si nos hace un descuento.",
    ],
}


def answered(language: str, said: str, reply: str) -> str:
    turns = [TranscriptTurn("t1", 1, "user", said, 0, 3000), TranscriptTurn("t2", 2, "assistant", reply, 3500, 5000)]
    return measure(turns, language=language).next_step.state


@pytest.mark.parametrize("offer", [OFFER, VISIT], ids=["offer", "visit"])
@pytest.mark.parametrize(("language", "reply"), [(language, reply) for language in YES for reply in YES[language]])
def test_a_yes_agrees_to_a_next_step(language: str, reply: str, offer: dict[str, str]) -> None:
    assert answered(language, offer[language], reply) == "agreed"


@pytest.mark.parametrize("offer", [OFFER, VISIT], ids=["offer", "visit"])
@pytest.mark.parametrize(
    ("language", "reply"), [(language, reply) for language in NO_YES for reply in NO_YES[language]]
)
def test_a_yes_that_is_taken_back_or_puts_off_agrees_to_nothing(
    language: str, reply: str, offer: dict[str, str]
) -> None:
    assert answered(language, offer[language], reply) == "proposed"


def test_the_day_said_again_with_a_condition_agrees_to_nothing() -> None:
    assert answered("en", "Could we meet on Tuesday?", "Tuesday, if you can tell me what it costs.") == "proposed"
    assert answered("es", "¿Nos vemos el martes?", "El martes, si me dice cuánto cuesta.") == "proposed"


def test_who_takes_up_what_was_offered_by_mail_agrees() -> None:
    assert answered("en", "Can I send you a summary by email?", "Sure, send it by email.") == "agreed"
    assert answered("es", "¿Le mando un resumen por correo?", "Sí, mándemelo por correo.") == "agreed"
    assert answered("en", "Shall I send you the information?", "Yes, send me the information.") == "agreed"
    assert answered("es", "¿Le envío la información?", "Sí, envíeme la información.") == "agreed"


def test_who_was_offered_a_call_back_and_says_when_agrees() -> None:
    assert answered("en", "Shall I call you back about it?", "Sure, call me next month.") == "agreed"
    assert answered("es", "¿Le parece bien si le vuelvo a llamar?", "Sí, llámeme el mes que viene.") == "agreed"


def test_the_day_said_again_by_who_is_away_agrees_to_nothing() -> None:
    assert answered("en", "Could we meet on Tuesday?", "Tuesday I'm away.") == "proposed"
    assert answered("en", "Could we meet on Tuesday?", "Tuesday it is.") == "agreed"
    assert answered("es", "¿Nos vemos el martes?", "El martes estoy de viaje.") == "proposed"
    assert answered("es", "¿Nos vemos el martes?", "El martes, entonces.") == "agreed"


# Not looked at: answers to something else than a proposal, in words that would be a yes to one.
NO_REPLIES = (
    "opening",
    "accept",
    "bye",
    "after_accept",
    "small_talk",
    "permission",
    "reflected",
    "back",
    "door",
    "value_tied",
    "evidence.skeptical",
    "fact",
)


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_line_of_the_embedded_buyer_but_a_yes_agrees_to_a_next_step(language: str) -> None:
    lines = yaml.safe_load((WORDING / f"{language}.yaml").read_text())
    for key, pool in lines.items():
        if isinstance(pool, list) and not key.startswith(NO_REPLIES):
            for line in pool:
                assert answered(language, OFFER[language], line) == "proposed", (key, line)
        elif isinstance(pool, list) and key.startswith("accept"):
            for line in pool:
                assert answered(language, OFFER[language], line) == "agreed", (key, line)
