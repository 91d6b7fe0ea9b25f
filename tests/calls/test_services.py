"""The life of a call: every change of state happens once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisConnectionError

from calls import events, services, sweeps, turns
from calls.errors import CallAlreadyEnded, CallNotFound, CallNotStarted, IllegalTransition, NothingToPractise
from calls.models import Call, CallEvent
from calls.services import Ending
from calls.signals import call_completed
from scenarios.models import Status
from tests.cast import Cast
from tests.factories import make_call, make_persona_version, make_rubric_version, make_scenario_version


def test_a_call_is_made_on_the_newest_published_version(in_acme: Cast) -> None:
    version = make_scenario_version(mode="cold_call")
    call = services.create_from_scenario(trainee=in_acme.ada, scenario_id=version.scenario_id, channel="voice")
    assert call.scenario_version == version
    assert (call.mode, call.status, call.brief["mode"]) == ("cold_call", "pending", "cold_call")
    assert call.time_limit_ms == 600_000


def test_a_draft_cannot_be_practised(in_acme: Cast) -> None:
    version = make_scenario_version()
    version.status = Status.ARCHIVED
    version.save(update_fields=["status"])
    with pytest.raises(NothingToPractise):
        services.create_from_scenario(trainee=in_acme.ada, scenario_id=version.scenario_id, channel="voice")
    with pytest.raises(CallNotFound):
        services.create_from_scenario(trainee=in_acme.ada, scenario_id=uuid4(), channel="voice")


def test_a_free_call_takes_persona_and_mode(in_acme: Cast) -> None:
    make_rubric_version()
    version = make_persona_version()
    call = services.create_from_persona(
        trainee=in_acme.ada, persona_id=version.persona_id, mode="objection_gauntlet", channel="text"
    )
    assert call.brief["mode"] == call.mode == "objection_gauntlet"
    assert call.scenario_version is None
    assert call.rubric_version is not None


def test_beginning_twice_starts_the_clock_once(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada, status="pending")
    begun, first = services.begin(call_id=call.pk)
    again, second = services.begin(call_id=call.pk)
    assert (first, second) == (True, False)
    assert begun.started_at == again.started_at
    assert CallEvent.objects.filter(call=call, type="call:started").count() == 1


def test_a_call_ends_once(in_acme: Cast, django_capture_on_commit_callbacks: Any) -> None:
    heard: list[Any] = []

    def listen(**kwargs: Any) -> None:
        heard.append(kwargs["call_id"])

    call_completed.connect(listen)
    try:
        call = make_call(trainee=in_acme.ada, status="in_progress")
        with django_capture_on_commit_callbacks(execute=True):
            assert services.complete(call_id=call.pk, ending=Ending(by="persona", reason="convinced", outcome="won"))
            assert not services.complete(call_id=call.pk, ending=Ending(by="trainee"))
    finally:
        call_completed.disconnect(listen)
    call.refresh_from_db()
    assert (call.status, call.ended_by, call.outcome) == ("completed", "persona", "won")
    assert heard == [call.pk]
    assert CallEvent.objects.filter(call=call, type="call:ended").count() == 1


def test_the_length_of_a_call_covers_its_last_word(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada, status="in_progress", started_at=timezone.now())
    turns.record(call_id=call.pk, role="user", content="One last thing.", start_ms=90_000, end_ms=92_000)
    services.complete(call_id=call.pk, ending=Ending(by="trainee"))
    call.refresh_from_db()
    assert call.duration_ms == 92_000


def test_a_call_that_never_started_cannot_be_ended_but_given_up(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada, status="pending")
    with pytest.raises(CallNotStarted):
        services.end_by_trainee(call=call)
    assert services.move(call=call, status="failed").status == "failed"


@pytest.mark.parametrize(
    ("status", "wanted"), [("completed", "in_progress"), ("failed", "pending"), ("pending", "completed")]
)
def test_illegal_moves_are_refused(in_acme: Cast, status: str, wanted: str) -> None:
    call = make_call(trainee=in_acme.ada, status=status)
    with pytest.raises(IllegalTransition):
        services.move(call=call, status=wanted)


def test_an_ended_call_cannot_begin_or_be_prepared(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada)
    with pytest.raises(CallAlreadyEnded):
        services.begin(call_id=call.pk)
    with pytest.raises(CallAlreadyEnded):
        services.prepare_start(call=call, provider="embedded", recording_consent=None)


def test_turns_and_events_are_numbered_without_gaps(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada, status="in_progress")
    first = turns.record(
        call_id=call.pk,
        role="assistant",
        content="Hello?",
        start_ms=0,
        end_ms=500,
        provider_event_id="s.a1",
        engine_state={"mood": 1},
    )
    again = turns.record(
        call_id=call.pk, role="assistant", content="Hello?", start_ms=0, end_ms=500, provider_event_id="s.a1"
    )
    second = turns.record(call_id=call.pk, role="user", content="Hi.", start_ms=600, end_ms=900)
    assert first.pk == again.pk
    assert [first.seq, second.seq] == [1, 2]
    call.refresh_from_db()
    assert call.engine_state == {"mood": 1}
    told = events.events_after(call.pk, 0)
    assert [event["seq"] for event in told] == [1, 2]
    assert told[0]["data"]["turn"]["content"] == "Hello?"
    assert "trace" not in told[0]["data"]["turn"]
    assert events.events_after(call.pk, 1) == told[1:]


def test_a_cut_turn_keeps_what_was_heard_and_what_was_meant(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada, status="in_progress")
    turn = turns.record(call_id=call.pk, role="assistant", content="We are very busy here.", start_ms=0, end_ms=3000)
    turns.cut(turn_id=turn.pk, spoken="We are", end_ms=700)
    turn.refresh_from_db()
    assert (turn.content, turn.original_content) == ("We are", "We are very busy here.")
    assert turn.interrupted
    assert turn.end_ms == 700


def test_calls_that_nobody_holds_are_closed_where_they_were_left(in_acme: Cast) -> None:
    now = timezone.now()
    left = make_call(trainee=in_acme.ada, status="in_progress", started_at=now - timedelta(minutes=5))
    Call.objects.filter(pk=left.pk).update(held_at=now - timedelta(minutes=3))
    held = make_call(trainee=in_acme.ada, status="in_progress", held_at=now)
    assert sweeps.close_abandoned() == 1
    left.refresh_from_db()
    held.refresh_from_db()
    assert (left.status, left.end_reason) == ("completed", "connection_lost")
    assert left.duration_ms == pytest.approx(120_000, abs=2000)
    assert held.status == "in_progress"


def test_calls_that_never_began_are_given_up_after_a_day(in_acme: Cast) -> None:
    old = make_call(trainee=in_acme.ada, status="pending")
    Call.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=25))
    fresh = make_call(trainee=in_acme.ada, status="pending")
    assert sweeps.give_up_never_started() == 1
    old.refresh_from_db()
    fresh.refresh_from_db()
    assert (old.status, fresh.status) == ("failed", "pending")


def test_managers_see_their_teams_calls_and_admins_all(in_acme: Cast) -> None:
    mine = make_call(trainee=in_acme.ada)
    others = make_call(trainee=in_acme.val)
    assert set(services.visible_calls(in_acme.bo, "manager")) == {mine}
    assert set(services.visible_calls(in_acme.cy, "admin")) == {mine, others}
    assert set(services.visible_calls(in_acme.val, "trainee")) == {others}
    with pytest.raises(CallNotFound):
        services.get_own(others.pk, user=in_acme.ada)


def test_what_happens_is_kept_when_nobody_can_be_told(
    in_acme: Cast, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    class Away:
        async def group_send(self, group: str, message: dict[str, Any]) -> None:
            raise RedisConnectionError("away")

    monkeypatch.setattr(events, "get_channel_layer", Away)
    call = make_call(trainee=in_acme.ada, status="in_progress")
    with django_capture_on_commit_callbacks(execute=True):
        turns.record(call_id=call.pk, role="user", content="Still here?", start_ms=0, end_ms=500)
    assert [event["type"] for event in events.events_after(call.pk, 0)] == ["turn:added"]
