"""Flights of calls that branch: through the door to the buyer, everybody's secrets, and who gets along every way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from integrations.embeddings.embedded import default_encoder
from scenarios.branching.graph import Graph
from scenarios.briefs import Objection, Script
from scoring.flights.course import Scored, branches, of_strength
from scoring.flights.models import FlightRun
from scoring.flights.page import name_of, sides_of
from scoring.flights.plans import Plan
from scoring.flights.simulator import fly, turn_to_json
from scoring.flights.trainees import PATH, trainee
from scoring.flights.wording import sentence
from tests.scenarios.branching.graphs import edge, node

from . import plans

NODES = [
    node("start", "start"),
    node("door", "gatekeeper", persona="desk"),
    node("talk", "buyer", persona=None),
    node("money", "stage", says="Fine. What would it cost us?"),
    node("won", "end", outcome="won"),
    node("lost", "end", outcome="lost"),
]
EDGES = [
    edge("start", "door"),
    edge("door", "talk", "objection_met", objection="about"),
    edge("door", "talk", "turns", count=4),
    edge("door", "lost", "patience", below=8),
    edge("talk", "won", "agreed"),
    edge("talk", "money", "intent", intent="price"),
    edge("money", "won", "agreed"),
    edge("money", "lost", "turns", count=9),
]


def branching(nodes: list[dict[str, Any]] = NODES, edges: list[dict[str, Any]] = EDGES) -> Plan:
    plan = plans.shipped()
    objection = Objection(
        key="about",
        kind="need",
        text="What is it about? She is in a meeting.",
        concern="I am told to let nobody through who just wants to sell something.",
        resolve_hints=("It is about late deliveries, two minutes are enough, and she can hang up on me any time.",),
    )
    desk = replace(
        plan.brief,
        name="Gail Frost",
        role="Front desk",
        objections=(objection,),
        hidden_pains=(),
        facts={},
        mode="cold_call",
        first_message="",
        difficulty="easy",
        personality="friendly",
    )
    script = Script(Graph.from_json({"nodes": nodes, "edges": edges}), {"desk": desk})
    return replace(plan, brief=replace(plan.brief, script=script))


@pytest.fixture(scope="module")
def plan() -> Plan:
    return branching()


@pytest.fixture(scope="module")
def runs(plan: Plan) -> list[Scored]:
    assert plan.brief.script is not None
    paths = [
        fly(plan, trainee(PATH, plan, seed=number), encoder=default_encoder(), seed=number)
        for number in range(len(plan.brief.script.graph.edges))
    ]
    return [*plans.flown(plan), *(Scored(flown, {}) for flown in paths)]


def test_a_strong_seller_gets_through_the_door_and_wins(plan: Plan, runs: list[Scored]) -> None:
    for run in of_strength(runs, "strong"):
        assert run.flown.passed_by("stage_entered")[:2] == ["door", "talk"]
        assert run.flown.memory_of("desk")["turn"] > 0
    assert any(run.flown.outcome == "won" for run in of_strength(runs, "strong"))


def test_both_voices_are_told_apart(runs: list[Scored]) -> None:
    run = of_strength(runs, "strong")[0]
    assert set(run.flown.speakers.values()) == {"desk", ""}


def test_the_page_calls_people_and_ways_by_their_names(plan: Plan, runs: list[Scored]) -> None:
    flown = of_strength(runs, "strong")[0].flown
    turns = [{**turn_to_json(turn), "speaker": flown.speakers.get(turn.seq, "")} for turn in flown.turns]
    side = sides_of([FlightRun(position=0, trainee="strong", turns=turns)], plan, left="0", right="")[0]
    assert {turn["speaker"] for turn in side["turns"] if turn["role"] == "assistant"} == {"Gail Frost", plan.brief.name}
    assert name_of(FlightRun(trainee=PATH, seed=1), plan).endswith(": Door → Talk")


def test_a_sound_graph_is_green(plan: Plan, runs: list[Scored]) -> None:
    assert [sentence(item) for item in plans.found(plan, runs) if item.blocks] == []


def test_who_sets_out_for_a_stage_gets_there(plan: Plan, runs: list[Scored]) -> None:
    entered = {name for run in runs for name in run.flown.passed_by("stage_entered")}
    assert {"door", "talk", "money", "won"} <= entered
    taken = {name for run in runs for name in run.flown.passed_by("branch_taken")}
    assert {"talk-money-intent", "door-talk-turns"} <= taken


def test_a_stage_that_nobody_reaches_is_named() -> None:
    nodes = [*NODES, node("never", "stage", title="The vault")]
    edges = [*EDGES, edge("talk", "never", "time", seconds=3000, since="stage"), edge("never", "lost")]
    plan = branching(nodes, edges)
    found = branches(plan, plans.flown(plan, seeds=1, adversaries=()))
    assert "No call reached the stage “The vault”." in [sentence(item) for item in found]
    assert not any(item.blocks for item in found)


def test_a_door_that_stays_shut_is_held_back() -> None:
    shut = [one for one in EDGES if not (one["from"] == "door" and one["to"] == "talk")]
    plan = branching(edges=[*shut, edge("door", "talk", "time", seconds=3000, since="stage")])
    assert "never_won" in plans.blocking(plan)


def test_who_is_put_through_need_not_settle_what_the_door_objected_to(plan: Plan) -> None:
    assert plan.brief.script is not None
    desk = plan.brief.script.people["desk"]
    stubborn = replace(desk.objections[0], resolve_hints=("Purple elephants seldom sing on Sundays.",), required=5)
    people = {"desk": replace(desk, objections=(stubborn,))}
    script = replace(plan.brief.script, people=people)
    lenient = replace(plan, brief=replace(plan.brief, script=script))
    met = [run for run in of_strength(plans.flown(lenient, adversaries=()), "strong") if run.flown.memory_of("")]
    assert any(run.flown.memory_of("desk")["objections"]["about"].get("raised_turn") for run in met)
    assert "objection_never_settled" not in plans.blocking(lenient)


def test_a_front_desk_that_gives_a_secret_away_is_found(plan: Plan) -> None:
    assert plan.brief.script is not None
    secret = plan.brief.hidden_pains[0].reveal_text
    desk = replace(plan.brief.script.people["desk"], first_message=f"Hello. {secret}")
    script = replace(plan.brief.script, people={"desk": desk})
    assert "pain_leaked" in plans.blocking(replace(plan, brief=replace(plan.brief, script=script)))


def test_a_branching_plan_survives_its_json(plan: Plan) -> None:
    again = Plan.from_json(plan.to_json())
    assert again == plan
    assert again.content_hash() == plan.content_hash() != plans.shipped().content_hash()
