"""Finding: thresholds, scopes, languages, what happens without an encoder, and changing it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.notices.models import Notice
from integrations import openai_sdk, resilience
from integrations.models import ModelCall
from scenarios.knowledge import library, reembedding, retrieval
from scenarios.knowledge.models import ChunkVector, KnowledgeBase
from tenants.errors import InvalidInput
from tests.cast import Cast
from tests.knowledge.rows import PRICES, make_document
from tests.standins.openai import OpenAI

QUESTION = "What does a seat cost?"
SEARCH = "/org/acme/api/v1/knowledge/search/"
OTHER = "# Security\n\nAll data is stored in Frankfurt and encrypted with AES-256 at rest."


def test_likeness_is_cosine_and_bounded_by_the_threshold(in_acme: Cast) -> None:
    make_document(actor=in_acme.cy)
    make_document(OTHER, title="Security", actor=in_acme.cy)
    found = retrieval.match_knowledge(QUESTION, threshold=-1.0, count=10)
    assert [match.score for match in found] == sorted((match.score for match in found), reverse=True)
    assert all(-1.0 <= match.score <= 1.0 for match in found)
    least = found[0].score
    assert [match.chunk_id for match in retrieval.match_knowledge(QUESTION, threshold=least)] == [found[0].chunk_id]
    assert retrieval.match_knowledge(QUESTION, threshold=0.999) == []
    assert len(retrieval.match_knowledge(QUESTION, threshold=-1.0, count=1)) == 1


def test_only_one_source_where_one_is_named(in_acme: Cast) -> None:
    make_document(actor=in_acme.cy)
    make_document(OTHER, title="Security", actor=in_acme.cy)
    found = retrieval.search(QUESTION, threshold=-1.0, source="security.md")
    assert {match.document.source for match in found} == {"security.md"}
    assert retrieval.search(QUESTION, source="no-such.md") == []


def test_buyers_know_only_what_they_may(in_acme: Cast) -> None:
    make_document(actor=in_acme.cy, buyers_may_know=False)
    assert retrieval.search(QUESTION)
    assert not retrieval.search(QUESTION, for_buyers=True)


def test_accents_do_not_matter_to_words(in_acme: Cast) -> None:
    text = "La garantía de las máquinas reacondicionadas dura dieciocho meses desde la entrega."
    make_document(text, title="Garantía", actor=in_acme.cy)
    assert retrieval.by_words("garantia maquinas")[0].words == 1.0


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        "\x00",
        "'; DROP TABLE x; --",
        "a & | ! ( ) :*",
        "%s %(x)s",
        "-price",
        '"seat costs"',
        "🦆" * 600,
        "x" * 5000,
    ],
    ids=["empty", "blank", "nul", "sql", "operators", "percent", "negated", "phrase", "emoji", "long"],
)
def test_any_question_can_be_asked(in_acme: Cast, query: str) -> None:
    make_document(actor=in_acme.cy)
    retrieval.search(query)
    retrieval.by_words(query, every_word=True)
    retrieval.match_knowledge(query)


def test_queries_do_not_grow_with_documents(in_acme: Cast) -> None:
    make_document(actor=in_acme.cy)
    with CaptureQueriesContext(connection) as few:
        retrieval.search(QUESTION)
    for number in range(5):
        make_document(PRICES, title=f"Price list {number}", actor=in_acme.cy)
    with CaptureQueriesContext(connection) as many:
        retrieval.search(QUESTION)
    assert len(many) == len(few)


def test_the_index_is_used_for_many_vectors(in_acme: Cast) -> None:
    make_document(actor=in_acme.cy)
    asked = retrieval._Question.of(QUESTION)
    rows = retrieval._vectors(asked).annotate(distance=retrieval._distance(asked, asked.vector())).order_by("distance")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        plan = rows.values_list("chunk_id")[:5].explain()
    assert "knowledge_vectors_512" in plan


def test_search_over_http(in_acme: Cast, ada_client: Client) -> None:
    make_document(actor=in_acme.cy)
    found = ada_client.get(SEARCH, {"q": QUESTION}).json()["results"]
    assert found[0]["document"]["title"] == "Price list"
    assert {"chunk_id", "document", "text", "score"} <= set(found[0])
    assert ada_client.get(SEARCH, {"q": "What is the capital of Australia?"}).json() == {"results": []}
    assert ada_client.get(SEARCH, {"q": QUESTION, "mode": "vector", "threshold": "0.99"}).json() == {"results": []}
    assert ada_client.get(SEARCH).status_code == 400
    assert ada_client.get(SEARCH, {"q": " "}).status_code == 400
    for wrong in ({"q": QUESTION, "count": 0}, {"q": QUESTION, "threshold": "nan"}, {"q": "x", "z": 1}):
        assert ada_client.get(SEARCH, wrong).status_code == 400


# -- another encoder ----------------------------------------------------------------------------------------------------


@pytest.fixture
def vendor(settings: Any) -> Iterator[OpenAI]:
    settings.BREAKER_URL = ""
    resilience.breakers.cache_clear()
    stand_in = OpenAI(hear=lambda pcm, language: "", speak=lambda text, voice: iter(()))
    with stand_in.serving() as serving:
        settings.VENDOR_KEYS = {**settings.VENDOR_KEYS, "openai": serving.key, "openrouter": serving.key}
        settings.VENDOR_BASE_URLS = {
            **settings.VENDOR_BASE_URLS,
            "openai": f"{serving.base_url}/v1",
            "openrouter": serving.router_url,
        }
        yield serving
    openai_sdk._client.cache_clear()
    resilience.breakers.cache_clear()


def test_an_encoder_without_a_key_cannot_be_chosen(in_acme: Cast) -> None:
    with pytest.raises(InvalidInput):
        library.change_encoder(name="openai", actor=in_acme.cy)


@pytest.mark.parametrize("name", ["openai", "openrouter"])
def test_another_encoder_takes_over_when_all_is_ready(in_acme: Cast, vendor: OpenAI, name: str) -> None:
    make_document(actor=in_acme.cy)
    library.change_encoder(name=name, actor=in_acme.cy)
    assert KnowledgeBase.load().encoder == "embedded"
    assert retrieval.search(QUESTION)
    assert reembedding.is_due()
    while reembedding.go_on():
        pass
    base = KnowledgeBase.load()
    assert (base.encoder, base.next_encoder, base.progress) == (name, "", 100)
    assert set(ChunkVector.objects.values_list("encoder", "dimensions")) == {(name, 1536)}
    assert retrieval.match_knowledge(QUESTION, threshold=-1.0)
    assert ModelCall.objects.filter(task="embed", vendor=name, outcome="ok").exists()
    assert Notice.objects.get(user=in_acme.cy).kind == "work_done"


def test_a_vendor_that_is_away_changes_nothing_and_words_answer(in_acme: Cast, vendor: OpenAI) -> None:
    make_document(actor=in_acme.cy)
    vendor.misbehave("broken_500", times=20)
    library.change_encoder(name="openai", actor=in_acme.cy)
    assert not reembedding.go_on()
    base = KnowledgeBase.load()
    assert (base.encoder, base.next_encoder) == ("embedded", "openai")
    assert base.problem
    KnowledgeBase.objects.update(encoder="openai", next_encoder="")
    assert "40 euros" in retrieval.search("How many euros does a seat cost a month?")[0].text
    assert retrieval.match_knowledge(QUESTION) == []


def test_new_documents_get_both_vectors_during_a_change(in_acme: Cast, vendor: OpenAI) -> None:
    library.change_encoder(name="openai", actor=in_acme.cy)
    make_document(actor=in_acme.cy)
    assert set(ChunkVector.objects.values_list("encoder", flat=True)) == {"embedded", "openai"}
