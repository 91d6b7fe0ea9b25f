"""What an author is told of a job: notes on its drafts, and where each statement comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from integrations.embeddings.embedded import default_encoder
from scenarios.branching.people import problems_in
from scenarios.contents import SCENARIO_FIELDS, persona_content, pick
from scenarios.models import Persona, Rubric, Scenario
from scenarios.validation import Note, check_persona, check_rubric, check_scenario, error, label_of

from . import coherence, recorded
from .drafts import CHILDREN
from .making import material_for
from .models import Generation
from .reading import Playbook

_CHILD = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")
MODELS: Mapping[str, type[Model]] = {"persona": Persona, "gatekeeper": Persona, "rubric": Rubric, "scenario": Scenario}
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Told:
    """One statement of a draft: what it says, and the passage that says so. `heading` and `quote` are empty for the form.
    `field` is the dotted path of the value, `label` the same for people."""

    part: str
    field: str
    label: str
    text: str
    number: int
    heading: str
    quote: str


def notes_of(generation: Generation) -> list[tuple[str, Note]]:
    """(part, note) of every draft as it is now: what stops publishing first. Drafts that are gone have none."""
    notes: list[tuple[str, Note]] = []
    if generation.is_proposal:
        return notes
    if generation.persona:
        notes += [("persona", note) for note in check_persona(generation.persona)]
    if generation.gatekeeper:
        # Who puts calls through hides nothing.
        notes += [("gatekeeper", note) for note in check_persona(generation.gatekeeper) if note.field != "hidden_pains"]
    if generation.rubric:
        notes += [("rubric", note) for note in check_rubric(generation.rubric, encoder=default_encoder())]
    if generation.scenario:
        notes += [("scenario", note) for note in check_scenario(generation.scenario, deep=False)]
        notes += [("scenario", error("graph", problem.message)) for problem in problems_in(generation.scenario)]
    notes += coherence_of(generation)
    once = {(part, note.field, note.message): (part, note) for part, note in notes}
    return sorted(once.values(), key=lambda pair: not pair[1].is_error)


def coherence_of(generation: Generation) -> list[tuple[str, Note]]:
    """Contradictions between the drafts as they are now and what they were made from."""
    persona = generation.persona
    if persona is None:
        return []
    material = material_for(generation, encoder=default_encoder())
    scenario = pick(generation.scenario, SCENARIO_FIELDS) if generation.scenario else None
    found = coherence.check(persona_content(persona), scenario, material)
    return [
        ("scenario", replace(note, field=note.field.removeprefix("scenario.")))
        if note.field.startswith("scenario.")
        else ("persona", note)
        for note in found
    ]


def statements_of(generation: Generation) -> list[Told]:
    """Every statement that was taken from the playbook or the form, in the order of the drafts."""
    playbook = Playbook.from_json(generation.playbook)
    told: list[Told] = []
    for part, sources in generation.sources.items():
        values = generation.result.get(part, {})
        for path, number in sources.items():
            passage = playbook.passages[number] if 0 <= number < len(playbook.passages) else None
            told.append(
                Told(
                    part=part,
                    field=path,
                    label=_label(part, path),
                    text=_at(values, path) if "#" not in path else "" if passage else _claim(values, path),
                    number=number + 1 if passage else 0,
                    heading=_heading(generation, passage.heading) if passage else "",
                    quote=passage.text if passage else "",
                )
            )
    return told


def _label(part: str, path: str) -> str:
    """`objections[0].text` as “objection 1: what the buyer says”; `trainee_brief#2` is the second claim in the brief."""
    name, _hash, number = path.partition("#")
    match = _CHILD.fullmatch(name)
    if match and match[1] in CHILDREN[part]:
        child = CHILDREN[part][match[1]]
        return f"{child._meta.verbose_name} {int(match[2]) + 1}: {label_of(child, match[3])}"
    return f"{label_of(MODELS[part], name)} {number}".strip()


def _heading(generation: Generation, heading: str) -> str:
    """A playbook's own heading, or what somebody did in a call."""
    if generation.source != Generation.Source.CALL:
        return heading
    return {
        recorded.OBJECTION: _("the customer objected"),
        recorded.ANSWER: _("the answer was"),
        recorded.PAIN: _("the customer told"),
        recorded.QUESTION: _("the question was"),
        recorded.NEXT_STEP: _("proposed at the end"),
    }.get(heading.split(" ", maxsplit=1)[0], heading)


def _claim(values: Mapping[str, Any], path: str) -> str:
    """The nth claim of a brief that was put together from a form; where a playbook says it, its passage is shown."""
    name, _hash, number = path.partition("#")
    claims = [line.removeprefix("- ") for line in str(values.get(name, "")).splitlines() if line.startswith("- ")]
    return claims[int(number) - 1] if int(number) <= len(claims) else ""


def _at(values: Mapping[str, Any], path: str) -> str:
    """The text at a dotted path; the first where there are several."""
    node: Any = values
    for name, index in _STEP.findall(path):
        try:
            node = node[int(index)] if index else node[name]
        except (KeyError, IndexError, TypeError):
            return ""
    if isinstance(node, list):
        node = node[0] if node else ""
    return str(node)


def coherence_for(persona: Persona) -> list[Note]:
    """What contradicts the material that this persona was made from; nothing for one that an author wrote."""
    job = (
        persona.generations.filter(state=Generation.State.DONE, is_proposal=False)
        .select_related("persona", "scenario")
        .first()
    )
    return [note for part, note in coherence_of(job) if part == "persona"] if job else []


def label_of_part(part: str) -> str:
    return {
        "persona": _("Buyer"),
        "gatekeeper": _("Front desk"),
        "rubric": _("Rubric"),
        "scenario": _("Scenario"),
    }.get(part, part)
