"""Authored content for tests: a small persona, rubric and scenario that can be published as they are."""

from __future__ import annotations

from typing import Any

from scenarios.models import Criterion, HiddenPain, Objection, Persona, Rubric, Scenario


def make_persona(**fields: Any) -> Persona:
    defaults = {
        "name": "Dana Cole",
        "role": "Head of Operations",
        "company": "Northwind Freight",
        "industry": "Logistics",
        "personality": "skeptical",
        "difficulty": "medium",
        "backstory": "Dana runs forty drivers and was burnt by a tool that nobody used.",
        "facts": {"team size": "We are forty drivers and six planners."},
        "voice_id": "june",
        "competitor": "RouteMate",
    }
    persona = Persona.objects.create(**{**defaults, **fields})
    Objection.objects.create(
        persona=persona,
        key="price",
        kind="price",
        text="That is more than we pay today.",
        concern="She has to defend every euro to her board.",
        resolve_hints=["Customers your size save two hours per planner and day."],
        harden_hints=["I can give you a discount."],
    )
    HiddenPain.objects.create(
        persona=persona,
        key="late-trucks",
        pain="One in five trucks arrives late and the biggest customer has noticed.",
        reveal_hints=["What happens when a truck is late?"],
        reveal_text="Between us, our biggest customer has threatened to leave over late trucks.",
    )
    return persona


ASKED = (
    "Asks what the buyer's day looks like before offering anything.",
    "Proposes a meeting with a date and an hour.",
    "Names the price in one sentence when the buyer asks for it.",
)


def make_rubric(weights: tuple[int, ...] = (60, 40), **fields: Any) -> Rubric:
    rubric = Rubric.objects.create(**{"name": "Two things", **fields})
    for position, weight in enumerate(weights):
        Criterion.objects.create(
            rubric=rubric,
            position=position,
            key=f"criterion-{position}",
            name=f"Criterion {position}",
            definition=ASKED[position % len(ASKED)],
            weight=weight,
            signals=["asked_open_questions"],
        )
    return rubric


def make_scenario(**fields: Any) -> Scenario:
    language = fields.get("language", "en")
    defaults = {
        "title": "First call to Northwind",
        "summary": "A cold call to a careful buyer.",
        "mode": "cold_call",
        "trainee_brief": "You sell route planning to freight companies. Dana answers for operations.",
        "product": "Route planning",
        "goal": "Agree on a meeting.",
        "next_step": "A meeting of 30 minutes next week",
    }
    persona = fields.pop("persona", None) or make_persona(language=language)
    rubric = fields.pop("rubric", None) or make_rubric(language=language)
    return Scenario.objects.create(**{**defaults, **fields}, persona=persona, rubric=rubric)
