"""Working copies as the plain data that is published: what a version freezes, and what a buyer is told in one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .branching.graph import GATEKEEPER, Graph
from .briefs import PersonaBrief, RubricSpec, Script
from .knowledge.grounding import text_for
from .models import Criterion, Persona, PersonaVersion, Rubric, RubricVersion, Scenario, ScenarioVersion
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
CRITERION_FIELDS = (
    "key",
    "name",
    "definition",
    "weight",
    "kind",
    "anchors",
    "signals",
    "parts",
    "source",
    "partial",
    "must_come_up",
)
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
            "criteria": [_criterion_content(criterion) for criterion in rubric.criteria.all()],
        }
    ).to_json()


def _criterion_content(criterion: Criterion) -> dict[str, Any]:
    """With what a document of the knowledge base says, where the criterion must agree with one."""
    content = pick(criterion, CRITERION_FIELDS)
    if criterion.kind == Criterion.Kind.GROUNDED:
        content["source"] = text_for(criterion.source, about=f"{criterion.name}. {criterion.definition}")
    return content


def scenario_content(
    scenario: Scenario, persona: dict[str, Any], *, others: Mapping[str, PersonaVersion] | None = None
) -> dict[str, Any]:
    """What a scenario version freezes; `persona` is the content of the persona version that it pins, `others` are the
    versions of everybody else whom its graph names."""
    brief = compose_brief(
        persona,
        mode=scenario.mode,
        goal=scenario.goal,
        next_step=scenario.next_step,
        first_message=scenario.first_message,
    )
    content = pick(scenario, SCENARIO_FIELDS)
    if scenario.graph is not None:
        people = others or {}
        script = compose_script(
            Graph.from_json(scenario.graph),
            {name: one.content for name, one in people.items()},
            brief=brief,
            own=str(scenario.persona_id),
        )
        content["graph"], brief = script.graph.to_json(), replace(brief, script=script)
        content["people"] = {name: str(version.pk) for name, version in people.items()}
    return {**content, "brief": brief.to_json()}


def compose_script(graph: Graph, people: Mapping[str, dict[str, Any]], *, brief: PersonaBrief, own: str = "") -> Script:
    """A graph with everybody it names, as they are in a call with the buyer of `brief`, whom it may call `own`. `people`:
    contents of personas.

    Raises `BriefInvalid`.
    """
    doors = {node.persona for node in graph.nodes if node.kind == GATEKEEPER}
    return Script(
        graph,
        {
            name: compose_brief(people[name], mode="cold_call")
            if name in doors
            else compose_brief(people[name], mode=brief.mode, goal=brief.goal, next_step=brief.next_step)
            for name in graph.people
            if name in people and name != own
        },
        own,
    )


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
