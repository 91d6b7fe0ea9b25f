"""A technical fault is in no metric of time, wherever it falls and however long it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import events
from calls.flight.faults import FaultWindow
from scoring import cases, runs
from scoring.metrics import measure
from scoring.transcripts import TranscriptTurn
from tests.cast import Cast

from .calls import make_spoken_call
from .transcripts import CALLS, brief, turns_of

GOOD = turns_of(CALLS["en", "good"])
LENGTH = GOOD[-1].end_ms
OF_TIME = ("talk_ratio", "pace", "interruptions", "response_latency", "fillers", "questions")


def disturbed(turns: Sequence[TranscriptTurn], at_ms: int, ms: int) -> list[TranscriptTurn]:
    """The same call, in which nothing happened for `ms` from `at_ms` on."""
    return [
        replace(
            turn,
            start_ms=turn.start_ms + (ms if turn.start_ms >= at_ms else 0),
            end_ms=turn.end_ms + (ms if turn.end_ms > at_ms else 0),
        )
        for turn in turns
    ]


def values(turns: Sequence[TranscriptTurn], *faults: FaultWindow) -> dict[str, Any]:
    measured = measure(turns, language="en", brief=brief(), faults=faults)
    found = measured.to_json()
    return {
        **{name: {key: value for key, value in found[name].items() if key != "items"} for name in OF_TIME},
        "latencies": measured.latencies_ms,
        "monologue": (found["longest_monologue"]["value"], found["longest_monologue"]["turn_id"]),
        "answers": [(item["key"], item["answer_ms"], item["outcome"]) for item in found["objections"]["items"]],
    }


@given(st.integers(0, LENGTH), st.integers(1, 30_000))
def test_a_stall_anywhere_changes_no_metric_of_time(at_ms: int, ms: int) -> None:
    fault = FaultWindow(at_ms, at_ms + ms, "stall", "provider")
    assert values(disturbed(GOOD, at_ms, ms), fault) == values(GOOD)


@given(st.lists(st.tuples(st.integers(0, LENGTH), st.integers(1, 9000)), min_size=2, max_size=5))
def test_several_faults_do_not_either(faults: list[tuple[int, int]]) -> None:
    turns, windows = list(GOOD), list[FaultWindow]()
    for at_ms, ms in sorted(faults, reverse=True):  # the last first, so that the earlier keep their places
        turns = disturbed(turns, at_ms, ms)
        windows = [replace(item, from_ms=item.from_ms + ms, to_ms=item.to_ms + ms) for item in windows]
        windows.append(FaultWindow(at_ms, at_ms + ms, "line_lost", "line"))
    assert values(turns, *windows) == values(GOOD)


def test_unexplained_silence_is_the_callers() -> None:
    at_ms = GOOD[2].end_ms
    assert values(disturbed(GOOD, at_ms, 4000)) != values(GOOD)


def test_where_something_was_said_stays_where_it_was() -> None:
    fault = FaultWindow(0, 5000, "stall", "provider")
    found = measure(disturbed(GOOD, 0, 5000), language="en", brief=brief(), faults=[fault])
    assert found.monologue is not None
    began = {turn.id: turn.start_ms + 5000 for turn in GOOD}
    assert found.monologue.timestamp_ms == began[found.monologue.turn_id]
    assert found.to_json()["faults"] == {
        "value": 5000,
        "unit": "ms",
        "items": [{"kind": "stall", "from_ms": 0, "to_ms": 5000, "blame": "provider"}],
    }


def test_a_call_without_faults_says_nothing_of_them() -> None:
    assert "faults" not in measure(GOOD, language="en").to_json()


def test_an_echo_is_nobodys_words() -> None:
    buyer = next(turn for turn in GOOD if not turn.by_trainee)
    echo = replace(
        GOOD[0], id="echo", role="user", content="how much is it?", start_ms=buyer.start_ms, end_ms=buyer.end_ms
    )
    turns = sorted([*GOOD, echo], key=lambda turn: turn.start_ms)
    window = FaultWindow(echo.start_ms, echo.end_ms, "echo", "line")
    heard = measure(turns, language="en", faults=[window])
    assert heard.words == measure(GOOD, language="en").words
    assert len(heard.questions) == len(measure(GOOD, language="en").questions)


@pytest.mark.django_db
def test_a_score_is_made_of_the_record_and_once_for_each_record(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada, duration_ms=LENGTH)
    first = runs.score_call(call_id=call.pk, track="deep")
    assert runs.score_call(call_id=call.pk, track="deep") == first
    events.keep(call.pk, "stall", {"from_ms": 1000, "to_ms": 6000, "where": "reply"}, at_ms=1000)
    assert [item.kind for item in cases.case_of(call).faults] == ["stall"]
    second = runs.score_call(call_id=call.pk, track="deep")
    assert second is not None
    assert second != first
    assert second.result["metrics"]["faults"]["value"] == 5000
