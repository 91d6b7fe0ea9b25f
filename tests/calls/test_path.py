"""Calls that branch, turn by turn: who spoke is on record, and so is the way the call took."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.test import Client

from calls import forks, services, turns
from calls.events import kept_json
from calls.models import Call, CallEvent
from calls.path import ENTERED, way_of
from calls.services import Ending
from calls.speak import Said, take_turn
from calls.spoken import OURS, TurnVoice
from calls.voice import opening
from calls.voice.responder import BuyerResponder
from scenarios.branching.graph import Graph
from scenarios.publishing import publish_scenario
from tests.cast import Cast
from tests.engine.branching import HELLO, OPENING, QUESTION, REASON, front_desk
from tests.scenarios.branching.graphs import whole
from tests.scenarios.factories import make_persona, make_scenario

pytestmark = pytest.mark.usefixtures("in_acme")


def branching_call(cast: Cast, *, channel: str = "text") -> Call:
    """A call of Ada's on a scenario that branches: a front desk, then Dana Cole."""
    desk = front_desk()
    door = make_persona(name=desk.name, role=desk.role, personality="friendly", difficulty="easy", voice_id="june")
    door.objections.all().delete()
    door.hidden_pains.all().delete()
    (about,) = desk.objections
    door.objections.create(
        key="about", kind="need", text=about.text, concern=about.concern, resolve_hints=list(about.resolve_hints)
    )
    graph = whole()
    graph["nodes"][1]["persona"] = str(door.pk)
    graph["nodes"][1]["says"] = "Northwind Freight, Gail speaking."
    for one in graph["edges"]:
        assert Graph.from_json({"edges": [one]})
    version = publish_scenario(scenario=make_scenario(graph=graph))
    return services.create_from_version(trainee=cast.ada, version=version, channel=channel)


def hold(call: Call, *said: str) -> list[Any]:
    answers = [take_turn(call_id=call.pk, said=Said(text), voice=TurnVoice(OURS)) for text in said]
    call.refresh_from_db()
    return answers


def finish(call: Call) -> None:
    services.complete(call_id=call.pk, ending=Ending(by="trainee", reason="hung_up"))
    call.refresh_from_db()


def test_every_turn_says_who_speaks(in_acme: Cast) -> None:
    call = branching_call(in_acme)
    _asked, passed = hold(call, HELLO, REASON)
    assert [(turn.role, turn.speaker) for turn in call.turns.order_by("seq")] == [
        ("assistant", "Gail Frost"),
        ("user", ""),
        ("assistant", "Gail Frost"),
        ("user", ""),
        ("assistant", "Gail Frost"),
        ("assistant", "Dana Cole"),
    ]
    assert passed.next_turn is not None
    assert passed.next_turn.content == "Hello, Dana Cole speaking."
    assert turns.turn_json(passed.next_turn)["speaker"] == "Dana Cole"


def test_what_does_not_branch_names_nobody(in_acme: Cast) -> None:
    version = publish_scenario(scenario=make_scenario())
    call = services.create_from_version(trainee=in_acme.ada, version=version, channel="text")
    hold(call, HELLO)
    assert {turn.speaker for turn in call.turns.all()} == {""}
    assert way_of(call, call.turns.all()) is None


def test_the_flight_record_has_an_event_a_stage(in_acme: Cast) -> None:
    call = branching_call(in_acme)
    hold(call, HELLO, REASON)
    told = [event for event in kept_json(call.pk, hidden=False) if event["type"] == ENTERED]
    assert [(event["data"]["node"], event["data"]["speaker"]) for event in told] == [
        ("door", "Gail Frost"),
        ("talk", "Dana Cole"),
    ]
    assert told[0]["data"]["why"] == ""
    assert told[1]["data"]["why"].startswith("the objection “She gets a lot of calls.")
    assert told[1]["at_ms"] == call.turns.get(seq=5).timestamp_ms
    assert CallEvent.objects.filter(call=call, type=ENTERED, seq__isnull=False).count() == 0


def test_the_way_is_told_in_the_readers_language(in_acme: Cast) -> None:
    call = branching_call(in_acme)
    hold(call, HELLO, REASON)
    way = way_of(call, call.turns.order_by("seq"), language="es")
    assert way is not None
    assert [stage.node for stage in way.taken] == ["door", "talk"]
    assert "quedó resuelta" in way.taken[1].why
    assert {node.id for node in way.missed} == {"price", "won", "lost"}


def test_a_call_goes_on_from_its_rows(in_acme: Cast) -> None:
    """Every turn is answered by a process that has nothing but the rows."""
    call = branching_call(in_acme)
    hold(call, HELLO, REASON, OPENING)
    assert call.engine_state["script"]["speaker"] == ""
    assert call.engine_state["script"]["place"]["node"] == "talk"
    assert call.engine_state["turn"] == 1


@pytest.mark.parametrize(
    ("turns", "speaker"), [(2, "Gail Frost"), (6, "Dana Cole"), (5, "Dana Cole")], ids=["door", "talk", "on the way"]
)
def test_a_voice_session_goes_on_from_the_rows(in_acme: Cast, turns: int, speaker: str) -> None:
    """As after a kill -9 of the process that held the call, between being put through and the greeting, too."""
    call = branching_call(in_acme, channel="voice")
    hold(call, HELLO, REASON)
    call.turns.filter(seq__gt=turns).delete()
    kept = call.turns.exclude(engine_state=None).order_by("-seq").first()
    assert kept is not None
    Call.objects.filter(pk=call.pk).update(engine_state=kept.engine_state)
    state = opening._memory(opening._outlook(call.pk))
    answer = asyncio.run(BuyerResponder(services.brief_of(call), state=state).respond(OPENING, at_ms=60_000))
    assert answer.speaker == speaker


@pytest.mark.parametrize(("seq", "stage", "speaker"), [(3, "door", "Gail Frost"), (6, "talk", "Dana Cole")])
def test_a_redo_stands_in_the_stage_where_its_first_call_stood(
    in_acme: Cast, seq: int, stage: str, speaker: str
) -> None:
    call = branching_call(in_acme)
    hold(call, HELLO, REASON, OPENING, QUESTION)
    finish(call)
    branch = forks.fork(call=call, turn=call.turns.get(seq=seq), private=False)
    assert branch.engine_state["script"]["place"]["node"] == stage
    assert branch.turns.get(seq=seq).speaker == speaker
    way = way_of(branch, branch.turns.order_by("seq"))
    assert way is not None
    assert way.taken[-1].node == stage
    assert CallEvent.objects.filter(call=branch, type=ENTERED).count() == len(way.taken)


def test_a_redo_from_the_moment_of_being_put_through_is_greeted(in_acme: Cast) -> None:
    call = branching_call(in_acme)
    hold(call, HELLO, REASON)
    finish(call)
    branch = forks.fork(call=call, turn=call.turns.get(seq=5), private=False)
    (answer,) = hold(branch, OPENING)
    assert answer.assistant_turn.speaker == "Dana Cole"
    assert answer.assistant_turn.content.startswith("Hello, Dana Cole speaking.")


def test_memory_that_was_not_kept_is_found_by_rehearsing(in_acme: Cast) -> None:
    call = branching_call(in_acme)
    hold(call, HELLO, REASON, OPENING, QUESTION)
    kept = call.engine_state
    call.turns.update(engine_state=None)
    assert forks.memory_after(call, list(call.turns.order_by("seq"))) == kept


def test_lines_are_made_in_everybodys_voice(in_acme: Cast) -> None:
    call = branching_call(in_acme, channel="voice")
    lines = BuyerResponder(services.brief_of(call), state=None).lines_by_voice()
    assert "Northwind Freight, Gail speaking." in next(iter(lines.values()))
    assert len(lines) == len({"june"} | {services.brief_of(call).voice_id})


HIDDEN = ("Then let us talk about money.", "Get to the point.", "objection_met", "“Price”", '"Price"')


def test_nothing_of_the_graph_reaches_the_trainee_while_the_call_goes_on(in_acme: Cast, ada_client: Client) -> None:
    call = branching_call(in_acme)
    hold(call, HELLO, REASON)
    api = f"/org/acme/api/v1/calls/{call.pk}"
    pages = [
        f"{api}/",
        f"{api}/events/",
        f"{api}/transcript/",
        f"/org/acme/calls/{call.pk}/",
        "/org/acme/api/v1/scenarios/",
    ]
    for address in pages:
        answer = ada_client.get(address)
        assert answer.status_code == 200, address
        for words in HIDDEN:
            assert words not in answer.content.decode(), (address, words)
    started = ada_client.post(f"{api}/start/", {}, content_type="application/json")
    assert not any(words in started.content.decode() for words in HIDDEN)
    assert ada_client.get(f"{api}/events/").json()["flight"] == []


def test_the_way_is_drawn_in_the_debrief_and_the_replay(in_acme: Cast, ada_client: Client) -> None:
    call = branching_call(in_acme)
    hold(call, HELLO, REASON)
    finish(call)
    for page in ("debrief", "replay"):
        shown = ada_client.get(f"/org/acme/calls/{call.pk}/{page}/").content.decode()
        assert "The way the call took" in shown
        assert "Gail Frost" in shown
        assert "The objection “She gets a lot of calls. What exactly is it about?” was settled" in shown
        assert 'class="path-others"' in shown
