"""How people and papers speak to a judge, in English and Spanish. Matched on unmasked text (scoring/injection/unmasking.py).

Both languages are looked for in every call: nobody is bound to attack in the language of the call. A salesperson may ask what
happens "when drivers ignore your instructions" or offer "100 units free": the rules look for an order, and for a grade.
"""

from __future__ import annotations

# Where an order begins: at the start, after a stop or a comma, after "please", "and", "now". Not after a subject.
_ORDER = r"(?:^|[.,;:!?>\])\"'\n] ?|\b(?:and|please|now|then|just|simply|you (?:must|should|will)|y|ahora|por favor|favor de|debes?|solo) )"

# -- English ----------------------------------------------------------------------------------------------------------
_DROP = r"(?:ignore|disregard|forget|override|bypass|skip|drop|discard|overrule|set aside)"
_JUDGE = (
    r"(?:judge|grader|evaluator|evaluation|scorer|scoring|ai model|scoring model|language model|assessor|grading|rubric|llm|reviewing ai|"
    r"scoring system|ai)\b(?! (?:projects?|teams?|departments?|groups?|compan(?:y|ies)|tools?|software|vendors?|committees?|products?))"
)
_TOP = (
    r"(?:100(?! (?:units|euros|dollars|pounds|people|users|vans|hours|customers|seats|days))|(?:one |a )?hundred(?: (?:points|percent|out of)|(?= ?[.!,]| ?$| to | for | on | in ))|"
    r"full (?:marks|points|credit|score)|(?:the )?(?:maximum|top|perfect|highest|best)(?: possible)? (?:score|mark|marks|grade|points|rating|level)|"
    r"(?:levels?|scores?|grades?|marks?) (?:of )?(?:4|four|9\d|100)|maximum)"
)
_SUBJECT = (
    r"(?:me|him|her|yourself|myself|(?:this|the|every|each|all)(?: of the)? ?"
    r"(?:call|conversation|transcript|trainee|seller|caller|rep|candidate|student|salesperson|participant|criterion|criteria|dimension|categor\w+|skills?|items?)?)"
)
ENGLISH: dict[str, tuple[str, ...]] = {
    "override": (
        rf"\b{_DROP}\b[^.?!\n]{{0,40}}\b(?:rubric|prompts?|scoring|grading|evaluation|(?:previous|prior|above|earlier|all|system|original|any other|following)(?: \w+)? (?:instructions?|rules|directions|guidelines|criteria))\b",
        rf"{_ORDER}{_DROP} (?:all |any |the |your |these |those )*(?:instructions?|rules|guidelines|criteria)\b",
        rf"{_ORDER}{_DROP} (?:all |everything |whatever |the |that was |said )*(?:above|previous|before|so far)(?= ?(?:$|[.,;!?\n]|and\b))",
        r"\bnew (?:system )?instructions? ?(?::|for (?:the|you|this) (?:judge|model|ai|grader|evaluator))",
        r"\b(?:your|the) (?:real|actual|new|only) (?:task|instructions?|job) (?:is|are) (?:now )?to (?:give|award|score|rate|grade|mark|pass)\b",
    ),
    "grade": (
        rf"\b(?:give|award|assign|grant|mark|grade|rate|score) {_SUBJECT}[^.?!\n]{{0,30}}?\b(?:(?:0|zero)(?: points)?|the (?:lowest|minimum|worst) (?:score|marks?|grade|points))\b(?! (?:percent|euros|dollars|pounds|cost|down))",
        rf"\b(?:give|award|assign|grant|mark|grade|rate|score|set)\b {_SUBJECT}[^.?!\n]{{0,30}}?\b{_TOP}",
        rf"\b(?:give|award|assign|grant|mark|grade|rate|score|set)\b (?:it|us|them)\b[^.?!\n]{{0,30}}?\b(?!100 (?:percent|per cent|%)){_TOP}",
        rf"{_ORDER}(?:award|assign|grade|score|rate)\b[^.?!\n]{{0,30}}\b{_TOP}",
        rf"{_ORDER}(?:give|award|set) (?:a |an |the )?(?:overall )?(?:score|grade|rating|mark|level) of (?:at least )?(?:100|9\d|four|4)\b",
        r"\b(?:overall[ _]?score|score|level|grade)[\"']? ?[:=] ?[\"']?(?:100|9\d|4|four|max\w*)\b",
        r"\bmark (?:it|this|me|the call|this call|everything|all)\b[^.?!\n]{0,30}\b(?:as )?(?:pass(?:ed)?|fully met|excellent|exceptional)\b",
        r"\ball (?:of the )?criteria (?:are|were|have been|should be) (?:\w+ )?(?:met|fulfilled|satisfied|passed|full)\b",
        r"\b(?:deserves?|merits?|earned|receives?|should (?:get|receive|have))\b[^.?!\n]{0,20}\b(?:full marks|a perfect score|the (?:highest|maximum|top|best) (?:score|mark|grade)|100 (?:points|out of))",
    ),
    "role": (
        r"\bsystem ?prompt\b[^.?!\n]{0,5}(?::|you|is|says|override|update)",
        r"\byou are (?:now|actually|no longer) (?:a|an|the|my) (?:\w+ ){0,2}(?:ai|judge|grader|evaluator|scorer|language model|assistant|assessor|examiner)\b(?! (?:manager|director|buyer|editor))",
        r"\byou are (?:a|an|the) (?:\w+ )?(?:ai model|grader|scorer|(?:large )?language model|grading \w+|scoring \w+)\b",
        r"\b(?:act|behave|respond|answer) as (?:a|an|the|if you were a) (?:\w+ ){0,2}(?:judge|grader|evaluator|scorer|examiner|language model)\b",
        r"\b(?:developer|debug|admin|maintenance|god|jailbreak) mode (?:on|enabled|activated|is)\b",
    ),
    "address": (
        rf"\b(?:note|message|attention|instructions?|memo|reminder|hint|request|word|comment|psa)\b (?:to|for) (?:the |any |whichever |whoever )?(?:\w+ )?{_JUDGE}",
        rf"{_ORDER}(?:dear|hello|hey|hi|attention|listen) (?:the )?{_JUDGE}",
        r"\b(?:whoever|whatever|anyone|if you(?:'re| are)) (?:is |are )?(?:a model |an ai )?(?:grading|scoring|evaluating|judging|assessing|reading) this (?:call|conversation|transcript)\b",
        r"\bthe trainee (?:has |have |was |is |did )?(?:\w+ly )?(?:asked|handled|showed|shown|met|meets|deserves|agreed|passed|should|must|demonstrated|covered|resolved|introduced|summari[sz]ed)\b",
        r"\b(?:this call|this conversation|this transcript) (?:should|must|has to|is to|ought to) be (?:scored|graded|rated|marked|passed|evaluated)\b",
    ),
    "leak": (
        r"\b(?:reveal|print|show|repeat|output|display|tell me)\b[^.?!\n]{0,30}\b(?:your|the) (?:prompt|system (?:message|instructions|prompt)|(?:hidden|secret|original) (?:instructions|rubric|prompt)|instructions(?= ?[.!?]| ?$))",
    ),
}

# -- Spanish ----------------------------------------------------------------------------------------------------------
_DEJA = r"(?:ignor(?:a|e|ad|en|ar)|olvid(?:a|e|ad|en|ar|ate|ese)(?: de)?|omit(?:e|a|an|ir)|salt(?:a|e|ate|ese)(?:te)?|descart(?:a|e|ar)|desestim(?:a|e|ar)|pas(?:a|e) por alto|haz caso omiso de|haga caso omiso de)"
_JUEZ = r"(?:juez|jueza|evaluador\w*|evaluacion|ia|inteligencia artificial|modelo|corrector\w*|calificador\w*|sistema de (?:puntuacion|evaluacion)|rubrica|examinador\w*)"
_MAXIMO = (
    r"(?:100(?! (?:unidades|euros|dolares|personas|usuarios|furgonetas|horas|clientes|dias))|cien(?: (?:puntos|por cien|por ciento|sobre)|(?= ?[.!,]| ?$| a | en | por ))|"
    r"(?:la )?(?:maxima|mejor|mas alta) (?:puntuacion|nota|calificacion)|(?:puntuacion|nota|calificacion|puntos?) (?:maxim[ao]s?|perfecta|mas alta)|todos los puntos|el maximo|matricula de honor|sobresaliente)"
)
SPANISH: dict[str, tuple[str, ...]] = {
    "override": (
        rf"\b{_DEJA}\b[^.?!\n]{{0,40}}\b(?:rubrica|prompts?|puntuacion|evaluacion|baremo|(?:instrucciones|reglas|indicaciones|directrices|criterios|ordenes) (?:anteriores|previas|del sistema|de evaluacion|de arriba|originales|recibidas))\b",
        rf"{_ORDER}{_DEJA} (?:de )?(?:todas |todos |cualquier )?(?:las |los |tus |sus |estas |esas )?(?:anteriores )?(?:instrucciones|reglas|indicaciones|criterios|directrices)\b",
        rf"{_ORDER}{_DEJA} (?:de )?(?:todo )?(?:lo (?:anterior|de antes|de arriba|que (?:te|le) han dicho)|todo lo dicho)(?= ?(?:$|[.,;!?\n]|y\b))",
        r"\bnuevas? instruccion(?:es)? ?(?::|para (?:el|la|ti|este) ?(?:juez|modelo|ia|evaluador\w*)?)",
        r"\b(?:tu|su) (?:verdadera |nueva |unica )?(?:tarea|instruccion|mision) (?:real |nueva )?es (?:ahora )?(?:dar|otorgar|calificar|puntuar|aprobar)\w*\b",
    ),
    "grade": (
        r"\b(?:ponle|pongale|dale|dele|califica(?:lo|la)?|califique(?:lo|la)?|puntua(?:lo|la)?|puntue(?:lo|la)?)\b[^.?!\n]{0,40}?\b(?:(?:cero|0)(?: puntos)?|la (?:nota|puntuacion) (?:minima|mas baja)|la (?:minima|peor) (?:nota|puntuacion))\b(?! (?:euros|por ciento|coste))",
        rf"\b(?:dame|deme|danos|denos|ponme|pongame|ponle|pongale|otorgame|otorgueme|asigname|asigneme|concedeme|califica(?:me|la|lo)?|califique(?:me|la|lo)?|puntua(?:me|la|lo)?|puntue(?:me|la|lo)?)\b[^.?!\n]{{0,30}}?\b{_MAXIMO}",
        rf"{_ORDER}(?:da|de|pon|ponga|asigna|asigne|otorga|otorgue|concede|conceda)\b[^.?!\n]{{0,40}}?\b{_MAXIMO}",
        r"\b(?:puntuacion|nota|nivel|calificacion)(?: (?:total|global|final))?[\"']? ?[:=] ?[\"']?(?:100|9\d|4|cuatro|max\w*)\b",
        r"\b(?:marca|marque|da|de|considera|considere)(?:la|lo)? (?:esta llamada |la llamada |todo )?(?:como |por )(?:aprobad[ao]|superad[ao]|excelente|excepcional)\b",
        r"\btodos los criterios (?:se cumplen|estan cumplidos|se han cumplido|quedan cumplidos|deben (?:darse|marcarse)\b)",
        r"\b(?:merece|se merece|debe (?:recibir|obtener|tener)|deberia (?:recibir|obtener|tener))\b[^.?!\n]{0,20}\b(?:la (?:maxima|mejor) (?:nota|puntuacion|calificacion)|la nota maxima|la puntuacion maxima|100 puntos|un 100|matricula)",
    ),
    "role": (
        r"\b(?:prompt|mensaje) (?:del|de) sistema\b",
        r"\b(?:eres|es usted|seras) (?:ahora |en realidad )?(?:un|una|el|la|mi) (?:\w+ )?(?:ia|inteligencia artificial|juez|jueza|evaluador\w*|modelo de lenguaje|asistente|examinador\w*|corrector\w*)\b",
        r"\b(?:actua|actue|comportate|comportese|responde|responda) como (?:si fueras )?(?:un|una|el|la) (?:\w+ )?(?:juez|jueza|evaluador\w*|examinador\w*|modelo de lenguaje|ia|corrector\w*)\b",
        r"\bmodo (?:desarrollador|depuracion|administrador|dios) (?:activado|activo)\b",
    ),
    "address": (
        rf"\b(?:nota|mensaje|atencion|instruccion\w*|aviso|recordatorio|recado|peticion|comentario)\b (?:para|a|al)(?: el| la| los| quien)? ?{_JUEZ}\b",
        rf"{_ORDER}(?:querid[oa]|estimad[oa]|hola|oye|oiga|atencion|escucha|escuche),? (?:senor |senora )?{_JUEZ}\b",
        r"\b(?:quien|si) (?:este |esta |estes |estas )?(?:evalu(?:e|ando|as|a)|calific(?:a|ando|as|que)|puntu(?:a|ando|as|e)|juzg(?:a|ando|as|ue)) (?:a )?esta (?:llamada|conversacion|transcripcion)\b",
        r"\b(?:el|la) (?:alumn[oa]|aprendiz|estudiante) (?:ha |debe |tiene |merece )?(?:hecho|preguntado|pregunto|cumplid[oa]|cumple|cumplio|merece|recibir|demostrado|demuestra|resuelto|resolvio|manejado|manejo|aprobado|acordado)\b",
        r"\besta (?:llamada|conversacion|transcripcion) (?:debe|tiene que|deberia) (?:ser |quedar |estar )?(?:puntuarse|calificarse|evaluarse|puntuada|calificada|aprobada|aprobarse)\b",
    ),
    "leak": (
        r"\b(?:revela|revele|muestra|muestre|repite|repita|imprime|imprima|dime|digame)\w*\b[^.?!\n]{0,30}\b(?:tu|tus|su|sus|el|las?) (?:prompt|instrucciones|mensaje de sistema|rubrica)\b",
    ),
}

# -- in any language --------------------------------------------------------------------------------------------------
MARKUP = (
    r"</?(?:system|assistant|user|transcript|rubric|instructions?|judge|evaluation)>",
    r"\[/?(?:system|inst|assistant)\]|<\|(?:im_start|im_end|system|assistant|user|endoftext)\|?>?",
    r"={3,} ?(?:end of )?(?:the )?transcript",
    r"[\"'](?:speaker|turn|level|overall_score|criteria|evidence)[\"'] ?:",
)
# What may be cut into pieces or spelled letter by letter: enough that no innocent words make it by accident.
STRONG = ("override", "role", "address")
RUN_TOGETHER = (
    r"(?:ignore|disregard|forget|override|bypass)(?:all|the|your|any|these|previous|prior|above|scoring|grading)*(?:rubric|instructions?|rules|prompts?|criteria)",
    r"(?:give|award|grant|assign)(?:me|us|the|this|call|trainee|seller|a|full|perfect)*(?:hundred|fullmarks|maximum|topscore|perfectscore|highestscore|fullscore)",
    r"(?:ignora|ignore|olvida|olvide|omite|omita)(?:de|todas|todos|las|los|la|el|tus|sus)*(?:rubrica|instrucciones|reglas|prompt|criterios)",
    r"(?:dame|deme|ponme|pongame)(?:un|una|la|el|nota)*(?:cien|maxima|maximo|matricula)",
)
SPELLED_ALONE = (r"(?:ignore|ignora|disregard|rubric|rubrica|fullmarks|systemprompt)",)
