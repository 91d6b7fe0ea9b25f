"""English rubrics."""

from __future__ import annotations

import re

from .words import Words, compiled

_FEELING = (
    r"confiden(?:t|tly|ce)|nervous\w*|enthusias\w*|happ(?:y|ily)|angry|angrily|stress(?:ed)?|anxious\w*|passion\w*|sincer\w*|"
    r"excit(?:ed|edly|ement)|relaxed|calm(?:ly)?|empathetic\w*|genuine(?:ly)?|bored|frustrated|optimis\w*"
)
_ACTS = (
    "asks?|names?|gives?|says?|offers?|answers?|proposes?|confirms?|explains?|sums?|summari[sz]es?|acknowledges?|tells?|shows?|"
    "checks?|thanks?|introduces?|agrees?|states?|mentions?|handles?|addresses?|builds?|uses?|listens?|closes?|sets?|sends?|"
    "provides?|shares?|presents?|demonstrates?|qualif(?:y|ies)|identif(?:y|ies)|uncovers?|picks?|ties|leaves?|keeps?|avoids?|"
    "finds?|gets?|makes?|repeats?|reframes?|recaps?|invites?|suggests?|compares?|quotes?|reads?|refers?|verif(?:y|ies)"
)
_WHO = (
    r"(?:(?:the |a |each |every )?(?:seller|rep(?:resentative)?|trainee|agent|sales ?person|caller|advisor|consultant|"
    r"buyer|customer|prospect|client|participant|they|he|she)\b)"
)

WORDS = Words(
    emotional=re.compile(
        rf"\bemotion\w*|\bmood\b|\b(?:sounds?|sounding|seems?|appears?|feels?|comes? across as|is|are|stays?|remains?|looks?)\s+"
        rf"(?:very |really |more |quite |truly )?(?:{_FEELING})\b|\b(?:with|shows?|showing|displays?|projects?|radiates?|lack(?:s|ing)?"
        rf"(?: of)?)\s+(?:great |real |genuine |more )?(?:confidence|enthusiasm|passion|excitement|sincerity|warmth|optimism|"
        rf"nervousness|anxiety|stress|empathy)\b|\b(?:confidently|enthusiastically|nervously|passionately|sincerely|anxiously)\b",
        re.IGNORECASE,
    ),
    acoustic=re.compile(
        r"\b(?:tone|pitch|volume|energy|warmth|strength|melody|sound|smile) (?:of|in|to) (?:the |their |his |her |your )?"
        r"(?:voice|speech)\b|\bvoice (?:tone|pitch|volume|energy|quality)\b|\bvocal\w*\b|\bintonation\b|\bmonoton\w*\b|"
        r"\baccents?\b|\b(?:speaks?|talks?|sounds?) (?:too )?(?:loud(?:ly)?|soft(?:ly)?|quiet(?:ly)?|energetic(?:ally)?|"
        r"warm(?:ly)?|clear and warm|bright(?:ly)?)\b|\bbody language\b|\beye contact\b|\bfacial\w*|\bposture\b|\bsmil(?:es?|ing)\b",
        re.IGNORECASE,
    ),
    vague=re.compile(
        r"\b(?:good|great|excellent|nice(?:ly)?|strong(?:ly)?|effective(?:ly)?|proper(?:ly)?|appropriate(?:ly)?|adequate(?:ly)?|"
        r"professional(?:ly|ism)?|well(?! as\b)|high[- ]quality|best practices?|rapport|engag(?:es|ing)|natural(?:ly)?|"
        r"smooth(?:ly)?|successful(?:ly)?|suitabl[ey]|consultative|positive(?:ly)?|correctly|compelling|convincing(?:ly)?)\b",
        re.IGNORECASE,
    ),
    inner=re.compile(
        rf"^\s*{_WHO}?\s*(?:(?:really|truly|fully|clearly|always|deeply) )?"
        r"(?P<verb>understands?|knows?|believes?|thinks?|reali[sz]es?|is aware of|is familiar with|cares? (?:about|for)|wants?|"
        r"intends?(?: to)?|feels?|trusts?|remembers?|appreciates?|is (?:motivated|interested|committed|engaged)(?: (?:by|in|to))?|"
        r"respects?|values?)\b(?P<rest>.*)",
        re.IGNORECASE | re.DOTALL,
    ),
    elsewhere=re.compile(
        r"\b(?:before|after|prior to|following|outside(?: of)?) (?:the|each|every|a) (?:call|conversation|meeting)\b|"
        r"\b(?:prepares?|researche[sd]?|researches) (?:the|for|before)\b|\b(?:in|to|into|updates?) the crm\b|\bupdates? (?:the )?crm\b|"
        r"\b(?:later|afterwards),? (?:sends?|follows?|calls?)\b|\bfollows? up (?:after|later|within|the next)\b|"
        r"\b(?:deal|sale) (?:closes|is closed|is won)\b|\bdresse[sd]\b",
        re.IGNORECASE,
    ),
    joining=re.compile(
        rf"\s*[,;]?\s*\b(?:and also|as well as|and then)\b\s*|\s*;\s*and\b\s*|\s*,?\s*\band\s+(?=(?:{_ACTS})\b)",
        re.IGNORECASE,
    ),
    listing=re.compile(rf"\s*,\s+(?=(?:{_ACTS})\b)", re.IGNORECASE),
    subject=re.compile(rf"^\s*{_WHO}\s+", re.IGNORECASE),
    feelings_rewrites=compiled(
        (
            (r"confiden", "Makes the point in plain statements, without “maybe”, “sort of” or “I guess”."),
            (
                r"enthusias|passion|excit|energ|optimis",
                "Names one benefit for this buyer and backs it with a figure, a reference or an example.",
            ),
            (
                r"nervous|stress|anxi|calm|relax",
                "Lets the buyer finish, and uses at most two filler words per 100 words.",
            ),
            (
                r"empath|sincer|warm|happ|genuine|emotion",
                "Says in words what the situation means for the buyer, before going on.",
            ),
            (
                r"angr|frustrat|bored|mood",
                "No insults, no threats, no pressure, no brushing aside of what the buyer said.",
            ),
            (
                r"eye|body|facial|posture|smil",
                "Takes up something that the buyer said, in the next sentence.",
            ),
            (
                r".",
                "Speaks in short turns: at most two filler words per 100 words, and no stretch of more than 85 words.",
            ),
        )
    ),
    vague_rewrites=compiled(
        (
            (r"rapport|engag", "Takes up something that the buyer said about themselves, in the next sentence."),
            (r"question|discover|needs?\b|explor", "Asks at least two open questions about the buyer's work."),
            (r"objection|pushback|concern", "Acknowledges the objection, asks what is behind it, and answers that."),
            (r"clos|next step|commit", "Proposes a next step with a day or an hour, and the buyer agrees to it."),
            (
                r"introduc|open(?:s|ing)|greet|start",
                "Says name, company and the reason for the call in the first two sentences.",
            ),
            (r"listen", "Takes up the buyer's own words in the next answer, at least three times."),
            (
                r"product|value|benefit|present|pitch|offer|solution|demo",
                "Ties a benefit to a need that the buyer named, with a figure, a reference or an example.",
            ),
            (
                r"communicat|speak|talk|professional|language|conversation",
                "Speaks in short turns, with at most two filler words per 100 words, no insults and no pressure.",
            ),
        )
    ),
    summed_up="Sums up {rest} in one sentence, and the buyer does not correct it.",
    named="Names {rest} in words that can be quoted.",
    understanding=re.compile(r"understand|know|aware|familiar|reali|remember", re.IGNORECASE),
    elsewhere_rewrites=compiled(
        (
            (r"before|prior|prepar|research", "Mentions a fact about the buyer's company in the first two turns."),
            (r".", "Says at the end of the call what will be sent or done next, and by when."),
        )
    ),
)
