"""Branching calls that went past us: the way is found in the transcript, once."""

from __future__ import annotations

from typing import Any

import pytest

from calls import services
from calls.models import Call, CallEvent
from calls.path import ENTERED, way_of
from calls.vendor_records import merge
from integrations.voice.records import RecordedTurn, VoiceRecord
from tests.cast import Cast
from tests.engine.branching import HELLO, REASON, branching
from tests.engine.test_follower import ASKS, DANA, GAIL, THROUGH
from tests.factories import make_call

SAID = (
    ("assistant", GAIL),
    ("user", HELLO),
    ("assistant", ASKS),
    ("user", REASON),
    ("assistant", THROUGH),
    ("assistant", DANA),
    ("user", "Shall we book a meeting on Tuesday at ten?"),
    ("assistant", "Sounds good, Tuesday at ten works for me."),
)
SPEAKERS = ["Gail Frost", "Gail Frost", "Gail Frost", "Dana Whitfield", "Dana Whitfield"]


def record(*said: int) -> VoiceRecord:
    """The vendor's record with these turns of the conversation."""
    turns = tuple(RecordedTurn(SAID[at][0], SAID[at][1], at * 4000, at * 4000 + 3000) for at in said)
    return VoiceRecord(conversation_id="conv-1", status="done", turns=turns, duration_ms=32_000, ended_by="persona")


def branching_call(cast: Cast, **fields: Any) -> Call:
    call = make_call(trainee=cast.ada, provider="vapi", brief=branching().to_json(), **fields)
    services.note_conversation(call_id=call.pk, conversation_id="conv-1")
    return call


def speakers(call: Call) -> list[str]:
    return list(call.turns.filter(role="assistant").order_by("seq").values_list("speaker", flat=True))


@pytest.mark.parametrize("transport", ["direct", "phone"])
@pytest.mark.parametrize("hung_up", [False, True], ids=["ended by the record", "hung up before it came"])
def test_the_way_of_a_call_past_us(in_acme: Cast, transport: str, hung_up: bool) -> None:
    call = branching_call(in_acme, status="in_progress", transport=transport)
    if hung_up:
        services.end_by_trainee(call=call)
    merge(record=record(*range(8)), vendor="vapi", via="webhook")
    call.refresh_from_db()
    assert speakers(call) == SPEAKERS
    way = way_of(call, call.turns.order_by("seq"))
    assert way is not None
    assert [stage.node for stage in way.taken] == ["door", "talk", "won"]
    assert way.taken[2].why == "the next step was agreed on"
    assert (call.status, call.outcome) == ("completed", "won")
    told = CallEvent.objects.filter(call=call, type=ENTERED).order_by("pk")
    assert [event.data["node"] for event in told] == ["door", "talk", "won"]
    assert merge(record=record(*range(8)), vendor="vapi", via="reconciler") == "known"
    assert told.count() == 3


def test_a_turn_that_the_bridge_missed_gets_its_speaker_and_changes_no_way(in_acme: Cast) -> None:
    call = branching_call(in_acme, status="in_progress", transport="direct")
    merge(record=record(*range(5)), vendor="vapi", via="webhook")
    Call.objects.filter(pk=call.pk).update(transport="bridge", duration_ms=32_000)
    services.note_conversation(call_id=call.pk, conversation_id="conv-2")
    late = record(6, 7)
    later = VoiceRecord(conversation_id="conv-2", status="done", turns=late.turns, duration_ms=32_000)
    assert merge(record=later, vendor="vapi", via="reconciler") == "2 turns added"
    assert speakers(call)[-1] == "Gail Frost"
    assert CallEvent.objects.filter(call=call, type=ENTERED).count() == 2


def test_what_does_not_branch_is_left_alone(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada, provider="vapi", status="in_progress", transport="direct")
    services.note_conversation(call_id=call.pk, conversation_id="conv-1")
    merge(record=record(0, 1, 2), vendor="vapi", via="webhook")
    assert speakers(call) == ["", ""]
