"""By which words a playbook is read: what a heading announces, what a sentence is about, what speaks to a machine. Pure."""

from __future__ import annotations

import re

from scenarios.from_calls import OBJECTIONS, PAINS

_I = re.IGNORECASE
# What stands under a heading, most telling first.
TOPICS: dict[str, dict[str, re.Pattern[str]]] = {
    "en": {
        "objections": re.compile(r"objection|push-?back|concerns? we hear|they say|buyers say|handling", _I),
        "competitors": re.compile(r"compet|alternative|versus|\bvs\b|other suppliers", _I),
        "prices": re.compile(r"pric|cost|fees?\b|terms|plans\b|packages|tariff|discount", _I),
        "proofs": re.compile(
            r"proof|reference|case stud|result|success|evidence|customers? say|track record|numbers", _I
        ),
        "questions": re.compile(r"question|discovery|what to ask|ask\b", _I),
        "pains": re.compile(r"pain|problem|challenge|trouble|struggle|why they buy|triggers?", _I),
        "rules": re.compile(
            r"rule|never|always|must|do and don|dos and|don'?ts|compliance|legal|policy|allowed|forbidden", _I
        ),
        "tone": re.compile(r"tone|voice|style|how we (?:speak|talk|sound)|brand|wording", _I),
        "process": re.compile(
            r"process|steps?\b|how we (?:sell|work)|call flow|onboard|set-?up|implementation|after the call", _I
        ),
        "audience": re.compile(
            r"ideal customer|who we sell|target|audience|customers?\b|buyer|persona|who buys|whom|market|segments?", _I
        ),
        "product": re.compile(r"product|what we (?:sell|offer|do)|offer|solution|service|features?", _I),
        "company": re.compile(r"about|who we are|company|us\b", _I),
    },
    "es": {
        "objections": re.compile(r"objeci|reparos|pegas|lo que dicen|nos dicen|rebatir", _I),
        "competitors": re.compile(r"compet|alternativa|frente a|otros proveedores", _I),
        "prices": re.compile(r"preci|tarifa|coste|condiciones|planes\b|descuento|cuota", _I),
        "proofs": re.compile(r"prueba|referencia|caso|resultado|éxito|evidencia|testimonio|cifras", _I),
        "questions": re.compile(r"pregunta|descubrimiento|qué preguntar", _I),
        "pains": re.compile(r"dolor|problema|reto|dificultad|por qué compran|qué les duele", _I),
        "rules": re.compile(r"regla|norma|nunca|siempre|obligator|prohibid|permitid|legal|cumplimiento|qué no", _I),
        "tone": re.compile(r"tono|estilo|cómo hablamos|marca|voz|lenguaje", _I),
        "process": re.compile(
            r"proceso|pasos|cómo (?:vendemos|trabajamos)|puesta en marcha|implantación|después de la llamada", _I
        ),
        "audience": re.compile(
            r"cliente ideal|a quién|público|clientes?\b|quién compra|compradores|mercado|segmento|destinatario", _I
        ),
        "product": re.compile(r"producto|qué (?:vendemos|ofrecemos|hacemos)|oferta|solución|servicio|funciones", _I),
        "company": re.compile(r"quiénes somos|sobre nosotros|empresa|compañía|nosotros", _I),
    },
}
# What a sentence is about where its heading does not say.
ABOUT: dict[str, dict[str, re.Pattern[str]]] = {
    "en": {
        "rules": re.compile(
            r"^(?:never|always|do not|don't|you must|we must|you may not|it is forbidden|make sure)\b", _I
        ),
        "prices": re.compile(
            r"(?:[€$£]\s?\d|\d[\d.,]*\s?(?:€|\$|£|euros?|dollars?|pounds?|percent|%)).{0,40}\b(?:per|a|each|month|year|user|off)\b"
            r"|\b(?:costs?|price|priced|fee)\b.{0,40}\d",
            _I,
        ),
        "competitors": re.compile(r"\b(?:competitors?|compared (?:to|with)|unlike|our rivals?)\b", _I),
        "proofs": re.compile(
            r"\b(?:customers?|clients?|users?|companies|firms)\b.{0,80}(?:\d+\s?(?:%|percent|hours|days)|half|twice|saved|cut|reduced)"
            r"|\b(?:saved|cut|reduced|gained|increased)\b.{0,60}\d",
            _I,
        ),
        "audience": re.compile(r"\b(?:we sell to|our customers are|ideal customer|sell to|the buyer is|talk to)\b", _I),
        "product": re.compile(r"\b(?:we (?:sell|offer|make|provide|build)|helps?|our product)\b", _I),
        "process": re.compile(
            r"\b(?:next step|first step|pilot|demo|trial|set[- ]?up|onboarding|takes? (?:two|\d+) (?:days|hours|weeks))\b",
            _I,
        ),
    },
    "es": {
        "rules": re.compile(
            r"^(?:nunca|jamás|siempre|no (?:prometas?|digas?|hables?|ofrezcas?|menciones?)|hay que|es obligatorio)\b"
            r"|^está prohibido\b",
            _I,
        ),
        "prices": re.compile(
            r"(?:[€$]\s?\d|\d[\d.,]*\s?(?:€|\$|euros?|dólares|por ciento|%))"
            r".{0,40}\b(?:por|al|cada|mes|año|usuario|descuento)\b"
            r"|\b(?:cuesta|precio|cuota|vale)\b.{0,40}\d",
            _I,
        ),
        "competitors": re.compile(r"\b(?:competidor\w*|competencia|frente a|a diferencia de)\b", _I),
        "proofs": re.compile(
            r"\b(?:clientes?|empresas?|usuarios?)\b.{0,80}(?:\d+\s?(?:%|por ciento|horas|días)|mitad|doble|ahorr\w+|redu\w+)"
            r"|\b(?:ahorr|redu|gan|aument)\w+\b.{0,60}\d",
            _I,
        ),
        "audience": re.compile(r"\b(?:vendemos a|nuestros clientes son|cliente ideal|quien compra|hablamos con)\b", _I),
        "product": re.compile(r"\b(?:vendemos|ofrecemos|hacemos|ayuda a|nuestro producto)\b", _I),
        "process": re.compile(
            r"\b(?:siguiente paso|primer paso|piloto|demo|demostración|prueba|puesta en marcha|tarda (?:dos|\d+))\b", _I
        ),
    },
}
NEXT_STEP = {
    "en": re.compile(
        r"(?:next step|goal of (?:the|a|every|each) (?:first |cold )?call|aim of the call|close for|agree on)"
        r"(?:\s+(?:is|to agree on|is to agree on|to|for|is to book|is to get))*"
        r"\s*:?\s+(?P<step>(?:a|an|the|one|two|\d+)\b[^.;]{6,120})",
        _I,
    ),
    "es": re.compile(
        r"(?:siguiente paso|objetivo de (?:la|cada|una) (?:primera )?llamada|acordar|cerrar)"
        r"(?:\s+(?:es|es acordar|es conseguir|acordar|con))*\s*:?\s+(?P<step>(?:una?|la|el|dos|\d+)\b[^.;]{6,120})",
        _I,
    ),
}
COMPANY = {
    "en": re.compile(
        r"^(?:at |we,? at |we are |)(?P<name>[A-Z][\w&'’-]*(?: [A-Z][\w&'’-]*){0,3})"
        r"(?:,? | )(?:we (?:sell|help|make|offer)|is an?\b|sells|helps|makes|offers|provides|builds)"
    ),
    "es": re.compile(
        r"^(?:en |somos |)(?P<name>[A-ZÁÉÍÓÚÑ][\w&'’-]*(?: [A-ZÁÉÍÓÚÑ][\w&'’-]*){0,3})"
        r"(?:,? | )(?:es una?\b|vende|ayuda|ofrece|fabrica|hace|vendemos|ayudamos|ofrecemos)"
    ),
}
TITLE = re.compile(
    r"(?:[Ss]ales )?(?:[Pp]laybook|[Mm]anual de [Vv]entas|[Gg]uía de [Vv]entas|[Mm]anual [Cc]omercial)"
    r"\s*(?:[-–—:|]|of|for|de|para)\s*"
    r"(?P<name>[A-ZÁÉÍÓÚÑ][\w&'’ -]{1,40})"
    r"|^(?P<before>[A-ZÁÉÍÓÚÑ][\w&'’ -]{1,40}?)\s*[-–—:|]?\s*"
    r"(?:[Ss]ales )?(?:[Pp]laybook|[Mm]anual de [Vv]entas|[Gg]uía de [Vv]entas)"
)
# A supplier whom a buyer names as theirs.
IN_USE = {
    "en": re.compile(
        r"\b(?:use|using|have|buy from|work with|working with|(?:are|stay) with)\s+"
        r"(?P<name>[A-Z][\w&'’-]+(?: [A-Z][\w&'’-]+){0,2})(?=[\s.,;:!?]|$)"
    ),
    "es": re.compile(
        r"\b(?:[Uu]samos|[Uu]tilizamos|[Tt]enemos|[Cc]ompramos a|[Tt]rabajamos con|[Ee]stamos con)\s+"
        r"(?P<name>[A-ZÁÉÍÓÚÑ][\w&'’-]+(?: [A-ZÁÉÍÓÚÑ][\w&'’-]+){0,2})(?=[\s.,;:!?]|$)"
    ),
}
SAYS = {
    "en": re.compile(
        r"^(?:(?:if|when) (?:they|a buyer|the buyer|the customer|customers?) says?|they say|buyers? says?|objection)\b"
        r"[:,]?\s*",
        _I,
    ),
    "es": re.compile(
        r"^(?:(?:si|cuando) (?:dicen?|nos dicen|el cliente dice)|dicen|el cliente dice|objeción)\b[:,]?\s*(?:que\s+)?",
        _I,
    ),
}
ANSWER = {
    "en": re.compile(r"^(?:(?:our |the )?(?:answer|response|reply)|say|respond|we say|we answer)\s*:\s*", _I),
    "es": re.compile(r"^(?:(?:nuestra |la )?respuesta|responde[rmos]*|decimos|contesta[rmos]*|di)\s*:\s*", _I),
}
QUOTED = re.compile(r"[“\"«](?P<quote>[^”\"»]{8,200})[”\"»]")
ROLE = {
    "en": re.compile(
        r"\b(?P<role>(?:head|director|vice president|manager|chief|owner)s? of [a-z]+(?: [a-z]+)?|"
        r"(?:operations|plant|practice|office|purchasing|sales|marketing|hr|it|finance|general|store|facility|production|logistics|fleet)"
        r" (?:managers?|directors?|leads?|heads?))\b",
        _I,
    ),
    "es": re.compile(
        r"\b(?P<role>(?:jef[ea]s?|director(?:a|es|as)?|responsables?|gerentes?|encargad[oa]s?)"
        r" de (?!las?\b|los\b|el\b)[a-záéíóúñ]+|gerentes?)\b",
        _I,
    ),
}
# Lines that tell a machine what to do: they are no part of how a business sells.
INSTRUCTIONS = re.compile(
    "|".join(
        (
            r"(?:ignore|disregard|forget|override|bypass)\s+(?:(?:all|any|every|of|the|your|these|my)\s+)*"
            r"(?:previous|prior|above|earlier|other|system|foregoing)?\s*(?:instructions?|prompts?|rules|directions|guidelines)",
            r"\byou are (?:now (?:an?|the|in)|no longer)\b|\bsystem prompt\b",
            r"<\s*/?\s*(?:system|assistant|user|instructions?)\b|\[/?inst\]|^\s*(?:system|assistant)\s*:",
            r"\bas an? (?:ai|language model|llm)\b",
            r"\b(?:reveal|print|repeat|output|leak)\b.{0,30}\b(?:prompt|instructions?|api key|secrets?)\b",
            r"\b(?:ai|llm|gpt|language model|chatbot)s?\b.{0,40}\b(?:must|should|shall|please|always)\b",
            r"\b(?:give|award|assign|rate)\b.{0,40}(?:100 points|100 out of 100|full marks|(?:maximum|perfect|top) score)",
            r"(?:ignora|olvida|desobedece|omite)\w*\s+(?:(?:todas?|cualquier|las?|tus|estas|mis)\s+)*"
            r"(?:instrucci|indicaci|regla|norma)",
            r"\bahora eres (?:una?|el|la)\b|\bya no eres\b|\bcomo (?:ia|modelo de lenguaje)\b",
            r"\b(?:revela|muestra|imprime|repite)\b.{0,30}\b(?:instrucci|clave)",
            r"\b(?:da|dale|pon|otorga|asigna)\w*\b.{0,40}(?:100 puntos|(?:puntuación|nota) máxima)",
            r"\b(?:ia|modelo de lenguaje|chatbot)\b.{0,40}\b(?:debe|debes|tienes que|siempre)\b",
        )
    ),
    _I | re.MULTILINE,
)
SENTENCE = re.compile(r"(?<=[.!?…])[\s]+(?=[\"“«¿¡(A-ZÁÉÍÓÚÑ0-9])")
# Who speaks of buyers instead of as one: no words for a buyer's mouth.
ABOUT_BUYERS = re.compile(
    r"^(?:they|buyers?|customers?|clients?|some|many|people|ellos|los clientes|algunos|muchos|el cliente|la gente)\b",
    _I,
)


# What a playbook tells the seller to do, instead of words for the buyer's ears.
TO_THE_SELLER = re.compile(
    r"^(?:ask|explain|show|tell|mention|point out|offer them|pregunt\w+|explic\w+|menciona\w*|recuerda\w*)\b"
    r"|\b(?:with them|them what|the customer|the buyer|con ellos|al cliente)\b",
    _I,
)


def topic_of_heading(heading: str, *, language: str) -> str:
    """What the innermost heading that announces something announces; "". Below objections each heading may be one."""
    parts = heading.split(" › ")
    if any(TOPICS[language]["objections"].search(part) for part in parts):
        return "objections"
    for part in reversed(parts):
        for topic, pattern in TOPICS[language].items():
            if pattern.search(part):
                return topic
    return ""


def topic_of_sentence(text: str, *, language: str) -> str:
    return next((topic for topic, pattern in ABOUT[language].items() if pattern.search(text)), "")


def kind_of_objection(text: str, *, language: str) -> str:
    """The kind that the words name; "" where they name none."""
    for kind, words in OBJECTIONS[language].items():
        if re.search(words, text, _I):
            return kind
    for kind, words in _MORE[language].items():
        if re.search(words, text, _I):
            return kind
    return ""


# A playbook's short labels, which nobody says like this on the telephone.
_MORE = {
    "en": {
        "price": r"\bpric|cost|money|discount|pay\b",
        "timing": r"\btim(?:e|ing)\b|busy|later|quarter|season",
        "authority": r"boss|decision|decide|approval|board|authority",
        "competitor": r"competit|supplier|provider|contract with",
        "trust": r"trust|proof|risk|believe|tried|before\b",
        "status_quo": r"change|switch|the way we|spreadsheet|always",
        "features": r"feature|integration|technical|data|system|fit\b",
    },
    "es": {
        "price": r"preci|coste|cuesta|dinero|descuento|pagar",
        "timing": r"tiempo|momento|más adelante|trimestre|temporada|campaña|prisa",
        "authority": r"jef[ea]|decisión|decide|aprob|consejo|direcci",
        "competitor": r"compet|proveedor",
        "trust": r"confian|prueba|riesgo|fiar|probamos|promet",
        "status_quo": r"cambi|siempre|hoja de cálculo|como estamos",
        "features": r"función|integra|técnic|datos|sistema|encaj",
    },
}


def speaks_of_trouble(text: str, *, language: str) -> bool:
    return re.search(PAINS[language], text, _I) is not None
