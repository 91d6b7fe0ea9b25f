"""What a playbook says of the business: each statement in its own words, with the passage it stands in.

A heading says first what a passage is about; else its words do; else the statements that it comes nearest to in meaning.
Nothing is made up and nothing reworded.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from integrations.embeddings.base import Encoder
from scenarios.knowledge.reading.outline import Passage

from . import phrases
from .material import Heard, Material, Statement
from .words import talk

NEAR = 0.52  # cosine from which a sentence without telling words belongs to what it is nearest to
LEAST_WORDS = 4
LONGEST = 400  # characters; what runs on longer is no statement that somebody says or a form takes
MOST = {"prices": 8, "proofs": 8, "process": 8, "pains": 6, "questions": 20, "rules": 12, "tone": 4, "competitors": 6}
MOST_OBJECTIONS = 10
NAME = re.compile(r"^(?P<name>[A-ZÁÉÍÓÚÑ][\w&'’.-]*(?: [A-ZÁÉÍÓÚÑ][\w&'’.-]*){0,3})\s*(?:[-–—:|(,.]|$)")
_DASHES = re.compile(r"\s*(?:[-–—→|:]|=>|->)\s+")
EXAMPLES: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "prices": ("What does it cost and how is it paid?", "The price per month and the terms of the contract."),
        "competitors": ("How we differ from other suppliers.", "What our competitors do worse or better."),
        "process": ("How the introduction goes, step by step.", "What happens after the first call."),
        "pains": ("What goes wrong at our customers before they buy.", "The problem that costs them time and money."),
        "proofs": ("What a customer gained by using it.", "Results at other firms, in figures."),
    },
    "es": {
        "prices": ("Cuánto cuesta y cómo se paga.", "El precio al mes y las condiciones del contrato."),
        "competitors": ("En qué nos diferenciamos de otros proveedores.", "Lo que la competencia hace mejor o peor."),
        "process": ("Cómo es la puesta en marcha, paso a paso.", "Qué pasa después de la primera llamada."),
        "pains": ("Lo que falla en nuestros clientes antes de comprar.", "El problema que les cuesta tiempo y dinero."),
        "proofs": ("Lo que ganó un cliente al usarlo.", "Resultados en otras empresas, en cifras."),
    },
}


def material_of(passages: Sequence[Passage], *, language: str, encoder: Encoder) -> Material:
    """Everything found, at most a handful of each kind. The same passages give the same material."""
    return _Reader(passages, language, encoder).read()


class _Reader:
    def __init__(self, passages: Sequence[Passage], language: str, encoder: Encoder) -> None:
        self._passages, self._language, self._encoder = passages, language, encoder
        self._found: dict[str, list[Statement]] = defaultdict(list)
        self._objections: list[Heard] = []
        self._untold: list[Statement] = []  # nothing says what they are about

    def read(self) -> Material:
        for number, passage in enumerate(self._passages):
            self._passage(number, passage)
        self._by_meaning()
        found = {topic: tuple(_unique(self._found[topic])[:most]) for topic, most in MOST.items()}
        return Material(
            company=self._company(),
            product=self._product(),
            audience=next(iter(self._found["audience"]), None),
            role=self._role(),
            next_step=self._next_step(),
            objections=tuple(self._settled_objections()),
            prices=found["prices"],
            proofs=found["proofs"],
            process=found["process"],
            pains=found["pains"],
            questions=found["questions"],
            rules=found["rules"],
            tone=found["tone"],
            competitors=tuple(self._competitors(found["competitors"])),
        )

    def _passage(self, number: int, passage: Passage) -> None:
        topic = phrases.topic_of_heading(passage.heading, language=self._language)
        if topic == "objections" and self._objection(number, passage):
            return
        if topic != "objections" and self._pair(number, passage.text):
            return
        for text in _sentences(passage.text):
            statement = Statement(text, number)
            told = phrases.topic_of_sentence(text, language=self._language)
            if text.endswith("?"):
                self._found["questions"].append(statement)
            elif told == "rules":
                self._found["rules"].append(statement)
            elif topic and topic != "objections":
                self._found[topic].append(statement)
                if topic in {"company", "product", "audience"} and told in {"prices", "proofs"}:
                    self._found[told].append(statement)
            elif told:
                self._found[told].append(statement)
            elif phrases.speaks_of_trouble(text, language=self._language):
                self._found["pains"].append(statement)
            elif len(text.split()) >= LEAST_WORDS:
                self._untold.append(statement)

    # -- objections -----------------------------------------------------------------------------------------------------
    def _objection(self, number: int, passage: Passage) -> bool:
        """A passage under "Objections": a pair in one line, an objection with its answer below, or an answer to the last."""
        if self._pair(number, passage.text):
            return True
        heading = passage.heading.split(" › ")[-1]
        own = not phrases.TOPICS[self._language]["objections"].search(heading)
        answer = phrases.ANSWER[self._language].sub("", passage.text).strip()
        says = phrases.SAYS[self._language]
        if own:  # a heading of its own for each objection
            last = self._objections[-1] if self._objections else None
            if last is not None and last.objection.text == _bare(heading):
                self._answer(number, answer)
            else:
                self._add(_bare(heading), number, answer)
            return True
        if says.match(passage.text):
            rest = says.sub("", passage.text)
            self._add(_bare(rest), number, "")
            return True
        if answer != passage.text and self._objections:
            self._answer(number, answer)
            return True
        if phrases.QUOTED.match(passage.text.strip()):
            self._add(_bare(passage.text), number, "")
            return True
        if self._objections and not self._objections[-1].answers:
            self._answer(number, answer)
            return True
        return False

    def _pair(self, number: int, text: str) -> bool:
        """An objection and its answer in one line: “Too dear” – say this. Or: If they say “…”, answer: …"""
        says = phrases.SAYS[self._language]
        quoted = phrases.QUOTED.search(text)
        if quoted and (text.strip().startswith(quoted[0]) or says.match(text)):
            rest = text[quoted.end() :].lstrip(" .,;:–—-→|").strip()
            rest = phrases.ANSWER[self._language].sub("", rest)
            if len(rest.split()) >= LEAST_WORDS:
                self._add(quoted["quote"], number, rest)
                return True
        topic = phrases.topic_of_heading(self._passages[number].heading, language=self._language)
        parts = _DASHES.split(text, maxsplit=1)
        labelled = topic == "objections" and len(parts) == 2 and 1 < len(parts[0].split()) <= 16
        if labelled and len(parts[1].split()) >= LEAST_WORDS and not says.fullmatch(parts[0] + " "):
            self._add(_bare(parts[0]), number, phrases.ANSWER[self._language].sub("", parts[1]))
            return True
        return False

    def _add(self, text: str, number: int, answer: str) -> None:
        if not text or len(text) > LONGEST or any(heard.objection.text == text for heard in self._objections):
            return
        kind = phrases.kind_of_objection(text, language=self._language)
        answers = tuple(Statement(one, number) for one in _sentences(answer))
        self._objections.append(Heard(kind, Statement(text, number), answers))

    def _answer(self, number: int, answer: str) -> None:
        last = self._objections.pop()
        more = tuple(Statement(one, number) for one in _sentences(answer))
        self._objections.append(Heard(last.kind, last.objection, (*last.answers, *more)))

    def _settled_objections(self) -> list[Heard]:
        """With a kind each: where the words name none, that of the written objections they come nearest to."""
        heard = self._objections[:MOST_OBJECTIONS]
        open_ones = [one.objection.text for one in heard if not one.kind]
        if not open_ones:
            return heard
        written = [(kind, one["text"]) for kind, texts in talk(self._language)["objections"].items() for one in texts]
        vectors = self._encoder.encode([*(text for _kind, text in written), *open_ones])
        nearness = vectors[len(written) :] @ vectors[: len(written)].T
        kinds = {text: written[int(row.round(4).argmax())][0] for text, row in zip(open_ones, nearness, strict=True)}
        return [one if one.kind else replace(one, kind=kinds[one.objection.text]) for one in heard]

    # -- by meaning -----------------------------------------------------------------------------------------------------
    def _by_meaning(self) -> None:
        if not self._untold:
            return
        examples = [(topic, text) for topic, texts in EXAMPLES[self._language].items() for text in texts]
        vectors = self._encoder.encode([*(text for _topic, text in examples), *(one.text for one in self._untold)])
        nearness = vectors[len(examples) :] @ vectors[: len(examples)].T
        for statement, row in zip(self._untold, nearness, strict=True):
            best = int(row.round(4).argmax())
            if round(float(row[best]), 4) >= NEAR:
                self._found[examples[best][0]].append(statement)

    # -- single facts ---------------------------------------------------------------------------------------------------
    def _company(self) -> Statement | None:
        titles = dict.fromkeys(
            (part, number) for number, one in enumerate(self._passages) for part in one.heading.split(" › ")[:1]
        )
        for heading, number in titles:
            if match := phrases.TITLE.search(heading):
                return Statement((match["name"] or match["before"]).strip(" -–—:|"), number)
        for statement in [*self._found["company"], *self._found["product"], *self._untold]:
            if match := phrases.COMPANY[self._language].search(statement.text):
                return Statement(match["name"], statement.passage)
        return None

    def _product(self) -> Statement | None:
        """The shortest whole sentence of the first few that says what is sold."""
        told = [one for one in self._found["product"] if LEAST_WORDS <= len(one.text.split()) <= 30]
        clear = [one for one in told if phrases.ABOUT[self._language]["product"].search(one.text)]
        about = [one for one in self._found["company"] if phrases.ABOUT[self._language]["product"].search(one.text)]
        named = [one for one in (*self._found["company"], *self._untold) if self._says_what_we_sell(one.text)]
        return next(iter([*clear, *about, *told, *named]), None)

    def _says_what_we_sell(self, text: str) -> bool:
        """“Lumenroute makes route planning software”: the company's own name, then a verb of selling."""
        match = phrases.COMPANY[self._language].match(text)
        own = self._company()
        return match is not None and own is not None and match["name"] == own.text

    def _role(self) -> Statement | None:
        for statement in [*self._found["audience"], *self._untold]:
            if match := phrases.ROLE[self._language].search(statement.text):
                role = re.sub(r"(?<=[a-z])s$", "", match["role"]) if self._language == "en" else match["role"]
                return Statement(role[:1].upper() + role[1:], statement.passage)
        return None

    def _next_step(self) -> Statement | None:
        for number, passage in enumerate(self._passages):
            if match := phrases.NEXT_STEP[self._language].search(passage.text):
                step = match["step"].strip().rstrip(".,")
                return Statement(step[:1].lower() + step[1:], number)
        return None

    def _competitors(self, statements: Sequence[Statement]) -> list[Statement]:
        """From lines about them, and from what buyers say they use: "We already use TrackMaster."."""
        names = {one.text.casefold(): one for one in self._names(statements)}
        for heard in self._objections:
            if match := phrases.IN_USE[self._language].search(heard.objection.text):
                names.setdefault(match["name"].casefold(), Statement(match["name"], heard.objection.passage))
        return list(names.values())[: MOST["competitors"]]

    def _names(self, statements: Sequence[Statement]) -> list[Statement]:
        """Competitors' names: what a line under their heading begins with, each once."""
        names: dict[str, Statement] = {}
        for statement in statements:
            match = NAME.match(statement.text) or re.match(
                r"^(?P<name>[A-ZÁÉÍÓÚÑ][\w&'’-]+(?: [A-ZÁÉÍÓÚÑ][\w&'’-]+){0,3})(?= )", statement.text
            )
            if match and match["name"].casefold() not in _NO_NAMES:
                names.setdefault(match["name"].casefold(), Statement(match["name"].rstrip("."), statement.passage))
        return list(names.values())


_NO_NAMES = frozenset(
    (
        *("our", "the", "they", "we", "it", "some", "many", "most", "if"),
        *("never", "always", "when", "do", "other", "others", "unlike", "compared", "nuestro"),
        *("nuestra", "los", "las", "el", "la", "ellos", "si", "nunca", "siempre"),
        *("cuando", "otros", "otras", "muchos", "frente", "no", "en"),
    )
)


def _bare(text: str) -> str:
    """Without the quotation marks and the punctuation around it."""
    text = text.strip().strip("\"“”«»'‘’ ")
    return text.rstrip(":;,–— ").strip("\"“”«»'‘’ ")


def _sentences(text: str) -> list[str]:
    parts = (part.strip() for line in text.split("\n") for part in phrases.SENTENCE.split(line.strip()))
    return [part for part in parts if part and len(part) <= LONGEST]


def _unique(statements: Sequence[Statement]) -> list[Statement]:
    seen: dict[str, Statement] = {}
    for statement in statements:
        seen.setdefault(statement.text.casefold(), statement)
    return list(seen.values())
