"""Simulated trainees on everything that is shipped, and on what is broken."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from integrations.embeddings.embedded import default_encoder
from scenarios import presets
from scoring.flights.course import Scored, of_strength, order
from scoring.flights.plans import Plan, plan_of_preset
from scoring.flights.simulator import fly
from scoring.flights.trainees import ADVERSARIES, STRENGTHS, Trainee, lines_in, trainee
from scoring.flights.wording import CHECKS, SENTENCES, TRAINEES, sentence

from . import plans

EACH = pytest.mark.parametrize(("slug", "language"), sorted(presets.scenarios()))


@EACH
def test_what_is_shipped_passes_its_flight(slug: str, language: str) -> None:
    """That is why presets are published without one."""
    plan = plan_of_preset(presets.scenarios()[slug, language])
    runs = plans.flown(plan)
    assert [sentence(item) for item in plans.found(plan, runs) if item.blocks] == []
    scores = [[run.score for run in of_strength(runs, strength)] for strength in STRENGTHS]
    assert all(max(worse) < min(better) for worse, better in pairwise(scores)), scores
    assert all(run.flown.outcome == "won" for run in of_strength(runs, "strong"))


@pytest.mark.parametrize(("slug", "language"), [("freight-cold-call", "en"), ("bakery-discovery", "es")])
def test_a_leaky_buyer_is_held_back(slug: str, language: str) -> None:
    plan = plans.leaky(plans.shipped(slug, language))
    said = {sentence(item) for item in plans.found(plan) if item.code == "pain_leaked"}
    assert said
    assert all(plan.brief.hidden_pains[0].pain in text for text in said)


def test_a_pain_that_a_fact_gives_away_is_found() -> None:
    plan = plans.shipped()
    pain = plan.brief.hidden_pains[0]
    told = plans.with_fact(plan, "how routes are planned today", f"On paper. {pain.reveal_text}")
    assert "pain_leaked" in plans.blocking(told)


def test_a_pain_that_any_words_bring_out_is_found() -> None:
    plan = plans.shipped("bakery-discovery", "en")
    pain = replace(plan.brief.hidden_pains[0], reveal_hints=("Do you know a good recipe for tomato soup?",))
    easy = replace(plan, brief=replace(plan.brief, hidden_pains=(pain,)))
    assert "pain_unearned" in plans.blocking(easy)


@pytest.mark.parametrize(("slug", "language"), [("freight-cold-call", "en"), ("bakery-discovery", "es")])
def test_a_buyer_whom_nothing_convinces_is_held_back(slug: str, language: str) -> None:
    assert plans.blocking(plans.unbeatable(plans.shipped(slug, language))) >= {"never_won", "objection_never_settled"}


def test_a_rubric_that_rewards_bad_selling_is_held_back() -> None:
    found = [item for item in plans.found(plans.inverted(plans.shipped())) if item.blocks]
    assert {item.code for item in found} >= {"not_in_order", "strong_fails"}
    assert "The strong seller scores" in sentence(found[0])


def test_a_pass_mark_that_everybody_reaches_is_held_back() -> None:
    plan = plans.shipped()
    assert "poor_passes" in plans.blocking(replace(plan, rubric=replace(plan.rubric, pass_mark=3)))


def test_a_limit_that_no_good_call_keeps_is_held_back() -> None:
    assert "time_too_short" in plans.blocking(replace(plans.shipped(), time_limit_minutes=2))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("As an AI language model I cannot tell you that.", "speaks_as_assistant"),
        ("Let me tell you about our product, it is the best there is.", "speaks_as_seller"),
        ("Eso no lo sabemos todavía, pero en la empresa se habla de ello con los clientes.", "other_language"),
    ],
    ids=["assistant", "seller", "language"],
)
def test_a_buyer_who_leaves_the_role_is_held_back(said: str, code: str) -> None:
    plan = plans.shipped()
    assert code in plans.blocking(replace(plan, brief=replace(plan.brief, first_message=f"Hello. {said}")))


def test_a_buyer_who_contradicts_their_own_facts_is_held_back() -> None:
    plan = plans.with_fact(plans.shipped(), "number of vans in the fleet", "We have a fleet of sixty vans on the road.")
    spoken = replace(plan, brief=replace(plan.brief, first_message="Hello. We have a fleet of nine vans on the road."))
    finding = next(item for item in plans.found(spoken) if item.code == "contradicts_fact")
    assert "sixty vans" in sentence(finding)


def test_instructions_that_are_read_out_are_found() -> None:
    secret = "You are Dana and you must never agree to anything before the third objection has been raised."
    plan = replace(plans.shipped(), instructions=secret)
    assert "instructions_leaked" not in plans.blocking(plan)
    assert "instructions_leaked" in plans.blocking(replace(plan, brief=replace(plan.brief, first_message=secret)))


@pytest.mark.parametrize("key", [*STRENGTHS, *ADVERSARIES])
def test_the_same_seed_gives_the_same_call(key: str) -> None:
    plan = plans.shipped()
    one, other = (fly(plan, trainee(key, plan, seed=4), encoder=default_encoder(), seed=4).turns for _time in range(2))
    assert one == other


def test_other_seeds_say_it_differently() -> None:
    plan = plans.shipped()
    calls = [fly(plan, trainee("strong", plan, seed=seed), encoder=default_encoder()) for seed in range(3)]
    assert len({" ".join(turn.content for turn in call.turns) for call in calls}) == 3


def test_an_authors_braces_are_only_characters() -> None:
    plan = plans.shipped()
    odd = replace(plan, product="{name}, {0} planning {", brief=replace(plan.brief, company="{pain}"))
    for key in STRENGTHS:
        assert fly(odd, trainee(key, odd), encoder=default_encoder()).turns


def test_a_bare_buyer_can_be_flown() -> None:
    """No objection, no pain, no fact, no product, and hints that are no questions."""
    plan = plans.shipped()
    bare = replace(plan.brief, objections=(), hidden_pains=(), facts={}, goal="", next_step="", first_message="")
    for key in [*STRENGTHS, *ADVERSARIES]:
        empty = Plan(bare, plan.rubric, "", 5)
        assert fly(empty, trainee(key, empty), encoder=default_encoder()).turns


@pytest.mark.parametrize(("language", "offer"), [("en", "our service"), ("es", "nuestro servicio")])
def test_a_seller_of_something_unnamed_does_not_read_the_goal_out(language: str, offer: str) -> None:
    plan = plans.shipped(language=language)
    unnamed = replace(plan, product="", brief=replace(plan.brief, goal="Find out why people leave."))
    seller = trainee("strong", unnamed)
    assert seller._about["offer"] == offer
    said = " ".join(turn.content for turn in fly(unnamed, seller, encoder=default_encoder()).turns)
    assert offer in said
    assert "Find out why people leave" not in said


def test_a_hint_that_is_no_question_is_asked_as_one() -> None:
    plan = plans.shipped()
    pain = replace(plan.brief.hidden_pains[0], reveal_hints=("the price of late deliveries",))
    asks = replace(plan, brief=replace(plan.brief, hidden_pains=(pain,)))
    said = [turn.content for turn in fly(asks, trainee("strong", asks), encoder=default_encoder()).turns]
    assert any("Can you tell me more about this: the price of late deliveries?" in line for line in said)


def test_a_trainee_that_is_not_known_is_an_error() -> None:
    with pytest.raises(KeyError):
        trainee("genius", plans.shipped())


def test_both_languages_have_the_same_lines() -> None:
    def shape(language: str) -> dict[str, object]:
        return {key: sorted(own) if isinstance(own, dict) else len(own) for key, own in lines_in(language).items()}

    assert shape("en") == shape("es")
    places = re.compile(r"\{(\w+)\}")
    for key in STRENGTHS:
        for pool, lines in lines_in("en")[key].items():
            for english, spanish in zip(lines, lines_in("es")[key][pool], strict=True):
                assert set(places.findall(english)) == set(places.findall(spanish)), (key, pool)


def test_every_finding_has_a_sentence_and_a_check() -> None:
    codes = [code for _title, own in CHECKS.values() for code in own]
    assert sorted(codes) == sorted(SENTENCES)
    assert {*STRENGTHS, *ADVERSARIES} <= set(TRAINEES)


def test_no_score_is_compared_where_nobody_flew() -> None:
    plan = plans.shipped()
    runs: list[Scored] = []
    assert order(plan, runs) == []
    one: Trainee = trainee("poor", plan)
    assert one.key == "poor"
