"""Turns that a client kept: taken only where nothing is known yet."""

from __future__ import annotations

from typing import Any

import pytest

from calls import gapfill
from calls.models import Call
from tests.cast import Cast
from tests.factories import make_call, make_turns


@pytest.fixture
def call(in_acme: Cast) -> Call:
    call = make_call(trainee=in_acme.ada)
    make_turns(call)
    return call


def item(**changes: Any) -> dict[str, Any]:
    return {"role": "user", "content": "And one thing more.", "timestamp_ms": 20_000} | changes


def test_a_missing_turn_is_added_once(call: Call) -> None:
    assert [result["status"] for result in gapfill.fill(call=call, items=[item()])] == ["added"]
    assert [result["status"] for result in gapfill.fill(call=call, items=[item()])] == ["known"]
    assert call.turns.count() == 8
    assert call.turns.order_by("-seq")[0].latency == {"source": "client"}


def test_the_servers_own_record_wins(call: Call) -> None:
    known = item(
        content="hello marta, THIS is Ada from Acme. I am calling because depots like yours lose hours on planning.",
        timestamp_ms=2400,
    )
    result = gapfill.fill(call=call, items=[known])[0]
    assert result["status"] == "known"
    assert call.turns.count() == 7


def test_the_same_event_id_is_the_same_turn(call: Call) -> None:
    first = gapfill.fill(call=call, items=[item(provider_event_id="x1")])[0]
    other = gapfill.fill(call=call, items=[item(provider_event_id="x1", content="Something else", timestamp_ms=1)])[0]
    assert other == {"index": 0, "status": "known", "turn_id": first["turn_id"], "issue": ""}


@pytest.mark.parametrize(
    "bad",
    [
        item(role="seller"),
        item(role=None),
        item(content="  "),
        item(content=7),
        item(content="x" * 5001),
        item(timestamp_ms=-1),
        item(timestamp_ms=1.5),
        item(timestamp_ms=True),
        item(timestamp_ms=10_000_000),
        item(end_ms="soon"),
        item(end_ms=-1),
        item(end_ms=True),
        item(provider_event_id={"a": 1}),
        item(provider_event_id="x" * 81),
    ],
)
def test_a_bad_item_is_refused_and_the_others_are_taken(call: Call, bad: dict[str, Any]) -> None:
    results = gapfill.fill(call=call, items=[bad, item()])
    assert [result["status"] for result in results] == ["refused", "added"]
    assert results[0]["issue"]


def test_a_turn_ends_with_its_call_whatever_the_clients_clock_says(call: Call) -> None:
    [result] = gapfill.fill(call=call, items=[item(end_ms=10**30)])
    assert result["status"] == "added"
    added = call.turns.get(pk=result["turn_id"])
    assert added.timestamp_ms <= added.end_ms <= (call.duration_ms or call.time_limit_ms) + gapfill.SAME_WITHIN_MS
