"""Finding the passages that answer a question: by meaning, by words, and by both.

`match_knowledge` is the plain one: cosine likeness of at least `threshold`, best first. `search` puts that together with
PostgreSQL's full text search, which finds names and numbers that have no meaning to an encoder, by reciprocal rank fusion. A
place among the words counts as much as the passage holds of the question's words: otherwise a passage with one common word
would push out what the encoder found. What each is worth was measured: docs/knowledge.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F, Min, QuerySet
from django.db.models.functions import Cast
from pgvector.django import CosineDistance, VectorField

from integrations.embeddings.base import Vectors
from integrations.errors import ProviderError

from . import encoders
from .models import Chunk, ChunkVector, Encoder, KnowledgeBase, KnowledgeDocument
from .pieces import CONFIGURATIONS, plain_letters

logger = structlog.get_logger(__name__)

MOST_QUESTION = 500  # characters
MOST_COUNT = 50
CANDIDATES = 40  # of each kind, before they are fused
SENTENCES_OF_ONE = 4  # vectors looked at for each piece that is wanted, since several of one piece may come first
FUSION = 60  # the usual constant: how little the first places stand out
# What all of a question's words in a passage add to its likeness, when it is asked whether it is about the question.
WORDS_ADD = 0.2
ONCE_SOME = 0.08
WORDS_ALONE = 0.5  # the share of them that is enough where no encoder answers
LEAST_WORDS = 2
_NEGATED = re.compile(r"(?:^|\s)-\w")


@dataclass(frozen=True, slots=True)
class DocumentRef:
    id: UUID
    title: str
    source: str
    language: str


@dataclass(frozen=True, slots=True)
class Match:
    """A passage that was found. `score`: cosine likeness, −1 to 1 (0 where no encoder answered). `words`: the share of the
    question's words that it holds, 0 to 1; only `search` looks at them."""

    chunk_id: UUID
    document: DocumentRef
    text: str
    score: float
    heading: str = ""
    page: int = 0
    position: int = 0
    words: float = 0.0

    @property
    def evidence(self) -> float:
        """That it is about the question, by both."""
        return self.score + WORDS_ADD * self.words


def match_knowledge(
    query: str,
    *,
    threshold: float | None = None,
    count: int = 5,
    source: str | None = None,
    for_buyers: bool = False,
) -> list[Match]:
    """At most `count` passages whose cosine likeness to the question is at least `threshold` (None: the encoder's usual one).

    `source`: only of this document, by its source. `for_buyers`: only what buyers may know. [] where the encoder does not
    answer: `search` goes on by words.
    """
    asked = _Question.of(query)
    if not asked.text or count < 1:
        return []
    least = asked.threshold if threshold is None else threshold
    vector = asked.vector()
    if vector is None:
        return []
    found = _near(asked, vector, Scope(source, for_buyers), min(count, MOST_COUNT))
    return [match for match in found if match.score >= least]


def search(
    query: str,
    *,
    threshold: float | None = None,
    count: int = 5,
    source: str | None = None,
    for_buyers: bool = False,
) -> list[Match]:
    """At most `count` passages that are about the question, best first; what their `evidence` says is less than `threshold`
    (None: the encoder's usual one) is left out."""
    asked = _Question.of(query)
    if not asked.text or count < 1:
        return []
    least = asked.threshold if threshold is None else threshold
    scope = Scope(source, for_buyers)
    vector = asked.vector()
    near = _near(asked, vector, scope, CANDIDATES) if vector is not None else []
    worded = by_words(asked.text, scope=scope)
    scores = _scores(asked, vector, [match.chunk_id for match in worded]) if vector is not None else {}
    worded = [replace(match, score=scores.get(match.chunk_id, 0.0)) for match in worded]
    shares = {match.chunk_id: match.words for match in worded}
    near = [replace(match, words=shares.get(match.chunk_id, 0.0)) for match in near]
    if vector is None:  # nobody can say how like they are: those that hold most of the question's words
        return [match for match in worded if match.words >= WORDS_ALONE][: min(count, MOST_COUNT)]
    fused = fuse(near, worded)
    if threshold is None and any(match.evidence >= least for match in fused):
        least -= ONCE_SOME  # something is about it, so what comes close is worth a look too
    return [match for match in fused if match.evidence >= least][: min(count, MOST_COUNT)]


def fuse(near: Sequence[Match], worded: Sequence[Match]) -> list[Match]:
    """One list of two, by reciprocal ranks; a place in the second counts by `words`."""
    points: dict[UUID, float] = {}
    found: dict[UUID, Match] = {}
    for place, match in enumerate(near, start=1):
        points[match.chunk_id] = 1.0 / (FUSION + place)
        found[match.chunk_id] = match
    for place, match in enumerate(worded, start=1):
        points[match.chunk_id] = points.get(match.chunk_id, 0.0) + match.words / (FUSION + place)
        found.setdefault(match.chunk_id, match)
    return sorted(found.values(), key=lambda match: (-points[match.chunk_id], str(match.chunk_id)))


def by_words(
    query: str, *, scope: Scope | None = None, count: int = CANDIDATES, every_word: bool = False
) -> list[Match]:
    """Full text search in each document's own language. `every_word`: all words of the query must be there, as PostgreSQL
    reads it; else any of them, best first by how many and how rare."""
    text = plain_letters(_asked(query))
    if not text or count < 1:
        return []
    # "-word" leaves out what holds the word; joined by "or" that would be nearly everything.
    joined = "" if every_word or _NEGATED.search(text) else " & "
    scope = scope or Scope()
    values = {"text": text, "joined": joined, "count": min(count, MOST_COUNT), **scope.values()}
    with connection.cursor() as cursor:
        cursor.execute(WORDS.format(scope=scope.condition()), values)
        found = cursor.fetchall()
        if not found:
            return []
        cursor.execute(FREQUENCIES, {"text": text})
        rarity = _rarity(cursor.fetchall())
    shares = {pk: _share(held, rarity[language]) for pk, language, _rank, held in found}
    ranks = {pk: rank for pk, _language, rank, _held in found}
    rows = _with_document(Chunk.objects.filter(pk__in=shares))
    matches = [replace(_match(row, 0.0), words=shares[row.pk]) for row in rows]
    return sorted(matches, key=lambda match: (-match.words * (1.0 + ranks[match.chunk_id]), str(match.chunk_id)))


def names_something(text: str) -> bool:
    """Has it any word that could be looked up? "And why?" has none, in either language."""
    with connection.cursor() as cursor:
        cursor.execute(BARE, {"text": plain_letters(_asked(text))})
        (bare,) = cursor.fetchone()
    return not bare


@dataclass(frozen=True, slots=True)
class Scope:
    """Which documents are searched."""

    source: str | None = None
    for_buyers: bool = False

    def documents(self) -> QuerySet[KnowledgeDocument]:
        found = KnowledgeDocument.objects.searchable()
        if self.source is not None:
            found = found.filter(source=self.source)
        return found.filter(buyers_may_know=True) if self.for_buyers else found

    def condition(self) -> str:
        """The same in SQL, of a document `d`."""
        wanted = "d.archived_at IS NULL"
        if self.source is not None:
            wanted += " AND d.source = %(source)s"
        return wanted + (" AND d.buyers_may_know" if self.for_buyers else "")

    def values(self) -> dict[str, Any]:
        return {} if self.source is None else {"source": self.source}


def _asked(query: str) -> str:
    """As it can be asked of a database and of an encoder: one line, no NUL, no half of a surrogate pair."""
    sound = query.encode("utf-8", "replace").decode().replace("\x00", " ")
    return " ".join(sound.split())[:MOST_QUESTION]


@dataclass(frozen=True, slots=True)
class _Question:
    text: str
    encoder: str

    @classmethod
    def of(cls, query: str) -> _Question:
        base = KnowledgeBase.objects.filter(pk=1).first()
        return cls(_asked(query), base.encoder if base else Encoder.EMBEDDED)

    @property
    def threshold(self) -> float:
        return encoders.THRESHOLDS[Encoder(self.encoder)]

    def vector(self) -> Vectors | None:
        """None where nobody can say what the question means."""
        try:
            return encoders.encoder_named(self.encoder, seconds=encoders.QUESTION_SECONDS).encode([self.text])[0]
        except ProviderError as error:
            logger.warning("a question is answered by words alone", encoder=self.encoder, code=error.code)
            return None


def _distance(asked: _Question, vector: Vectors) -> CosineDistance:
    """The expression that the index of this number of dimensions is over."""
    dimensions = encoders.DIMENSIONS[Encoder(asked.encoder)]
    return CosineDistance(Cast("embedding", VectorField(dimensions=dimensions)), vector)


def _vectors(asked: _Question) -> QuerySet[ChunkVector]:
    return ChunkVector.objects.filter(encoder=asked.encoder, dimensions=encoders.DIMENSIONS[Encoder(asked.encoder)])


def _near(asked: _Question, vector: Vectors, scope: Scope, count: int) -> list[Match]:
    """Pieces by their likest sentence, best first."""
    rows = (
        _vectors(asked)
        .filter(chunk__document__in=scope.documents(), chunk__revision=F("chunk__document__live_revision"))
        .annotate(distance=_distance(asked, vector))
        .order_by("distance")
        .values_list("chunk_id", "distance")[: count * SENTENCES_OF_ONE]
    )
    with transaction.atomic(), connection.cursor() as cursor:
        # Goes on in the index until enough rows pass the conditions; without it a narrow scope could find nothing.
        cursor.execute("SELECT set_config('hnsw.iterative_scan', 'strict_order', true)")
        likeness: dict[UUID, float] = {}
        for chunk_id, distance in rows:
            likeness.setdefault(chunk_id, 1.0 - float(distance))
    best = dict(list(likeness.items())[:count])
    found = {chunk.pk: chunk for chunk in _with_document(Chunk.objects.filter(pk__in=best))}
    return [_match(found[pk], score) for pk, score in best.items() if pk in found]


def _scores(asked: _Question, vector: Vectors, chunk_ids: Iterable[UUID]) -> dict[UUID, float]:
    """The likeness of the likest sentence of each."""
    rows = _vectors(asked).filter(chunk__in=list(chunk_ids)).values("chunk_id")
    nearest = rows.annotate(distance=Min(_distance(asked, vector))).values_list("chunk_id", "distance")
    return {pk: 1.0 - float(distance) for pk, distance in nearest}


def _with_document(chunks: QuerySet[Chunk]) -> QuerySet[Chunk]:
    return chunks.select_related("document").defer("search")


def _match(chunk: Chunk, score: float) -> Match:
    document = chunk.document
    return Match(
        chunk_id=chunk.pk,
        document=DocumentRef(document.pk, document.title, document.source, document.language),
        text=chunk.text,
        score=round(max(-1.0, min(1.0, score)), 4),
        heading=chunk.heading,
        page=chunk.page,
        position=chunk.position,
    )


def _rarity(rows: Iterable[tuple[str, str, int, int]]) -> dict[str, dict[str, float]]:
    """By language, what each word of the question weighs: more where fewer pieces hold it."""
    weights: dict[str, dict[str, float]] = {language: {} for language in CONFIGURATIONS}
    for language, word, holding, of_all in rows:
        weights[language][word] = math.log(1.0 + (of_all + 1.0) / (holding + 1.0))
    return weights


def _share(held: Sequence[str], weights: dict[str, float]) -> float:
    """Of the question's words, those that a piece holds, by weight. One word says nothing, however rare."""
    total = sum(weights.values())
    if not total:
        return 0.0
    share = sum(weights.get(word, 0.0) for word in held) / total
    return share if len(held) >= LEAST_WORDS else share / 2


WORDS = """
WITH asked AS (
    SELECT language, to_tsvector(configuration, %(text)s) AS words,
           CASE WHEN %(joined)s = '' THEN websearch_to_tsquery(configuration, %(text)s)
                ELSE replace(websearch_to_tsquery(configuration, %(text)s)::text, %(joined)s, ' | ')::tsquery END AS query
    FROM (VALUES ('en', 'english'::regconfig), ('es', 'spanish'::regconfig)) AS ours (language, configuration)
)
SELECT c.id, c.language, ts_rank(c.search, a.query, 1) AS rank,
       ARRAY(SELECT unnest(tsvector_to_array(c.search)) INTERSECT SELECT unnest(tsvector_to_array(a.words)))
FROM asked a
JOIN knowledge_chunk c ON c.language = a.language AND c.search @@ a.query
JOIN knowledge_knowledgedocument d ON d.id = c.document_id AND d.live_revision = c.revision
WHERE {scope}
ORDER BY rank DESC, c.document_id, c.position
LIMIT %(count)s
"""
BARE = """
SELECT to_tsvector('english', %(text)s) = ''::tsvector OR to_tsvector('spanish', %(text)s) = ''::tsvector
"""
FREQUENCIES = """
SELECT ours.language, word.lexeme,
       (SELECT count(*) FROM knowledge_chunk c
         WHERE c.language = ours.language AND c.search @@ quote_literal(word.lexeme)::tsquery),
       (SELECT count(*) FROM knowledge_chunk c WHERE c.language = ours.language)
FROM (VALUES ('en', 'english'::regconfig), ('es', 'spanish'::regconfig)) AS ours (language, configuration),
     unnest(tsvector_to_array(to_tsvector(ours.configuration, %(text)s))) AS word (lexeme)
"""
