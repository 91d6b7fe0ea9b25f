"""Both vendors' stand-ins tell our real server about calls that went past us: as they should, twice, in the wrong order, or
not at all. The rows are the same in every case."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone

from calls import services, tasks
from calls.models import Call, VendorConversation
from integrations import resilience
from integrations.models import InboundEvent
from tests.cast import Cast
from tests.factories import make_call
from tests.files import keep_files_in
from tests.live import committed, serving
from tests.standins.base import StandIn
from tests.standins.elevenlabs import ElevenLabs
from tests.standins.elevenlabs_record import Kept as ElevenLabsKept
from tests.standins.vapi import Vapi
from tests.standins.vapi_record import Kept as VapiKept

pytestmark = pytest.mark.slow
SAID = (
    ("assistant", "Marta speaking, who is this?"),
    ("user", "This is Ada from Acme, do you have a minute?"),
    ("assistant", "One minute. What is it about?"),
)
TONE = (np.sin(np.arange(16_000) * 0.1) * 8000).astype("<i2").tobytes()


class Told:
    """A vendor's side of one direct call."""

    def __init__(self, vendor: StandIn, call: Call) -> None:
        self.vendor = vendor
        self.call = call

    def finish(self) -> None:
        """The conversation is over: the vendor tells us, as badly as it was told to."""
        began = time.time() - 60
        variables = {"parley_call_id": str(self.call.pk), "parley_organization": "acme"}
        if isinstance(self.vendor, ElevenLabs):
            self._finish_elevenlabs(self.vendor, began, variables)
        else:
            assert isinstance(self.vendor, Vapi)
            self._finish_vapi(self.vendor, began, variables)

    def _finish_elevenlabs(self, vendor: ElevenLabs, began: float, variables: dict[str, str]) -> None:
        kept = ElevenLabsKept("conv_direct", "agent_demo", began=True, started=began, ended=began + 20)
        kept.initiation = {"dynamic_variables": variables}
        for number, (role, text) in enumerate(SAID):
            line = kept.say("agent" if role == "assistant" else "user", text)
            line["time_in_call_secs"] = number * 5
        kept.sounds.append((0.0, 16_000, TONE))
        vendor.conversations[kept.id] = kept
        vendor.run(vendor.wind_up(kept))

    def _finish_vapi(self, vendor: Vapi, began: float, variables: dict[str, str]) -> None:
        server = {"url": vendor.webhook_url}
        kept = VapiKept("conv_direct", "webCall", {"assistant": {"server": server, "metadata": variables}}, {})
        kept.started, kept.status = began, "in-progress"
        for number, (role, text) in enumerate(SAID):
            line = kept.say("bot" if role == "assistant" else "user", text)
            line |= {"time": int((began + number * 5) * 1000), "endTime": int((began + number * 5 + 2) * 1000)}
            line["secondsFromStart"] = number * 5
        kept.sounds.append((0, 0.0, 16_000, TONE))
        kept.ended, kept.status, kept.ended_reason = began + 20, "ended", "customer-ended-call"
        vendor.calls[kept.id] = kept
        vendor.run(vendor._wind_up(kept))


@pytest.fixture(params=["elevenlabs", "vapi"])
def told(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any, settings: Any, tmp_path: Path
) -> Iterator[Told]:
    keep_files_in(settings, tmp_path / "media")
    settings.CALL_SPOOL_DIR = tmp_path / "spool"
    resilience.breakers.cache_clear()
    vendor: StandIn = {"elevenlabs": ElevenLabs, "vapi": Vapi}[request.param]()
    vendor.processing_seconds = vendor.report_seconds = 0.05  # type: ignore[attr-defined]
    with django_db_blocker.unblock():
        cast = Cast.load()
    with committed(django_db_blocker, cast.acme.schema_name), vendor.serving(), serving() as address:
        settings.VENDOR_KEYS = {request.param: vendor.key}
        settings.VENDOR_BASE_URLS = {request.param: vendor.base_url}
        settings.VENDOR_WEBHOOK_SECRETS = {request.param: vendor.webhook_secret}
        vendor.webhook_url = f"http://{address}/org/acme/api/webhooks/{request.param}/"
        call = make_call(
            trainee=cast.ada,
            status="in_progress",
            provider=request.param,
            transport="direct",
            recording_consent=True,
            started_at=datetime.fromtimestamp(time.time() - 62, tz=UTC),
        )
        services.note_conversation(call_id=call.pk, conversation_id="conv_direct")
        try:
            yield Told(vendor, call)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE integrations_inboundevent")
    resilience.breakers.cache_clear()


def until(so: Callable[[], bool]) -> None:
    for _time in range(1200):
        if so():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to that")


def rows(told: Told) -> Any:
    call = Call.objects.get(pk=told.call.pk)
    said = list(call.turns.order_by("seq").values_list("role", "content", "timestamp_ms"))
    return call.status, call.duration_ms, said


def expected() -> Any:
    return "completed", 20_000, [(role, text, number * 5000) for number, (role, text) in enumerate(SAID)]


def merged() -> bool:
    return VendorConversation.objects.exclude(merged_at=None).exists()


def test_the_webhook_brings_it_all(told: Told) -> None:
    told.finish()
    until(merged)
    assert rows(told) == expected()
    assert VendorConversation.objects.get().via == "webhook"
    assert {sent.status for sent in told.vendor.delivered} == {200}
    page = str(list(InboundEvent.objects.values_list("payload", flat=True)))
    assert "You are" not in page


def test_one_that_comes_twice_and_one_that_comes_late(told: Told) -> None:
    told.vendor.misbehave("reordered_webhook")
    told.vendor.misbehave("duplicate_webhook", times=3)
    told.finish()
    until(merged)
    assert rows(told) == expected()
    until(lambda: len(told.vendor.delivered) >= 3)
    assert rows(told) == expected()


def test_one_that_never_comes_is_fetched(told: Told) -> None:
    told.vendor.misbehave("lost_webhook", times=10)
    told.finish()
    assert not merged()
    VendorConversation.objects.update(
        opened_at=timezone.now() - timedelta(minutes=3), next_pull_at=timezone.now() - timedelta(minutes=1)
    )
    tasks.reconcile_records.delay()
    assert rows(told) == expected()
    assert VendorConversation.objects.get().via == "reconciler"
    assert not InboundEvent.objects.exists()


def test_a_recording_comes_by_webhook_or_is_fetched(told: Told) -> None:
    told.finish()
    until(merged)
    if told.call.provider == "elevenlabs":  # which posts the sound, in chunks
        until(lambda: hasattr(Call.objects.get(pk=told.call.pk), "recording"))
    else:
        VendorConversation.objects.update(merged_at=timezone.now() - timedelta(minutes=3))
        tasks.reconcile_records.delay()
    recording = Call.objects.select_related("recording").get(pk=told.call.pk).recording
    assert recording.content_type == "audio/mpeg"
    assert recording.duration_ms >= 900


def test_a_stranger_who_knows_the_address_changes_nothing(told: Told) -> None:
    told.vendor.webhook_secret = "guessed"
    told.finish()
    until(lambda: bool(told.vendor.delivered))
    assert {sent.status for sent in told.vendor.delivered} == {401}
    assert not InboundEvent.objects.exists()
    assert rows(told)[2] == []
