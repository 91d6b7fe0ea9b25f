"""Every row of the fault matrix made to happen: a stand-in misbehaves, and a trainee's call goes on or is given back.

What may not happen in any row: a turn that was announced and is not on record, a call without an end, an attempt used for
nothing, a voice that was heard and not recorded, and a secret in what the browser is given.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from base64 import b64decode, b64encode
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone
from django_tenants.utils import schema_context
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from calls import reconcile, tokens
from calls.models import Call, VendorConversation
from calls.services import brief_of
from calls.voice import holder
from integrations import resilience
from integrations.voice import registry
from scenarios.prompts import buyer_prompt
from scoring.models import Score
from tenants.models import Organization
from tests.calls.matrix import PAGE, ROWS, Row, with_table
from tests.cast import Cast
from tests.factories import make_call
from tests.integrations.voice.virtual import OUT_RATE, FakeSpeech
from tests.live import committed, serving
from tests.standins.base import StandIn
from tests.standins.elevenlabs import ElevenLabs
from tests.standins.openai import OpenAI
from tests.standins.vapi import Vapi
from tests.standins.vendors import environment

pytestmark = pytest.mark.slow

LINES = (
    "Hi, this is Ada from Acme. I know I am calling out of the blue, may I have half a minute?",
    "How do you handle that today, and what happens when it goes wrong?",
    "What would it be worth to you if that happened half as often?",
)
KEY = "key-that-nobody-may-see-91c4"
ALWAYS = 99
PATIENCE = 90
SPEAKING_SECONDS = 2
SPEAKING_BYTES = 12_000  # a quarter of a second


def noise(text: str) -> bytes:
    """A hasty voice, so that nobody waits for it."""
    size = OUT_RATE * (300 + 8 * len(text)) // 1000
    return np.random.default_rng(len(text)).integers(-8000, 8000, size).astype("<i2").tobytes()


class QuickSpeech(FakeSpeech):
    async def speak(self, text: str, *, voice_id: str, language: str, needed_in: float) -> AsyncGenerator[bytes]:
        await asyncio.sleep(0.02)
        yield noise(text)


def stand_in(name: str) -> StandIn:
    """With ears and a mouth that cost nothing."""
    if name == "elevenlabs":
        return ElevenLabs(speech=QuickSpeech())
    if name == "vapi":
        return Vapi(speech=QuickSpeech())
    return OpenAI(hear=lambda _pcm, _language: "", speak=lambda text, _voice: iter([noise(text)]))


@dataclass
class Scene:
    """A server, one vendor beside the embedded engine, and a call of Ada's that has not begun."""

    address: str
    cast: Cast
    vendor: StandIn
    call: Call
    frames: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        schema = self.cast.acme.schema_name
        token = tokens.sign(tokens.VOICE, schema_name=schema, call_id=self.call.pk, user_id=self.call.trainee_id)
        return f"ws://{self.address}/org/acme/ws/voice/{self.call.pk}/?token={token}"

    def read(self) -> Call:
        with schema_context(self.cast.acme.schema_name):
            return Call.objects.select_related("recording").prefetch_related("turns", "events").get(pk=self.call.pk)

    def is_done(self) -> bool:
        """Ended, recorded and scored."""
        try:
            with schema_context(self.cast.acme.schema_name):
                return Score.objects.filter(
                    call=self.call, deep_run__isnull=False, call__recording__isnull=False
                ).exists()
        finally:
            connection.close()  # nobody else would close this thread's


@pytest.fixture
def scene(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
    settings: Any,
) -> Iterator[Scene]:
    row: Row = request.param
    settings.CALL_SPOOL_DIR = tmp_path / "spool"
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(registry.provider("embedded"), "_speech", QuickSpeech())
    monkeypatch.setattr(registry.provider("openai"), "_fallback", QuickSpeech())
    vendor = stand_in(row.provider)
    vendor.key = KEY
    with django_db_blocker.unblock():
        cast = Cast.load()
    resilience.breakers.cache_clear()
    with vendor.serving(), committed(django_db_blocker, cast.acme.schema_name):
        point_at(vendor, settings)
        order = [row.provider] if row.fault == "none_left" else [row.provider, "embedded"]
        policy = {"voice_providers": order, "voice_failover": row.fault != "none_left"}
        Organization.objects.filter(pk=cast.acme.pk).update(**policy)
        call = make_call(trainee=cast.ada, status="pending", recording_consent=True, provider="")
        with serving() as address:
            vendor.webhook_url = f"http://{address}/org/acme/api/webhooks/{row.provider}/"
            yield Scene(address, cast, vendor, call)
        Organization.objects.filter(pk=cast.acme.pk).update(voice_providers=[], voice_failover=True)
    holder.held.clear()
    resilience.breakers.cache_clear()


def point_at(vendor: StandIn, settings: Any) -> None:
    """As the environment would."""
    known = environment(vendor)
    name = vendor.name
    options = {"elevenlabs": {"agent_id": "agent_demo"}, "vapi": {"public_key": "public-test-key"}}
    for setting, value in (
        ("VENDOR_KEYS", known[f"{name.upper()}_API_KEY"]),
        ("VENDOR_BASE_URLS", known[f"{name.upper()}_BASE_URL"]),
        ("VENDOR_WEBHOOK_SECRETS", vendor.webhook_secret),
        ("VENDOR_OPTIONS", settings.VENDOR_OPTIONS.get(name, {}) | options.get(name, {})),
    ):
        setattr(settings, setting, {**getattr(settings, setting), name: value})


def lines_for(fault: str) -> tuple[str, ...]:
    """One more where the call has to go on from something."""
    return LINES if fault in IN_MID_CALL else LINES[:2]


IN_MID_CALL = {"drop_mid_word", "malformed_frame", "stall"}
HTTP = {"slow": 1, "refuse_401": ALWAYS, "limit_429": ALWAYS, "broken_500": ALWAYS, "none_left": ALWAYS}
STALL_SECONDS = 5.0


def misbehave_before(scene: Scene, fault: str) -> None:
    if fault in HTTP:
        scene.vendor.misbehave("broken_500" if fault == "none_left" else fault, HTTP[fault], seconds=1.0)
    elif fault.endswith("_webhook"):
        scene.vendor.misbehave(fault, ALWAYS if fault == "lost_webhook" else 1)


def misbehave_during(scene: Scene, fault: str) -> None:
    if fault in IN_MID_CALL:
        scene.vendor.misbehave(fault, seconds=STALL_SECONDS)


class Trainee:
    """Talks as the call page does, and keeps every frame that comes."""

    def __init__(self, scene: Scene, socket: ClientConnection) -> None:
        self.scene = scene
        self.socket = socket
        self.announced: list[str] = []
        self.pcm = bytearray()
        self.errors: list[str] = []

    async def until_answered(self) -> None:
        """Until the buyer has begun to speak: words, and the voice for a moment."""
        async with asyncio.timeout(PATIENCE):
            while (await self.next())["type"] != "agent_response":
                pass
        heard = len(self.pcm)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SPEAKING_SECONDS):
                while len(self.pcm) - heard < SPEAKING_BYTES:
                    await self.next()

    async def next(self) -> dict[str, Any]:
        text = await self.socket.recv()
        assert isinstance(text, str)
        self.scene.frames.append(text)
        frame: dict[str, Any] = json.loads(text)
        match frame["type"]:
            case "agent_response":
                self.announced.append(frame["agent_response_event"]["agent_response"])
            case "agent_response_correction":
                event = frame["agent_response_correction_event"]
                self.announced.remove(event["original_agent_response"])
                self.announced.append(event["corrected_agent_response"] or "…")
            case "user_transcript":
                self.announced.append(frame["user_transcription_event"]["user_transcript"])
            case "audio":
                self.pcm += b64decode(frame["audio_event"]["audio_base_64"])
            case "error":
                self.errors.append(frame["error_event"]["message"])
            case "ping":
                await self.socket.send(json.dumps({"type": "pong", "event_id": frame["ping_event"]["event_id"]}))
        return frame

    async def say(self, line: str) -> None:
        for _ in range(10):
            await self.socket.send(json.dumps({"user_audio_chunk": b64encode(bytes(640)).decode()}))
        await self.socket.send(json.dumps({"type": "user_message", "text": line}))
        await self.until_answered()

    async def until_closed(self) -> tuple[int, str]:
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    await self.next()
        except ConnectionClosed:
            return self.socket.close_code or 0, self.socket.close_reason or ""


async def dial_in_vain(scene: Scene) -> tuple[int, str]:
    async with connect(scene.url) as socket:
        return await Trainee(scene, socket).until_closed()


async def hold_call(scene: Scene, fault: str) -> Trainee:
    """Some lines, with the fault at the second, then hanging up; returns when the call has ended."""
    async with connect(scene.url, max_size=None) as socket:
        trainee = Trainee(scene, socket)
        await trainee.until_answered()
        await trainee.say(LINES[0])
        misbehave_during(scene, fault)
        for line in lines_for(fault)[1:]:
            await trainee.say(line)
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(scene.is_done):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return trainee


@pytest.mark.parametrize("scene", ROWS, ids=lambda row: row.name, indirect=True)
def test_row(scene: Scene, request: pytest.FixtureRequest) -> None:
    row: Row = request.node.callspec.params["scene"]
    misbehave_before(scene, row.fault)
    if row.attempt == "unused":
        assert asyncio.run(dial_in_vain(scene)) == (1011, "provider_unavailable")
        call = scene.read()
        assert (call.status, call.turns.count()) == ("pending", 0)
    else:
        trainee = asyncio.run(hold_call(scene, row.fault))
        if row.fault.endswith("_webhook"):
            hear_afterwards(scene, row.fault)
        call = scene.read()
        nothing_is_lost(trainee, call, lines_for(row.fault))
        assert call.provider == row.served_by
        assert told(row, call) == row.told
        assert ("void" if call.voided_at else "counts") == row.attempt
    nothing_leaks(scene, call)


def hear_afterwards(scene: Scene, fault: str) -> None:
    """The vendor's own record of the call comes in: by its webhooks, or fetched because none came."""
    with schema_context(scene.cast.acme.schema_name):
        records = VendorConversation.objects.filter(call=scene.call)
        for _ in range(600):
            if fault == "lost_webhook":
                records.update(next_pull_at=timezone.now())
                reconcile.pull(records.get().pk)
            if (record := records.get()).merged_at:
                break
            time.sleep(0.1)
        assert record.merged_at, "the vendor's record never came in"
        assert record.via == ("reconciler" if fault == "lost_webhook" else "webhook")
        assert record.turns_added == 0, "all of it was known"
    assert all(delivered.status == 200 for delivered in scene.vendor.delivered)
    assert bool(scene.vendor.delivered) == (fault != "lost_webhook")


def told(row: Row, call: Call) -> str:
    """What the page says of this record: its notes come from the provider's name and from stalls."""
    if call.provider != row.provider:
        return "switched"
    return "slow" if any(event.type == "stall" for event in call.events.all()) else ""


def nothing_is_lost(trainee: Trainee, call: Call, lines: tuple[str, ...]) -> None:
    turns = list(call.turns.order_by("seq"))
    # Whoever hangs up into an answer does not hear any more that it was corrected.
    kept = [words for turn in turns for words in (turn.content, turn.original_content)]
    assert [words for words in trainee.announced if words not in kept] == []
    assert [turn.content for turn in turns if turn.role == "user"] == list(lines), "each line once"
    assert (call.status, call.ended_by) == ("completed", "trainee")
    assert len(trainee.pcm) > 0
    assert call.recording.duration_ms > 0
    with schema_context("org_acme"):
        score = Score.objects.get(call=call)
    assert score.deep_run is not None


def nothing_leaks(scene: Scene, call: Call) -> None:
    """In what the browser was given."""
    brief = brief_of(call)
    said = " ".join(turn.content for turn in call.turns.all())
    given = "\n".join(frame for frame in scene.frames if '"audio_event"' not in frame)
    secrets = [KEY, scene.vendor.base_url.removeprefix("http://"), scene.vendor.webhook_secret]
    secrets += [line for line in buyer_prompt(brief).splitlines() if len(line) > 60]
    secrets += [text for pain in brief.hidden_pains for text in (pain.pain, pain.reveal_text) if text not in said]
    assert [secret for secret in secrets if secret and secret in given] == []


def test_the_page_shows_the_matrix_as_it_is() -> None:
    page = PAGE.read_text()
    assert with_table(page) == page, "run: python -m tests.calls.matrix"
