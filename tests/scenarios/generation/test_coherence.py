"""Buyer, business and branding that contradict each other are named, field by field."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.generation import coherence
from scenarios.generation.leaks import leaked
from scenarios.generation.material import Heard, Material, Statement, from_form

BUYER: dict[str, Any] = {
    "language": "en",
    "name": "Dana Cole",
    "role": "Operations manager",
    "company": "Ashdown Freight",
    "industry": "road freight",
    "competitor": "TrackMaster",
    "backstory": "Dana runs forty vans out of two depots and was let down by a supplier before.",
    "first_message": "",
    "objections": [
        {"text": "Too dear.", "concern": "She has to show that it pays.", "resolve_hints": ["It is the cheapest way."]}
    ],
    "hidden_pains": [
        {
            "pain": "Half of the route knowledge is in the head of a dispatcher who retires in spring.",
            "reveal_text": "Our dispatcher retires in spring and takes the routes along.",
        }
    ],
}
SCENARIO = {
    "language": "en",
    "title": "Call to Ashdown",
    "trainee_brief": "You sell route planning for vans to Ashdown Freight, who plan by hand today.",
    "goal": "Agree on a visit.",
    "product": "Route planning for vans",
}
MATERIAL = Material(
    company=Statement("Lumenroute", 0),
    product=Statement("Lumenroute plans the routes of vans.", 1),
    audience=Statement("We sell to freight companies with vans.", 2),
    role=Statement("Operations manager", 2),
    competitors=(Statement("TrackMaster", 3), Statement("FleetEye", 4)),
    objections=(Heard("price", Statement("Too dear.", 5)),),
    banned=("cheapest", "synergy"),
)


def fields(persona: dict[str, Any], scenario: dict[str, Any] | None = None, material: Material = MATERIAL) -> set[str]:
    notes = coherence.check(persona, scenario, material)
    assert all(note.level == "warning" for note in notes)
    return {note.field for note in notes}


def test_what_fits_together_is_left_alone() -> None:
    fitting = {**BUYER, "objections": [{**BUYER["objections"][0], "resolve_hints": ["It pays within the quarter."]}]}
    assert fields(fitting, SCENARIO) == set()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"company": "Lumenroute"}, "company"),
        ({"company": "The Lumenroute Group"}, "company"),
        ({"company": "FleetEye"}, "company"),
        ({"industry": "dental clinics"}, "industry"),
        ({"role": "Nurse"}, "role"),
        ({"competitor": "Lumenroute"}, "competitor"),
        ({"competitor": "Somebody Else Ltd"}, "competitor"),
        (
            {"backstory": "Dana lleva cuarenta camiones desde dos naves y un proveedor la dejó en la estacada."},
            "backstory",
        ),
        (
            {"first_message": "The route knowledge is in the head of a dispatcher who retires in spring."},
            "first_message",
        ),
    ],
    ids=["seller", "seller within", "competitor's", "industry", "role", "sells itself", "unknown", "language", "leak"],
)
def test_a_contradiction_is_named_at_its_field(change: dict[str, str], field: str) -> None:
    assert field in fields({**BUYER, **change})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"language": "es"}, "scenario.language"),
        ({"product": "Dental chairs"}, "scenario.product"),
        ({"trainee_brief": "Route planning with synergy."}, "scenario.trainee_brief"),
        (
            {"trainee_brief": "Half of the route knowledge is in a dispatcher's head, who retires in spring."},
            "scenario.trainee_brief",
        ),
    ],
    ids=["language", "product", "banned word", "leak"],
)
def test_a_scenario_that_does_not_fit_is_named(change: dict[str, str], field: str) -> None:
    assert field in fields(BUYER, {**SCENARIO, **change})


def test_words_that_the_branding_rules_out_are_found_in_good_answers() -> None:
    assert "objections[0].resolve_hints" in fields(BUYER)


def test_a_pain_is_recognised_in_other_words_of_the_same_kind() -> None:
    pain = "Late deliveries cost about four thousand a month in penalties."
    assert leaked(pain, "They pay four thousand a month in penalties for late deliveries.")
    assert not leaked(pain, "They deliver to supermarkets. Their contract ends in September.")


def test_a_form_is_material_with_kinds() -> None:
    business = {"company": "Citalia", "sells": "citas", "objections": ["Es muy caro.", "Ahora no tengo tiempo."]}
    found = from_form(business, {"banned_words": ["barato"]}, language="es")
    assert [one.kind for one in found.objections] == ["price", "timing"]
    assert found.banned == ("barato",)
