"""Documents become searchable all at once or not at all, whatever happens on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from integrations.errors import ProviderUnavailable
from scenarios.knowledge import encoders, ingestion, library, retrieval
from scenarios.knowledge.documents import Refused
from scenarios.knowledge.models import Chunk, ChunkVector, KnowledgeDocument
from tenants.errors import Conflict
from tests.cast import Cast
from tests.knowledge.files import pdf_file, word_file
from tests.knowledge.rows import PRICES, make_document

QUESTION = "What does a seat cost?"
State = KnowledgeDocument.State


class Killed(BaseException):
    """Nothing after this runs, as after kill -9."""


def test_a_document_is_read_and_found(in_acme: Cast) -> None:
    document = make_document(actor=in_acme.cy)
    assert (document.state, document.progress, document.language) == (State.READY, 100, "en")
    assert document.chunk_count == document.chunks.count() == 2
    assert "40 euros" in retrieval.search(QUESTION)[0].text


@pytest.mark.parametrize(
    ("content", "name"),
    [(word_file(), "playbook.docx"), (pdf_file([(20, "Prices"), (12, "A seat costs 40 euros a month.")]), "p.pdf")],
    ids=["word", "pdf"],
)
def test_other_kinds_of_files_are_found(in_acme: Cast, content: bytes, name: str) -> None:
    document = library.add(file=content, file_name=name, actor=in_acme.cy)
    assert ingestion.ingest(document.pk)
    document.refresh_from_db()
    assert document.language == "en"
    assert "40 euros" in retrieval.search(QUESTION)[0].text


def test_the_language_is_told_by_the_text(in_acme: Cast) -> None:
    text = "El torno cuesta 18.400 euros y la garantía de la máquina dura tres años en todos los casos."
    assert make_document(text, title="Tarifas", actor=in_acme.cy).language == "es"


def test_a_new_upload_takes_the_place_of_the_old_at_once(in_acme: Cast) -> None:
    document = make_document(actor=in_acme.cy)
    again = library.add_text(text=PRICES.replace("40", "45"), title="Price list", actor=in_acme.cy)
    assert again.pk == document.pk
    assert "40 euros" in retrieval.search(QUESTION)[0].text  # until the new one has been read
    assert ingestion.ingest(again.pk)
    assert "45 euros" in retrieval.search(QUESTION)[0].text
    assert set(Chunk.objects.values_list("revision", flat=True)) == {2}


def test_the_same_file_again_is_not_read_again(in_acme: Cast) -> None:
    document = make_document(actor=in_acme.cy)
    again = library.add_text(text=PRICES, title="Price list", actor=in_acme.cy)
    assert (again.pk, again.state, again.revision) == (document.pk, State.READY, 1)


@pytest.mark.parametrize("step", ["_write_pieces", "make_vectors", "_go_live"])
def test_a_worker_that_is_killed_leaves_nothing_half_found(
    in_acme: Cast, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    make_document("# Notes\n\nNobody asks about this.", title="Notes", actor=in_acme.cy)
    document = library.add_text(text=PRICES, title="Price list", actor=in_acme.cy)
    original = getattr(ingestion, step)

    def dies(*args: Any, **kwargs: Any) -> Any:
        raise Killed

    monkeypatch.setattr(ingestion, step, dies)
    with pytest.raises(Killed):
        ingestion.ingest(document.pk)
    monkeypatch.setattr(ingestion, step, original)
    assert not [match for match in retrieval.search(QUESTION, threshold=-1.0) if match.document.id == document.pk]
    # The next worker takes it up once the first has been silent for long enough.
    KnowledgeDocument.objects.filter(pk=document.pk).update(worked_at=timezone.now() - timedelta(minutes=5))
    assert document.pk in ingestion.due()
    assert ingestion.ingest(document.pk)
    assert "40 euros" in retrieval.search(QUESTION)[0].text
    assert Chunk.objects.filter(document=document).count() == 2


def test_what_every_worker_dies_of_is_given_up(in_acme: Cast) -> None:
    document = library.add_text(text=PRICES, title="Price list", actor=in_acme.cy)
    KnowledgeDocument.objects.filter(pk=document.pk).update(
        attempts=ingestion.MOST_ATTEMPTS, worked_at=timezone.now() - timedelta(minutes=5)
    )
    assert not ingestion.ingest(document.pk)
    document.refresh_from_db()
    assert (document.state, document.problem) == (State.FAILED, "internal")


def test_two_workers_do_not_read_the_same(in_acme: Cast) -> None:
    document = library.add_text(text=PRICES, title="Price list", actor=in_acme.cy)
    KnowledgeDocument.objects.filter(pk=document.pk).update(worked_at=timezone.now())
    assert not ingestion.ingest(document.pk)
    assert not Chunk.objects.exists()


def test_an_encoder_that_is_away_can_be_asked_again(in_acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        dimensions = 512

        def encode(self, texts: Any) -> Any:
            raise ProviderUnavailable("away", provider="openai")

    document = library.add_text(text=PRICES, title="Price list", actor=in_acme.cy)
    with monkeypatch.context() as patched:
        patched.setattr(encoders, "encoder_named", lambda name, **more: Away())
        assert not ingestion.ingest(document.pk)
    document.refresh_from_db()
    assert (document.state, document.problem) == (State.FAILED, "encoder")
    assert document.explanation
    ingestion.take_up_again(document)
    assert ingestion.ingest(document.pk)
    with pytest.raises(Conflict):
        ingestion.take_up_again(document)


def test_what_shows_only_in_reading_is_told(in_acme: Cast) -> None:
    document = library.add(file=b"# Only a heading\n", file_name="x.md", actor=in_acme.cy)
    assert not ingestion.ingest(document.pk)
    document.refresh_from_db()
    assert (document.state, document.problem, document.live_revision) == (State.FAILED, "empty", 0)


def test_what_is_refused_leaves_nothing(in_acme: Cast) -> None:
    with pytest.raises(Refused):
        library.add(file=b"PK\x03\x04nothing", file_name="x.docx", actor=in_acme.cy)
    assert not KnowledgeDocument.objects.exists()


def test_archived_documents_are_not_found_until_restored(in_acme: Cast) -> None:
    document = make_document(actor=in_acme.cy)
    library.archive(document=document, actor=in_acme.cy)
    assert not retrieval.search(QUESTION)
    library.restore(document=document, actor=in_acme.cy)
    assert retrieval.search(QUESTION)


def test_a_deleted_document_is_gone_with_its_file(in_acme: Cast, django_capture_on_commit_callbacks: Any) -> None:
    document = make_document(actor=in_acme.cy)
    stored = document.stored_as
    with django_capture_on_commit_callbacks(execute=True):
        library.delete(document=document, actor=in_acme.cy)
    assert not ChunkVector.objects.exists()
    assert not default_storage.exists(stored)
