"""A telephone call while it is held: its words and voices are told as they come, and are on record once."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.test import Client

from calls import events, heard, vendor_records
from calls.models import Call, VendorConversation
from integrations.models import InboundEvent
from tests.calls.test_phone import ask, back, call, conversation, ring, tell, vendor
from tests.integrations.voice.vapi_webhooks import PROMPT, message, post, report
from tests.standins.vapi import Vapi

__all__ = ["call", "vendor"]


@pytest.fixture
def held(call: Call, vendor: Vapi, ada_client: Client) -> Call:
    """Somebody picked up."""
    ring(ada_client, call)
    tell(call, message("status-update", call_id=conversation(call), status="in-progress"))
    return call


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What those who watch are told."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(events, "tell", lambda schema, event: sent.append(event))
    return sent


def says(call: Call, role: str, text: str, *, at: float = 0.0, **more: Any) -> dict[str, Any]:
    """A piece of what is said, understood `at` seconds into the call."""
    assert call.started_at is not None
    spoken = {"role": role, "transcript": text, "transcriptType": "final"}
    timed = {"timestamp": int((call.started_at.timestamp() + at) * 1000)}
    return message("transcript", call_id=conversation(call), **(spoken | timed | more))


def so_far(call: Call, *said: tuple[str, str, float]) -> dict[str, Any]:
    """The conversation so far: role, words and second of each utterance."""
    assert call.started_at is not None
    began = call.started_at.timestamp()
    lines = [
        {"role": role, "message": text, "time": int((began + at) * 1000), "endTime": int((began + at + 2) * 1000)}
        for role, text, at in said
    ]
    system = {"role": "system", "message": PROMPT, "time": int(began * 1000)}
    return message("conversation-update", call_id=conversation(call), messages=[system, *lines])


def hear(call: Call, *messages: dict[str, Any]) -> list[str]:
    """The vendor's messages, each answered at once; what is shown of the conversation then."""
    for one in messages:
        assert post(one).status_code == 200
    back(call)
    return [f"{line['role']}: {line['content']}" for line in heard.lines(call)]


def test_words_are_told_while_they_are_said(held: Call) -> None:
    shown = hear(held, says(held, "assistant", "Hello?", at=1), says(held, "user", "Hi, Ada here.", at=4))
    assert shown == ["assistant: Hello?", "user: Hi, Ada here."]
    told = [event for event in events.events_after(held.pk, 0) if event["type"] == "words:heard"]
    assert [round(event["data"]["line"]["timestamp_ms"], -2) for event in told] == [1000, 4000]
    assert held.turns.count() == 0
    assert not InboundEvent.objects.filter(kind="transcript").exists()


def test_doubled_and_disordered_messages(held: Call) -> None:
    first, second = says(held, "assistant", "Hello?", at=1), says(held, "user", "Hi, Ada here.", at=4)
    assert hear(held, second, first, second, first) == ["assistant: Hello?", "user: Hi, Ada here."]
    assert held.events.filter(type="words:heard").count() == 2
    assert hear(held, says(held, "user", "Hi, Ada here.", at=30))[-1] == "user: Hi, Ada here."
    assert held.events.filter(type="words:heard").count() == 3


def test_the_conversation_so_far_fills_what_was_lost(held: Call) -> None:
    said = (("bot", "Hello?", 0.5), ("user", "Hi, Ada here. Do you have a minute?", 3.0))
    pieces = [says(held, "user", "Hi, Ada here.", at=4), says(held, "user", "Do you have a minute?", at=5.5)]
    whole = ["assistant: Hello?", "user: Hi, Ada here. Do you have a minute?"]
    assert hear(held, pieces[0], so_far(held, *said)) == whole
    assert hear(held, pieces[1], pieces[0], so_far(held, *said)) == whole
    grown = (*said[:1], ("user", "Hi, Ada here. Do you have a minute? It is about deliveries.", 3.0))
    assert hear(held, so_far(held, *grown))[-1].endswith("about deliveries.")
    assert len(hear(held, so_far(held, *said))) == 2


def test_pieces_that_are_all_there_stay(held: Call) -> None:
    pieces = [says(held, "user", "Hi, Ada here.", at=4), says(held, "user", "Do you have a minute?", at=5.5)]
    hear(held, *pieces)
    assert len(hear(held, so_far(held, ("user", "Hi, Ada here. Do you have a minute?", 3.0)))) == 2


def test_whose_voice_is_heard_is_told_and_written_nowhere(
    held: Call, told: list[dict[str, Any]], django_capture_on_commit_callbacks: Any
) -> None:
    before = held.events.count()
    with django_capture_on_commit_callbacks(execute=True):
        hear(held, message("speech-update", call_id=conversation(held), role="assistant", status="started", turn=1))
    [event] = told
    assert (event["type"], event["seq"], event["data"]) == ("speaking", None, {"role": "assistant", "speaking": True})
    assert held.events.count() == before
    assert not InboundEvent.objects.filter(kind="speech-update").exists()


@pytest.mark.parametrize("report_first", [True, False], ids=["report, words", "words, report"])
def test_nothing_is_on_record_twice(held: Call, report_first: bool) -> None:
    assert held.started_at is not None
    live = [says(held, "assistant", "Hello?", at=1), says(held, "user", "Hi, Ada here.", at=4)]
    record = report(call_id=conversation(held), started=held.started_at.timestamp())
    if report_first:
        tell(held, record)
        hear(held, *live)
    else:
        hear(held, *live)
        tell(held, record)
        tell(held, record)
    assert [turn.content for turn in held.turns.order_by("seq")] == ["Hello?", "Hi, Ada here."]
    assert held.status == "completed"
    assert held.events.filter(type="turn:added").count() == 2


def test_a_record_that_never_comes_is_made_of_what_was_heard(held: Call) -> None:
    hear(
        held,
        says(held, "user", "Do you have a minute?", at=5),
        says(held, "assistant", "Hello?", at=1),
        says(held, "user", "Hi, Ada here.", at=4),
    )
    tell(held, message("status-update", call_id=conversation(held), status="ended", endedReason="customer-ended-call"))
    assert held.awaits_record
    vendor_records.give_up(held)
    vendor_records.give_up(held)
    said = [(turn.role, turn.content) for turn in held.turns.order_by("seq")]
    assert said == [("assistant", "Hello?"), ("user", "Hi, Ada here. Do you have a minute?")]
    assert held.started_at is not None
    tell(held, report(call_id=conversation(held), started=held.started_at.timestamp()))
    assert held.turns.count() == 2


def test_words_may_be_quicker_than_the_news_that_somebody_picked_up(call: Call, ada_client: Client) -> None:
    ring(ada_client, call)
    said = message("transcript", call_id=conversation(call), role="assistant", transcript="Hello?")
    assert hear(call, said) == ["assistant: Hello?"]
    assert (call.status, call.held_at) == ("in_progress", None)
    tell(call, message("status-update", call_id=conversation(call), status="in-progress"))
    assert call.events.filter(type="call:started").count() == 1


ODD: dict[str, dict[str, Any]] = {
    "nothing": {},
    "no words": {"role": "user", "transcript": ""},
    "no text": {"role": "user", "transcript": ["Hi"]},
    "no role": {"transcript": "Hi"},
    "another role": {"role": "system", "transcript": PROMPT},
    "a guess": {"role": "user", "transcript": "Hi the", "transcriptType": "partial"},
}


@pytest.mark.parametrize("name", ODD)
def test_messages_that_say_nothing(held: Call, name: str) -> None:
    assert hear(held, message("transcript", call_id=conversation(held), **ODD[name])) == []


@pytest.mark.parametrize("stamp", ["soon", 1e30, -1, True, None, 1767225600], ids=str)
def test_a_time_that_is_none_is_now(held: Call, stamp: Any) -> None:
    told = says(held, "user", "Hi") | {"timestamp": stamp}
    assert hear(held, told) == ["user: Hi"]
    assert heard.lines(held)[0]["timestamp_ms"] < 60_000


@pytest.mark.parametrize(
    "said", [None, "words", [1, None], [{"role": "user"}], [{"role": "user", "message": "Hi"}]], ids=str
)
def test_a_conversation_that_says_nothing(held: Call, said: Any) -> None:
    assert hear(held, message("conversation-update", call_id=conversation(held), messages=said)) == []


def test_nothing_of_the_buyers_part_is_told(held: Call) -> None:
    hear(held, so_far(held, ("bot", "Hello?", 1.0)), says(held, "user", "Hi"))
    kept = json.dumps([list(held.events.values("data")), list(InboundEvent.objects.values("payload"))])
    assert "Hello?" in kept
    assert PROMPT not in kept
    assert "4155550142" not in kept


def test_words_of_a_bridged_call_are_its_own_business(held: Call) -> None:
    Call.objects.filter(pk=held.pk).update(transport="bridge")
    assert hear(held, says(held, "user", "Hi")) == []


# -- a telephone that was given up ----------------------------------------------------------------------------------------
LATE: dict[str, dict[str, Any]] = {
    "ended": {"kind": "status-update", "status": "ended", "endedReason": "manually-canceled"},
    "not answered": {"kind": "status-update", "status": "ended", "endedReason": "customer-did-not-answer"},
    "picked up": {"kind": "status-update", "status": "in-progress"},
    "words": {"kind": "transcript", "role": "user", "transcript": "Leave a message."},
}


def late_news(known: str, name: str) -> dict[str, Any]:
    if name == "report":
        return report(call_id=known, started=time.time() - 60, endedReason="manually-canceled")
    fields = dict(LATE[name])
    return message(fields.pop("kind"), call_id=known, **fields)


@pytest.mark.parametrize("name", [*LATE, "report"])
def test_late_news_of_a_telephone_do_not_touch_the_call_in_the_browser(
    call: Call, vendor: Vapi, ada_client: Client, name: str
) -> None:
    vendor.ring_seconds = 30
    ring(ada_client, call)
    known = conversation(call)
    ask(ada_client, call, "end")
    Call.objects.filter(pk=call.pk).update(status="in_progress", transport="bridge", started_at=call.created_at)
    tell(call, late_news(known, name))
    assert (call.status, call.transport, call.turns.count()) == ("in_progress", "bridge", 0)


@pytest.mark.parametrize("held_already", [False, True], ids=["ringing", "held"])
@pytest.mark.parametrize("name", [*LATE, "report"])
def test_late_news_of_a_telephone_do_not_touch_the_next_one(
    call: Call, vendor: Vapi, ada_client: Client, name: str, held_already: bool
) -> None:
    vendor.ring_seconds = 30
    ring(ada_client, call)
    known = conversation(call)
    ask(ada_client, call, "end")
    ring(ada_client, call)
    newest = str(VendorConversation.objects.filter(call=call).latest("opened_at").conversation_id)
    if held_already:
        tell(call, message("status-update", call_id=newest, status="in-progress"))
    tell(call, late_news(known, name))
    assert (call.status, call.transport) == ("in_progress" if held_already else "pending", "phone")
    assert heard.lines(call) == []
