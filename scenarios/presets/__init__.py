"""The content that ships with Parley: personas, scenarios and rubrics as YAML files, `<slug>.<language>.yaml`.

Pure: no ORM. Every file is validated when it is loaded, and an error names the file.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import yaml

from scenarios.branching.graph import Graph, GraphInvalid
from scenarios.briefs import (
    LANGUAGES,
    MODES,
    BriefInvalid,
    HiddenPain,
    Objection,
    PersonaBrief,
    RubricSpec,
    Script,
)
from scenarios.modes import opening_line

HERE = Path(__file__).parent
Key = tuple[str, str]  # slug, language
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PresetPersona:
    """Field names are those of `scenarios.models.Persona`; `content` is a `PersonaBrief` without its scenario."""

    slug: str
    language: str
    name: str
    role: str
    company: str
    industry: str
    personality: str
    difficulty: str
    gender: str
    backstory: str
    facts: dict[str, str]
    voice_id: str
    competitor: str
    objections: tuple[Objection, ...]
    hidden_pains: tuple[HiddenPain, ...]


@dataclass(frozen=True, slots=True)
class PresetScenario:
    """Field names are those of `scenarios.models.Scenario`; `persona` and `rubric` are slugs of the same language."""

    slug: str
    language: str
    title: str
    summary: str
    mode: str
    persona: str
    rubric: str
    product: str
    trainee_brief: str
    goal: str
    next_step: str
    first_message: str
    time_limit_minutes: int
    graph: dict[str, Any] | None = None

    def brief(self) -> PersonaBrief:
        """The buyer of this scenario, as the conversation engine takes it, with everybody in its graph."""
        brief = self._brief_of(self.persona, mode=self.mode)
        if self.graph is None:
            return replace(brief, first_message=self.first_message)
        graph = Graph.from_json(self.graph)
        doors = Script(graph, {}).gatekeepers
        people = {
            name: self._brief_of(name, mode="cold_call" if name in doors else self.mode, buys=name not in doors)
            for name in graph.people
            if name != self.persona
        }
        script = Script(graph, people, self.persona)
        return replace(brief, first_message=self.first_message, script=script)

    def _brief_of(self, slug: str, *, mode: str, buys: bool = True) -> PersonaBrief:
        persona = personas()[slug, self.language]
        return PersonaBrief(
            name=persona.name,
            role=persona.role,
            company=persona.company,
            industry=persona.industry,
            personality=persona.personality,
            difficulty=persona.difficulty,
            language=persona.language,
            backstory=persona.backstory,
            facts=dict(persona.facts),
            objections=persona.objections,
            hidden_pains=persona.hidden_pains,
            voice_id=persona.voice_id,
            mode=mode,
            first_message=opening_line(mode, language=self.language, name=persona.name, company=persona.company),
            goal=self.goal if buys else "",
            next_step=self.next_step if buys else "",
            competitor=persona.competitor,
            gender=persona.gender,
        )


@dataclass(frozen=True, slots=True)
class PresetRubric:
    """`spec` holds the criteria, with weights that add up to 100."""

    slug: str
    language: str
    name: str
    description: str
    spec: RubricSpec = field(repr=False)


@functools.cache
def personas() -> Mapping[Key, PresetPersona]:
    """Personas by (slug, language)."""
    return _load("personas", _persona)


@functools.cache
def scenarios() -> Mapping[Key, PresetScenario]:
    """Scenarios by (slug, language). Each one's persona and rubric exist in its language."""
    loaded = _load("scenarios", _scenario)
    for (slug, language), scenario in loaded.items():
        if (scenario.persona, language) not in personas():
            raise BriefInvalid(f"scenarios/{slug}.{language}.yaml: persona", f"there is no {scenario.persona!r}")
        if (scenario.rubric, language) not in rubrics():
            raise BriefInvalid(f"scenarios/{slug}.{language}.yaml: rubric", f"there is no {scenario.rubric!r}")
    return loaded


@functools.cache
def rubrics() -> Mapping[Key, PresetRubric]:
    """Rubrics by (slug, language)."""
    return _load("rubrics", _rubric)


def fingerprint() -> str:
    """A hash of everything that ships; another one means that there may be something new."""
    digest = hashlib.sha256()
    for path in sorted(HERE.glob("*/*.yaml")):
        digest.update(path.relative_to(HERE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _load(folder: str, build: Callable[[str, str, dict[str, Any]], T]) -> Mapping[Key, T]:
    found: dict[Key, T] = {}
    for path in sorted((HERE / folder).glob("*.yaml")):
        slug, language = path.stem.rsplit(".", 1)
        if language not in LANGUAGES:
            raise BriefInvalid(f"{folder}/{path.name}", f"the language must be one of {', '.join(LANGUAGES)}")
        try:
            found[slug, language] = build(slug, language, yaml.safe_load(path.read_text("utf-8")))
        except BriefInvalid as error:
            raise BriefInvalid(f"{folder}/{path.name}: {error.field}", error.problem) from None
        except (KeyError, TypeError) as error:
            raise BriefInvalid(f"{folder}/{path.name}", f"missing or unknown field: {error}") from None
    return MappingProxyType(found)


def _persona(slug: str, language: str, data: dict[str, Any]) -> PresetPersona:
    # The brief validates what personas and scenarios share; mode and words of a scenario are only borrowed for that.
    brief = PersonaBrief.from_json({**data, "language": language, "mode": MODES[0]})
    for name, items in (("objections", brief.objections), ("hidden_pains", brief.hidden_pains)):
        if len({item.key for item in items}) != len(items):
            raise BriefInvalid(name, "two of them have the same key")
    return PresetPersona(
        slug=slug,
        language=language,
        name=brief.name,
        role=brief.role,
        company=brief.company,
        industry=brief.industry,
        personality=brief.personality,
        difficulty=brief.difficulty,
        gender=brief.gender,
        backstory=brief.backstory,
        facts=brief.facts,
        voice_id=brief.voice_id,
        competitor=brief.competitor,
        objections=brief.objections,
        hidden_pains=brief.hidden_pains,
    )


def _scenario(slug: str, language: str, data: dict[str, Any]) -> PresetScenario:
    scenario = PresetScenario(slug=slug, language=language, **data)
    if scenario.mode not in MODES:
        raise BriefInvalid("mode", f"must be one of {', '.join(MODES)}")
    try:
        if scenario.graph is not None:
            scenario = replace(scenario, graph=Graph.from_json(scenario.graph).to_json())
    except GraphInvalid as error:
        raise BriefInvalid(error.path, error.problem) from None
    return scenario


def _rubric(slug: str, language: str, data: dict[str, Any]) -> PresetRubric:
    spec = RubricSpec.from_json({**data, "language": language})
    if sum(criterion.weight for criterion in spec.criteria) != 100:
        raise BriefInvalid("criteria", "the weights must add up to 100")
    return PresetRubric(
        slug=slug, language=language, name=spec.name, description=str(data.get("description", "")), spec=spec
    )
