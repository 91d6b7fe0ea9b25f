"""Vendors' records in our calls: what was missing is added, nothing is doubled, and nobody else's words get in."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import recordings, services, turns, vendor_records
from calls.models import Call, CallEvent, VendorConversation
from calls.signals import call_completed
from calls.vendor_records import Known, merge, unknown
from integrations.errors import ProviderInvalidAnswer
from integrations.voice.records import RecordedAudio, RecordedTool, RecordedTurn, VoiceRecord
from tests.cast import Cast
from tests.factories import make_call
from tests.files import keep_files_in

VENDOR = "vapi"
DIALOGUE = (
    RecordedTurn("assistant", "Marta speaking.", 0, 1500),
    RecordedTurn("user", "Hello Marta, this is Ada from Acme.", 2000, 6000),
    RecordedTurn("assistant", "We are quite busy. What is this about?", 6500, 9000),
    RecordedTurn("user", "How do you plan deliveries today?", 9500, 12_000),
    RecordedTurn("assistant", "On paper, mostly, and it costs us.", 12_500, 15_000),
)


def record_of(call: Call, said: tuple[RecordedTurn, ...] = DIALOGUE, **changes: Any) -> VoiceRecord:
    fields: dict[str, Any] = {
        "conversation_id": "conv-1",
        "status": "done",
        "variables": {"parley_call_id": str(call.pk), "parley_organization": "acme"},
        "turns": said,
        "duration_ms": 16_000,
        "started_at": call.started_at,
        "ended_by": "trainee",
        "cost": {"usd": 0.21},
    }
    return VoiceRecord(**(fields | changes))


@pytest.fixture
def sent(in_acme: Cast) -> Iterator[list[Any]]:
    """The calls that were said to be complete."""
    told: list[Any] = []

    def note(sender: Any, *, call_id: Any, **kwargs: Any) -> None:
        told.append(call_id)

    receivers, call_completed.receivers = call_completed.receivers, []
    call_completed.connect(note)
    yield told
    call_completed.receivers = receivers
    call_completed.sender_receivers_cache.clear()


@pytest.fixture
def direct(in_acme: Cast) -> Call:
    """A call of Ada's that went past us, under way."""
    call = make_call(
        trainee=in_acme.ada, status="in_progress", provider=VENDOR, transport="direct", recording_consent=True
    )
    services.note_conversation(call_id=call.pk, conversation_id="conv-1")
    return call


@pytest.fixture
def bridged(in_acme: Cast) -> Call:
    """A completed call through our bridge: three turns are on record."""
    call = make_call(trainee=in_acme.ada, provider=VENDOR, duration_ms=16_000)
    services.note_conversation(call_id=call.pk, conversation_id="conv-1")
    for said in DIALOGUE[:3]:
        turns.record(
            call_id=call.pk,
            role=said.role,
            content=said.text,
            start_ms=said.start_ms + 700,
            end_ms=said.start_ms + 2000,
        )
    return call


def texts(call: Call) -> list[str]:
    return list(call.turns.order_by("seq").values_list("content", flat=True))


class TestACallPastUs:
    def test_the_record_is_the_record(
        self, direct: Call, sent: list[Any], django_capture_on_commit_callbacks: Any
    ) -> None:
        tool = RecordedTool("lookup_knowledge", '{"q": "price"}', "secret", False, 3000, 40)
        with django_capture_on_commit_callbacks(execute=True):
            assert merge(record=record_of(direct, tools=(tool,)), vendor=VENDOR, via="webhook") == "5 turns added"
        direct.refresh_from_db()
        assert texts(direct) == [said.text for said in DIALOGUE]
        assert [(turn.timestamp_ms, turn.end_ms) for turn in direct.turns.all()][1] == (2000, 6000)
        assert (direct.status, direct.ended_by, direct.end_reason, direct.duration_ms) == (
            "completed",
            "trainee",
            "hung_up",
            16_000,
        )
        assert direct.metadata["vendor_cost"] == {"conv-1": {"usd": 0.21}}
        assert sent == [direct.pk]
        noted = CallEvent.objects.get(type="tool:called")
        assert noted.data["hidden"]["result"] == "secret"

    def test_twice_is_once(self, direct: Call, sent: list[Any]) -> None:
        merge(record=record_of(direct), vendor=VENDOR, via="webhook")
        assert merge(record=record_of(direct), vendor=VENDOR, via="reconciler") == "known"
        assert direct.turns.count() == 5
        assert VendorConversation.objects.get().via == "webhook"

    def test_hung_up_before_the_record_came(
        self, direct: Call, sent: list[Any], django_capture_on_commit_callbacks: Any
    ) -> None:
        """Nothing can be scored yet, so nobody is told to; then the record brings it all."""
        with django_capture_on_commit_callbacks(execute=True):
            services.end_by_trainee(call=direct)
        assert sent == []
        with django_capture_on_commit_callbacks(execute=True):
            merge(record=record_of(direct), vendor=VENDOR, via="reconciler")
        assert sent == [direct.pk]
        direct.refresh_from_db()
        assert (direct.status, direct.duration_ms) == ("completed", 16_000)

    def test_not_finished_yet(self, direct: Call, sent: list[Any]) -> None:
        pending = record_of(direct, DIALOGUE[:2], status="pending")
        assert merge(record=pending, vendor=VENDOR, via="reconciler") == "not finished"
        assert (direct.turns.count(), VendorConversation.objects.get().merged_at) == (0, None)

    def test_one_that_never_came_about_is_not_used_up(self, direct: Call, sent: list[Any]) -> None:
        merge(record=record_of(direct, (), status="failed"), vendor=VENDOR, via="webhook")
        direct.refresh_from_db()
        assert (direct.status, direct.started_at) == ("pending", None)

    def test_silence_is_an_end_too(
        self, direct: Call, sent: list[Any], django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            merge(record=record_of(direct, ()), vendor=VENDOR, via="webhook")
        direct.refresh_from_db()
        assert direct.status == "completed"
        assert sent == [direct.pk]

    def test_what_the_browser_kept_meanwhile_is_not_doubled(self, direct: Call, sent: list[Any]) -> None:
        for said in DIALOGUE[:3]:
            turns.record(
                call_id=direct.pk, role=said.role, content=said.text.upper(), start_ms=said.start_ms + 1500, end_ms=0
            )
        assert merge(record=record_of(direct), vendor=VENDOR, via="webhook") == "2 turns added"
        assert direct.turns.count() == 5


class TestABridgedCall:
    def test_nothing_is_added_where_nothing_is_missing(self, bridged: Call, sent: list[Any]) -> None:
        assert merge(record=record_of(bridged, DIALOGUE[:3]), vendor=VENDOR, via="webhook") == "nothing was missing"
        assert sent == []

    def test_what_the_bridge_missed_is_filled_and_scored_anew(
        self, bridged: Call, sent: list[Any], django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            assert merge(record=record_of(bridged), vendor=VENDOR, via="reconciler") == "2 turns added"
        assert texts(bridged) == [said.text for said in DIALOGUE]
        assert sent == [bridged.pk]

    def test_a_gap_in_the_middle_stands_where_it_was_said(self, bridged: Call, sent: list[Any]) -> None:
        bridged.turns.filter(seq=2).delete()
        merge(record=record_of(bridged, DIALOGUE[:3]), vendor=VENDOR, via="webhook")
        assert texts(bridged) == [said.text for said in DIALOGUE[:3]]
        assert [turn.seq for turn in bridged.turns.order_by("seq")] == [1, 2, 3]

    def test_a_cut_reply_is_known_by_what_was_begun(self, bridged: Call, sent: list[Any]) -> None:
        last = bridged.turns.get(seq=3)
        turns.cut(turn_id=last.pk, spoken="We are quite", end_ms=8000)
        assert merge(record=record_of(bridged, DIALOGUE[:3]), vendor=VENDOR, via="webhook") == "nothing was missing"

    def test_a_call_taken_up_again_has_two_conversations(self, bridged: Call, sent: list[Any]) -> None:
        services.note_conversation(call_id=bridged.pk, conversation_id="conv-2")
        assert bridged.started_at is not None
        later = record_of(
            bridged,
            (RecordedTurn("user", "Are you still there?", 1000, 2000),),
            conversation_id="conv-2",
            started_at=bridged.started_at + timedelta(seconds=12),
        )
        assert merge(record=later, vendor=VENDOR, via="webhook") == "1 turns added"
        assert bridged.turns.order_by("seq").last().timestamp_ms == 13_000  # type: ignore[union-attr]
        assert merge(record=record_of(bridged, DIALOGUE[:3]), vendor=VENDOR, via="webhook") == "nothing was missing"


class TestWhoseItIs:
    def test_another_conversation_naming_a_bridged_call_is_not_ours(self, bridged: Call, sent: list[Any]) -> None:
        """The variables of a direct call were in a browser's hands: they open no other call."""
        forged = record_of(bridged, (RecordedTurn("user", "Give me 100", 0, 10),), conversation_id="conv-forged")
        assert merge(record=forged, vendor=VENDOR, via="webhook") == "not ours"
        assert bridged.turns.count() == 3

    def test_nor_one_naming_a_direct_call_that_has_its_own(self, direct: Call, sent: list[Any]) -> None:
        forged = record_of(direct, conversation_id="conv-forged")
        assert merge(record=forged, vendor=VENDOR, via="webhook") == "not ours"
        assert direct.turns.count() == 0

    def test_nor_one_that_was_claimed_for_a_call_which_it_does_not_name(self, direct: Call, sent: list[Any]) -> None:
        elsewhere = record_of(direct, variables={"parley_call_id": "11111111-2222-3333-4444-555555555555"})
        assert merge(record=elsewhere, vendor=VENDOR, via="webhook") == "not ours"
        assert direct.turns.count() == 0

    def test_another_vendors_conversation_of_the_same_name(self, bridged: Call, sent: list[Any]) -> None:
        assert merge(record=record_of(bridged), vendor="elevenlabs", via="webhook") == "not ours"

    @pytest.mark.parametrize("name", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
    def test_a_call_that_is_not_there(self, bridged: Call, sent: list[Any], name: str) -> None:
        record = record_of(bridged, conversation_id="conv-9", variables={"parley_call_id": name})
        assert merge(record=record, vendor=VENDOR, via="webhook") == "not ours"

    def test_a_direct_call_whose_conversation_was_not_noted_is_found_by_its_id(
        self, in_acme: Cast, sent: list[Any]
    ) -> None:
        call = make_call(trainee=in_acme.ada, status="in_progress", provider=VENDOR, transport="phone")
        assert merge(record=record_of(call), vendor=VENDOR, via="webhook") == "5 turns added"


WORDS = st.text(alphabet="abc ", min_size=1, max_size=12)
TURNS = st.lists(
    st.builds(RecordedTurn, st.sampled_from(["user", "assistant"]), WORDS, st.integers(0, 60_000)), max_size=8
)


@given(TURNS, st.integers(-3000, 3000))
def test_a_record_of_what_is_known_adds_nothing(said: list[RecordedTurn], drift: int) -> None:
    known = [Known(turn.role, turn.start_ms + drift, (vendor_records.plain(turn.text),)) for turn in said]
    assert unknown(tuple(said), known, shift=0) == []


def test_the_same_short_word_said_twice_is_two_turns() -> None:
    said = (RecordedTurn("user", "Yes.", 1000), RecordedTurn("user", "Yes.", 6000))
    assert unknown(said, [Known("user", 900, ("yes",))], shift=0) == [1]


# -- recordings ------------------------------------------------------------------------------------------------------------
def wav(seconds: float = 1.0) -> bytes:
    import wave

    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(b"\x10\x20" * int(16_000 * seconds))
    return made.getvalue()


def audio(content: bytes, content_type: str = "audio/wav") -> RecordedAudio:
    return RecordedAudio(content_type, iter([content[at : at + 1000] for at in range(0, len(content), 1000)]))


def test_a_vendors_recording_becomes_ours(direct: Call, settings: Any, tmp_path: Path) -> None:
    keep_files_in(settings, tmp_path)
    kept = recordings.keep_from_vendor(call_id=direct.pk, audio=audio(wav(1.5)))
    assert kept is not None
    assert kept.content_type == "audio/mpeg"
    assert abs(kept.duration_ms - 1500) < 100
    [file] = tmp_path.rglob("*.mp3")
    with av.open(str(file)) as opened:
        assert opened.streams.audio[0].layout.name == "stereo"
    assert recordings.keep_from_vendor(call_id=direct.pk, audio=audio(wav(9))) == kept


def test_without_consent_nothing_is_kept(direct: Call, settings: Any, tmp_path: Path) -> None:
    keep_files_in(settings, tmp_path)
    Call.objects.filter(pk=direct.pk).update(recording_consent=False)
    assert recordings.keep_from_vendor(call_id=direct.pk, audio=audio(wav())) is None
    assert list(tmp_path.rglob("*.mp3")) == []


@pytest.mark.parametrize("content", [b"", b"<html>an error page</html>", wav()[:20]])
def test_what_is_not_sound_is_refused(direct: Call, content: bytes, settings: Any, tmp_path: Path) -> None:
    keep_files_in(settings, tmp_path)
    with pytest.raises(ProviderInvalidAnswer):
        recordings.keep_from_vendor(call_id=direct.pk, audio=audio(content))


def test_a_side_in_two_files_is_laid_over_each_other(tmp_path: Path) -> None:
    """The voice changed its rate in mid-call: each file counts from the call's start."""
    (tmp_path / "buyer-24000.pcm").write_bytes(b"\x00\x20" * 24_000 * 2)
    (tmp_path / "buyer-16000.pcm").write_bytes(b"\x00\x00" * 16_000 * 2 + b"\x00\x20" * 16_000 * 2)
    target = tmp_path / "out.mp3"
    assert recordings.encode([[], sorted(tmp_path.glob("buyer-*.pcm"))], str(target)) == 4000


def test_leaving_takes_what_vendors_told_along(direct: Call, in_acme: Cast, sent: list[Any]) -> None:
    from accounts.signals import person_erased
    from integrations.models import InboundEvent

    for name in ("conv-1", "conv-of-somebody-else"):
        InboundEvent.objects.create(vendor=VENDOR, event_id=name, kind="x", conversation_id=name, payload={"said": "x"})

    person_erased.send(sender=None, user=in_acme.ada)
    assert [event.conversation_id for event in InboundEvent.objects.all()] == ["conv-of-somebody-else"]
