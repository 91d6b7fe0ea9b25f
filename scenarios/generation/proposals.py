"""What was made beside what is there, field by field. Nothing changes until an author takes it over, then only a draft."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.people import audit
from scenarios import authoring
from scenarios.contents import (
    CRITERION_FIELDS,
    OBJECTION_FIELDS,
    PAIN_FIELDS,
    PERSONA_FIELDS,
    SCENARIO_FIELDS,
    pick,
)
from scenarios.models import HiddenPain, Objection, Persona, Rubric, Scenario
from scenarios.models.versions import WorkingCopy
from scenarios.validation import label_of
from tenants.errors import Conflict, InvalidInput

from .drafts import CHILDREN, DoesNotFit, validated
from .models import Generation

LISTS: Mapping[str, tuple[str, tuple[str, ...]]] = {  # of child rows: the text that stands for one, and its fields
    "objections": ("text", OBJECTION_FIELDS),
    "hidden_pains": ("pain", PAIN_FIELDS),
    "criteria": ("name", CRITERION_FIELDS),
}
UNREAD = frozenset(
    {"key", "kind", "required", "weight", "signals", "partial", "must_come_up"}
)  # not shown word by word
LEFT_ALONE = frozenset({"provider_assistant_ids", "system_prompt", "language"})  # nothing is ever proposed for these


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text: kind "same", "gone" or "new"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that can be taken over by itself. `field`: a field's name, or `objections.<key>` for a child row."""

    field: str
    label: str
    before: str
    after: str

    @property
    def is_new(self) -> bool:
        return not self.before

    @property
    def diff(self) -> list[Piece]:
        """Word by word, what goes and what comes; nothing for what is new altogether."""
        if self.is_new:
            return []
        old, new = self.before.split(), self.after.split()
        pieces: list[Piece] = []
        for kind, begin, end, other, stop in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind == "equal":
                pieces.append(Piece("same", " ".join(old[begin:end])))
                continue
            if begin < end:
                pieces.append(Piece("gone", " ".join(old[begin:end])))
            if other < stop:
                pieces.append(Piece("new", " ".join(new[other:stop])))
        return pieces


def changes_of(generation: Generation) -> list[Change]:
    """What differs between the proposal and the working copy as it is now, in the order of its form."""
    target = generation.target
    if target is None:
        return []
    made = generation.result.get(generation.kind, {})
    now = _values(target)
    changes = [
        Change(name, label_of(type(target), name), *(_said(type(target), name, one[name]) for one in (now, made)))
        for name in now
        if name in made and name not in LISTS and made[name] not in (now[name], "", None, {})
    ]
    for name in CHILDREN[generation.kind]:
        title, fields = LISTS[name]
        rows = {row["key"]: row for row in now[name]}
        for row in _keyed(made.get(name, ()), rows, title):
            before, after = rows.get(row["key"]), row
            if before is None or any(before.get(field) != after[field] for field in fields if field in after):
                label = f"{label_of_list(name)}: {after[title]}"
                old, new = _row(before, name), _row(after, name)
                if before is not None and old == new:  # the words are the same; what differs is how they count
                    differing = [one for one in fields if one in after and before.get(one) != after[one]]
                    child = CHILDREN[generation.kind][name]
                    old, new = _settings(before, differing, child), _settings(after, differing, child)
                changes.append(Change(f"{name}.{row['key']}", label, old, new))
    return changes


@transaction.atomic
def accept(*, generation: Generation, fields: Collection[str], by: Any, expected: int | None = None) -> WorkingCopy:
    """Take these changes over into the working copy; what is published stays as it is.

    Raises `InvalidInput` for a field that is not proposed, `Conflict` where there is nothing to propose for,
    `ChangedMeanwhile` where `expected` is not the present revision.
    """
    generation = Generation.objects.select_for_update(of=("self",)).get(pk=generation.pk)
    target = generation.target
    if target is None or generation.state != Generation.State.DONE:
        raise Conflict(_("There is nothing to take over here."))
    offered = {change.field for change in changes_of(generation)}
    unknown = [field for field in fields if field not in offered]
    if unknown or not fields:
        issue = (
            _("Choose what to take over.") if not fields else _("“%(field)s” is not proposed.") % {"field": unknown[0]}
        )
        raise InvalidInput(issue, details={"field": "fields", "issue": issue})
    made, now = generation.result[generation.kind], _values(target)
    values = {field: made[field] for field in fields if "." not in field}
    for name in CHILDREN[generation.kind]:
        wanted = {field.split(".", 1)[1] for field in fields if field.startswith(f"{name}.")}
        if wanted:
            values[name] = _merged(now[name], made[name], wanted, name)
    try:
        checked = validated(generation.kind, values, partial=True)
    except DoesNotFit as error:
        raise InvalidInput(str(error.problem)) from None
    item = authoring.update(
        item=_as_copy(target), values=checked, children=CHILDREN[generation.kind], expected=expected
    )
    generation.accepted = sorted({*generation.accepted, *fields})
    generation.save(update_fields=["accepted", "updated_at"])
    audit.record(by, "generation.accepted", generation, fields=", ".join(sorted(fields))[:400])
    return item


def label_of_list(name: str) -> str:
    return {
        "objections": str(Objection._meta.verbose_name),
        "hidden_pains": str(HiddenPain._meta.verbose_name),
        "criteria": _("criterion"),
    }[name]


def _as_copy(target: WorkingCopy) -> Any:
    return target


def _values(target: WorkingCopy) -> dict[str, Any]:
    """The working copy in the shape of the API."""
    match target:
        case Persona():
            return {
                **{name: value for name, value in pick(target, PERSONA_FIELDS).items() if name not in LEFT_ALONE},
                "objections": [pick(row, OBJECTION_FIELDS) for row in target.objections.all()],
                "hidden_pains": [pick(row, PAIN_FIELDS) for row in target.hidden_pains.all()],
            }
        case Rubric():
            return {
                **pick(target, ("name", "description", "pass_mark")),
                "criteria": [pick(row, CRITERION_FIELDS) for row in target.criteria.all()],
            }
        case Scenario():
            return {name: value for name, value in pick(target, SCENARIO_FIELDS).items() if name not in LEFT_ALONE}
    raise TypeError(type(target))


def _keyed(rows: Any, taken: Mapping[str, Any], title: str) -> list[dict[str, Any]]:
    """Proposed rows with keys: one that says the same as a row that is there has its key."""
    same = {str(row[title]).casefold(): key for key, row in taken.items()}
    keyed: list[dict[str, Any]] = []
    for index, row in enumerate(rows):
        key = same.get(str(row[title]).casefold()) or row.get("key") or f"new-{index + 1}"
        keyed.append({**row, "key": key})
    return keyed


def _merged(now: list[dict[str, Any]], made: Any, wanted: Collection[str], name: str) -> list[dict[str, Any]]:
    """The rows that are there, those that are wanted in the place of the same key or at the end."""
    title = LISTS[name][0]
    rows = {row["key"]: row for row in now}
    for row in _keyed(made, dict(rows), title):
        if row["key"] in wanted:
            rows[row["key"]] = {**rows.get(row["key"], {}), **row}
    return list(rows.values())


def _row(row: Mapping[str, Any] | None, name: str) -> str:
    """A child row as its texts, one below the other."""
    if row is None:
        return ""
    shown = [field for field in LISTS[name][1] if field not in UNREAD and row.get(field) not in (None, "", [], {})]
    return "\n".join(_readable(row[field]) for field in shown)


def _settings(row: Mapping[str, Any], fields: Sequence[str], child: type[Model]) -> str:
    """What of a child row is no text, named: "Weight: 2"."""
    return "\n".join(f"{label_of(child, field)}: {_readable(row.get(field, ''))}" for field in fields)


def _said(model: type[Model], field: str, value: Any) -> str:
    """A value as its form says it: what was chosen by the words of the choice, in the reader's language."""
    choices = dict(getattr(model._meta.get_field(field), "flatchoices", ()))
    return str(choices[value]) if isinstance(value, str) and value in choices else _readable(value)


def _readable(value: Any) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {_readable(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return "\n".join(_readable(one) for one in value)
    return str(value)
