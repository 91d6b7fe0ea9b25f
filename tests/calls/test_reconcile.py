"""A webhook that never comes loses nothing: its record is fetched, and the rows are the same as if it had come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_tenants.utils import schema_context

from calls import reconcile, services, tasks, vendor_records
from calls.models import Call, VendorConversation
from integrations.errors import ProviderUnavailable
from integrations.models import InboundEvent
from integrations.vendors import VendorKeys
from integrations.voice.records import RecordedAudio, VoiceRecord
from tests.calls.test_vendor_records import DIALOGUE, VENDOR, audio, record_of, wav
from tests.cast import Cast
from tests.factories import make_call
from tests.files import keep_files_in


class Vendor:
    """What the vendor keeps: a record, an error, or nothing."""

    def __init__(self) -> None:
        self.record: VoiceRecord | None = None
        self.error: ProviderUnavailable | None = None
        self.sound: RecordedAudio | None = None
        self.asked: list[str] = []
        self.keys: list[VendorKeys] = []

    def fetch_record(self, conversation_id: str, *, keys: VendorKeys) -> VoiceRecord | None:
        self.asked.append(conversation_id)
        self.keys.append(keys)
        if self.error is not None:
            raise self.error
        return self.record

    def fetch_recording(self, conversation_id: str, *, keys: VendorKeys) -> RecordedAudio | None:
        return self.sound


@pytest.fixture
def vendor(in_acme: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> Iterator[Vendor]:
    made = Vendor()
    monkeypatch.setattr(reconcile, "provider", lambda _name: made)
    settings.VENDOR_KEYS = {VENDOR: "key"}
    keep_files_in(settings, tmp_path)
    return made


def ended_call(cast: Cast, *, transport: str = "bridge", ago: timedelta = timedelta(minutes=2), **fields: Any) -> Call:
    call = make_call(trainee=cast.ada, provider=VENDOR, transport=transport, ended_at=timezone.now() - ago, **fields)
    services.note_conversation(call_id=call.pk, conversation_id="conv-1")
    VendorConversation.objects.update(opened_at=timezone.now() - ago, next_pull_at=timezone.now() - ago)
    return call


def rows(call: Call) -> list[tuple[Any, ...]]:
    call.refresh_from_db()
    said = call.turns.order_by("seq").values_list("seq", "role", "content", "timestamp_ms", "end_ms")
    return [(call.status, call.ended_by, call.end_reason, call.duration_ms), *said]


def test_a_lost_webhook_leaves_the_same_rows_as_one_that_came(vendor: Vendor, in_acme: Cast) -> None:
    told = ended_call(in_acme, transport="direct")
    vendor_records.merge(record=record_of(told), vendor=VENDOR, via="webhook")
    VendorConversation.objects.all().delete()
    Call.objects.filter(pk=told.pk).update(provider_conversation_id=None)
    lost = ended_call(in_acme, transport="direct")
    vendor.record = record_of(lost)
    tasks.reconcile_records.delay()
    assert rows(lost) == rows(told)
    assert len(rows(lost)) == 1 + len(DIALOGUE)
    assert reconcile.recovered() == {"told": 0, "fetched": 1, "missing": 0}


def test_nobody_is_asked_while_the_webhook_may_still_come(vendor: Vendor, in_acme: Cast) -> None:
    ended_call(in_acme, ago=timedelta(seconds=10))
    assert reconcile.due() == []


def test_a_bridged_call_in_progress_is_left_alone(vendor: Vendor, in_acme: Cast) -> None:
    call = ended_call(in_acme)
    Call.objects.filter(pk=call.pk).update(status="in_progress", ended_at=None)
    assert reconcile.due() == []


def test_a_direct_call_whose_end_nobody_told_is_ended_by_its_record(vendor: Vendor, in_acme: Cast) -> None:
    call = ended_call(in_acme, transport="direct")
    Call.objects.filter(pk=call.pk).update(status="in_progress", ended_at=None)
    vendor.record = record_of(call)
    tasks.reconcile_records.delay()
    assert rows(call)[0] == ("completed", "trainee", "hung_up", 16_000)


def test_it_asks_less_and_less_often_and_then_no_more(vendor: Vendor, in_acme: Cast) -> None:
    ended_call(in_acme)
    for seconds in (60, 120, 300, 900, 1800, 3600, 3600, 3600):
        VendorConversation.objects.update(next_pull_at=timezone.now())
        [due] = reconcile.due()
        before = timezone.now()
        assert reconcile.pull(due) == "unknown there"
        kept = VendorConversation.objects.get()
        assert kept.next_pull_at is not None
        pause = timedelta(seconds=seconds)
        assert before + pause <= kept.next_pull_at <= timezone.now() + pause
    VendorConversation.objects.update(next_pull_at=timezone.now(), opened_at=timezone.now() - timedelta(hours=25))
    reconcile.pull(reconcile.due()[0])
    assert VendorConversation.objects.get().next_pull_at is None
    assert reconcile.due() == []


def test_a_vendor_that_is_away_is_asked_again(vendor: Vendor, in_acme: Cast) -> None:
    call = ended_call(in_acme, transport="direct")
    vendor.error = ProviderUnavailable("answered 503", provider=VENDOR)
    [due] = reconcile.due()
    assert reconcile.pull(due) == "unavailable"
    assert VendorConversation.objects.get().error == "unavailable"
    vendor.error, vendor.record = None, record_of(call)
    VendorConversation.objects.update(next_pull_at=timezone.now())
    assert reconcile.pull(due) == "5 turns added"


def test_two_workers_ask_once(vendor: Vendor, in_acme: Cast) -> None:
    ended_call(in_acme)
    [due] = reconcile.due()
    reconcile.pull(due)
    assert reconcile.pull(due) == "elsewhere"
    assert vendor.asked == ["conv-1"]


def test_without_a_key_nobody_is_asked(vendor: Vendor, in_acme: Cast, settings: Any) -> None:
    settings.VENDOR_KEYS = {}
    ended_call(in_acme)
    assert reconcile.pull(reconcile.due()[0]) == "not_configured"
    assert vendor.asked == []


def test_a_call_that_its_vendor_lost_is_closed_in_the_end(vendor: Vendor, in_acme: Cast) -> None:
    call = ended_call(in_acme, transport="direct")
    Call.objects.filter(pk=call.pk).update(
        status="in_progress", ended_at=None, started_at=timezone.now() - timedelta(hours=2)
    )
    tasks.reconcile_records.delay()
    assert rows(call)[0][:3] == ("completed", "system", "no_record")


def test_the_sound_is_fetched_where_no_webhook_brought_it(vendor: Vendor, in_acme: Cast) -> None:
    call = ended_call(in_acme, transport="direct", recording_consent=True)
    vendor.record, vendor.sound = record_of(call, has_audio=True), audio(wav())
    tasks.reconcile_records.delay()
    VendorConversation.objects.update(merged_at=timezone.now() - timedelta(minutes=2))
    assert reconcile.fetch_recordings() == 1
    call.refresh_from_db()
    assert call.recording.size_bytes > 0
    assert reconcile.fetch_recordings() == 0


def test_no_sound_without_consent(vendor: Vendor, in_acme: Cast) -> None:
    call = ended_call(in_acme, transport="direct", recording_consent=False)
    vendor.record, vendor.sound = record_of(call, has_audio=True), audio(wav())
    tasks.reconcile_records.delay()
    assert not VendorConversation.objects.get().audio_wanted


def test_an_embedded_call_has_no_record_elsewhere(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada)
    services.note_conversation(call_id=call.pk, conversation_id="emb-1")
    assert not VendorConversation.objects.exists()


def test_a_call_of_which_nobody_knows_the_conversation_is_not_waited_for(vendor: Vendor, in_acme: Cast) -> None:
    call = make_call(
        trainee=in_acme.ada, provider=VENDOR, transport="direct", ended_at=timezone.now() - timedelta(hours=1)
    )
    assert call.awaits_record
    assert reconcile.give_up_silent() == 1
    assert reconcile.give_up_silent() == 0
    call.refresh_from_db()
    assert not call.awaits_record


def test_private_practice_is_not_in_the_list_of_received_events(in_acme: Cast, cy_client: Any) -> None:
    for name, private in (("conv-open", False), ("conv-private", True)):
        call = make_call(trainee=in_acme.ada, provider=VENDOR, private=private)
        services.note_conversation(call_id=call.pk, conversation_id=name)
        InboundEvent.objects.create(vendor=VENDOR, event_id=name, kind=name, conversation_id=name)
    page = cy_client.get("/org/acme/admin/integrations/inboundevent/").content.decode()
    assert "conv-open" in page
    assert "conv-private" not in page
    with schema_context("org_acme"):
        Call.objects.filter(private=True).update(submitted_at=timezone.now())
    assert "conv-private" in cy_client.get("/org/acme/admin/integrations/inboundevent/").content.decode()
