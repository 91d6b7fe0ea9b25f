"""Spanish phrase rules. Text is folded first: lower case, no accents, n for ñ. Both usted and tú are covered."""

from __future__ import annotations

PACE_WPM = (110, 185)
# Words that say nothing about what was talked about (five letters or more, folded).
COMMON = frozenset(
    [
        "ahora",
        "algun",
        "alguna",
        "algunos",
        "antes",
        "aquel",
        "aqui",
        "bastante",
        "bien",
        "cada",
        "claro",
        "como",
        "cosas",
        "cuando",
        "cuanto",
        "cuesta",
        "desde",
        "despues",
        "donde",
        "durante",
        "ellos",
        "entonces",
        "entre",
        "esos",
        "estaba",
        "estamos",
        "estan",
        "estas",
        "estos",
        "forma",
        "gracias",
        "hablar",
        "hacen",
        "hacer",
        "hacia",
        "hasta",
        "luego",
        "mañana",
        "manera",
        "mejor",
        "menos",
        "mientras",
        "misma",
        "mismo",
        "mucha",
        "mucho",
        "muchos",
        "nadie",
        "nosotros",
        "nuestra",
        "nuestro",
        "nunca",
        "otras",
        "otros",
        "parece",
        "pero",
        "poder",
        "podria",
        "podemos",
        "porque",
        "puede",
        "puedo",
        "pueden",
        "quien",
        "quiere",
        "quiero",
        "sabe",
        "siempre",
        "sobre",
        "solamente",
        "solo",
        "tambien",
        "tampoco",
        "tenemos",
        "tener",
        "tiene",
        "tienen",
        "tienes",
        "todas",
        "todos",
        "trabajo",
        "usted",
        "ustedes",
        "vamos",
        "veces",
        "verdad",
    ]
)

_DAY = r"(?:lunes|martes|miercoles|jueves|viernes|sabado|domingo)"
_WHEN = (
    rf"\b{_DAY}\b|\bmanana\b|\b(?:la )?(?:proxima|esta) semana\b|\bla semana que viene\b|\bproximo (?:{_DAY}|mes)\b|\best[ea] (?:tarde|{_DAY})\b|"
    r"\ba las? (?:\d{1,2}|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce)\b|\bal mediodia\b|"
    r"\ben (?:dos|tres|\d+) (?:dias|semanas)\b|\bla semana del\b"
)
# A day with its hour is an appointment, whatever else the sentence says: "¿Me paso el lunes a las ocho?"
_HOUR = r"\ba las? (?:\d{1,2}|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce)\b"
_DATE = rf"\b(?:{_DAY}|manana)\b"

PHRASES: dict[str, tuple[str, ...]] = {
    "question_opening": (
        r"^(?:y |entonces |pero |bueno |vale |ahora |bien |claro |perfecto |gracias )*[, ]*¿?"
        r"(?:que|como|por que|cual|cuales|cuando|donde|adonde|quien|quienes|cuanto|cuanta|cuantos|cuantas|de que|a que|en que|con que|para que)\b"
        r"(?! (?:le|te) (?:parezca|vaya)\b)[^.!]*\?",
        r"^¿",
        # Without its marks: only what cannot be the beginning of a statement ("como dijo usted", "que le vaya bien").
        r"^(?:y |entonces |pero |bueno |vale |ahora |bien |claro |perfecto |gracias )*"
        r"(?:como (?!(?:usted|ustedes|le|les|me|ya|siempre|dice|dijo|comento|sabe|decia|todos)\b)|por que|cuant[oa]s? (?!mas\b|antes\b)|cual(?:es)? (?:es|son|seria)|"
        r"que (?:pasa|pasaria|ocurre|tipo|consecuencias|tendria|les? (?:preocupa|cuesta|impide|molesta|falta))|quien (?:mas|decide|es))\b[^?]*$",
    ),
    "open_question": (
        r"(?:^|[¿,;] ?|\b(?:y|pero|entonces|saber|entender|conocer|diga|dime|digame) )(?:que|como|por que|cual es|cuales son|cual seria|cuales serian|de que manera|de que forma|a que se|en que|para que|con que)\b(?! hora\b| dia\b| tal si\b| le parece si\b)",
        r"\bme (?:gustaria|interesa) (?:saber|entender|conocer) (?:como|que|por que|cual)\b",
    ),
    "invitation": (
        r"\b(?:cuenteme|cuentame|digame|dime|expliqueme|explicame|describame|describeme|hableme|hablame|compartame|ayudeme a entender|ayudame a entender|"
        r"me (?:puede|puedes|podria|podrias) (?:contar|explicar|describir|decir|hablar|dar un ejemplo)|(?:podria|puede|puedes|podrias) (?:contarme|explicarme|describirme|decirme|hablarme|darme (?:un ejemplo|una idea)))\b",
    ),
    "closed_start": (
        r"^(?:y |entonces |pero |bueno |vale |ahora |bien |claro )*[, ]*¿?(?:cuanto|cuanta|cuantos|cuantas|cuando|donde|quien|quienes|que dia|a que hora|que hora|"
        r"es|esta|estan|son|tiene|tienen|tienes|usa|usan|usas|ha|han|hay|puede|puedes|quiere|quieres|le|te|les|se|ya|no)\b",
    ),
    "tag_question": (
        r"^¿?(?:verdad|no|si|vale|ok|cierto|de verdad|como|perdon|me explico|me entiende|me entiendes|hola|bueno|diga)[ ,]*\?+$",
    ),
    "problem_topic": (
        r"\b(?:problemas?|retos?|desafios?|dificultad\w*|dificil\w*|cuesta\w*|dolor\w*|duele\w*|aprieta\w*|tuerce\w*|frustra\w*|cuellos? de botella|complica\w*|falla\w*|preocupa\w*|quita\w* el sueno|"
        r"molesta\w*|atasca\w*|pierde\w*|perder|pierden|errores|error|retras\w*|mal|riesgos?|cambiaria\w*|mejoraria\w*|no funciona\w*|se (?:rompe|cae|escapa|queda)\w*|queja\w*|lento\w*|"
        r"le impide|les impide|estorba\w*|hueco\w*|sale mal|fastidia\w*|incidencia\w*|sorpresa\w*)\b",
    ),
    "process_topic": (
        r"\b(?:actual(?:mente)?|hoy|ahora mismo|en este momento|proceso\w*|gestiona\w*|maneja\w*|organiza\w*|lleva\w*|hace(?:n)? (?:hoy|ahora|cuando)|funciona\w*|dia a dia|semana|equipo|usa\w*|utiliza\w*|"
        r"normalmente|suele\w*|pasa (?:cuando|si|despues)|controla\w*|registra\w*|decide\w*|quien mas|trabaja\w*)\b",
    ),
    "impact_topic": (
        r"\b(?:cuest\w*|costo\w*|coste\w*|impact\w*|afecta\w*|efecto|consecuencia\w*|cuant[oa]s?|horas?|dinero|ingresos|ventas|pasa (?:si|cuando|con)|pasaria|significa\w*|supone\w*|vale|"
        r"pierde\w*|perdiendo|si (?:nada|eso|esto) (?:cambia|sigue|continua)|prioridad|importa\w*|diferencia|resultado\w*|repercu\w*)\b",
    ),
    "introduction": (
        r"\b(?:soy|le habla|te habla|habla|mi nombre es|me llamo|aqui) (?!el unico|consciente|yo quien|un|una|muy|quien)[a-z'-]+(?: [a-z'-]+){0,2},? (?:de|del|y (?:trabajo|llamo|le)|desde|en|con)\b",
        r"\b(?:mi nombre es|me llamo) [a-z]+",
        r"\b(?:le|te|les|lo) (?:llamo|hablo|saludo|contacto) (?:de|desde)\b",
        r"\btrabajo (?:en|con|para)\b",
        r"\bde parte de\b",
    ),
    "reason": (
        r"\b(?:motivo|razon|objetivo|proposito) (?:de|por)\b[^.?!]{0,20}\b(?:llamada|llamo|llamarle|llamarte|reunion|conversacion|charla)\b",
        r"\b(?:el|la) (?:motivo|razon)\b",
        r"\b(?:le|te|les|lo) (?:llamo|llamaba|contacto|hablo|escribo) (?:porque|por|para|ya que|sobre|a proposito)\b",
        r"\bllamo (?:porque|por|para)\b",
        r"\bquer(?:ia|ria) (?:hablar|preguntar|saber|entender|conocer|comentar|ver|contar|mostrar|ensenar)\w*\b",
        r"\bme gustaria (?:hablar|preguntar|saber|entender|conocer|comentar|ver|empezar)\w*\b",
    ),
    "permission": (
        r"\b(?:tiene|tienes|tendria|tendrias|me (?:da|das|regala|regalas|concede|permite|permites)|dispone|podria darme|puede darme|me puede dar)\b[^.?!]{0,25}\b(?:minut\w+|segund\w+|momento|momentito|instante|ratito|treinta|30|tiempo)\b",
        r"\bes (?:un )?(?:buen|mal) momento\b",
        r"\b(?:le|te|lo) (?:pillo|cojo|agarro|encuentro|interrumpo|atrapo)\b",
        r"\b(?:puedo|podria|me permite|me permites) (?:preguntar\w*|hacer\w*|pregunta\w*|robarle|comentarle)\b",
        r"\b(?:le|te) (?:importa|molesta|parece bien|parece) si\b",
        r"\bse que (?:esta|estas|anda|tiene|tienes|le|te|no|mi|es)\b[^.?!]{0,40}\b(?:ocupad\w+|tiempo|espera\w*|interrump\w*|llamada)\b",
    ),
    "relevance": (
        r"\b(?:vi|he visto|lei|he leido|note|he notado|me fije) (?:en )?que\b",
        r"\b(?:vi|he visto|lei|he leido|note|he notado|entiendo|se|supe|me fije) (?:en )?que (?:usted|ustedes|su|sus|tu|tus|vosotros|acaba\w*|esta\w*|tiene\w*|ha\w*|abr\w+|van)\b",
        r"\b(?:empresas|equipos|companias|negocios|directores|directoras|gerentes|clinicas|tiendas|hoteles|talleres|responsables|jefes|jefas|fabricas|restaurantes|despachos|obradores) (?:como|similares|parecid\w+|de su|de tu|del sector)\b",
        r"\btrabaj(?:o|amos) con (?:otr\w+ |much\w+ |vari\w+ )?[a-z ]{0,30}(?:como|de su|del sector|que)\b",
        r"\ben su (?:sector|industria|puesto|situacion|caso|area|ramo)\b",
        r"\ben tu (?:sector|industria|puesto|situacion|caso|area)\b",
    ),
    "empathy": (
        r"\b(?:lo |le |te |les )?(?:entiendo|comprendo|imagino|agradezco|aprecio|valoro)\b",
        r"\b(?:tiene|tienes|tienen) (?:toda la |mucha )?razon\b",
        r"\b(?:tiene|hace) (?:todo el |mucho )?sentido\b",
        r"\b(?:eso )?(?:debe (?:de )?ser|suena|es|tiene que ser)(?: \w+)? (?:frustrante|dificil|duro|logico|normal|justo|razonable|complicado|pesado|agotador|comprensible|desesperante)\b",
        r"\bgracias por (?:contarme\w*|compartir\w*|decirme\w*|decirmelo|su (?:sinceridad|franqueza|honestidad|confianza|paciencia)|tu (?:sinceridad|honestidad)|la (?:sinceridad|franqueza)|explicarme\w*|ser)\b",
        r"\b(?:lamento|siento) (?:oir|escuchar|que|mucho)\b",
        r"\bes (?:logico|normal|justo|comprensible|razonable)\b",
        r"\bbuen(?:a)? (?:punto|pregunta)\b",
        r"\bme hago cargo\b",
        r"\byo (?:pensaria|preguntaria|haria|sentiria) lo mismo\b",
    ),
    "acknowledge": (
        r"\b(?:lo |le |te |les )?(?:entiendo|comprendo|agradezco|aprecio|respeto)\b",
        r"\b(?:tiene|tienes|tienen) (?:toda la |mucha )?razon\b",
        r"\b(?:tiene|hace) (?:todo el |mucho )?sentido\b",
        r"\bes (?:muy |totalmente |completamente |una duda |una preocupacion |una pregunta )?(?:logic\w|normal|just\w|comprensible|razonable|valid\w|important\w|legitim\w|buena)\b",
        r"\bbuen(?:a)? (?:punto|pregunta|observacion)\b",
        r"\bgracias por (?:decirm\w+|su (?:sinceridad|franqueza|honestidad)|la (?:sinceridad|franqueza)|ser|plantear\w*|comentar\w*|contarme\w*)\b",
        r"\b(?:much\w+|otr\w+|la mayoria) [^.?!]{0,40}\b(?:decian|dijeron|pensaban|penso|sentian|preguntaban|preocupaba)\b",
        r"\bme hago cargo\b",
        r"\byo (?:pensaria|preguntaria|haria|querria|sentiria) lo mismo\b",
        r"\b(?:no es|no sera) (?:el|la) unic\w\b",
        r"^(?:es )?(?:normal|logico|natural)\b",
        r"\byo tampoco\b",
        r"\bno (?:lo dudo|me extrana|me sorprende)\b",
        r"^eso (?:es verdad|es cierto|vale)\b",
        r"\b(?:con (?:toda la )?razon|hace bien en|bien hecho)\b",
    ),
    "paraphrase": (
        r"\bsi (?:lo |le |te )?(?:he )?(?:entiendo|entendi|entendido|comprendo) (?:bien|correctamente)?\b",
        r"\b(?:suena|parece) (?:a |como )?(?:que|si)\b",
        r"\b(?:usted |tu |me )?(?:menciono|mencionaba|menciona|ha mencionado|mencionaste|dijo|ha dicho|dijiste|comento|comentaba|ha comentado|comentaste|conto|contaba|ha contado|contaste|decia|dice que|me dice)\b",
        r"\bes decir\b",
        r"\ben otras palabras\b",
        r"\b(?:dejeme|dejame|permitame|para) (?:confirmar|asegurarme|comprobar|repetir|ver si)\b",
        r"\bo sea,? que\b",
        r"\bentonces,? (?:lo que|el problema|su|tu|cada|ustedes|usted|le|les|pierden|pierde)\b",
        r"\b(?:lo que|por lo que) (?:me )?(?:dice|cuenta|comenta|explica|escucho|oigo)\b",
    ),
    "recap": (
        r"\b(?:para|dejeme|dejame|permitame|si me permite) (?:resumir|recapitular|cerrar|concluir|confirmar|repasar)\b",
        r"\b(?:resumiendo|recapitulando|en resumen|en sintesis|resumo)\b",
        r"\b(?:entonces|asi que|pues),? (?:quedamos|hemos (?:acordado|visto|hablado|quedado)|acordamos)\b",
        r"\bpor lo que (?:me )?(?:ha |has )?(?:conta\w+|dicho|comenta\w+|explica\w+|cuenta|dice)\b",
        r"\bcon lo que me (?:ha|has) (?:contado|dicho|explicado)\b",
        r"\bsegun (?:lo que )?(?:me )?(?:ha|has|dijo|comento|conto)\b",
        r"\ba ver si (?:lo )?(?:he entendido|entiendo|lo tengo)\b",
        r"\blo que me llevo\b|\ble resumo\b|\bpara que no se me olvide\b",
    ),
    "value": (
        r"\b(?:ahorr\w+|reduc\w+|reduj\w+|aument\w+|crec\w+|mejor(?:a|ar|an|ando|aron|o)\b|evit\w+|liber\w+|devolv\w+|devolucion|cuesta mas que|para eso (?:es|son|esta|estan|sirve\w*)|habria\w* (?:avisado|evitado|detectado|ahorrado)|proteg\w+|menos|mas rapid\w+|acort\w+|aceler\w+|recuper\w+|elimin\w+|previ?en\w+|dej(?:a|an|o|aron|ar) de|baj(?:a|an|o|aron|ar)|"
        r"para que (?:usted|ustedes|su|sus|tu|no|pueda\w*|tenga\w*|el|la|los|las)|asi (?:usted|su|sus|tu|no|puede|podria|podran)|lo que significa que|le[s]? ayuda\w*|les permite|le permite|ganar|gana\w*)\b",
    ),
    "need_link": (
        r"\b(?:(?:usted |me )?(?:menciono|dijo|comento|conto|ha dicho|ha contado|dijiste|contaste|decia|comentaba)|su (?:equipo|gente|negocio|empresa|problema|situacion|caso|preocupacion|objetivo|proceso|tienda|personal|clinica|hotel|taller|almacen)|"
        r"sus (?:clientes|pacientes|huespedes|vendedores|comerciales|horas|numeros|tecnicos|conductores|empleados)|tu (?:equipo|negocio|empresa|problema|caso)|tus (?:clientes|vendedores)|ese (?:problema|retraso|tiempo|hueco)|esas? (?:horas?|perdidas?)|para usted|en su caso|ya que (?:usted|su)|lo que (?:me )?(?:cuenta|dice))\b",
    ),
    "proof": (
        r"\b(?:por ejemplo|caso de exito|un[oa] de nuestros clientes|(?:un|una|otro|otra) (?:cliente|empresa|equipo|clinica|hotel|tienda|taller|fabrica|distribuidor\w*|cadena|restaurante|despacho|obrador|operador|compania) (?:como|de|con|similar|parecid\w|que|en|del)|"
        r"clientes como|referencia\w*|piloto|prueba|periodo de prueba|datos|en promedio|de media|medimos|medido|por escrito|certificad\w+|auditor\w+|"
        r"(?:le|te) (?:puedo|puede) (?:enviar|mostrar|ensenar|compartir|mandar|pasar)|puedo (?:enviarle|mostrarle|ensenarle|ponerle|pasarle|presentarle)\w*|hablar con (?:ell\w+|un cliente|otro))\b",
    ),
    "figure": (
        r"\b\d+(?:[.,]\d+)? ?(?:%|por ciento|horas?|minutos?|dias?|semanas?|meses|clientes|empresas|equipos)\b",
        r"\b(?:la mitad|el doble|un tercio|(?:diez|quince|veinte|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|veinticinco) (?:por ciento|horas|minutos|dias|clientes|empresas))\b",
    ),
    "next_step": (
        r"\b(?:quiere|querria|(?:le|les|te) gustaria|(?:quizas?|tal vez) (?:puedo|puede|podemos)|(?:le|les|te) (?:mando|envio|paso))\b[^.?!]{0,70}"
        r"\b(?:demo\w*|prueba|piloto|informacion|catalogo|propuesta|lista de precios|reun\w+|visita\w*|llam\w+ (?:otra vez|de nuevo)|(?:vuelvo|volver|volvemos) a (?:llamar\w*|hablar))\b",
        r"\b(?:podemos|podriamos|puedo|podria|puede|le parece|te parece|que le parece|que te parece|le propongo|te propongo|le sugiero|propongo|sugiero|me gustaria|quisiera|por que no|estaria (?:dispuest\w|abiert\w)|tendria sentido|tiene sentido|"
        r"le va bien|le vendria bien|le viene bien|te viene bien|agendamos|hacemos|si quiere|si le parece|vamos a)\b[^.?!]{0,80}"
        r"\b(?:reun\w+|demo\w*|llam(?:ada|ar\w*)|videollamada|agend\w+|reserv\w+|fijar\w*|calendario|invitacion|piloto|prueba|siguiente paso|proximo paso|sesion|visita\w*|veinte minutos|treinta minutos|quince minutos|media hora|15|20|30|envi(?:o|e|ar|are|arle|arte|arles)|mand(?:o|e|ar|are|arle|arte)|vernos|vern\w+|hablar (?:de nuevo|otra vez|con)|volv\w+ a hablar|propuesta|recorrido)\b",
        r"\b(?:le|te|les) (?:va|viene|vendria|iria|queda|quedaria|parece|funciona|cuadra|conviene|encaja)\b[^.?!]{0,50}(?:"
        + _WHEN
        + r")",
        r"(?:"
        + _WHEN
        + r")[^.?!]{0,50}\b(?:le|te|les) (?:va|viene|vendria|iria|queda|quedaria|parece|funciona|cuadra|conviene|encaja)\b",
        r"\b(?:siguiente|proximo) paso\b",
        # Whatever is proposed to be done together, at a time: "¿Podríamos verlo juntos el martes a las diez?"
        r"\b(?:podemos|podriamos|vemos|miramos|hablamos|repasamos)\b[^.?!]{0,80}(?:" + _WHEN + r")",
        r"\b(?:que tal|puedo ir|podria ir|puedo pasar\w*|podria pasar\w*|digamos)\b[^.?!]{0,40}(?:" + _WHEN + r")",
        r"\b(?:cuando|que dia|a que hora) (?:podemos|podriamos|le|te|puede|tiene|tendria)\b",
        r"\b(?:le|te) (?:envio|mando|enviare|mandare) (?:la|una|el|un) (?:invitacion|convocatoria|resumen|correo)\b",
        r"\b(?:quiere|quieres|le parece) que (?:le|te|nos|pase|vaya|hablemos|quedemos)\b",
        r"¿(?:y )?(?:me (?:paso|acerco)|quedamos|nos vemos|hablamos|(?:le|te|se lo) (?:dejo|monto|preparo|mando|envio))\b",
        rf"{_DATE}[^.?!]{{0,30}}{_HOUR}|{_HOUR}[^.?!]{{0,15}}{_DATE}",
        r"\b(?:quedamos|agendamos|fijamos|lo dejamos|nos vemos|hablamos) (?:el|para|entonces|asi|manana|en|a las?)\b",
    ),
    "asks_to_buy": (
        r"\b(?:lo|la|los|las) (?:quiere\w*|compra\w*|toma\w*|coge\w*)\b|\b(?:quiere\w*|desea\w*) (?:un[oa]\b|compr\w+|llev\w+|firm\w+|ped\w+|contrat\w+|tenerl\w+)|\b(?:lo|la) firmamos\b|"
        r"\bse l[oa] (?:queda|lleva)\w*|\b(?:trato hecho|hay trato|le interesa|si o no|que me dice|se apunta)\b|\bcuant[oa]s (?:quiere|le pongo)",
    ),
    "specific_time": (_WHEN,),
    "pressure": (
        r"\b(?:(?:tiene|tienes|tienen|hay) que (?:comprar|firmar|decidir\w*|encontrar|escuchar\w*|actuar)|(?:la )?oferta (?:termina|acaba|caduca|vence)|si firma (?:hoy|ahora|ya|est\w)|quedar(?:se)? atras|no puede permitirse no|competidores ya (?:usan|utilizan|tienen)|van? a arrepentir|debe (?:comprar|firmar|decidir)|firm[ea] (?:hoy|ya|ahora|est\w)|solo (?:por )?hoy|ultima oportunidad|oferta (?:limitada|especial|unica)|antes de que sea tarde|precio especial|"
        r"se (?:va a|vas a) arrepentir|se arrepentira|te arrepentiras|seria (?:una locura|un error|tonto)|no (?:se|te) lo pierda\w*|no (?:lo )?piense (?:tanto|mas)|compre(?:lo)? (?:ya|ahora|hoy)|decidase|decidete|diga que si|todo el mundo (?:lo )?(?:tiene|usa|compra|quiere)|todos (?:lo )?(?:usan|compran|tienen)|"
        r"escucheme|escuchame|dejeme terminar|esta cometiendo un error|gran error|que necesita para (?:firmar|comprar))\b",
    ),
    "dismissive": (
        r"\b(?:eso no es (?:verdad|cierto|un (?:problema|motivo)|problema|excusa)|(?:esta|estas) equivocad\w|que tonteria|no es problema (?:nuestro|mio)|eso no es problema|no se preocupe por eso|venga ya|usted se lo pierde|esta anticuad\w|parece un dinosaurio|no hace falta que pregunte|es (?:ridiculo|absurdo|una excusa|una tonteria|problema suyo|su problema)|eso es (?:mentira|una excusa)|no (?:entiende|entiendes|sabe|sabes) (?:nada|de|lo)|"
        r"me da igual|no importa|da lo mismo|olvide(?:se)? (?:de )?eso|olvida eso|si puede pagar|no es (?:tan )?caro|todos dicen (?:eso|lo mismo)|creame|creeme|confie en mi|confia en mi|calmese|su (?:sistema|proveedor|programa) (?:actual )?es (?:malo|pesimo|basura|anticuado)|no es mi problema)\b",
    ),
    "overpromise": (
        r"\b(?:garantiz\w+|garantia total|100 ?%|cien por cien\w*|le prometo|te prometo|nunca falla\w*|cero riesgo\w*|sin (?:ningun )?riesgo|(?:el|la) mejor (?:servicio |solucion |producto )?(?:del mercado|del mundo|del sector|producto|solucion|programa|software)|el numero uno|siempre funciona|soluciona todo|resuelve todo|"
        r"solucion perfecta|revolucionari\w+|de ultima generacion|lider(?:es)? del (?:mercado|sector)|todo en uno|solucion integral|disruptiv\w+|holistic\w+|premiad\w+|l[oa]s mas avanzad\w+|no se equivoca|de clase mundial|increible|espectacular|maravill\w+|impresionante)\b",
    ),
    "abuse": (
        r"\b(?:idiota\w*|estupid\w+|imbecil\w*|tont[oa]s?|callese|callate|mierda|joder|gilipollas|pendej\w+|cabron\w*|put[oa]s?|inutil\w*|payas\w+|vayase al|vete al|perdedor\w*|patetic\w+)\b",
    ),
    "courtesy": (
        r"\b(?:por favor|gracias|agradezco|buenos dias|buenas tardes|buenas|encantad\w|mucho gusto|un placer|disculpe|perdone|perdon|si no le importa|que tenga)\b",
    ),
    "filler": (
        r"\b(?:eh+|em+|mm+|este,|o sea|pues|bueno pues|digamos|basicamente|literalmente|la verdad es que|como que|en plan|sabe,|sabes,|no se,|tipo|y tal|y eso|y cosas asi)\b",
    ),
    "pitch": (
        r"\b(?:nuestr[oa] (?:producto|plataforma|solucion|software|herramienta|servicio|sistema|aplicacion|tecnologia|empresa|programa)|(?:ofrecemos|vendemos|tenemos|proporcionamos|somos (?:los|la|el))|"
        r"(?:incluye|cuenta con|viene con|dispone de)|funcionalidad\w*|funciones|panel|inteligencia artificial|integra\w*|paquete|descuento|licencia\w*)\b",
    ),
    "farewell": (r"\b(?:adios|hasta (?:luego|pronto|el|entonces|manana)|que tenga|nos vemos|un saludo|feliz)\b",),
    "buyer_agrees": (
        r"\b(?:trato hecho|por mi,? (?:de acuerdo|bien|perfecto)|me parece (?:bien|razonable|perfecto)|me (?:va|iria|viene|vendria|queda) (?:muy )?bien|me cuadra|hagamoslo|quedamos|"
        r"(?:mand|envi)[ea]\w* (?:la|una) (?:invitacion|cita|convocatoria)|apuntel\w|lo apunto|agendelo|agendemos|reservelo|alli estare|ahi estare|cuente conmigo|me ha convencido|"
        r"lo probamos|probemos|podemos (?:verlo|vernos|hablar|probar)|me (?:gustaria|encantaria)|nos vemos)\b",
        r"^(?:si,? )?hagalo\b|(?<!en parte), (?:si|vale|claro|de acuerdo)[.!]?$|^(?!todo |nada |no )[\w ]+ (?:esta|estaria|me parece) bien[.,! ]*$",
    ),
    "buyer_yes": (
        r"^[¡¿]?(?:(?:bueno|pues|ah|eh|mm+),? )?(?:si(?=[,.;!]| por favor| claro| senor|$)|claro|vale|de acuerdo|perfecto|bien|venga|muy bien|por supuesto|hecho|esta bien|conforme|estupendo|genial|como no|por que no|ok|okey|dale)\b",
    ),
    "buyer_notes": (
        r"\b(?:tomo nota|anotado|siga|adelante|le escucho|cuenteme|ya veo|eso es una respuesta|queda claro|(?:si|bien|claro), eso es\b|al menos|se puede medir|con eso me vale|lo puedo aceptar|eso lo contesta|"
        r"ahora si me interesa|ya que lo|si usted lo dice|y eso que|claro que no|por supuesto que no|asi no tengo)\b",
    ),
    "buyer_puts_off": (
        r"\b(?:mand|envi|escrib)\w+ (?:algo|un (?:correo|e-?mail|mail|folleto|mensaje|resumen)|(?:mas |la |alguna )?informacion|(?:los |mas )?detalles|(?:el |su )?(?:folleto|catalogo)|documentacion)\b",
        r"\b(?:(?:mand|envi)\w+ (?:\w+ ){0,3}(?:por (?:correo|e-?mail|mail|escrito)|al correo)|primero por escrito|lo (?:pensare|pienso|miro|mirare)|ya (?:veremos|le (?:llamo|llamare|dire))|quiza\w*|tal vez|no le prometo nada)\b",
    ),
    "buyer_postpones": (
        r"\b(?:llam|escrib|pregunt)\w+ (?:otra vez |de nuevo )?(?:el (?:mes|ano|trimestre) (?:que viene|proximo)|la semana (?:que viene|proxima)|(?:el|la) proxim[oa] (?:mes|ano|trimestre|semana)|mas adelante|mas tarde|en (?:un|una|dos|tres|seis|unos|unas) |dentro de|despues)",
        r"\b(?:en otro momento|en otra ocasion|otro dia|mas adelante|el (?:ano|trimestre) (?:que viene|proximo)|el proximo (?:ano|trimestre)|(?:despues|hasta despues|pasado) (?:del|el|de las?) (?:verano|vacaciones|fiestas|temporada|navidad\w*))\b",
    ),
    # "Sí, si me dice cuánto cuesta." Without accents "si" is "sí" too: "eso sí me convence" asks for nothing.
    "buyer_conditions": (
        r"(?<!eso )(?<!esto )(?<!asi )(?<!ahora )(?<!que )\b(?:si|siempre que|siempre y cuando|en cuanto|con tal de que) (?:usted(?:es)? )?(?:antes |primero )?"
        r"(?:(?:me|nos|se) )?(?:(?:lo|la|los|las) )?(?:(?:puede\w*|pudiera\w*) )?"
        r"(?:(?:dice[ns]?|diga[ns]?|dijera[ns]?|decir(?:me|nos)?)(?! (?:cuando|donde|quien|que (?:dia|hora)|a que hora|cuanto (?:dura|tiempo|tarda)|(?:la|el) (?:hora|dia|fecha|direccion|sitio|lugar)))"
        r"|respond\w+|contest\w+|demuestr\w+|demostrar\w*|garanti[cz]\w+|asegur\w+|baj\w+|(?:hace\w*|haga\w*|da|dan|de) (?:un|una|algun) (?:descuento|mejor|garantia|precio|referencia))\b",
        r"\b(?:en cuanto|cuando|si) (?:sepa|sepamos|supiera|se|sabemos) (?:cuanto|que|para que|por que|el (?:precio|coste|costo))\b",
        r"\bsi (?:el|su) (?:precio|coste|costo) (?:es|esta|me|nos|no|cuadra|encaja)\b|\bsi no (?:es|sale|resulta) (?:(?:muy|tan|demasiado) )?caro\b",
    ),
    "offers_call": (
        r"\b(?:(?:le|lo|la|te) (?:vuelvo a )?(?:llam|escrib)\w+|(?:llam|escrib)\w+(?:le|lo|la|te))\b|\b(?:doy|damos) seguimiento\b",
    ),
    "buyer_is_away": (
        r"\b(?:estoy|estare|estamos|estaremos|me voy|tengo) (?:todo el dia )?(?:fuera|de (?:viaje|vacaciones|baja)|ocupad\w+|en (?:una |otra )?reunion\w*|(?:una |otra )?(?:reunion|cita)\w*|complicado|liado)\b",
    ),
    "contrast": (r"\b(?:pero|aunque|sin embargo|solo que|salvo que|ahora bien)\b",),
    "arranging": (
        r"\b(?:a que hora|que (?:dia|hora|fecha)|cuando|donde|cuanto (?:dura|tiempo)|quien(?:es)? (?:mas )?(?:viene|vendra|estara|debe)|le (?:llamo|mando|espero)|quedamos|puede (?:mandar|enviar|llamar|venir)\w*)\b",
    ),
    "buyer_declines": (
        r"\b(?:no(?:,)? gracias|no me interesa|no nos interesa|no estoy interesad\w|no (?:me )?llame\w*|tengo que (?:colgar|irme|dejarl\w|salir)|voy a colgar|cuelgo|adios|ahora no|no creo que|no puedo comprometer\w*|no estoy list\w|dejemoslo|lo dejamos (?:aqui|ahi)|perdida de tiempo|paso,|no voy a|no sigamos)\b",
    ),
    "objection_price": (
        r"\b(?:car[oa]s?|presupuesto\w*|cuesta\w*|costo|coste\w*|precio\w*|pagar|mas barat\w+|dinero|gast\w+|demasiado|descuento|inversion)\b",
    ),
    "objection_timing": (
        r"\b(?:no es (?:un )?(?:buen|el) momento|mal momento|ocupad\w|no tengo tiempo|proximo (?:trimestre|ano)|llame\w* (?:mas tarde|luego|despues|otro dia)|demasiado pronto|ahora mismo no|mas adelante|en una reunion|temporada|en plen[oa])\b",
    ),
    "objection_authority": (
        r"\b(?:mi (?:jefe|jefa|socio|socia|director|directora|gerente|hermano|hermana|marido|mujer|padre)|no (?:depende de mi|lo decido yo|es mi decision)|hablarlo con|consultar\w*|aprobar\w*|direccion|comite|compras|la central|la junta)\b",
    ),
    "objection_need": (
        r"\b(?:no (?:lo )?(?:necesit\w+|hace falta|veo (?:la|para|que|por))|no me interesa|no nos interesa|estamos bien|no es (?:una )?prioridad|para que (?:quiero|queremos|necesito)|por que (?:iba|deberia))\b",
    ),
    "objection_trust": (
        r"\b(?:no (?:los|les|me) conozco|nunca (?:he )?(?:oido|escuch\w+)|como se (?:que|si)|demuestr\w+|pruebas|referencias|promesas|me (?:han |)(?:enganad\w|prometid\w|quemad\w)|demasiado bonito|fiarme|confiar|confianza|quien(?:es)? (?:es|son) ustedes|ya me lo)\b",
    ),
    "objection_competitor": (
        r"\b(?:ya (?:usamos|tenemos|trabajamos|uso|tengo|trabajo)|proveedor (?:actual|de siempre)|contento\w* con|competencia|contrato|cambiar de|otro proveedor|usamos)\b",
    ),
    "objection_status_quo": (
        r"\b(?:funciona (?:bien|asi)|siempre (?:lo )?(?:hemos|se ha)|toda la vida|como esta(?:mos)?|suficiente|no esta rot\w|cambiar(?:lo)? (?:todo|es|da)|lio|acostumbrad\w+|excel|hojas? de calculo|papel|libreta|de siempre|nos apanamos|vamos tirando)\b",
    ),
    "objection_features": (
        r"\b(?:no (?:hace|tiene|integra|permite|sirve para|se conecta)|(?:hace|tiene|integra|se conecta)[^.]{0,30}\?|le falta|complicad\w|complej\w|dificil de (?:usar|aprender)|integracion)\b",
    ),
    "negation": (r"\b(?:no|nunca|tampoco|imposible|nada)\b",),
    "buyer_softens": (
        r"\b(?:tiene sentido|buen punto|buena (?:pregunta|respuesta)|interesante|eso (?:ayuda|ayudaria|cambia|si|me)|no lo sabia|cuenteme mas|cuentame mas|siga|continue|esta bien|me tranquiliza|visto asi|es verdad|tiene razon|nunca lo habia|ya veo|puede ser util|me parece justo|de acuerdo)\b",
    ),
    "buyer_hardens": (
        r"\b(?:no me (?:esta )?(?:escucha\w*|ha contestado)|ya (?:le|se lo) (?:he dicho|dije)|no es lo que (?:le )?pregunt\w+|no ha (?:respondido|contestado)|no me presione|no insista|basta|pare|otra vez con|otro discurso|suena a (?:discurso|venta)|sigue (?:con|sin))\b",
    ),
}
