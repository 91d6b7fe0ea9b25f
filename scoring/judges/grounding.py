"""Does what the trainee says agree with a document? Rules and sentence embeddings, for the embedded judge.

The document is read statement by statement, and so is what the trainee says: two facts that an "and" joins are two. A
statement that is near to one of the document's in meaning and shares a word of its subject speaks *of* it. It is then
*wrong* where its figures are others, or where one of the two says no and the other does not (`agreement`); else it is
*right*. What the document says nothing of is neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from scoring.lexicon import Lexicon
from scoring.signals import Finding, Reading
from scoring.signals.base import share
from scoring.transcripts import Sentence, TranscriptTurn, sentences_of

from .agreement import agrees
from .clauses import clauses_of

NEAR = 0.45  # cosine from which a sentence may speak of a statement
CLOSE_BEHIND = 0.12  # another statement this little farther away may be the one that is meant
MOST_STATEMENTS = 60


@dataclass(frozen=True, slots=True)
class Statement:
    """What one sentence of the document, or one half of it, says; `folded` without case and accents."""

    text: str
    folded: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What the trainee states in a sentence or in a part of it (`words`), what the document says of it, and whether they
    agree."""

    sentence: Sentence
    words: Sentence
    statement: Statement
    right: bool


@lru_cache(maxsize=256)
def statements_of(source: str, language: str) -> tuple[Statement, ...]:
    """What the document states, at most sixty times; headings of one word say nothing."""
    page = TranscriptTurn("source", 0, "user", source, 0, 0)
    sentences = [item for item in sentences_of(page) if item.words >= 2]
    found = [Statement(part.text, part.folded) for item in sentences for part in clauses_of(item, language)]
    return tuple(found[:MOST_STATEMENTS])


def claims_in(reading: Reading, source: str) -> list[Claim]:
    """What the trainee says of the document's subject, in order. Questions claim nothing."""
    rules = reading.lexicon
    statements = statements_of(source, rules.language)
    spoken = [item for item in reading.sentences if not item.text.rstrip().endswith("?")]
    if not statements or not spoken:
        return []
    parts = [clauses_of(item, rules.language) for item in spoken]
    asked = {one.text: one.folded for item, its in zip(spoken, parts, strict=True) for one in (item, *its)}
    vectors = reading.encoder.encode([*(item.text for item in statements), *asked])
    rows = vectors[len(statements) :] @ vectors[: len(statements)].T
    near = {
        text: _about(folded, statements, [float(value) for value in row], rules)
        for (text, folded), row in zip(asked.items(), rows, strict=True)
    }
    return [
        _claim(sentence, words, near[words.text], rules)
        for sentence, its in zip(spoken, parts, strict=True)
        for words in _stated(sentence, its, near, rules)
    ]


def _stated(
    sentence: Sentence, parts: Sequence[Sentence], near: Mapping[str, Sequence[Statement]], rules: Lexicon
) -> list[Sentence]:
    """The parts of a sentence that speak of the document; the whole of it where none does, where two speak of one thing, or
    where one goes on about what another speaks of ("you can cancel, but only with a minimum term")."""
    of = [part for part in parts if near[part.text]]
    about = {near[part.text][0] for part in of}
    rest = {stem for part in parts if part not in of for stem in rules.topics(part.folded)}
    if not of or len(about) < len(of) or any(rest & rules.topics(one.folded) for one in about):
        of = [sentence]
    return [part for part in of if near[part.text]]


def _claim(sentence: Sentence, words: Sentence, near: Sequence[Statement], rules: Lexicon) -> Claim:
    agreeing = next((item for item in near if agrees(words.folded, item.folded, rules)), None)
    return Claim(sentence, words, agreeing or near[0], agreeing is not None)


def _about(folded: str, statements: Sequence[Statement], nearness: Sequence[float], rules: Lexicon) -> list[Statement]:
    """The statements that what was said may speak of, the nearest first."""
    topics = rules.topics(folded)
    near = [
        (round(value, 4), item)
        for value, item in zip(nearness, statements, strict=True)
        if value >= NEAR and topics & rules.topics(item.folded)
    ]
    near.sort(key=lambda pair: -pair[0])
    return [item for value, item in near if value >= near[0][0] - CLOSE_BEHIND]


def grounded(name: str, reading: Reading, source: str) -> Finding:
    """How much of what was said of the document is right, as a finding: not applicable where nothing was said of it."""
    proper = {(item.turn.id, item.start) for item in reading.clean}
    claims = [
        claim
        for claim in claims_in(reading, source)
        if not claim.right or (claim.sentence.turn.id, claim.sentence.start) in proper
    ]
    if not claims:
        return Finding(name, 0, applicable=False)
    right = [claim.words for claim in claims if claim.right]
    wrong = [claim for claim in claims if not claim.right]
    return Finding(
        name,
        share(len(right), len(claims)),
        sentences=tuple(sorted(right, key=lambda item: -item.words)),
        at=wrong[0].sentence.turn if wrong else None,
        against=tuple(claim.sentence for claim in wrong),
        facts={
            "right": len(right),
            "claims": len(claims),
            "said": wrong[0].words.text if wrong else "",
            "written": wrong[0].statement.text if wrong else "",
        },
    )
