"""A call by text through our socket with OpenAI and OpenRouter behind it: whose words are said, and who was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django_tenants.utils import schema_context
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from calls.models import Call
from calls.path import ENTERED
from calls.voice import holder
from integrations import openai_sdk, resilience
from integrations.models import ModelCall
from tenants.models import Organization
from tests.calls.voice.conftest import Live
from tests.calls.voice.scripted import ScriptedProvider
from tests.calls.voice.test_socket import until
from tests.cast import Cast
from tests.engine.branching import HELLO, REASON, branching
from tests.factories import make_call
from tests.integrations.openai.conftest import quick_voice
from tests.live import committed, serving
from tests.standins.openai import OpenAI
from tests.standins.openai_wire import Failed, Said

ASKED = "How many people are in your team?"
pytestmark = pytest.mark.slow
SECRETS = ("penalties", "test-key", "<line>", "decided")


@pytest.fixture
def vendor(settings: Any) -> Iterator[OpenAI]:
    resilience.breakers.cache_clear()
    with OpenAI(hear=lambda pcm, language: ASKED, speak=quick_voice).serving() as serving_vendor:
        settings.VOICE_PROVIDER = "openai"
        settings.VENDOR_KEYS = {
            **settings.VENDOR_KEYS,
            "openai": serving_vendor.key,
            "openrouter": serving_vendor.key,
        }
        settings.VENDOR_BASE_URLS = {
            **settings.VENDOR_BASE_URLS,
            "openai": f"{serving_vendor.base_url}/v1",
            "openrouter": serving_vendor.router_url,
        }
        yield serving_vendor
    openai_sdk._client.cache_clear()
    resilience.breakers.cache_clear()


@pytest.fixture
def real(django_db_setup: None, django_db_blocker: Any, vendor: OpenAI, settings: Any, tmp_path: Any) -> Iterator[Live]:
    """A live server whose voice is the pipeline, and a call by text."""
    settings.CALL_SPOOL_DIR = tmp_path / "spool"
    with django_db_blocker.unblock():
        cast = Cast.load()
    with committed(django_db_blocker, cast.acme.schema_name):
        call = make_call(trainee=cast.ada, status="pending", channel="text", provider="openai")
        with serving() as address:
            yield Live(address, cast, ScriptedProvider(), call)
    holder.held.clear()


async def said(socket: ClientConnection, seen: list[str]) -> str:
    """The buyer's next words; every frame on the way is kept in `seen`."""
    while True:
        frame = str(await socket.recv())
        seen.append(frame)
        data = json.loads(frame)
        if data["type"] == "agent_response":
            return str(data["agent_response_event"]["agent_response"])


async def ask(live: Live) -> tuple[str, list[str]]:
    seen: list[str] = []
    async with connect(live.voice_url(), subprotocols=[Subprotocol("convai")]) as socket:
        assert await said(socket, seen) == "Marta speaking."
        await socket.send(json.dumps({"type": "user_message", "text": ASKED}))
        answer = await said(socket, seen)
    return answer, seen


def entries() -> list[tuple[Any, ...]]:
    """What is written down of requests to language models. Asked in a thread of its own, whose connection is ended."""
    try:
        with schema_context("org_acme"):
            return list(ModelCall.objects.values_list("task", "vendor", "outcome", "input_tokens", "reference"))
    finally:
        connection.close()


async def ended(live: Live) -> Call:
    await until(lambda: not live.read().is_live)
    return await asyncio.to_thread(live.read)


async def test_the_router_words_what_the_engine_decided(real: Live, vendor: OpenAI) -> None:
    vendor.script.append(Said("We're about forty people here."))
    answer, seen = await ask(real)
    assert answer == "We're about forty people here."
    assert [request.path for request in vendor.seen] == ["/api/v1/chat/completions"]
    call = await ended(real)
    assert call.provider == "openai"
    turn = list(call.turns.all())[-1]
    assert turn.content == answer
    assert {"fact_told", "worded_by"} <= {entry["rule"] for entry in turn.trace}
    assert call.engine_state["turn"] == 1
    assert not [word for word in SECRETS for frame in seen if word in frame]
    await until(entries)
    assert await asyncio.to_thread(entries) == [("talk", "openrouter", "ok", 120, str(call.pk))]


async def test_a_call_that_branches_has_its_stages_on_record(real: Live, vendor: OpenAI) -> None:
    def change() -> None:
        try:
            with schema_context("org_acme"):
                Call.objects.filter(pk=real.call.pk).update(brief=branching().to_json())
        finally:
            connection.close()

    await asyncio.to_thread(change)
    seen: list[str] = []
    async with connect(real.voice_url(), subprotocols=[Subprotocol("convai")]) as socket:
        await said(socket, seen)
        for text in (HELLO, REASON):
            await socket.send(json.dumps({"type": "user_message", "text": text}))
            await said(socket, seen)
        assert "Dana Whitfield speaking." in await said(socket, seen)
    call = await ended(real)
    turns = [turn for turn in call.turns.all() if turn.role == "assistant"]
    assert [turn.speaker for turn in turns] == ["Gail Frost", "Gail Frost", "Gail Frost", "Dana Whitfield"]
    stages = [entry["subject"] for turn in turns for entry in turn.trace if entry["rule"] == "stage_entered"]
    assert stages == ["door", "talk"]
    assert [event.data["node"] for event in call.events.all() if event.type == ENTERED] == stages


async def test_only_openai_where_the_organisation_says_so(real: Live, vendor: OpenAI) -> None:
    organizations = Organization.objects.filter(pk=real.cast.acme.pk)
    await organizations.aupdate(allowed_ai_providers=["openai"])
    try:
        vendor.script.append(Said("We're about forty people here."))
        await ask(real)
        await ended(real)
    finally:
        await organizations.aupdate(allowed_ai_providers=[])
    assert [request.path for request in vendor.seen] == ["/v1/chat/completions"]


async def test_without_anybody_to_word_it_the_engines_words_are_said(real: Live, vendor: OpenAI) -> None:
    vendor.script += [Failed(402), Failed(500)]
    answer, seen = await ask(real)
    assert "We are forty people." in answer
    call = await ended(real)
    assert [json.loads(frame)["type"] for frame in seen].count("error") <= 1
    faults = [event.data for event in call.events.all() if event.type == "provider:fault"]
    assert [(fault["error_type"], fault["fatal"]) for fault in faults] == [("llm_error", False)]
