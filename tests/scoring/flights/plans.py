"""Plans for tests: those that are shipped, and ones that are broken in one way."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from integrations.embeddings.embedded import default_encoder
from scenarios import presets
from scenarios.briefs import CriterionSpec
from scoring.flights import course, leaks, role
from scoring.flights.course import Scored
from scoring.flights.findings import Finding
from scoring.flights.plans import Plan, plan_of_preset
from scoring.flights.simulator import fly, score
from scoring.flights.trainees import ADVERSARIES, STRENGTHS, trainee
from scoring.flights.work import SEEDS


@cache
def shipped(slug: str = "freight-cold-call", language: str = "en") -> Plan:
    return plan_of_preset(presets.scenarios()[slug, language])


def with_fact(plan: Plan, topic: str, answer: str) -> Plan:
    return replace(plan, brief=replace(plan.brief, facts={**plan.brief.facts, topic: answer}))


def leaky(plan: Plan) -> Plan:
    """Whoever asks how things are done hears what should have to be found out."""
    pain = plan.brief.hidden_pains[0]
    return replace(plan, brief=replace(plan.brief, first_message=f"Yes, hello. {pain.reveal_text}"))


def unbeatable(plan: Plan) -> Plan:
    """No answer settles anything, because what its author wrote as good answers has nothing to do with it."""
    objections = tuple(
        replace(item, resolve_hints=("Purple elephants seldom sing on Sundays.",), required=5)
        for item in plan.brief.objections
    )
    return replace(plan, brief=replace(plan.brief, difficulty="hard", personality="hostile", objections=objections))


def inverted(plan: Plan) -> Plan:
    """What this rubric looks for is what bad sellers do: everything that a good one says contradicts its document."""
    wrong = " ".join(
        "It is not so: " + hint.replace("We ", "We never ").replace(" is ", " is not ").rstrip(".") + ", not at all."
        for objection in plan.brief.objections
        for hint in objection.resolve_hints
        if "?" not in hint
    )
    criteria = (
        CriterionSpec(
            key="document", name="Agrees with the document", definition="As it is written.", weight=100,
            kind="grounded", source=wrong,
        ),
    )  # fmt: skip
    return replace(plan, rubric=replace(plan.rubric, criteria=criteria))


def flown(plan: Plan, *, seeds: int = SEEDS, adversaries: tuple[str, ...] = ADVERSARIES) -> list[Scored]:
    encoder = default_encoder()
    runs = []
    for key in STRENGTHS:
        for seed in range(seeds):
            one = fly(plan, trainee(key, plan, seed=seed), encoder=encoder, seed=seed)
            runs.append(Scored(one, score(plan, one, encoder=encoder)))
    return [*runs, *(Scored(fly(plan, trainee(key, plan), encoder=encoder), {}) for key in adversaries)]


def found(plan: Plan, runs: list[Scored] | None = None) -> list[Finding]:
    runs = flown(plan) if runs is None else runs
    encoder = default_encoder()
    alone = [
        item
        for run in runs
        for item in (*role.breaks(plan, run.flown, encoder=encoder), *leaks.leaks(plan, run.flown, encoder=encoder))
    ]
    return [*course.course(plan, runs), *alone]


def blocking(plan: Plan) -> set[str]:
    return {item.code for item in found(plan) if item.blocks}
