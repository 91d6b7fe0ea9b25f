"""Pages of goals: one's own, one of them with its entries, and a manager's proposals to somebody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import refuse
from accounts.guards import person
from accounts.memberships import may
from accounts.models import User
from accounts.profiles import zone_of
from accounts.roles import Action
from tenants.context import current_organization
from tenants.errors import DomainError

from . import services
from .forms import FORMS, ChangeForm, CriterionGoalForm, DaysForm, EntryForm, GoalForm
from .models import Goal, Medal
from .progress import GoalProgress, progress_of_goals

ENTRIES_SHOWN = 60


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """One's own goals: proposals first, then what one works on, then what is put away."""
    user = person(request)
    rows = own_progress(user)
    context = {
        "proposed": [row for row in rows if row.goal.state == Goal.State.PROPOSED],
        "active": [row for row in rows if row.goal.state == Goal.State.ACTIVE],
        "past": [row for row in rows if row.goal.state in {Goal.State.CLOSED, Goal.State.DECLINED}][:ENTRIES_SHOWN],
        "medals": list(Medal.objects.filter(user=user)),
        "days_form": DaysForm(initial={"weekends_off": services.rests_at_weekends(user_id=user.pk)}),
    }
    return render(request, "goals/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Set a goal of one's own. 400 where it is refused: so a browser that sent it later knows that it has to keep it."""
    user = person(request)
    form = goal_form(request, kind, owner=user)
    if request.method == "POST" and form.is_valid():
        goal = _saved(form, owner=user, by=user)
        if goal is not None:
            messages.success(request, _("Your goal is set."))
            return redirect("goals:goal", goal_id=goal.pk)
    return render(request, "goals/new.html", {"form": form, "kind": kind}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, goal_id: UUID) -> HttpResponse:
    """One goal. Its owner POSTs `do`: accept, decline, write, change or put_away."""
    user = person(request)
    goal = services.get_visible(goal_id, viewer=user)
    own = goal.owner_id == user.pk
    forms: dict[str, Any] = {}
    if request.method == "POST":
        answered = _act(request, services.get_own(goal_id, owner=user), forms)
        if answered is not None:
            return answered
    entries = list(goal.entries.all()[:ENTRIES_SHOWN])
    today = today_of(goal.owner)
    row = progress_of_goals(
        Goal.objects.filter(pk=goal.pk), owner_id=goal.owner_id, zone=zone_of(goal.owner, current_organization())
    )[0]
    context = {
        "row": row,
        "goal": goal,
        "own": own,
        "entries": entries,
        "points": [{"at": entry.on.isoformat(), "value": float(entry.value)} for entry in reversed(entries)],
        "entry_form": forms.get("write") or EntryForm(today=today),
        "change_form": forms.get("change") or ChangeForm(goal=goal),
    }
    return render(request, "goals/goal.html", context, status=400 if forms else 200)


def _act(request: HttpRequest, goal: Goal, forms: dict[str, Any]) -> HttpResponse | None:
    """Do what was asked and lead on; None where a form has to be shown again with what is wrong."""
    do = request.POST.get("do", "")
    if do in {"accept", "decline"}:
        services.answer(goal=goal, accept=do == "accept")
        messages.success(request, _("You took up the goal.") if do == "accept" else _("You declined the goal."))
        return redirect("goals:goals")
    if do == "put_away":
        services.put_away(goal=goal)
        messages.success(request, _("The goal is put away."))
        return redirect("goals:goals")
    action: Callable[..., Any]
    if do == "write":
        form: Any = EntryForm(request.POST, today=today_of(goal.owner))
        said, action = _("Your number is written down."), services.write_down
    elif do == "change":
        form = ChangeForm(request.POST, goal=goal)
        said, action = _("Your goal is changed."), services.change_goal
    else:
        raise Http404
    forms[do] = form
    if form.is_valid():
        try:
            action(goal=goal, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, said)
            return redirect("goals:goal", goal_id=goal.pk)
    return None


@require_POST
def days(request: HttpRequest) -> HttpResponse:
    """Whether one rests at weekends."""
    form = DaysForm(request.POST)
    if form.is_valid():
        services.rest_at_weekends(user=person(request), weekends_off=form.cleaned_data["weekends_off"])
        messages.success(request, _("Your days in a row are counted like that from now on."))
    return redirect("goals:goals")


@require_http_methods(["GET", "HEAD", "POST"])
def of_person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Goals of somebody whose work one sees: those proposed or shared; and, with POST, a new proposal of a `kind`."""
    user = person(request)
    organization = current_organization()
    if user_id == user.pk:
        return redirect("goals:goals")
    if not may(user, organization, Action.SEE_TEAM):
        raise Http404
    goals = services.visible_goals(viewer=user, owner_id=user_id)
    someone = get_object_or_404(User, pk=user_id, memberships__organization=organization)
    criteria = services.criteria_of(user_id=someone.pk)
    kinds = [Goal.Kind.CALLS, *([Goal.Kind.CRITERION] if criteria else []), Goal.Kind.OWN]
    asked = request.POST.get("kind") or request.GET.get("kind") or Goal.Kind.CALLS
    form = goal_form(request, asked if asked in kinds else Goal.Kind.CALLS, owner=someone, proposal=True)
    if request.method == "POST" and form.is_valid() and _saved(form, owner=someone, by=user) is not None:
        messages.success(request, _("The goal is proposed."))
        return redirect("goals:of-person", user_id=user_id)
    zone = zone_of(someone, organization)
    context = {
        "someone": someone,
        "rows": progress_of_goals(goals, owner_id=someone.pk, zone=zone),
        "form": form,
        "kinds": [(kind, Goal.Kind(kind).label) for kind in kinds],
    }
    return render(request, "goals/of_person.html", context)


def goal_form(request: HttpRequest, kind: str, *, owner: User, proposal: bool = False) -> GoalForm:
    """The form of one kind of goal. Raises `Http404` for other words."""
    form_class = FORMS.get(kind)
    if form_class is None:
        raise Http404
    extra: dict[str, Any] = {"today": today_of(owner), "proposal": proposal}
    if form_class is CriterionGoalForm:
        extra["criteria"] = services.criteria_of(user_id=owner.pk)
    initial = {"criterion": request.GET.get("criterion", "")}
    return form_class(request.POST if request.method == "POST" else None, initial=initial, **extra)


def _saved(form: GoalForm, *, owner: User, by: User) -> Goal | None:
    try:
        return services.set_goal(owner=owner, by=by, kind=form.kind, **form.cleaned_data)
    except DomainError as error:
        refuse(form, error)
        return None


def own_progress(user: User) -> list[GoalProgress]:
    return progress_of_goals(Goal.objects.all(), owner_id=user.pk, zone=zone_of(user, current_organization()))


def today_of(user: User) -> date:
    return timezone.now().astimezone(zone_of(user, current_organization())).date()
