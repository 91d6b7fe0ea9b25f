"""What a buyer is and what a call is scored on, as plain data: no ORM, JSON in and out.

Published versions hold these as JSON; the conversation engine, the judges and vendor adapters read them.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from .branching.graph import GATEKEEPER, Graph, GraphInvalid

PERSONALITIES = ("skeptical", "busy", "friendly", "technical", "hostile")
DIFFICULTIES = ("easy", "medium", "hard")
MODES = ("cold_call", "discovery", "objection_gauntlet")
LANGUAGES = ("en", "es")
OBJECTION_KINDS = ("price", "timing", "authority", "need", "trust", "competitor", "status_quo", "features")
CRITERION_KINDS = ("rated", "binary", "compound", "grounded", "blocker")
MOST_PARTS = 10
LONGEST_SOURCE = 8_000


class BriefInvalid(ValueError):
    """JSON that is not a brief. `field` is the dotted path of the value at fault."""

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        self.problem = problem
        super().__init__(f"{field}: {problem}")


def _text(data: Mapping[str, Any], key: str, path: str, *, default: str | None = None) -> str:
    value = data.get(key, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise BriefInvalid(f"{path}{key}", "a text is needed here")
    return value


def _choice(data: Mapping[str, Any], key: str, path: str, options: tuple[str, ...]) -> str:
    value = data.get(key)
    if value not in options:
        raise BriefInvalid(f"{path}{key}", f"must be one of {', '.join(options)}")
    return str(value)


def _texts(data: Mapping[str, Any], key: str, path: str) -> tuple[str, ...]:
    value = data.get(key, [])
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise BriefInvalid(f"{path}{key}", "a list of texts is needed here")
    return tuple(value)


def _number(data: Mapping[str, Any], key: str, path: str, default: int, low: int, high: int) -> int:
    value = data.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise BriefInvalid(f"{path}{key}", f"must be a whole number from {low} to {high}")
    return value


def _flag(data: Mapping[str, Any], key: str, path: str, *, default: bool) -> bool:
    value = data.get(key, default)
    if not isinstance(value, bool):
        raise BriefInvalid(f"{path}{key}", "must be true or false")
    return value


def _text_map(data: Mapping[str, Any], key: str, path: str) -> dict[str, str]:
    value = data.get(key, {})
    if not isinstance(value, Mapping) or not all(isinstance(item, str) for pair in value.items() for item in pair):
        raise BriefInvalid(f"{path}{key}", "a map of texts is needed here")
    return dict(value)


def _items(data: Mapping[str, Any], key: str, path: str) -> list[Mapping[str, Any]]:
    value = data.get(key, [])
    if not isinstance(value, list | tuple) or not all(isinstance(item, Mapping) for item in value):
        raise BriefInvalid(f"{path}{key}", "a list of objects is needed here")
    return list(value)


@dataclass(frozen=True, slots=True)
class Objection:
    """Something the buyer says against buying (`text`) and why (`concern`)."""

    key: str
    kind: str
    text: str
    concern: str
    resolve_hints: tuple[str, ...]
    harden_hints: tuple[str, ...] = ()
    resolved_text: str = ""
    hardened_text: str = ""
    required: int = 1

    @classmethod
    def from_json(cls, data: Mapping[str, Any], path: str = "") -> Objection:
        return cls(
            key=_text(data, "key", path),
            kind=_choice(data, "kind", path, OBJECTION_KINDS),
            text=_text(data, "text", path),
            concern=_text(data, "concern", path),
            resolve_hints=_texts(data, "resolve_hints", path),
            harden_hints=_texts(data, "harden_hints", path),
            resolved_text=_text(data, "resolved_text", path, default=""),
            hardened_text=_text(data, "hardened_text", path, default=""),
            required=_number(data, "required", path, 1, 1, 5),
        )


@dataclass(frozen=True, slots=True)
class HiddenPain:
    """What really hurts, told (`reveal_text`) only to somebody who asks the right question."""

    key: str
    pain: str
    reveal_hints: tuple[str, ...]
    reveal_text: str
    weight: int = 1

    @classmethod
    def from_json(cls, data: Mapping[str, Any], path: str = "") -> HiddenPain:
        return cls(
            key=_text(data, "key", path),
            pain=_text(data, "pain", path),
            reveal_hints=_texts(data, "reveal_hints", path),
            reveal_text=_text(data, "reveal_text", path),
            weight=_number(data, "weight", path, 1, 1, 10),
        )


@dataclass(frozen=True, slots=True)
class Script:
    """How a branching call can go: its graph, and everybody in it by the name that the graph uses. The scenario's own buyer
    is not among `people`: the script is a part of that one's brief. `own`: the name by which the graph may mean them."""

    graph: Graph
    people: dict[str, PersonaBrief]
    own: str = ""

    @property
    def gatekeepers(self) -> frozenset[str]:
        """Those who only pick up the phone for somebody else."""
        return frozenset(node.persona for node in self.graph.nodes if node.kind == GATEKEEPER and node.persona)

    def to_json(self) -> dict[str, Any]:
        return {
            "graph": self.graph.to_json(),
            "people": {name: person.to_json() for name, person in self.people.items()},
            "own": self.own,
        }

    @classmethod
    def from_json(cls, data: Any) -> Script:
        """Raises `BriefInvalid`, for a graph that names somebody who is not there, too."""
        if not isinstance(data, Mapping) or not isinstance(data.get("people"), Mapping):
            raise BriefInvalid("script", "a graph and its people are needed here")
        try:
            graph = Graph.from_json(data.get("graph"))
        except GraphInvalid as error:
            raise BriefInvalid(f"script.{error.path}", error.problem) from None
        people = {str(name): PersonaBrief.from_json(person) for name, person in data["people"].items()}
        own = _text(data, "own", "script.", default="")
        for name in graph.people:
            if name not in people and name != own:
                raise BriefInvalid("script.people", f"{name} is missing")
        return cls(graph, people, own)


@dataclass(frozen=True, slots=True)
class PersonaBrief:
    """Everything the buyer knows in one call. `script`: where the call branches, and who else is in it."""

    name: str
    role: str
    company: str
    industry: str
    personality: str
    difficulty: str
    language: str
    backstory: str
    facts: dict[str, str]
    objections: tuple[Objection, ...]
    hidden_pains: tuple[HiddenPain, ...]
    voice_id: str
    mode: str
    first_message: str
    goal: str
    next_step: str
    competitor: str = ""
    gender: str = ""
    script: Script | None = None

    def to_json(self) -> dict[str, Any]:
        """A script is written only where there is one: what does not branch keeps its hash."""
        values: dict[str, Any] = _plain(asdict(replace(self, script=None)))
        del values["script"]
        return values if self.script is None else {**values, "script": self.script.to_json()}

    @property
    def everybody(self) -> tuple[PersonaBrief, ...]:
        """Who can speak in the call, this buyer first."""
        return (self, *self.script.people.values()) if self.script else (self,)

    @property
    def first_words(self) -> str:
        """What is said when the phone is picked up, by whoever picks it up."""
        if self.script is None:
            return self.first_message
        graph = self.script.graph
        first = (
            next((graph.node(edge.target) for edge in graph.edges_from(graph.start.id)), None) if graph.start else None
        )
        if first is None:
            return self.first_message
        return first.says or self.script.people.get(first.persona or "", self).first_message

    def together(self, names: Set[str]) -> PersonaBrief:
        """This buyer with the objections and hidden pains of all of these, too: what could come up with them on the line. A
        key counts once, for this buyer first."""
        others = [person for person in self.everybody[1:] if person.name in names]
        objections = {one.key: one for person in (*reversed(others), self) for one in person.objections}
        pains = {one.key: one for person in (*reversed(others), self) for one in person.hidden_pains}
        return replace(self, objections=tuple(objections.values()), hidden_pains=tuple(pains.values()))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PersonaBrief:
        """Raises `BriefInvalid` naming the field."""
        if not isinstance(data, Mapping):
            raise BriefInvalid("brief", "an object is needed here")
        return cls(
            name=_text(data, "name", ""),
            role=_text(data, "role", ""),
            company=_text(data, "company", ""),
            industry=_text(data, "industry", ""),
            personality=_choice(data, "personality", "", PERSONALITIES),
            difficulty=_choice(data, "difficulty", "", DIFFICULTIES),
            language=_choice(data, "language", "", LANGUAGES),
            backstory=_text(data, "backstory", "", default=""),
            facts=_text_map(data, "facts", ""),
            objections=tuple(
                Objection.from_json(item, f"objections[{index}].")
                for index, item in enumerate(_items(data, "objections", ""))
            ),
            hidden_pains=tuple(
                HiddenPain.from_json(item, f"hidden_pains[{index}].")
                for index, item in enumerate(_items(data, "hidden_pains", ""))
            ),
            voice_id=_text(data, "voice_id", "", default=""),
            mode=_choice(data, "mode", "", MODES),
            first_message=_text(data, "first_message", "", default=""),
            goal=_text(data, "goal", "", default=""),
            next_step=_text(data, "next_step", "", default=""),
            competitor=_text(data, "competitor", "", default=""),
            gender=_text(data, "gender", "", default=""),
            script=None if data.get("script") is None else Script.from_json(data["script"]),
        )


@dataclass(frozen=True, slots=True)
class CriterionPart:
    """One of the things that a compound criterion asks for. Each is judged by itself; all count alike."""

    key: str
    text: str
    signals: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any], path: str = "") -> CriterionPart:
        return cls(key=_text(data, "key", path), text=_text(data, "text", path), signals=_texts(data, "signals", path))


@dataclass(frozen=True, slots=True)
class CriterionSpec:
    """One thing a call is scored on. `signals` name what the embedded judge measures for it.

    kind: "rated" 0–100, "binary" yes or no, "compound" several `parts`, "grounded" what the trainee says must agree with
    `source`, "blocker" must not fail. partial: the points (0–99) that a half-met yes-or-no criterion, or part, earns.
    must_come_up: does a call that gave no occasion count as missed (True), or is the criterion left out (False)?
    """

    key: str
    name: str
    definition: str
    weight: int
    kind: str = "rated"
    anchors: dict[str, str] = field(default_factory=dict)
    signals: tuple[str, ...] = ()
    parts: tuple[CriterionPart, ...] = ()
    source: str = ""
    partial: int = 0
    must_come_up: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any], path: str = "") -> CriterionSpec:
        kind = _choice({"kind": data.get("kind", "rated")}, "kind", path, CRITERION_KINDS)
        parts = tuple(
            CriterionPart.from_json(item, f"{path}parts[{index}].")
            for index, item in enumerate(_items(data, "parts", path))
        )
        if len({part.key for part in parts}) != len(parts):
            raise BriefInvalid(f"{path}parts", "two parts have the same key")
        return cls(
            key=_text(data, "key", path),
            name=_text(data, "name", path),
            definition=_text(data, "definition", path),
            weight=_number(data, "weight", path, 0, 0, 100),
            kind=kind,
            anchors=_text_map(data, "anchors", path),
            signals=_texts(data, "signals", path),
            parts=parts,
            source=_text(data, "source", path, default=""),
            partial=_number(data, "partial", path, 0, 0, 99),
            must_come_up=_flag(data, "must_come_up", path, default=False),
        )

    def to_json(self) -> dict[str, Any]:
        """What was added to criteria later is written only where it says something: equal rubrics keep equal hashes."""
        values: dict[str, Any] = _plain(asdict(self))
        usual = {"parts": [], "source": "", "partial": 0, "must_come_up": False}
        return {name: value for name, value in values.items() if name not in usual or value != usual[name]}


@dataclass(frozen=True, slots=True)
class RubricSpec:
    """A rubric: criteria whose weights add up to 100, and the score from which a call passes."""

    name: str
    language: str
    criteria: tuple[CriterionSpec, ...]
    pass_mark: int = 70

    def to_json(self) -> dict[str, Any]:
        own = {"name": self.name, "language": self.language}
        return {**own, "criteria": [item.to_json() for item in self.criteria], "pass_mark": self.pass_mark}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RubricSpec:
        """Raises `BriefInvalid` naming the field."""
        criteria = tuple(
            CriterionSpec.from_json(item, f"criteria[{index}].")
            for index, item in enumerate(_items(data, "criteria", ""))
        )
        if len({criterion.key for criterion in criteria}) != len(criteria):
            raise BriefInvalid("criteria", "two criteria have the same key")
        return cls(
            name=_text(data, "name", ""),
            language=_choice(data, "language", "", LANGUAGES),
            criteria=criteria,
            pass_mark=_number(data, "pass_mark", "", 70, 0, 100),
        )


def _plain(value: Any) -> Any:
    """Tuples as lists, so that the result equals itself after a round trip through JSON."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
