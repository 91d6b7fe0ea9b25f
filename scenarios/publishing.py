"""Draft → published → archived, and copies of what is there.

Publishing freezes a working copy in a new version and archives the version before it; calls keep the version that they were
made on. A scenario pins a version of its persona and of its rubric: where those have changes that were never published,
they are published with it, because they are what its preview showed.
"""

from __future__ import annotations

from typing import Any, TypeVar

import structlog
from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils.translation import gettext as _

from tenants.errors import Conflict

from . import gates
from .branching.graph import Graph
from .branching.people import personas_in
from .contents import brief_for, brief_for_persona, persona_content, rubric_content, rubric_spec, scenario_content
from .models import (
    Criterion,
    HiddenPain,
    Objection,
    Persona,
    PersonaVersion,
    Rubric,
    RubricVersion,
    Scenario,
    ScenarioVersion,
    Status,
)
from .models.versions import Version, WorkingCopy, hash_content
from .validation import check_persona, check_rubric, check_scenario, refuse_unless_ready

__all__ = [
    "archive",
    "brief_for",
    "brief_for_persona",
    "duplicate_persona",
    "duplicate_rubric",
    "duplicate_scenario",
    "publish_persona",
    "publish_rubric",
    "publish_scenario",
    "restore",
    "rubric_spec",
    "scenarios_behind",
    "touch",
]

logger = structlog.get_logger(__name__)
Copy = TypeVar("Copy", bound=WorkingCopy)
Frozen = TypeVar("Frozen", bound=Version)


@transaction.atomic
def publish_persona(*, persona: Persona, author: Any = None) -> PersonaVersion:
    """Freeze the persona as its next version; the same content again gives the version that is there.

    Raises `NotReady` with every reason.
    """
    persona = locked(persona)
    refuse_unless_ready(check_persona(persona))
    content = persona_content(persona)
    brief_for_persona(PersonaVersion(content=content), mode="discovery")  # what cannot be read back is not written
    return freeze(persona, PersonaVersion, {"persona": persona}, content=content, author=author)


@transaction.atomic
def publish_rubric(*, rubric: Rubric, author: Any = None) -> RubricVersion:
    """Freeze the rubric as its next version. Raises `NotReady`."""
    rubric = locked(rubric)
    refuse_unless_ready(check_rubric(rubric))
    return freeze(rubric, RubricVersion, {"rubric": rubric}, content=rubric_content(rubric), author=author)


@transaction.atomic
def publish_scenario(*, scenario: Scenario, author: Any = None) -> ScenarioVersion:
    """Freeze the scenario with its persona, its rubric and everybody in its graph. Raises `NotReady`, or `gates.GateClosed`
    where a layer above has something against it; then nothing is published."""
    scenario = locked(scenario)
    refuse_unless_ready(check_scenario(scenario))
    gates.refuse_unless_open(scenario)
    persona_version = publish_persona(persona=scenario.persona, author=author)
    rubric_version = publish_rubric(rubric=scenario.rubric, author=author)
    others = {}
    if scenario.graph is not None:
        people = personas_in(Graph.from_json(scenario.graph).people)
        others = {name: publish_persona(persona=persona, author=author) for name, persona in people.items()}
    return freeze(
        scenario,
        ScenarioVersion,
        {"scenario": scenario},
        content=scenario_content(scenario, persona_version.content, others=others),
        author=author,
        pins={"persona_version": persona_version, "rubric_version": rubric_version},
    )


@transaction.atomic
def archive(*, item: WorkingCopy) -> None:
    """Take a working copy and its published version out of use; calls made on it stay as they are.

    Raises `Conflict` for what something else in use needs: a persona or rubric of a scenario, a scenario of a track, a track
    of a program.
    """
    if users := users_of(item):
        message = _("“%(item)s” is used by %(scenarios)s. Archive or change those first.")
        raise Conflict(message % {"item": item, "scenarios": ", ".join(f"“{title}”" for title in users)})
    type(item)._default_manager.filter(pk=item.pk).update(status=Status.ARCHIVED)
    versions_of(item).filter(status=Status.PUBLISHED).update(status=Status.ARCHIVED)
    item.status = Status.ARCHIVED


def scenarios_with(item: Persona | Rubric) -> QuerySet[Scenario]:
    """The scenarios that need this persona, or rubric; a persona may be needed by a graph only."""
    own = Q(pk__in=item.scenarios.values("pk"))
    if isinstance(item, Persona):
        own |= Q(graph__contains={"nodes": [{"persona": str(item.pk)}]})
    return Scenario.objects.filter(own)


def scenarios_behind(item: Persona | Rubric) -> QuerySet[Scenario]:
    """Published scenarios whose calls still use an earlier version of this persona, or rubric, than the one in use: a
    scenario keeps the versions that it was published with."""
    newest = item.newest_published()
    if newest is None:
        return Scenario.objects.none()
    if isinstance(item, Persona):
        behind = Q(persona_version__persona=item) & ~Q(persona_version=newest)
        behind |= Q(content__people__has_key=str(item.pk)) & ~Q(**{f"content__people__{item.pk}": str(newest.pk)})
    else:
        behind = Q(rubric_version__rubric=item) & ~Q(rubric_version=newest)
    versions = ScenarioVersion.objects.filter(behind, status=Status.PUBLISHED)
    return Scenario.objects.filter(status=Status.PUBLISHED, pk__in=versions.values("scenario_id")).order_by("title")


def users_of(item: WorkingCopy) -> list[str]:
    """Titles of what is in use and needs this; five at most. Tracks and programs live in an app of their own, so they are
    known by their relation only."""
    if isinstance(item, Persona | Rubric):
        return list(scenarios_with(item).exclude(status=Status.ARCHIVED).values_list("title", flat=True)[:5])
    for relation, path in (("track_items", "track"), ("program_tracks", "program")):
        if (rows := getattr(item, relation, None)) is not None:
            used = rows.exclude(**{f"{path}__status": Status.ARCHIVED}).order_by(f"{path}__title")
            return list(used.values_list(f"{path}__title", flat=True).distinct()[:5])
    return []


def restore(*, item: WorkingCopy) -> None:
    """Bring something archived back as a draft. Raises `Conflict` where it is not archived."""
    restored = type(item)._default_manager.filter(pk=item.pk, status=Status.ARCHIVED).update(status=Status.DRAFT)
    if restored != 1:
        raise Conflict(_("Only something archived can be restored."))
    item.status = Status.DRAFT


@transaction.atomic
def duplicate_persona(*, persona: Persona) -> Persona:
    """A draft with the same content and objections and pains of its own."""
    copy = copy_row(persona, name=copy_title(persona, "name"))
    Objection.objects.bulk_create([_child(row, persona=copy) for row in persona.objections.all()])
    HiddenPain.objects.bulk_create([_child(row, persona=copy) for row in persona.hidden_pains.all()])
    return copy


@transaction.atomic
def duplicate_rubric(*, rubric: Rubric) -> Rubric:
    copy = copy_row(rubric, name=copy_title(rubric, "name"))
    Criterion.objects.bulk_create([_child(row, rubric=copy) for row in rubric.criteria.all()])
    return copy


def duplicate_scenario(*, scenario: Scenario) -> Scenario:
    """A draft with the same persona and rubric: those are shared, not copied."""
    return copy_row(scenario, title=copy_title(scenario, "title"))


def touch(*, item: WorkingCopy) -> None:
    """Count a save, so that unpublished changes show and a stale form is noticed."""
    type(item)._default_manager.filter(pk=item.pk).update(revision=F("revision") + 1)
    item.refresh_from_db(fields=["revision"])


def versions_of(item: WorkingCopy) -> Any:
    """Every version of a working copy, newest first."""
    versions: Any = item.versions  # type: ignore[attr-defined]  # every working copy has them
    return versions.order_by("-number")


def locked(item: Copy) -> Copy:
    """The row, read again and held until the transaction ends: two publishers may not take the same number."""
    return type(item)._default_manager.select_for_update(of=("self",)).get(pk=item.pk)


def freeze(
    item: WorkingCopy,
    version_class: type[Frozen],
    owner: dict[str, Any],
    *,
    content: dict[str, Any],
    author: Any,
    pins: dict[str, Any] | None = None,
) -> Frozen:
    """Write the next version, unless the published one says the same already, and mark the working copy published."""
    versions = version_class._default_manager.filter(**owner)
    current = versions.filter(status=Status.PUBLISHED).order_by("-number").first()
    same_pins = current is not None and all(
        getattr(current, f"{name}_id") == pin.pk for name, pin in (pins or {}).items()
    )
    if current is None or not same_pins or current.content_hash != hash_content(content):
        number = (versions.aggregate(last=Max("number"))["last"] or 0) + 1
        versions.filter(status=Status.PUBLISHED).update(status=Status.ARCHIVED)
        current = version_class(
            **owner,
            **(pins or {}),
            number=number,
            content=content,
            published_by=author,
        )
        current.save()
        logger.info("published", kind=item._meta.model_name, id=str(item.pk), number=number)
    type(item)._default_manager.filter(pk=item.pk).update(status=Status.PUBLISHED, published_revision=F("revision"))
    return current


def copy_title(item: WorkingCopy, field: str) -> str:
    title = _("Copy of %(title)s") % {"title": getattr(item, field)}
    return title[: getattr(item._meta.get_field(field), "max_length", None)]


def copy_row(item: Copy, **changes: Any) -> Copy:
    names = [
        field.attname
        for field in item._meta.concrete_fields
        if field.editable and not field.primary_key and not getattr(field, "auto_now", False)
    ]
    copy = type(item)(**{name: getattr(item, name) for name in names} | changes)
    copy.save(force_insert=True)
    return copy


def _child(row: Any, **owner: Any) -> Any:
    names = [field.attname for field in row._meta.concrete_fields if not field.primary_key]
    names = [name for name in names if name.removesuffix("_id") not in owner]
    return type(row)(**{name: getattr(row, name) for name in names}, **owner)
