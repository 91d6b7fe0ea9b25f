"""Assigning by form and by sheet, for who coaches; and the assignments there are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import DayInput, SheetForm, refuse
from accounts.guards import needs, person
from accounts.memberships import member_ids, role_of
from accounts.models import User
from accounts.pages import by_sheet
from accounts.people.models import Team
from accounts.roles import Action
from accounts.scoping import visible_user_ids
from scenarios.models import Scenario
from scenarios.training import sheets
from scenarios.training.assigning import (
    MOST_MONTHS,
    Subject,
    Target,
    Terms,
    assignments_seen_by,
    change_program,
    managed_teams,
    withdraw_program,
)
from scenarios.training.assigning import (
    assign as assign_to,
)
from scenarios.training.calendars import today
from scenarios.training.models import Program, Track
from scenarios.training.models.tracks import MOST_ATTEMPTS
from tenants.context import current_organization
from tenants.errors import DomainError
from tenants.sheets import written

PER_PAGE = 30
EXAMPLE_DAYS = 28
KINDS: dict[str, Any] = {"track": Track, "program": Program, "scenario": Scenario}


class AssignForm(forms.Form):
    what = forms.ChoiceField(label=gettext_lazy("What"))
    whom = forms.ChoiceField(label=gettext_lazy("Whom"))
    due_on = forms.DateField(
        label=gettext_lazy("By"),
        required=False,
        widget=DayInput,
        help_text=gettext_lazy("To the end of that day."),
    )
    attempts = forms.IntegerField(
        label=gettext_lazy("Attempts"),
        required=False,
        min_value=1,
        max_value=MOST_ATTEMPTS,
        help_text=gettext_lazy("For every call and check. Empty: as the track says."),
    )
    repeat_months = forms.IntegerField(
        label=gettext_lazy("Again every (months)"),
        required=False,
        min_value=1,
        max_value=MOST_MONTHS,
        help_text=gettext_lazy("A new round opens that long after the last one was completed. Empty: once."),
    )

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subjects, self.targets = subjects(), targets_of(viewer)
        self.fields["what"].choices = self._choices(self.subjects)  # type: ignore[attr-defined]
        self.fields["whom"].choices = self._choices(self.targets)  # type: ignore[attr-defined]
        self.fields["due_on"].widget.attrs["min"] = today().isoformat()

    @staticmethod
    def _choices(groups: dict[str, dict[str, Any]]) -> list[Any]:
        shown = [(label, [(value, str(row)) for value, row in rows.items()]) for label, rows in groups.items() if rows]
        return [("", "—"), *shown]

    def picked(self) -> tuple[Subject, Target, Terms]:
        values = self.cleaned_data
        subject = {value: row for rows in self.subjects.values() for value, row in rows.items()}[values["what"]]
        target = {value: row for rows in self.targets.values() for value, row in rows.items()}[values["whom"]]
        return subject, target, Terms(values["due_on"], values["attempts"], values["repeat_months"])


def subjects() -> dict[str, dict[str, Any]]:
    """What can be assigned, by kind: what is published."""
    titles = {"program": _("Programs"), "track": _("Tracks"), "scenario": _("Single scenarios")}
    return {
        title: {f"{kind}:{row.pk}": row for row in KINDS[kind].objects.published().order_by("title")}
        for kind, title in titles.items()
    }


def targets_of(viewer: Any) -> dict[str, dict[str, Any]]:
    """The teams and the people that somebody may assign to."""
    organization = current_organization()
    visible = visible_user_ids(viewer, role_of(viewer, organization))
    people = User.objects.filter(pk__in=member_ids(organization), is_active=True).order_by("full_name", "email")
    if visible is not None:
        people = people.filter(pk__in=visible)
    teams = managed_teams(viewer).order_by("name")
    return {
        _("Teams"): {f"team:{team.pk}": team for team in teams},
        _("People"): {f"user:{user.pk}": Named(user) for user in people},
    }


class Named:
    """A person as a list of names shows them."""

    def __init__(self, user: User) -> None:
        self.user = user

    def __str__(self) -> str:
        return self.user.get_full_name() or self.user.email


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Action.ASSIGN)
def assign(request: HttpRequest) -> HttpResponse:
    """The form, the sheet, and what is assigned."""
    viewer = person(request)
    form = AssignForm(request.POST if request.method == "POST" else None, viewer=viewer)
    if request.method == "POST" and form.is_valid():
        subject, target, terms = form.picked()
        if isinstance(target, Named):
            target = target.user
        try:
            done = assign_to(subject=subject, target=target, terms=terms, actor=viewer)
        except DomainError as error:
            refuse(form, error)
        else:
            values = {"what": subject, "whom": Named(target) if isinstance(target, User) else target}
            told = (
                _("“%(what)s” is assigned to %(whom)s.")
                if done.created
                else _(
                    "“%(what)s” was assigned to %(whom)s already; due day, attempts and repetition are now as you gave them."
                )
            )
            messages.success(request, told % values)
            return redirect("learning:assign")
    return _page(request, form=form, status=400 if form.errors else 200)


def _page(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    viewer = person(request)
    rows = assignments_seen_by(viewer).active().one_of_each_program().order_by("-created_at")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": AssignForm(viewer=viewer),
        "sheet_form": SheetForm(),
        "page": page,
        "assignments": page.object_list,
        "today": today(),
        **context,
    }
    context["example"] = example_of(context["form"])
    context["nothing_to_assign"] = not any(context["form"].subjects.values())
    context["nobody"] = not any(context["form"].targets.values())
    return render(request, "learning/assign.html", context, status=status)


def example_of(form: AssignForm) -> str:
    """A sheet to copy, in the reader's language and with a team and a track of their own; only its head where one lacks."""
    rows = [[_("team"), pgettext("training", "track"), _("due")]]
    team = next((row for group in form.targets.values() for row in group.values() if isinstance(row, Team)), None)
    track = next((row for group in form.subjects.values() for row in group.values() if isinstance(row, Track)), None)
    if team and track:
        rows.append([team.name, track.key, (today() + timedelta(days=EXAMPLE_DAYS)).isoformat()])
    return written(rows).removeprefix("\ufeff").strip()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Action.ASSIGN)
def sheet(request: HttpRequest) -> HttpResponse:
    """First what the sheet would do, line by line; then, on confirmation, it is done. `as=csv`: the report as a sheet.

    Whoever opens the address by itself, as it stands in the browser after a sheet, is led to where one is chosen."""
    if request.method != "POST":
        return redirect("learning:assign")
    return by_sheet.worked(request, run=sheets.run, actor=person(request), template="learning/sheet.html", page=_page)


@require_POST
@needs(Action.ASSIGN)
def act(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """`do`: `withdraw`, or `change` with `due_on`; what was assigned as a program is withdrawn and changed as one."""
    found = assignments_seen_by(person(request)).filter(pk=assignment_id).first()
    if found is None:
        raise Http404
    try:
        if request.POST.get("do") == "withdraw":
            withdraw_program(assignment=found, actor=person(request))
            messages.success(request, _("The assignment is withdrawn. What was done stays done."))
        elif request.POST.get("do") == "change":
            day = forms.DateField(required=False).clean(request.POST.get("due_on", ""))
            change_program(assignment=found, values={"due_on": day}, actor=person(request))
            messages.success(request, _("Saved."))
    except DomainError as error:
        messages.error(request, str(error.details.get("issue") or error.message))
    except forms.ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("learning:assign")
