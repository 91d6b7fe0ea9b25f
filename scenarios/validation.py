"""What is missing or wrong in a persona, a rubric or a scenario, said in plain words.

An *error* stops publishing; a *warning* is shown and does not. `Note.field` is the dotted path of the value at fault, as the
admin and the API name it. The rows are read, never written.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from integrations.embeddings.base import Encoder
from tenants.errors import InvalidInput

from .branching.graph import Graph, GraphInvalid
from .branching.people import personas_in, problems_in
from .briefs import LONGEST_SOURCE, MOST_PARTS
from .knowledge.grounding import document_named, named_in
from .linting import Changes, Draft, Finding, lint
from .models import Criterion, Persona, Rubric, Scenario, Status
from .signals import SIGNALS
from .wording import MARKUP

# A buyer's prompt is sent to a model with every turn; beyond this it is slow and the model loses the thread.
LONGEST_PERSONA = 16_000


@dataclass(frozen=True, slots=True)
class Note:
    """One remark on a working copy: `level` is "error" or "warning". What `scenarios.linting` found also has its `rule`, the
    `criterion`'s key, the `words` at fault and a better wording, as text and as data."""

    level: str
    field: str
    message: str
    rule: str = ""
    criterion: str = ""
    words: str = ""
    proposal: str = ""
    changes: Changes = dataclasses.field(default_factory=dict)

    @property
    def is_error(self) -> bool:
        return self.level == "error"


class NotReady(InvalidInput):
    """Publishing was refused; `notes` say why, `details` say it to the API."""

    code = "NOT_READY"

    def __init__(self, notes: Iterable[Note]) -> None:
        self.notes = [note for note in notes if note.is_error]
        fields: dict[str, list[str]] = {}
        for note in self.notes:
            fields.setdefault(note.field, []).append(note.message)
        first = self.notes[0]
        super().__init__(
            _("This cannot be published yet: %(problem)s") % {"problem": first.message},
            details={"field": first.field, "issue": first.message, "fields": fields},
        )


def error(field: str, message: str) -> Note:
    return Note("error", field, message)


def warning(field: str, message: str) -> Note:
    return Note("warning", field, message)


def refuse_unless_ready(notes: Iterable[Note]) -> None:
    """Raises `NotReady` where a note is an error."""
    errors = [note for note in notes if note.is_error]
    if errors:
        raise NotReady(errors)


def check_persona(persona: Persona) -> list[Note]:
    notes: list[Note] = []
    for name in ("name", "role", "company", "industry", "backstory"):
        if not getattr(persona, name).strip():
            label = label_of(Persona, name)
            notes.append(error(name, _("Fill in “%(field)s”.") % {"field": label}))
    objections = list(persona.objections.all())
    pains = list(persona.hidden_pains.all())
    if not objections:
        notes.append(
            error("objections", _("Give the buyer at least one objection; without one there is nothing to practise."))
        )
    for index, objection in enumerate(objections):
        path = f"objections[{index}]"
        good_answers = [hint for hint in objection.resolve_hints if hint.strip()]
        if not good_answers:
            message = _("Say what settles the objection “%(text)s”; as it is, no answer can.")
            notes.append(error(f"{path}.resolve_hints", message % {"text": shorten(objection.text)}))
        elif objection.required > len(good_answers):
            message = _("“%(text)s” asks for %(needed)d good answers but describes only %(given)d.")
            values = {"text": shorten(objection.text), "needed": objection.required, "given": len(good_answers)}
            notes.append(warning(f"{path}.required", message % values))
        if not objection.concern.strip():
            message = _("Say what the real concern behind “%(text)s” is.")
            notes.append(error(f"{path}.concern", message % {"text": shorten(objection.text)}))
    for index, pain in enumerate(pains):
        if not [hint for hint in pain.reveal_hints if hint.strip()]:
            message = _("Give a question that earns the hidden pain “%(text)s”; as it is, nobody can find it.")
            notes.append(error(f"hidden_pains[{index}].reveal_hints", message % {"text": shorten(pain.pain)}))
    notes += _duplicates("objections", [objection.key for objection in objections])
    notes += _duplicates("hidden_pains", [pain.key for pain in pains])
    notes += _markup(_persona_texts(persona, objections, pains))
    size = sum(len(text) for _field, text in _persona_texts(persona, objections, pains))
    if size > LONGEST_PERSONA:
        message = _("The buyer's texts have %(size)d characters together; at most %(most)d are possible.")
        notes.append(error("backstory", message % {"size": size, "most": LONGEST_PERSONA}))
    if not pains:
        notes.append(warning("hidden_pains", _("No hidden pain: good questions will find nothing here.")))
    if not persona.facts:
        notes.append(warning("facts", _("No facts: the buyer will dodge every question about the company.")))
    if not persona.voice_id:
        notes.append(warning("voice_id", _("No voice is chosen; the default voice of the language will speak.")))
    return notes


def check_rubric(rubric: Rubric, *, encoder: Encoder | None = None) -> list[Note]:
    """With an encoder, criteria that look for the same are found too: worth a look, so publishing does without."""
    notes: list[Note] = []
    if not rubric.name.strip():
        notes.append(error("name", _("Give the rubric a name.")))
    criteria = list(rubric.criteria.all())
    if not criteria:
        return [*notes, error("criteria", _("Add at least one criterion."))]
    drafts = [draft_of(index, criterion) for index, criterion in enumerate(criteria)]
    notes += [_note(found) for found in lint(drafts, language=rubric.language, encoder=encoder)]
    for index, criterion in enumerate(criteria):
        notes += _check_criterion(f"criteria[{index}]", criterion)
    notes += _duplicates("criteria", [criterion.name.strip().casefold() for criterion in criteria])
    notes += _markup(
        [("name", rubric.name)]
        + [(f"criteria[{i}].name", criterion.name) for i, criterion in enumerate(criteria)]
        + [(f"criteria[{i}].definition", criterion.definition) for i, criterion in enumerate(criteria)]
    )
    return notes


def draft_of(index: int, criterion: Criterion) -> Draft:
    return Draft(
        index=index,
        key=criterion.key,
        name=criterion.name,
        definition=criterion.definition,
        kind=criterion.kind,
        weight=criterion.weight,
        anchors=criterion.anchors,
        parts=tuple(str(part.get("text", "")) for part in criterion.parts) if criterion.kind == "compound" else (),
        signals=tuple(criterion.signals),
    )


def _note(found: Finding) -> Note:
    return Note(
        level="error" if found.blocks else "warning",
        field=found.field,
        message=found.message,
        rule=found.rule,
        criterion=found.key,
        words=found.words,
        proposal=found.proposal,
        changes=found.changes,
    )


def _check_criterion(path: str, criterion: Criterion) -> list[Note]:
    notes: list[Note] = []
    named = {"name": criterion.name}
    if not criterion.definition.strip():
        notes.append(error(f"{path}.definition", _("Say what “%(name)s” looks for.") % named))
    if criterion.kind == Criterion.Kind.BLOCKER and criterion.weight:
        message = _("“%(name)s” must not fail, so it carries no points: set its weight to 0.")
        notes.append(error(f"{path}.weight", message % named))
    elif criterion.kind != Criterion.Kind.BLOCKER and not criterion.weight:
        notes.append(warning(f"{path}.weight", _("“%(name)s” weighs nothing.") % named))
    if any(not key.isdecimal() or int(key) > 100 for key in criterion.anchors):
        message = _("The anchors of “%(name)s” must name scores from 0 to 100.")
        notes.append(error(f"{path}.anchors", message % named))
    notes += _check_kind(path, criterion)
    signals = [*criterion.signals, *(signal for part in criterion.parts for signal in part.get("signals", []))]
    if unknown := [signal for signal in signals if signal not in SIGNALS]:
        message = _("“%(name)s” names a signal that the embedded judge does not know: %(signal)s.")
        notes.append(error(f"{path}.signals", message % {**named, "signal": unknown[0]}))
    return notes


def _check_kind(path: str, criterion: Criterion) -> list[Note]:
    """What a kind needs, and what means nothing to it."""
    notes: list[Note] = []
    named = {"name": criterion.name}
    if criterion.kind == Criterion.Kind.COMPOUND:
        texts: Sequence[str] = [str(part.get("text", "")).strip() for part in criterion.parts]
        if len([text for text in texts if text]) < 2:
            message = _("“%(name)s” has several parts: name at least two, one a line.")
            notes.append(error(f"{path}.parts", message % named))
        elif len(texts) > MOST_PARTS:
            message = _("“%(name)s” has more than %(most)d parts; make two criteria of it.")
            notes.append(error(f"{path}.parts", message % {**named, "most": MOST_PARTS}))
    if criterion.kind == Criterion.Kind.GROUNDED:
        if not criterion.source.strip():
            message = _("Put in the document that “%(name)s” must agree with.")
            notes.append(error(f"{path}.source", message % named))
        elif (wanted := named_in(criterion.source)) and document_named(wanted) is None:
            message = _("“%(name)s” must agree with a document that is not in the knowledge base: %(document)s.")
            notes.append(error(f"{path}.source", message % {**named, "document": wanted}))
        elif len(criterion.source) > LONGEST_SOURCE:
            message = _("The document of “%(name)s” has more than %(most)d characters; keep what is asked about.")
            notes.append(error(f"{path}.source", message % {**named, "most": LONGEST_SOURCE}))
    if criterion.partial and criterion.kind not in {Criterion.Kind.BINARY, Criterion.Kind.COMPOUND}:
        message = _(
            "Points for half met mean nothing for “%(name)s”: only yes-or-no criteria and parts can be half met."
        )
        notes.append(warning(f"{path}.partial", message % named))
    return notes


def check_scenario(scenario: Scenario, *, deep: bool = True) -> list[Note]:
    """`deep` looks into the persona and the rubric too, as publishing does."""
    notes: list[Note] = []
    for name in ("title", "trainee_brief", "goal"):
        if not getattr(scenario, name).strip():
            label = label_of(Scenario, name)
            notes.append(error(name, _("Fill in “%(field)s”.") % {"field": label}))
    persona, rubric = scenario.persona, scenario.rubric
    if persona.status == Status.ARCHIVED:
        notes.append(error("persona", _("The persona is archived; restore it or choose another one.")))
    if rubric.status == Status.ARCHIVED:
        notes.append(error("rubric", _("The rubric is archived; restore it or choose another one.")))
    if persona.language != scenario.language:
        message = _("The scenario is in %(scenario)s but its persona speaks %(other)s.")
        values = {"scenario": scenario.get_language_display(), "other": persona.get_language_display()}
        notes.append(error("persona", message % values))
    if rubric.language != scenario.language:
        message = _("The scenario is in %(scenario)s but its rubric is in %(other)s.")
        values = {"scenario": scenario.get_language_display(), "other": rubric.get_language_display()}
        notes.append(error("rubric", message % values))
    told = " ".join([scenario.title, scenario.summary, scenario.trainee_brief, scenario.goal]).casefold()
    for pain in persona.hidden_pains.all():
        for text in (pain.pain, pain.reveal_text):
            if len(text.strip()) > 20 and text.strip().casefold() in told:
                message = _("The trainee is told the hidden pain “%(text)s”; take it out.")
                notes.append(error("trainee_brief", message % {"text": shorten(text)}))
    if not scenario.next_step.strip():
        notes.append(warning("next_step", _("No next step is named; the debrief cannot say what to close for.")))
    notes += _markup(
        [(name, getattr(scenario, name)) for name in ("title", "summary", "trainee_brief", "goal", "first_message")]
    )
    notes += [error(f"graph.{problem.id}".rstrip("."), problem.message) for problem in problems_in(scenario)]
    if deep:
        notes += [replace(note, field=f"persona.{note.field}") for note in check_persona(persona)]
        notes += [replace(note, field=f"graph.{note.field}") for note in _check_people(scenario)]
        notes += [replace(note, field=f"rubric.{note.field}") for note in check_rubric(rubric)]
    return notes


def _check_people(scenario: Scenario) -> list[Note]:
    """What stands in the way of the personas that only the graph names."""
    try:
        graph = Graph.from_json(scenario.graph) if scenario.graph is not None else Graph()
    except GraphInvalid:
        return []  # said already
    people = [person for person in personas_in(graph.people).values() if person.pk != scenario.persona_id]
    return [
        replace(note, message=f"{person.name}: {note.message}")
        for person in people
        for note in check_persona(person)
        if note.is_error
    ]


def label_of(model: type[Model], name: str) -> str:
    field = model._meta.get_field(name)
    return str(getattr(field, "verbose_name", name))


def shorten(text: str, most: int = 50) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _duplicates(field: str, names: list[str]) -> list[Note]:
    return [
        error(field, _("“%(name)s” is there twice.") % {"name": name})
        for name, count in Counter(names).items()
        if count > 1
    ]


def _markup(texts: Iterable[tuple[str, str]]) -> list[Note]:
    """Authored text is spoken and shown, never rendered: a tag in it is a mistake or an attack."""
    return [
        error(field, _("Take the HTML (“%(tag)s”) out; this text is read out loud.") % {"tag": found.group(0)[:30]})
        for field, text in texts
        if (found := MARKUP.search(text))
    ]


def _persona_texts(persona: Persona, objections: list[Any], pains: list[Any]) -> list[tuple[str, str]]:
    """Every authored text of a persona with the path of its field."""
    names = ("name", "role", "company", "industry", "backstory", "system_prompt", "first_message", "competitor")
    texts = [(name, getattr(persona, name)) for name in names]
    texts += [("facts", f"{topic} {answer}") for topic, answer in persona.facts.items()]
    for index, objection in enumerate(objections):
        for name in ("text", "concern", "resolved_text", "hardened_text"):
            texts.append((f"objections[{index}].{name}", getattr(objection, name)))
        for name in ("resolve_hints", "harden_hints"):
            texts += [(f"objections[{index}].{name}", hint) for hint in getattr(objection, name)]
    for index, pain in enumerate(pains):
        for name in ("pain", "reveal_text"):
            texts.append((f"hidden_pains[{index}].{name}", getattr(pain, name)))
        texts += [(f"hidden_pains[{index}].reveal_hints", hint) for hint in pain.reveal_hints]
    return texts
