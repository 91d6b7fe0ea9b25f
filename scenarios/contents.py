"""Working copies as the plain data that is published: what a version freezes, and what a buyer is told in one call."""

from __future__ import annotations

from typing import Any

from .briefs import PersonaBrief, RubricSpec
from .models import Persona, PersonaVersion, Rubric, RubricVersion, Scenario, ScenarioVersion
from .modes import opening_line

PERSONA_FIELDS = (
    "name",
    "role",
    "company",
    "industry",
    "personality",
    "difficulty",
    "gender",
    "language",
    "backstory",
    "facts",
    "voice_id",
    "system_prompt",
    "first_message",
    "competitor",
    "provider_assistant_ids",
)
OBJECTION_FIELDS = (
    "key",
    "kind",
    "text",
    "concern",
    "resolve_hints",
    "harden_hints",
    "resolved_text",
    "hardened_text",
    "required",
)
PAIN_FIELDS = ("key", "pain", "reveal_hints", "reveal_text", "weight")
CRITERION_FIELDS = ("key", "name", "definition", "weight", "kind", "anchors", "signals")
SCENARIO_FIELDS = (
    "title",
    "summary",
    "mode",
    "language",
    "trainee_brief",
    "product",
    "goal",
    "next_step",
    "first_message",
    "time_limit_minutes",
)


def pick(row: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in fields}


def persona_content(persona: Persona) -> dict[str, Any]:
    """Everything authored about a buyer; a `PersonaBrief` less what the call adds."""
    return {
        **pick(persona, PERSONA_FIELDS),
        "objections": [pick(objection, OBJECTION_FIELDS) for objection in persona.objections.all()],
        "hidden_pains": [pick(pain, PAIN_FIELDS) for pain in persona.hidden_pains.all()],
    }


def rubric_content(rubric: Rubric) -> dict[str, Any]:
    """A `RubricSpec` as JSON. Raises `BriefInvalid`."""
    return RubricSpec.from_json(
        {
            "name": rubric.name,
            "language": rubric.language,
            "pass_mark": rubric.pass_mark,
            "criteria": [pick(criterion, CRITERION_FIELDS) for criterion in rubric.criteria.all()],
        }
    ).to_json()


def scenario_content(scenario: Scenario, persona: dict[str, Any]) -> dict[str, Any]:
    """What a scenario version freezes; `persona` is the content of the persona version that it pins."""
    brief = compose_brief(
        persona,
        mode=scenario.mode,
        goal=scenario.goal,
        next_step=scenario.next_step,
        first_message=scenario.first_message,
    )
    return {**pick(scenario, SCENARIO_FIELDS), "brief": brief.to_json()}


def compose_brief(
    persona: dict[str, Any], *, mode: str, goal: str = "", next_step: str = "", first_message: str = ""
) -> PersonaBrief:
    """A persona's content in one call. The scenario's first words win over the persona's, those over the mode's.

    Raises `BriefInvalid` naming the field.
    """
    opening = first_message or persona.get("first_message", "")
    if not opening and mode:
        opening = opening_line(mode, language=persona["language"], name=persona["name"], company=persona["company"])
    return PersonaBrief.from_json(
        {**persona, "mode": mode, "goal": goal, "next_step": next_step, "first_message": opening}
    )


def brief_for(version: ScenarioVersion) -> PersonaBrief:
    """What the buyer knows in a call on this version of a scenario."""
    return PersonaBrief.from_json(version.content["brief"])


def brief_for_persona(version: PersonaVersion, *, mode: str) -> PersonaBrief:
    """What the buyer knows in a call without a scenario: a persona and a mode only."""
    return compose_brief(version.content, mode=mode)


def rubric_spec(version: RubricVersion) -> RubricSpec:
    """What a call on this version of a rubric is scored on."""
    return RubricSpec.from_json(version.content)
