"""Spanish rubrics."""

from __future__ import annotations

import re

from .words import Words, compiled

_FEELING = (
    r"segur[oa]s?|confiad[oa]s?|nervios[oa]s?|entusia\w*|feliz|felices|enfadad[oa]s?|estresad[oa]s?|ansios[oa]s?|sincer[oa]s?|"
    r"apasionad[oa]s?|relajad[oa]s?|tranquil[oa]s?|empátic[oa]s?|aburrid[oa]s?|frustrad[oa]s?|optimistas?|emocionad[oa]s?"
)
_ACTS = (
    "pregunta|nombra|da|dice|ofrece|responde|contesta|propone|confirma|explica|resume|reconoce|cuenta|muestra|comprueba|agradece|"
    "se presenta|acuerda|menciona|cierra|pide|usa|escucha|comparte|retoma|evita|hace|consigue|averigua|maneja|aborda|identifica|"
    "repite|invita|sugiere|compara|cita|verifica|aporta|presenta|demuestra|deja|obtiene|cualifica"
)
_WHO = (
    r"(?:(?:el |la |cada |un |una )?(?:vendedora?|comercial|agente|asesora?|representante|aprendiz|comprador(?:a)?|cliente|"
    r"participante)\b)"
)

WORDS = Words(
    emotional=re.compile(
        rf"\bemoci(?:ón|on|ones|onal\w*)\b|\bestado de ánimo\b|\b(?:suena|parece|se siente|se muestra|se ve|está|es|transmite)\s+"
        rf"(?:muy |más |realmente |bastante )?(?:{_FEELING})\b|\b(?:con|muestra|demuestra|transmite|falta de)\s+(?:mucha |mucho |gran )?"
        rf"(?:seguridad|confianza|entusiasmo|pasión|sinceridad|calidez|optimismo|nerviosismo|ansiedad|estrés|empatía)\b",
        re.IGNORECASE,
    ),
    acoustic=re.compile(
        r"\b(?:tono|timbre|volumen|energía|calidez|fuerza|melodía|sonrisa) (?:de|en) (?:la |su )?voz\b|\bvocal(?:es|mente)?\b|"
        r"\bentonación\b|\bmonóton[oa]\b|\bacento\b|\bhabla (?:demasiado )?(?:alto|bajo|fuerte|flojo|con energía)\b|"
        r"\blenguaje corporal\b|\bcontacto visual\b|\bfacial(?:es)?\b|\bpostura\b|\bsonr(?:íe|isa|eír)\b",
        re.IGNORECASE,
    ),
    vague=re.compile(
        r"\b(?:buen[oa]?s?(?! (?:días|tardes|noches))|bien|excelentes?|eficaz(?:mente)?|eficaces|efectiv[oa]s?|efectivamente|"
        r"adecuad[oa]s?|adecuadamente|apropiad[oa]s?|correctamente|profesional(?:es|mente|idad)?|natural(?:mente|idad)?|sintonía|"
        r"fluid[oa]|fluidez|de calidad|óptim[oa]s?|consultiv[oa]s?|convincentes?|exitosamente|con éxito|buenas prácticas)\b",
        re.IGNORECASE,
    ),
    inner=re.compile(
        rf"^\s*{_WHO}?\s*(?:(?:realmente|siempre|de verdad|bien) )?"
        r"(?P<verb>entiende|comprende|sabe|conoce|cree(?: en)?|piensa|siente|se preocupa por|quiere|pretende|confía en|valora|respeta|"
        r"está (?:motivad[oa]|interesad[oa]|comprometid[oa]|implicad[oa])(?: (?:por|en|con))?|es consciente de|recuerda|aprecia)\b"
        r"(?P<rest>.*)",
        re.IGNORECASE | re.DOTALL,
    ),
    elsewhere=re.compile(
        r"\b(?:antes|después|fuera) de (?:la|cada|una) (?:llamada|conversación|reunión)\b|\b(?:prepara|investiga) (?:la|al|a la|el)\b|"
        r"\b(?:en|al) (?:el )?crm\b|\bactualiza el crm\b|\bhace seguimiento (?:después|más tarde|en los)\b|\b(?:venta|trato) se cierra\b|"
        r"\bse viste\b",
        re.IGNORECASE,
    ),
    joining=re.compile(
        rf"\s*[,;]?\s*\b(?:y además|así como|y luego|y también)\b\s*|\s*;\s*y\b\s*|\s*,?\s*\by\s+(?=(?:{_ACTS})\b)",
        re.IGNORECASE,
    ),
    listing=re.compile(rf"\s*,\s+(?=(?:{_ACTS})\b)", re.IGNORECASE),
    subject=re.compile(rf"^\s*{_WHO}\s+", re.IGNORECASE),
    feelings_rewrites=compiled(
        (
            (r"segur|confia", "Lo dice con frases afirmativas, sin «quizás», «como que» ni «supongo»."),
            (
                r"entusias|pasi|energ|optimis|emocionad",
                "Nombra un beneficio para este comprador y lo respalda con una cifra, una referencia o un ejemplo.",
            ),
            (
                r"nervios|estr|ansi|tranquil|relaj",
                "Deja terminar al comprador y usa como mucho dos muletillas por cada 100 palabras.",
            ),
            (
                r"emp|sincer|calidez|feli|emoci",
                "Dice con palabras lo que la situación significa para el comprador, antes de seguir.",
            ),
            (
                r"enfad|frustr|aburr|ánimo",
                "Sin insultos, amenazas ni presión, y sin quitar importancia a lo que dijo el comprador.",
            ),
            (r"visual|corporal|facial|postura|sonr", "Retoma en la frase siguiente algo que dijo el comprador."),
            (
                r".",
                "Habla en turnos cortos: como mucho dos muletillas por cada 100 palabras y ningún tramo de más de 85 palabras.",
            ),
        )
    ),
    vague_rewrites=compiled(
        (
            (r"sintonía|conect", "Retoma en la frase siguiente algo que el comprador dijo de sí mismo."),
            (
                r"pregunt|descubr|necesidad|explor",
                "Hace al menos dos preguntas abiertas sobre el trabajo del comprador.",
            ),
            (r"objeci|resistencia|preocup", "Reconoce la objeción, pregunta qué hay detrás y responde a eso."),
            (r"cierr|siguiente paso|comprom", "Propone un siguiente paso con día u hora, y el comprador lo acepta."),
            (
                r"present|apertura|salud|inici",
                "Dice nombre, empresa y motivo de la llamada en las dos primeras frases.",
            ),
            (r"escuch", "Retoma las palabras del comprador en su respuesta al menos tres veces."),
            (
                r"producto|valor|benefici|oferta|soluci",
                "Une un beneficio a una necesidad que nombró el comprador, con una cifra, una referencia o un ejemplo.",
            ),
            (
                r"comunic|habla|profesional|lenguaje|conversa",
                "Habla en turnos cortos, con dos muletillas por cada 100 palabras como mucho, sin insultos ni presión.",
            ),
        )
    ),
    summed_up="Resume en una frase {rest}, y el comprador no lo corrige.",
    named="Nombra con palabras que se pueden citar {rest}.",
    understanding=re.compile(r"entiend|comprend|sabe|conoce|consciente|recuerd", re.IGNORECASE),
    elsewhere_rewrites=compiled(
        (
            (r"antes|prepar|investig", "Menciona en sus dos primeros turnos un dato sobre la empresa del comprador."),
            (r".", "Dice al final de la llamada qué enviará o hará después, y para cuándo."),
        )
    ),
)
