"""Does what the trainee says agree with a document? Rules and sentence embeddings, for the embedded judge.

The document is read statement by statement. A sentence of the trainee that is near to one of them in meaning and shares a
word of its subject speaks *of* it. It is then *wrong* where its figures are others, or where one of the two says no and the
other does not; else it is *right*. What the document says nothing of is neither.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from scoring.lexicon import Lexicon
from scoring.signals import Finding, Reading
from scoring.signals.base import share
from scoring.transcripts import REMEMBERED, Sentence, TranscriptTurn, sentences_of

from .figures import figures_in

NEAR = 0.45  # cosine from which a sentence may speak of a statement
CLOSE_BEHIND = 0.12  # another statement this little farther away may be the one that is meant
MOST_STATEMENTS = 60
_NO = {
    "en": re.compile(r"\b(?:no|not|never|none|cannot|without|\w+n't)\b"),
    "es": re.compile(r"\b(?:no|nunca|jamas|ningun[oa]?|sin|tampoco)\b"),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of the document; `folded` without case and accents."""

    text: str
    folded: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the trainee, the statement it speaks of, and whether they agree."""

    sentence: Sentence
    statement: Statement
    right: bool


@lru_cache(maxsize=256)
def statements_of(source: str) -> tuple[Statement, ...]:
    """The document's sentences, at most sixty; headings of one word say nothing."""
    page = TranscriptTurn("source", 0, "user", source, 0, 0)
    found = [Statement(item.text, item.folded) for item in sentences_of(page) if item.words >= 2]
    return tuple(found[:MOST_STATEMENTS])


def claims_in(reading: Reading, source: str) -> list[Claim]:
    """What the trainee says of the document's subject, in order. Questions claim nothing."""
    statements = statements_of(source)
    spoken = [item for item in reading.sentences if not item.text.rstrip().endswith("?")]
    if not statements or not spoken:
        return []
    vectors = reading.encoder.encode([*(item.text for item in statements), *(item.text for item in spoken)])
    nearness = vectors[len(statements) :] @ vectors[: len(statements)].T
    claims = []
    for sentence, row in zip(spoken, nearness, strict=True):
        near = _about(sentence, statements, [float(value) for value in row], reading.lexicon)
        if near:
            agreeing = next((item for item in near if agrees(sentence.folded, item.folded, reading.lexicon)), None)
            claims.append(Claim(sentence, agreeing or near[0], agreeing is not None))
    return claims


def _about(
    sentence: Sentence, statements: Sequence[Statement], nearness: Sequence[float], rules: Lexicon
) -> list[Statement]:
    """The statements that the sentence may speak of, the nearest first."""
    topics = rules.topics(sentence.folded)
    near = [
        (round(value, 4), item)
        for value, item in zip(nearness, statements, strict=True)
        if value >= NEAR and topics & rules.topics(item.folded)
    ]
    near.sort(key=lambda pair: -pair[0])
    return [item for value, item in near if value >= near[0][0] - CLOSE_BEHIND]


@lru_cache(maxsize=REMEMBERED)
def _says_no(folded: str, language: str) -> bool:
    return _NO[language].search(folded) is not None


def agrees(said: str, written: str, rules: Lexicon) -> bool:
    """Two folded sentences of one subject: the same yes or no, and no figure that the other has differently."""
    if _says_no(said, rules.language) != _says_no(written, rules.language):
        return False
    mine, theirs = figures_in(said, rules.language), figures_in(written, rules.language)
    return not theirs or mine <= theirs


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
    right = [claim.sentence for claim in claims if claim.right]
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
            "said": wrong[0].sentence.text if wrong else "",
            "written": wrong[0].statement.text if wrong else "",
        },
    )
