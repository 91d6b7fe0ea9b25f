"""The replay shows the call as it was: the same turns at the same times, and the numbers of the score."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context
from hypothesis import given
from hypothesis import strategies as st

from calls import events
from calls.flight.faults import FaultWindow
from calls.flight.latency import split
from calls.models import Call, Turn
from scoring import runs
from scoring.metrics import measure
from scoring.metrics.progress import progress_of
from scoring.replay import replay_of
from tests.cast import Cast
from tests.factories import make_call, make_recording, make_turns

from .calls import make_spoken_call
from .transcripts import CALLS, turns_of

STALL = {"from_ms": 16_000, "to_ms": 20_500, "where": "reply"}


def page_of(client: Client, call: Call, query: str = "") -> str:
    answer = client.get(f"/org/acme/calls/{call.pk}/replay/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="replay-data" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found.group(1))
    return data


@given(st.sampled_from(sorted(CALLS)), st.integers(0, 30_000), st.integers(0, 8000))
def test_the_last_point_is_what_the_score_shows(key: tuple[str, str], at_ms: int, ms: int) -> None:
    turns, faults = turns_of(CALLS[key]), (FaultWindow(at_ms, at_ms + ms, "stall", "provider"),)
    whole = measure(turns, language=key[0], faults=faults)
    last = progress_of(turns, language=key[0], faults=faults)[-1]
    assert (last.talk_percent, last.pace_wpm) == (whole.talk_percent, whole.pace_wpm)
    assert (last.questions, last.open_questions) == (len(whole.questions), len(whole.open_questions))
    assert last.fillers == sum(whole.fillers.values())
    assert last.interruptions == sum(whole.interruptions)
    assert last.response_ms == whole.to_json()["response_latency"]["value"]


def test_points_grow_with_the_turns() -> None:
    turns = turns_of(CALLS["en", "good"])
    points = progress_of(turns, language="en")
    assert [point.at_ms for point in points] == [turn.end_ms for turn in turns]
    for before, after in pairwise(points):
        assert before.questions <= after.questions
        assert before.fillers <= after.fillers


class TestLatency:
    def test_the_parts_add_up_to_the_whole(self) -> None:
        found = split({"endpoint": 400, "transcribe": 300, "text": 620}, {"reply": 90, "first_audio_ms": 1100})
        assert found is not None
        assert found.to_json() == {"endpoint": 400, "words": 220, "reply": 90, "voice": 390, "total": 1100}

    def test_a_vendor_that_does_all_in_one_gives_the_total(self) -> None:
        found = split({"source": "client"}, {"first_audio_ms": 900})
        assert found is not None
        assert (found.endpoint, found.voice, found.total) == (None, None, 900)

    @pytest.mark.parametrize("answered", [{}, {"first_audio_ms": None}, {"first_audio_ms": "soon"}])
    def test_what_was_not_measured_is_not_guessed(self, answered: dict[str, Any]) -> None:
        assert split({"endpoint": 1, "text": 2}, answered) is None


@pytest.fixture
def call(in_acme: Cast) -> Call:
    """A call of Ada's with a stall, an interruption and a tool in its record."""
    call = make_call(trainee=in_acme.ada)
    make_turns(call)
    asked, answered = call.turns.get(seq=4), call.turns.get(seq=5)
    asked.latency = {"endpoint": 400, "transcribe": 250, "text": 650}
    asked.save()
    answered.latency = {"reply": 150, "first_audio_ms": 4500}
    answered.save()
    events.keep(call.pk, "session:opened", {"provider": "elevenlabs", "resumed": False}, at_ms=0)
    events.keep(call.pk, "stall", STALL, at_ms=16_000)
    hidden = {"arguments": "penalties", "result": "Zanzibar"}
    events.keep(call.pk, "tool:called", {"name": "lookup_knowledge", "hidden": hidden}, at_ms=18_000)
    events.keep(call.pk, "interruption", {"turn_id": str(answered.pk)}, at_ms=21_000)
    return call


def test_turns_come_in_their_order_at_their_times(call: Call) -> None:
    """What is told live while a call is held is what the replay shows, to the millisecond."""
    shown = replay_of(call).turns
    rows = list(Turn.objects.filter(call=call).order_by("seq"))
    assert [(turn.seq, turn.content) for turn in shown] == [(row.seq, row.content) for row in rows]
    assert [(turn.start_ms, turn.end_ms) for turn in shown] == [(row.timestamp_ms, row.end_ms) for row in rows]
    assert shown[4].latency is not None
    assert shown[4].latency.total == 4500


def test_numbers_are_those_of_the_score(in_acme: Cast) -> None:
    call = make_spoken_call(trainee=in_acme.ada)
    events.keep(call.pk, "stall", STALL, at_ms=16_000)
    run = runs.score_call(call_id=call.pk, track="deep")
    assert run is not None
    metrics, last = run.result["metrics"], replay_of(call).points[-1]
    assert last.talk_percent == metrics["talk_ratio"]["value"]
    assert last.pace_wpm == metrics["pace"]["value"]
    assert last.questions == metrics["questions"]["value"]
    assert last.response_ms == metrics["response_latency"]["value"]


def test_who_cut_in_is_told_as_you_to_oneself(call: Call, ada_client: Client, bo_client: Client) -> None:
    own, coached = page_of(ada_client, call), page_of(bo_client, call)
    assert "You cut in" in own
    assert "The trainee cut in" not in own
    assert "The trainee cut in" in coached
    assert "You cut in" not in coached


def test_nobody_cut_in_where_a_sentence_broke_off_by_itself(call: Call, ada_client: Client) -> None:
    last = call.turns.order_by("seq").last()
    assert last is not None
    events.keep(call.pk, "interruption", {"turn_id": str(last.pk)}, at_ms=22_000)
    again = call.turns.create(seq=last.seq + 1, role=last.role, content="We do.", timestamp_ms=23_000, end_ms=24_000)
    assert again.role == "assistant"
    assert page_of(ada_client, call).count("You cut in") == 1


def test_page_shows_what_happened_behind_the_conversation(call: Call, ada_client: Client) -> None:
    for at_ms, fault in ((22_000, "websocket_disconnect"), (23_000, "a_new_one")):
        events.keep(call.pk, "provider:fault", {"error_type": fault, "fatal": False}, at_ms=at_ms)
    page = page_of(ada_client, call)
    assert "The voice service reported a fault: the line to it was lost" in page
    assert "The voice service reported a fault: a_new_one" in page
    assert "The buyer took 4.5" in page
    assert "You cut in" in page
    assert "The voice service used a tool: lookup_knowledge" in page
    assert "Zanzibar" not in page
    assert "answered after 4.5" in page
    data = data_of(page)
    assert (data["durationMs"], data["recordingUrl"]) == (33_000, "")
    assert len(data["points"]) == 7


def test_who_listened_is_shown(call: Call, in_acme: Cast) -> None:
    bo, cy = {"name": "Bo", "role": "manager"}, {"name": "Cy", "role": "admin"}
    for at_ms, observers in ((5000, [bo]), (9000, [bo, cy]), (12_000, [cy])):
        events.announce(call.pk, "presence", {"observers": observers}, at_ms=at_ms)
    shown = [(item.at_ms, item.label) for item in replay_of(call).happenings if "listen" in item.label]
    assert shown == [(5000, "Bo began to listen"), (9000, "Cy began to listen"), (12_000, "Bo stopped listening")]


def test_recording_is_the_clock_where_there_is_one(call: Call, ada_client: Client) -> None:
    with schema_context("org_acme"):
        recording = make_recording(call)
    page = page_of(ada_client, call)
    assert data_of(page)["recordingUrl"] == f"/org/acme/api/v1/calls/{call.pk}/recording/"
    assert "<audio" in page
    with schema_context("org_acme"):
        recording.expires_at = timezone.now()
        recording.save()
    assert "<audio" not in page_of(ada_client, call)


def test_a_call_in_which_nothing_was_said_has_an_empty_replay(in_acme: Cast, ada_client: Client) -> None:
    call = make_call(trainee=in_acme.ada)
    assert "Nothing was said" in page_of(ada_client, call)


def test_a_call_that_goes_on_has_none_yet(in_acme: Cast, ada_client: Client) -> None:
    call = make_call(trainee=in_acme.ada, status="in_progress")
    answer = ada_client.get(f"/org/acme/calls/{call.pk}/replay/")
    assert answer["Location"] == f"/org/acme/calls/{call.pk}/"


def test_only_who_may_see_the_call_sees_its_replay(
    call: Call, bo_client: Client, gil_client: Client, cast: Cast
) -> None:
    assert "Marta" in page_of(bo_client, call)
    assert gil_client.get(f"/org/acme/calls/{call.pk}/replay/").status_code == 404


def test_debrief_leads_to_the_replay(call: Call, ada_client: Client) -> None:
    page = ada_client.get(f"/org/acme/calls/{call.pk}/debrief/").content.decode()
    assert f"/org/acme/calls/{call.pk}/replay/" in page


@pytest.mark.parametrize("repeats", [1, 6])
def test_queries_do_not_grow_with_the_call(
    call: Call, ada_client: Client, repeats: int, django_assert_max_num_queries: Any
) -> None:
    with schema_context("org_acme"):
        for number in range(repeats):
            events.keep(call.pk, "interruption", {}, at_ms=number)
            Turn.objects.create(
                call=call, seq=100 + number, role="user", content="More?", timestamp_ms=30_000, end_ms=31_000
            )
    with django_assert_max_num_queries(20):
        page_of(ada_client, call)
