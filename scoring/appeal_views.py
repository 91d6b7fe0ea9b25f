"""Pages of an appeal: a trainee contests a mark and follows it; a second person marks it unseen and decides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import refuse
from accounts.guards import needs
from accounts.memberships import role_of
from accounts.roles import Action
from calls.models import Call, Turn
from calls.services import get_own, get_visible
from calls.transcripts import clock
from tenants.context import current_organization
from tenants.errors import DomainError

from . import appeals, tasks
from .forms import AppealDecisionForm, AppealForm, MarksForm
from .models import Appeal, Review
from .referees import ConflictOfInterest, counting_run_of, refuse_first_judge, refuse_trainee
from .review_views import heard

EXCERPT = 80


def visible_appeal(request: HttpRequest, appeal_id: UUID) -> Appeal:
    """The appeal with its call, for the trainee and who coaches the trainee. Raises `AppealNotFound`, `CallNotFound`."""
    appeal = (
        Appeal.objects.select_related(
            "call__trainee", "call__rubric_version", "call__recording", "run__rubric_version", "turn", "taken_by"
        )
        .filter(pk=appeal_id)
        .first()
    )
    if appeal is None:
        raise appeals.AppealNotFound
    get_visible(appeal.call_id, user=request.user, role=role_of(request.user, current_organization()))
    return appeal


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def contest(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The trainee's form. `?criterion=key` chooses one. What can't be contested is explained instead."""
    call = Call.objects.select_related("trainee", "rubric_version").get(pk=get_own(call_id, user=request.user).pk)
    context: dict[str, Any] = {"call": call, "answer_hours": appeals.answer_hours()}
    try:
        appeals.refuse_uncontestable(call)
        run = counting_run_of(call)
    except DomainError as error:
        return render(request, "scoring/appeal_new.html", {**context, "problem": error.message}, status=409)
    earlier = list(Appeal.objects.filter(call=call).order_by("opened_at"))
    contested = {appeal.criterion for appeal in earlier}
    criteria = [(row.key, row.name) for row in run.criteria.all() if row.key not in contested]
    said = call.turns.filter(role=Turn.Role.USER).order_by("seq")
    form = AppealForm(
        request.POST if request.method == "POST" else None,
        criteria=criteria,
        turns=[(str(turn.pk), f"{clock(turn.timestamp_ms)} {_shortened(turn.content)}") for turn in said],
        initial={"criterion": request.GET.get("criterion", "")},
    )
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        passage = appeals.Passage(UUID(wanted["turn"])) if wanted["turn"] else None
        try:
            appeal = appeals.contest(call=call, criterion=wanted["criterion"], reason=wanted["reason"], passage=passage)
        except DomainError as error:
            refuse(form, error)
        else:
            tasks.tell_of_appeal.delay(str(appeal.pk))
            messages.success(request, _("Your objection is on its way to a second person."))
            return redirect("scoring:appeal", appeal_id=appeal.pk)
    context |= {"form": form, "earlier": earlier, "criteria": criteria, "closes_at": appeals.closes_at(run)}
    return render(request, "scoring/appeal_new.html", context, status=400 if form.errors else 200)


def _shortened(text: str) -> str:
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT].rstrip()}…"


@never_cache
@require_safe
def appeal(request: HttpRequest, appeal_id: UUID) -> HttpResponse:
    """Where an objection stands; for who may decide it, what they need to."""
    found = visible_appeal(request, appeal_id)
    return render(request, "scoring/appeal.html", appeal_context(request, found))


@require_POST
@needs(Action.SEE_TEAM)
def mark(request: HttpRequest, appeal_id: UUID) -> HttpResponse:
    """POST one's own mark for the contested criterion, before the contested one is seen."""
    found = visible_appeal(request, appeal_id)
    refuse_trainee(found.call, request.user)
    form = mark_form(found, request.POST)
    if form.is_valid():
        try:
            appeals.mark(
                appeal=found,
                reviewer=request.user,
                mark=form.marks[found.criterion],
                note=form.cleaned_data["note"],
            )
        except ConflictOfInterest:
            raise
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Your mark is kept. Now decide."))
            return redirect("scoring:appeal", appeal_id=found.pk)
    return render(request, "scoring/appeal.html", appeal_context(request, found, form=form), status=400)


@require_POST
@needs(Action.SEE_TEAM)
def decide(request: HttpRequest, appeal_id: UUID) -> HttpResponse:
    """POST `choice` (stands or overturn) and `reason`."""
    found = visible_appeal(request, appeal_id)
    refuse_trainee(found.call, request.user)
    form = AppealDecisionForm(request.POST)
    if form.is_valid():
        wanted = form.cleaned_data
        try:
            appeals.decide(
                appeal=found,
                reviewer=request.user,
                overturn=wanted["choice"] == "overturn",
                reason=wanted["reason"],
            )
        except DomainError as error:
            refuse(form, error)
        else:
            tasks.tell_of_appeal.delay(str(found.pk))
            messages.success(request, _("Your decision is kept; the trainee reads it."))
            return redirect("scoring:appeal", appeal_id=found.pk)
    return render(request, "scoring/appeal.html", appeal_context(request, found, decision=form), status=400)


def mark_form(appeal: Appeal, data: Any = None) -> MarksForm:
    spec = appeal.run.rubric_version.spec()
    return MarksForm(data, criteria=[item for item in spec.criteria if item.key == appeal.criterion])


def appeal_context(
    request: HttpRequest,
    appeal: Appeal,
    *,
    form: MarksForm | None = None,
    decision: AppealDecisionForm | None = None,
) -> dict[str, Any]:
    """What the page shows this person. The contested mark is there for the trainee, for who has marked, and once decided."""
    is_own = appeal.call.trainee_id == request.user.pk
    own = None if is_own else Review.objects.filter(appeal=appeal, reviewer=request.user).first()
    marked = appeal.run.criteria.prefetch_related("evidence").get(key=appeal.criterion)
    context = {
        **heard(appeal.call),
        "is_own": is_own,
        "appeal": appeal,
        "review": own,
        "marked": marked,
        "shows_mark": is_own or own is not None or appeal.is_decided,
        "form": None,
        "decision": None,
        "conflict": "",
    }
    if is_own or appeal.is_decided:
        return context
    if own is not None and appeal.taken_by_id == request.user.pk:
        return context | {"decision": decision or AppealDecisionForm()}
    if own is not None or (appeal.state == Appeal.State.TAKEN and not appeal.is_overdue):
        return context
    try:
        refuse_first_judge(appeal, request.user)
    except ConflictOfInterest as error:
        return context | {"conflict": error.message}
    return context | {"form": form or mark_form(appeal)}
