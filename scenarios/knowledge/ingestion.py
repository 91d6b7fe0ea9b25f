"""What a worker does with a document: read it, cut it, have its pieces turned into vectors, and let it be found.

Pieces are written with the revision that they belong to, and only pieces of `live_revision` are searched: one transaction at
the end lets the new ones in and the old ones go. A worker that is killed before that leaves nothing that is found; the next
one keeps the vectors that are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Case, F, Q, When
from django.utils import timezone

from integrations.errors import ProviderError
from tenants.context import current_organization
from tenants.errors import Conflict

from . import encoders
from .documents import Refused, text_of
from .languages import language_of
from .models import Chunk, ChunkVector, Encoder, KnowledgeBase, KnowledgeDocument
from .pieces import Piece, cut, meanings, search_vector

logger = structlog.get_logger(__name__)

HELD_FOR = timedelta(seconds=90)  # a worker that says nothing for so long has died
MOST_ATTEMPTS = 3
AT_ONCE = 64  # pieces whose vectors are made and written together
# Progress when the file is read and when its pieces are written; the rest is their vectors.
READ, CUT = 15, 25
State = KnowledgeDocument.State


class Superseded(Exception):
    """Somebody else has the document by now, uploaded it anew, or deleted it."""


def ingest(document_id: UUID) -> bool:
    """Work on a document until it can be found or has failed. True where it became searchable.

    Doing it twice at the same time is harmless: one of the two finds it taken.
    """
    with _taken(document_id) as document:
        if document is None:
            return False
        try:
            if document.attempts >= MOST_ATTEMPTS:  # every worker that took it died of it
                return _failed(document, "internal")
            _bring_in(document)
        except Superseded:
            return False
        except Refused as refused:
            return _failed(document, refused.issue)
        except (OperationalError, InterfaceError):
            raise  # the database is away: the task is tried again
        except ProviderError as error:
            logger.warning("passages got no vectors", document=str(document_id), code=error.code)
            return _failed(document, "encoder")
        except Exception:
            logger.exception("a document could not be taken in", document=str(document_id))
            return _failed(document, "internal")
    return True


@contextmanager
def _taken(document_id: UUID) -> Iterator[KnowledgeDocument | None]:
    """The document, held by this worker; None where another holds it or nothing is to be done."""
    now = timezone.now()
    lost = Q(worked_at__lt=now - HELD_FOR)
    documents = KnowledgeDocument.objects.at_work().in_use().filter(pk=document_id)
    free = Q(worked_at__isnull=True) | lost
    if not documents.filter(free).update(worked_at=now, attempts=F("attempts") + Case(When(lost, then=1), default=0)):
        yield None
        return
    document = KnowledgeDocument.objects.get(pk=document_id)
    try:
        yield document
    finally:
        KnowledgeDocument.objects.filter(pk=document_id, revision=document.revision).update(worked_at=None)


def _note(document: KnowledgeDocument, **changes: Any) -> None:
    """Write down how far it is, and that somebody is at it."""
    mine = KnowledgeDocument.objects.at_work().in_use().filter(pk=document.pk, revision=document.revision)
    if not mine.update(**changes, worked_at=timezone.now(), updated_at=timezone.now()):
        raise Superseded


def _bring_in(document: KnowledgeDocument) -> None:
    _note(document, state=State.READING, progress=1, problem="")
    chunks = Chunk.objects.filter(document=document, revision=document.revision)
    if not chunks.exists():
        _write_pieces(document)
    _note(document, progress=CUT)
    base = KnowledgeBase.load()
    for name in dict.fromkeys(name for name in (base.encoder, base.next_encoder) if name):
        for done, all_of_them in make_vectors(list(chunks.order_by("position")), name):
            _note(document, progress=CUT + (99 - CUT) * done // max(all_of_them, 1))
    _go_live(document)


def _write_pieces(document: KnowledgeDocument) -> None:
    try:
        with default_storage.open(document.stored_as, "rb") as file:
            passages = text_of(file, document.file_name)
    except FileNotFoundError:
        raise Refused("damaged") from None
    pieces = cut(passages)
    document.language = document.language or language_of(
        " ".join(passage.text for passage in passages[:20]), otherwise=current_organization().language
    )
    _note(document, progress=READ, language=document.language)
    with transaction.atomic():  # all of them or none: what is there is not cut again
        Chunk.objects.bulk_create((_row(document, piece) for piece in pieces), batch_size=200)


def _row(document: KnowledgeDocument, piece: Piece) -> Chunk:
    return Chunk(
        document=document,
        revision=document.revision,
        position=piece.position,
        heading=piece.heading[:500],
        text=piece.text,
        page=piece.page,
        language=document.language,
        search=search_vector(piece, document.language),
    )


def make_vectors(chunks: list[Chunk], encoder_name: str) -> Iterator[tuple[int, int]]:
    """Make the vectors that are not there yet, a batch at a time; yields how many of how many are done after each.

    Raises a `ProviderError` where the encoder does not answer; what was made until then stays.
    """
    encoder = encoders.encoder_named(encoder_name)
    there = set(ChunkVector.objects.filter(chunk__in=chunks, encoder=encoder_name).values_list("chunk_id", flat=True))
    missing = [chunk for chunk in chunks if chunk.pk not in there]
    by_sentence = encoder_name == Encoder.EMBEDDED
    for at in range(0, len(missing), AT_ONCE):
        batch = missing[at : at + AT_ONCE]
        wanted = [
            (chunk, part, text)
            for chunk in batch
            for part, text in enumerate(meanings(chunk.heading, chunk.text, by_sentence=by_sentence))
        ]
        rows = encoder.encode([text for _chunk, _part, text in wanted])
        # A piece has all its vectors or none: whoever goes on takes one for all.
        with transaction.atomic():
            ChunkVector.objects.bulk_create(
                (
                    ChunkVector(
                        chunk=chunk, encoder=encoder_name, part=part, dimensions=encoder.dimensions, embedding=row
                    )
                    for (chunk, part, _text), row in zip(wanted, rows, strict=True)
                ),
                ignore_conflicts=True,
            )
        yield len(there) + at + len(batch), len(chunks)


def _go_live(document: KnowledgeDocument) -> None:
    """From here on the new pieces are found, and the old ones are gone."""
    with transaction.atomic():
        mine = KnowledgeDocument.objects.select_for_update().in_use().filter(pk=document.pk)
        if not mine.filter(revision=document.revision).exists():
            raise Superseded
        count = Chunk.objects.filter(document=document, revision=document.revision).count()
        mine.update(
            live_revision=document.revision,
            state=State.READY,
            progress=100,
            problem="",
            chunk_count=count,
            attempts=0,
            updated_at=timezone.now(),
        )
        Chunk.objects.filter(document=document).exclude(revision=document.revision).delete()
    logger.info("a document can be found", document=str(document.pk), passages=count)


def _failed(document: KnowledgeDocument, problem: str) -> bool:
    """An earlier upload of the same document, if there is one, goes on answering."""
    KnowledgeDocument.objects.filter(pk=document.pk, revision=document.revision).update(
        state=State.FAILED, problem=problem, updated_at=timezone.now()
    )
    if problem != "encoder":  # whoever tries again keeps the vectors that were paid for
        Chunk.objects.filter(document=document).exclude(revision=F("document__live_revision")).delete()
    return False


def due() -> list[UUID]:
    """Documents that nobody is at: a worker died, or the message to one was lost."""
    quiet = Q(worked_at__isnull=True, updated_at__lt=timezone.now() - timedelta(seconds=20))
    lost = Q(worked_at__lt=timezone.now() - HELD_FOR)
    return list(KnowledgeDocument.objects.at_work().in_use().filter(quiet | lost).values_list("pk", flat=True)[:50])


def take_up_again(document: KnowledgeDocument) -> None:
    """Try a failed document once more. Raises `Conflict` where it has not failed."""
    changed = KnowledgeDocument.objects.filter(pk=document.pk, state=State.FAILED).update(
        state=State.WAITING, problem="", attempts=0, progress=0, worked_at=None, updated_at=timezone.now()
    )
    if not changed:
        raise Conflict(details={"state": document.state})
