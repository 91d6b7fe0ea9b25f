"""Calls with several people: who speaks, why the call went on, and that nothing is lost on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from calls.engine import Buyer, Ensemble, player
from calls.engine.rehearsal import Said, state_after
from integrations.embeddings.embedded import default_encoder
from tests.engine.branching import (
    HELLO,
    OPENING,
    QUESTION,
    REASON,
    branching,
    edge,
    ensemble,
    graph,
    say,
    through,
)
from tests.engine.briefs import brief, rules, subjects
from tests.scenarios.branching.graphs import node


def test_whoever_the_graph_names_picks_up() -> None:
    reply = Ensemble(branching(), encoder=default_encoder()).open()
    assert (reply.text, reply.speaker) == ("Northgate Freight, Gail speaking.", "desk")
    assert subjects(reply, "stage_entered") == ["door"]


def test_a_fitting_reason_is_put_through() -> None:
    asked, passed = say(ensemble(), HELLO, REASON)
    assert asked.speaker == "desk"
    assert asked.then is None
    assert passed.text == "Ah, late deliveries, that is hers. " + passed.text.split("hers. ")[1]
    assert "Dana Whitfield" in passed.text
    (why,) = [entry.detail for entry in passed.trace if entry.rule == "branch_taken"]
    assert (
        why
        == "the objection “She gets a lot of calls. What exactly is it about?” was settled, so the call went on to “Talk”"
    )
    assert subjects(passed, "stage_entered") == ["talk"]
    assert passed.then is not None
    assert (passed.then.speaker, passed.then.text) == ("", "Northgate Freight, Dana Whitfield speaking.")


def test_a_gatekeeper_neither_agrees_nor_buys() -> None:
    replies = say(
        ensemble(),
        "Our platform is the market leading, cutting edge solution that unlocks value for every fleet.",
        "Shall we book a meeting on Tuesday at ten?",
    )
    assert not any("committed" in rules(reply) for reply in replies)
    assert replies[-1].speaker == "desk"


def test_who_has_no_reason_ends_at_the_door() -> None:
    made = ensemble()
    replies = say(made, *["Our revolutionary platform is simply world class, you want it now, sign up today."] * 9)
    last = next(reply for reply in replies if reply.hang_up)
    assert last.hang_up is not None
    assert (last.hang_up.outcome, last.speaker, made.node.id) == ("lost", "desk", "lost")


def test_everybody_has_moods_of_their_own() -> None:
    made = ensemble()
    say(made, HELLO)
    at_the_desk = made.state()["patience"]
    say(made, REASON)
    state = made.state()
    assert state["turn"] == 0
    assert state["script"]["people"]["desk"]["turn"] == 2
    assert state["script"]["people"]["desk"]["patience"] != state["patience"] or at_the_desk != state["patience"]
    assert state["patience"] == Buyer(brief(), encoder=default_encoder()).state()["patience"]


def test_a_stage_opens_with_its_own_words() -> None:
    (reply,) = say(through(), f"{QUESTION} How do you plan your routes today? What does that cost you?")
    assert reply.text.endswith("Then let us talk about money.")
    assert reply.speaker == ""
    assert subjects(reply, "stage_entered") == ["price"]


def test_an_end_hangs_up_with_its_outcome() -> None:
    made = ensemble(
        graph(
            edges=(edge("talk", "fine", "intent", intent="price"),),
            nodes=(node("fine", "end", outcome="follow_up", says="Send me the price list. Goodbye."),),
        )
    )
    *_, reply = say(
        made, HELLO, REASON, "What would you pay per vehicle and month? Ours costs thirty euros per vehicle."
    )
    assert reply.hang_up is not None
    assert (reply.hang_up.outcome, reply.hang_up.reason) == ("follow_up", "goodbye")
    assert reply.text.endswith("Send me the price list. Goodbye.")
    (after,) = say(made, "Hello?")
    assert after.hang_up is not None


def test_an_insult_ends_the_call_wherever_it_stands() -> None:
    made = through()
    replies = say(made, "You idiot, shut up.", "You are a stupid moron.")
    assert replies[-1].hang_up is not None
    assert replies[-1].hang_up.reason == "rude"


def test_an_edge_may_keep_somebody_whose_patience_is_gone() -> None:
    last_chance = (
        node("calm", "stage", says="Wait. Let us begin again."),
        node("over", "end", outcome="lost"),
    )
    data = graph(
        edges=(edge("door", "calm", "patience", below=0), edge("calm", "over", "turns", count=3)), nodes=last_chance
    )
    data["edges"] = [one for one in data["edges"] if one["id"] != "door-lost-patience"]
    made = ensemble(data)
    said = "Our revolutionary platform is simply world class, you want it now, sign up today."
    for number in range(1, 12):
        reply = made.hear(f"{said} {number}", at_ms=number * 8000)
        if subjects(reply, "stage_entered"):
            break
    assert (reply.text, reply.hang_up) == ("Wait. Let us begin again.", None)
    assert made.state()["patience"] > 0


def test_two_people_may_hand_the_call_to_and_fro() -> None:
    finance = replace(brief(), name="Faye Stone", role="CFO", first_message="Faye Stone here.", voice_id="emma")
    data = graph(
        nodes=(node("money", "buyer", persona="cfo"), node("again", "buyer")),
        edges=(
            edge("talk", "money", "intent", intent="price"),
            edge("money", "again", "turns", count=1),
            edge("again", "lost", "turns", count=9),
        ),
    )
    made = ensemble(data, cfo=finance)
    *_, over = say(made, HELLO, REASON, f"{OPENING} What is your budget, and what does the licence cost you today?")
    assert over.then is not None
    assert (over.then.speaker, over.then.text) == ("cfo", "Faye Stone here.")
    (back,) = say(made, "Hello Faye. May I show you what it saves?")
    assert back.speaker == "cfo"
    assert back.then is not None
    assert back.then.speaker == ""
    assert back.then.text in {"Yes, here I am again.", "I'm back on the line."}


def test_what_was_raised_but_never_said_counts_as_never_raised() -> None:
    finance = replace(brief(), name="Faye Stone", first_message="Faye Stone here.")
    data = graph(
        nodes=(node("money", "buyer", persona="cfo"),),
        edges=(edge("talk", "money", "turns", count=3), edge("money", "lost", "turns", count=9)),
    )
    made = ensemble(data, cfo=finance)
    say(made, HELLO, REASON, OPENING, "Well.", "Our system is cheaper than what you use.")
    main = made.state()["script"]["people"][""]
    assert made.state()["script"]["speaker"] == "cfo"
    assert main["active"] == "" or main["objections"][main["active"]]["raised_turn"] < 3


STEPS = (
    HELLO,
    REASON,
    OPENING,
    QUESTION,
    "How do you plan your routes today?",
    "What would that cost you?",
    "Goodbye.",
)


def test_the_same_turns_give_the_same_call_with_or_without_a_break() -> None:
    through_going = ensemble()
    broken = Ensemble(branching(), encoder=default_encoder())
    broken.open()
    for number, text in enumerate(STEPS, start=1):
        kept = json.loads(json.dumps(broken.state()))
        broken = Ensemble(branching(), encoder=default_encoder(), state=kept)
        broken.stock_lines()
        assert broken.state() == kept
        assert broken.hear(text, at_ms=number * 9000) == through_going.hear(text, at_ms=number * 9000)
    assert broken.state() == through_going.state()


def test_a_call_that_broke_off_while_being_put_through_goes_on_with_the_new_one() -> None:
    made = ensemble()
    say(made, HELLO, REASON)
    kept = json.loads(json.dumps(made.state_before_then()))
    again = Ensemble(branching(), encoder=default_encoder(), state=kept)
    reply = again.hear(OPENING, at_ms=30_000)
    assert reply.speaker == ""
    assert reply.text.startswith("Northgate Freight, Dana Whitfield speaking.")
    quiet = Ensemble(branching(), encoder=default_encoder(), state=kept).silence(silent_ms=1000)
    assert quiet is not None
    assert quiet.text == "Northgate Freight, Dana Whitfield speaking."


def test_rehearsing_the_turns_leads_to_the_same_memory() -> None:
    made = ensemble()
    said = [Said(by_trainee=False, text="", end_ms=0)]
    for number, text in enumerate(STEPS[:5], start=1):
        reply = made.hear(text, at_ms=number * 9000)
        said.append(Said(by_trainee=True, text=text, end_ms=number * 9000))
        said += [Said(by_trainee=False, text="", end_ms=number * 9000)] * (2 if reply.then else 1)
    assert state_after(branching(), said, encoder=default_encoder()) == made.state()


def test_lines_are_prepared_for_everybody_and_the_first_to_speak_comes_first() -> None:
    made = Ensemble(branching(), encoder=default_encoder())
    lines = made.lines_by_speaker()
    assert list(lines) == ["desk", ""]
    assert lines["desk"][0] == "Northgate Freight, Gail speaking."
    assert "Then let us talk about money." in lines[""]


def test_what_a_stage_wants_is_told_to_who_words_it() -> None:
    made = through()
    (reply,) = say(made, OPENING + " " + QUESTION)
    told = made.directive(reply, heard=QUESTION, before=())
    assert told is not None
    assert "Get to the point." in told.system
    assert "Price" not in told.system


@pytest.mark.parametrize("of", [None, "script"])
def test_who_plays_a_call_is_told_from_its_brief(of: Any) -> None:
    assert isinstance(player(branching() if of else brief(), encoder=default_encoder()), Ensemble if of else Buyer)
