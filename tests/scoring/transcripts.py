"""Small hand-written calls: a good, a mediocre and a bad seller, in English and Spanish."""

from __future__ import annotations

from collections.abc import Sequence

from scenarios.briefs import HiddenPain, Objection, PersonaBrief
from scoring.transcripts import TranscriptTurn, count_words

Line = tuple[str, str]


def turns_of(lines: Sequence[Line], *, wpm: int = 145, gap_ms: int = 600) -> list[TranscriptTurn]:
    """Turns with the times that speaking at `wpm` would give them."""
    turns: list[TranscriptTurn] = []
    at = 0
    for index, (speaker, text) in enumerate(lines, start=1):
        spoken = max(count_words(text) * 60_000 // wpm, 300)
        role = "user" if speaker == "T" else "assistant"
        turns.append(TranscriptTurn(f"t{index}", index, role, text, at, at + spoken))  # type: ignore[arg-type]
        at += spoken + gap_ms
    return turns


def brief(language: str = "en") -> PersonaBrief:
    if language == "es":
        return PersonaBrief(
            name="Marta Ruiz",
            role="directora de operaciones",
            company="Frutas del Sur",
            industry="distribución",
            personality="skeptical",
            difficulty="medium",
            language="es",
            backstory="",
            facts={"flota": "Tenemos doce furgonetas."},
            objections=(
                Objection(
                    key="precio",
                    kind="price",
                    text="No tenemos presupuesto para otro programa este año.",
                    concern="Teme pagar por algo que nadie use.",
                    resolve_hints=("¿Cuánto le cuesta hoy cada entrega fallida?", "Empezaría con un piloto pequeño."),
                    harden_hints=("No es tan caro, decídase hoy.",),
                    resolved_text="Un piloto pequeño sí podría defenderlo.",
                ),
            ),
            hidden_pains=(
                HiddenPain(
                    key="entregas",
                    pain="Pierden clientes por entregas tarde.",
                    reveal_hints=("¿Qué pasa cuando una entrega llega tarde?",),
                    reveal_text="La verdad, el mes pasado perdimos dos clientes por llegar tarde.",
                ),
            ),
            voice_id="lucia",
            mode="discovery",
            first_message="¿Diga?",
            goal="Conseguir una demostración",
            next_step="una demostración de veinte minutos",
        )
    return PersonaBrief(
        name="Dana Cole",
        role="head of operations",
        company="Northgate Logistics",
        industry="logistics",
        personality="skeptical",
        difficulty="medium",
        language="en",
        backstory="",
        facts={"fleet": "We run forty vans."},
        objections=(
            Objection(
                key="budget",
                kind="price",
                text="We don't have the budget for another tool this year.",
                concern="Afraid of paying for something nobody uses.",
                resolve_hints=("What does a failed delivery cost you today?", "We could start with a small pilot."),
                harden_hints=("It's not that expensive, just sign today.",),
                resolved_text="A small pilot is something I could defend.",
            ),
        ),
        hidden_pains=(
            HiddenPain(
                key="late",
                pain="They lose customers over late deliveries.",
                reveal_hints=("What happens when a delivery is late?",),
                reveal_text="Honestly, we lost two accounts last month because we were late.",
            ),
        ),
        voice_id="ada",
        mode="discovery",
        first_message="Hello?",
        goal="Book a demonstration",
        next_step="a twenty minute demonstration",
    )


GOOD_EN: list[Line] = [
    ("B", "Hello, Dana Cole speaking."),
    (
        "T",
        "Hi Dana, this is Sam Porter from Routewise. I know I'm calling out of the blue, do you have a minute? "
        "The reason I'm calling is that I saw you opened a second depot in Leeds.",
    ),
    ("B", "I have a minute. What is it about?"),
    ("T", "Thanks. How do you plan the routes for the forty vans today?"),
    ("B", "Two planners do it by hand every morning, in a spreadsheet."),
    ("T", "That sounds like a lot of work for two planners. What happens when a delivery is late?"),
    ("B", "Honestly, we lost two accounts last month because we were late."),
    (
        "T",
        "I'm sorry to hear that, that must be frustrating. So if I understand correctly, planning by hand means late "
        "deliveries, and those cost you two accounts. What did losing them mean for your numbers?",
    ),
    ("B", "About ninety thousand a year. But we don't have the budget for another tool this year."),
    (
        "T",
        "That's fair, nobody wants to pay for a tool that isn't used. Can I ask what a failed delivery costs you today? "
        "We could start with a small pilot in one depot, so you see the result before you pay for forty vans.",
    ),
    ("B", "A small pilot is something I could defend."),
    (
        "T",
        "A company in Hull with thirty vans cut late deliveries by 40 percent in eight weeks that way. Since you said "
        "late deliveries cost you accounts, that would protect your two largest customers.",
    ),
    ("B", "That is interesting."),
    (
        "T",
        "To recap: your planners lose the morning, late deliveries cost you customers, and a pilot in Leeds would show "
        "whether we can fix it. Could we book a twenty minute demo on Thursday at ten with one of your planners?",
    ),
    ("B", "Thursday at ten works for me. Send me the invite."),
    ("T", "Great, I'll send the invite right away. Thank you for your time, Dana."),
]

MEDIOCRE_EN: list[Line] = [
    ("B", "Hello, Dana Cole speaking."),
    ("T", "Hi, this is Sam from Routewise. I'm calling about our route planning software."),
    ("B", "Okay, what about it?"),
    ("T", "Do you use any software for planning your routes right now?"),
    ("B", "No, we use a spreadsheet."),
    (
        "T",
        "Okay, so our platform has a dashboard and integrates with most systems, and it helps teams save time. "
        "We offer it to logistics companies. Um, is planning a problem for you?",
    ),
    ("B", "Sometimes. But we don't have the budget for another tool this year."),
    ("T", "I understand. It's really not that much per van, and we have a discount at the moment."),
    ("B", "Still, I would have to find the money."),
    ("T", "Sure. Maybe I can send you some information and we can talk again?"),
    ("B", "You can send it, I don't promise anything."),
    ("T", "Okay, thanks, bye."),
]

BAD_EN: list[Line] = [
    ("B", "Hello, Dana Cole speaking."),
    (
        "T",
        "Yeah hi, so we have the best software on the market, it's AI-powered, it has a dashboard, a mobile app, reports, "
        "integrations, notifications, and it's a game changer, everybody is buying it, and today only there is a special "
        "price, so you have to decide now because you know it's basically a no-brainer and I guarantee you will love it.",
    ),
    ("B", "Who are you exactly?"),
    ("T", "It doesn't matter, listen to me, our product has all the features, it's amazing, just say yes."),
    ("B", "We don't have the budget for another tool this year."),
    ("T", "You can afford it, it's not that expensive. You would be crazy to say no."),
    ("B", "You're not listening. I'm not interested."),
    ("T", "You're making a mistake. Everybody else is using it, sign today."),
    ("B", "Goodbye, don't call again."),
]

GOOD_ES: list[Line] = [
    ("B", "¿Diga? Soy Marta Ruiz."),
    (
        "T",
        "Buenos días, Marta, soy Pablo Gil de Rutafácil. Sé que no esperaba mi llamada, ¿tiene un minuto? "
        "Le llamo porque vi que acaban de abrir un segundo almacén en Murcia.",
    ),
    ("B", "Un minuto sí. ¿De qué se trata?"),
    ("T", "Gracias. ¿Cómo organizan hoy las rutas de las doce furgonetas?"),
    ("B", "A mano, cada mañana, en una hoja de cálculo."),
    ("T", "Suena a mucho trabajo cada mañana. ¿Qué pasa cuando una entrega llega tarde?"),
    ("B", "La verdad, el mes pasado perdimos dos clientes por llegar tarde."),
    (
        "T",
        "Lo siento mucho, debe de ser frustrante. Si lo entiendo bien, planificar a mano provoca retrasos, y los retrasos "
        "les cuestan clientes. ¿Cuánto supone eso al año?",
    ),
    ("B", "Unos noventa mil. Pero no tenemos presupuesto para otro programa este año."),
    (
        "T",
        "Es lógico, nadie quiere pagar por algo que no se usa. ¿Cuánto le cuesta hoy cada entrega fallida? "
        "Podríamos empezar con un piloto pequeño en un almacén, así ve el resultado antes de pagar.",
    ),
    ("B", "Un piloto pequeño sí podría defenderlo."),
    (
        "T",
        "Una empresa de Alicante con treinta furgonetas redujo los retrasos un 40 por ciento en ocho semanas. Como usted "
        "dijo que los retrasos les cuestan clientes, esto protegería a sus dos clientes más grandes.",
    ),
    ("B", "Eso es interesante."),
    (
        "T",
        "Para resumir: su equipo pierde la mañana, los retrasos cuestan clientes y un piloto en Murcia lo mostraría. "
        "¿Le parece bien una demostración de veinte minutos el jueves a las diez?",
    ),
    ("B", "El jueves a las diez me va bien. Mándeme la invitación."),
    ("T", "Perfecto, le envío la invitación ahora mismo. Gracias por su tiempo, Marta."),
]

MEDIOCRE_ES: list[Line] = [
    ("B", "¿Diga? Soy Marta Ruiz."),
    ("T", "Hola, soy Pablo de Rutafácil. Le llamo para hablar de nuestro programa de rutas."),
    ("B", "Ya. ¿Y qué hace?"),
    ("T", "¿Usan algún programa para planificar las rutas?"),
    ("B", "No, una hoja de cálculo."),
    (
        "T",
        "Vale, pues nuestra plataforma tiene un panel y se integra con casi todo, y ayuda a ahorrar tiempo. "
        "La ofrecemos a distribuidoras. ¿Tienen problemas con las rutas?",
    ),
    ("B", "A veces. Pero no tenemos presupuesto para otro programa este año."),
    ("T", "Lo entiendo. No es tanto por furgoneta, y ahora tenemos un descuento."),
    ("B", "Aun así tendría que encontrar el dinero."),
    ("T", "Claro. Si quiere le envío información y volvemos a hablar."),
    ("B", "Envíela, pero no le prometo nada."),
    ("T", "Vale, gracias, adiós."),
]

BAD_ES: list[Line] = [
    ("B", "¿Diga? Soy Marta Ruiz."),
    (
        "T",
        "Hola, mire, tenemos el mejor programa del mercado, con inteligencia artificial, panel, aplicación móvil, informes, "
        "integraciones y notificaciones, es revolucionario, todo el mundo lo compra y solo por hoy hay un precio especial, "
        "así que tiene que decidir ya porque, o sea, le garantizo que le va a encantar.",
    ),
    ("B", "¿Quién es usted?"),
    ("T", "Da lo mismo, escúcheme, nuestro producto tiene todas las funciones, es increíble, diga que sí."),
    ("B", "No tenemos presupuesto para otro programa este año."),
    ("T", "Sí puede pagar, no es tan caro. Sería una locura decir que no."),
    ("B", "No me está escuchando. No me interesa."),
    ("T", "Está cometiendo un error. Todos lo usan, firme hoy."),
    ("B", "Adiós, no me llame más."),
]

CALLS: dict[tuple[str, str], list[Line]] = {
    ("en", "good"): GOOD_EN,
    ("en", "mediocre"): MEDIOCRE_EN,
    ("en", "bad"): BAD_EN,
    ("es", "good"): GOOD_ES,
    ("es", "mediocre"): MEDIOCRE_ES,
    ("es", "bad"): BAD_ES,
}
