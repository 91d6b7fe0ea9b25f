"""What is flown: the buyer, the rubric and the limits of a scenario as it would be published now. Plain data."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from scenarios.branching.graph import Graph
from scenarios.branching.people import personas_in
from scenarios.briefs import PersonaBrief, RubricSpec
from scenarios.contents import persona_content, rubric_content, scenario_content
from scenarios.models import PersonaVersion, Scenario
from scenarios.models.versions import hash_content
from scenarios.modes import opening_line
from scenarios.presets import PresetScenario, rubrics, scenarios

RULES = 1  # of trainees and checks: raise it when the same scenario would be judged differently; flights become stale
NOT_FLOWN = ("voice_id", "gender")  # of the buyer: heard, but they change no word


@dataclass(frozen=True, slots=True)
class Plan:
    """`instructions`: what only models are told and nobody may hear. Where the call branches, the brief says how."""

    brief: PersonaBrief
    rubric: RubricSpec
    product: str
    time_limit_minutes: int
    instructions: str = ""

    @property
    def language(self) -> str:
        return self.brief.language

    @property
    def branches(self) -> bool:
        return self.brief.script is not None

    @property
    def people(self) -> dict[str, PersonaBrief]:
        """Everybody who may be on the line, by the name that the script uses; "" is the scenario's own buyer."""
        others = self.brief.script.people if self.brief.script else {}
        return {"": self.brief, **others}

    @property
    def doors(self) -> frozenset[str]:
        """Those of them who only pick up the phone for somebody else."""
        return self.brief.script.gatekeepers if self.brief.script else frozenset()

    def to_json(self) -> dict[str, Any]:
        return {
            "rules": RULES,
            "brief": self.brief.to_json(),
            "rubric": self.rubric.to_json(),
            "product": self.product,
            "minutes": self.time_limit_minutes,
            "instructions": self.instructions,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """Raises `BriefInvalid`."""
        return cls(
            brief=PersonaBrief.from_json(data["brief"]),
            rubric=RubricSpec.from_json(data["rubric"]),
            product=data["product"],
            time_limit_minutes=data["minutes"],
            instructions=data["instructions"],
        )

    def content_hash(self) -> str:
        """Of everything that decides how a flight goes: another persona, rubric or limit is another flight."""
        values = self.to_json()
        brief = {name: value for name, value in values["brief"].items() if name not in NOT_FLOWN}
        if self.brief.script is not None:
            brief["script"] = _nameless(brief["script"], self.brief)
        return hash_content({**values, "brief": brief})


def _nameless(script: Mapping[str, Any], own: PersonaBrief) -> dict[str, Any]:
    """A script by the names of its people, not by their ids in an organisation, and wherever its stages are drawn."""
    names = {key: person["name"] for key, person in script["people"].items()} | {script["own"]: own.name, "": own.name}
    graph = script["graph"]
    return {
        "people": {
            names[key]: {name: value for name, value in person.items() if name not in NOT_FLOWN}
            for key, person in script["people"].items()
        },
        "nodes": [
            {
                **{name: value for name, value in node.items() if name not in {"x", "y"}},
                "persona": names.get(node["persona"] or "", node["persona"]),
            }
            for node in graph["nodes"]
        ],
        "edges": graph["edges"],
    }


def plan_of(scenario: Scenario) -> Plan:
    """The plan of a working copy. Raises ValueError (`BriefInvalid`, `GraphInvalid`) where it cannot be read."""
    return Plan(
        brief=PersonaBrief.from_json(draft_content(scenario)["brief"]),
        rubric=RubricSpec.from_json(rubric_content(scenario.rubric)),
        product=scenario.product,
        time_limit_minutes=scenario.time_limit_minutes,
        instructions=scenario.persona.system_prompt,
    )


def draft_content(scenario: Scenario) -> dict[str, Any]:
    """What publishing would freeze, with everybody in its graph as they are now."""
    others: dict[str, PersonaVersion] = {}
    if scenario.graph is not None:
        people = personas_in(Graph.from_json(scenario.graph).people)
        others = {name: PersonaVersion(content=persona_content(persona)) for name, persona in people.items()}
    return scenario_content(scenario, persona_content(scenario.persona), others=others)


def plan_of_preset(preset: PresetScenario) -> Plan:
    brief = preset.brief()
    if not brief.first_message:  # as `compose_brief` fills it in
        words = opening_line(brief.mode, language=brief.language, name=brief.name, company=brief.company)
        brief = replace(brief, first_message=words)
    return Plan(
        brief=brief,
        rubric=rubrics()[preset.rubric, preset.language].spec,
        product=preset.product,
        time_limit_minutes=preset.time_limit_minutes,
    )


@functools.cache
def shipped() -> frozenset[str]:
    """The content hashes of the scenarios that come with Parley. The test suite flies each of them."""
    return frozenset(plan_of_preset(preset).content_hash() for preset in scenarios().values())
