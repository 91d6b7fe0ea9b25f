"""What an author sees first: what is in use, what is unfinished, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scenarios.models import Persona, Rubric, Scenario, Status
from scenarios.models.versions import WorkingCopy

MOST_UNFINISHED = 8


@dataclass(frozen=True, slots=True)
class Shelf:
    """One kind of content in numbers, with the ways to it. `own`: of all, what did not come with Parley."""

    name: str
    published: int
    drafts: int
    changed: int
    own: int
    list_url: str
    add_url: str


@dataclass(frozen=True, slots=True)
class Step:
    text: str
    url: str


def authoring_overview() -> dict[str, Any]:
    """The organisation's content in numbers, unfinished work newest first, and the next steps. Seven queries."""
    shelves = [shelf_of(model) for model in (Scenario, Persona, Rubric)]
    return {"shelves": shelves, "steps": next_steps(shelves), "unfinished": unfinished()}


def shelf_of(model: type[WorkingCopy]) -> Shelf:
    counts = of_the_library(model).aggregate(
        published=Count("pk", filter=Q(status=Status.PUBLISHED)),
        drafts=Count("pk", filter=Q(status=Status.DRAFT)),
        changed=Count("pk", filter=Q(status=Status.PUBLISHED) & ~Q(published_revision=F("revision"))),
        own=Count("pk", filter=Q(is_preset=False)),
    )
    name = f"admin:scenarios_{model._meta.model_name}"
    return Shelf(
        name=str(model._meta.verbose_name_plural),
        list_url=reverse(f"{name}_changelist"),
        add_url=reverse(f"{name}_add"),
        **counts,
    )


def of_the_library(model: type[WorkingCopy]) -> Any:
    """What people made for themselves is nothing that an author has to finish; they make no rubrics."""
    return model._default_manager.all() if model is Rubric else model._default_manager.of_the_library()


def next_steps(shelves: list[Shelf]) -> list[Step]:
    """At most four, the most useful first."""
    scenarios, personas, rubrics = shelves
    steps: list[Step] = []
    if not personas.published + personas.drafts:
        steps.append(
            Step(_("Describe a first buyer: who they are, what they object to, what really hurts."), personas.add_url)
        )
    if not rubrics.published + rubrics.drafts:
        steps.append(Step(_("Say what a good call is: a rubric with weights."), rubrics.add_url))
    if not scenarios.published:
        steps.append(Step(_("Publish a scenario; until then there is nothing to practise."), scenarios.list_url))
    if scenarios.changed:
        text = ngettext(
            "%(count)d scenario has changes that trainees do not see yet.",
            "%(count)d scenarios have changes that trainees do not see yet.",
            scenarios.changed,
        )
        steps.append(Step(text % {"count": scenarios.changed}, f"{scenarios.list_url}?changed=yes"))
    if scenarios.drafts:
        text = ngettext("Finish %(count)d draft.", "Finish %(count)d drafts.", scenarios.drafts)
        steps.append(Step(text % {"count": scenarios.drafts}, f"{scenarios.list_url}?status__exact=draft"))
    playbook = f"{reverse('admin:generation_generation_new')}?what=scenario"
    steps.append(Step(_("Make a scenario from your playbook: upload it, then look at the draft."), playbook))
    if scenarios.published and not scenarios.own:
        steps.append(
            Step(_("Write a scenario of your own: duplicate one that is close, then change it."), scenarios.list_url)
        )
    return steps[:4]


def unfinished() -> list[dict[str, Any]]:
    """Drafts and published content with unpublished changes, newest first."""
    rows: list[dict[str, Any]] = []
    for model in (Scenario, Persona, Rubric):
        wanted = Q(status=Status.DRAFT) | (Q(status=Status.PUBLISHED) & ~Q(published_revision=F("revision")))
        for item in of_the_library(model).filter(wanted).order_by("-updated_at")[:MOST_UNFINISHED]:
            rows.append(
                {
                    "title": str(item),
                    "kind": str(model._meta.verbose_name),
                    "status": "draft" if item.status == Status.DRAFT else "changed",
                    "updated_at": item.updated_at,
                    "url": reverse(f"admin:scenarios_{model._meta.model_name}_preview", args=[item.pk]),
                }
            )
    rows.sort(key=lambda row: row["updated_at"], reverse=True)
    return rows[:MOST_UNFINISHED]
