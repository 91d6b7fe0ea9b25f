"""What an author sees first: what is in use, what is unfinished, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.people.members import members_of
from integrations.llm.registry import configured
from integrations.vendor_names import name_of
from integrations.voice import routing
from scenarios.models import Persona, Rubric, Scenario, Status
from scenarios.models.versions import WorkingCopy
from tenants.context import current_organization
from tenants.models import Organization

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


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that is set up for everybody: what it is now, and where it is changed."""

    name: str
    value: str
    url: str


def authoring_overview() -> dict[str, Any]:
    """The organisation's content in numbers, unfinished work newest first, the next steps, and how it is set up. A fixed
    number of queries."""
    shelves = [shelf_of(model) for model in (Scenario, Persona, Rubric)]
    return {
        "shelves": shelves,
        "steps": next_steps(shelves),
        "unfinished": unfinished(),
        "settings": settings_of(current_organization()),
    }


def settings_of(organization: Organization) -> list[Setting]:
    """What an organisation decides before its people begin; everything has a value that works from the start."""
    change = reverse("admin:tenants_organization_change", args=[organization.pk])
    accounts = reverse("admin:integrations_vendoraccount_changelist")
    voices = [one.name for one in routing.usable(organization) if one.name != routing.EMBEDDED]
    judges = configured()
    own = _("none with a key: Parley itself")
    days = ngettext("%(count)d day", "%(count)d days", organization.recording_retention_days)
    people = members_of(organization).active().count()
    return [
        Setting(_("Who speaks"), ", ".join(str(name_of(name)) for name in voices) or own, accounts),
        Setting(_("Who judges"), ", ".join(str(name_of(name)) for name in judges) or own, accounts),
        Setting(_("Language and time zone"), f"{organization.get_language_display()}, {organization.timezone}", change),
        Setting(
            _("Consent to recording"),
            _("your own text") if organization.recording_consent_text else _("the text that comes with Parley"),
            change,
        ),
        Setting(_("Recordings are kept"), days % {"count": organization.recording_retention_days}, change),
        Setting(_("Pass mark of new rubrics"), str(organization.pass_mark), change),
        Setting(
            _("People"),
            ngettext("%(count)d person", "%(count)d people", people) % {"count": people},
            reverse("accounts:people"),
        ),
    ]


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
