"""Pages for those who coach: what waits for a person, one's own marks for a call, and what comes of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import refuse
from accounts.guards import needs
from accounts.memberships import role_of
from accounts.roles import Action
from calls.models import Call
from tenants.context import current_organization
from tenants.errors import DomainError

from . import review_queue, reviews
from .debrief.page import said_to_the_judge
from .debrief.unjudged import unjudged
from .forms import DecisionForm, MarksForm
from .models import Review, Score, ScoreRun
from .referees import call_to_judge, counting_run_of
from .views import recording_path

PER_PAGE = 20


def call_for_judge(request: HttpRequest, call_id: UUID) -> Call:
    """Raises `CallNotFound`, `ConflictOfInterest`, `PermissionRefused`."""
    call = call_to_judge(call_id, user=request.user, role=role_of(request.user, current_organization()))
    return Call.objects.select_related("trainee", "rubric_version", "recording").get(pk=call.pk)


def heard(call: Call) -> dict[str, Any]:
    """What a page needs to show a call without its judgement."""
    return {
        "call": call,
        "buyer": call.brief["name"],
        "is_own": False,
        "debrief": unjudged(call),
        "recording_url": recording_path(call),
    }


@never_cache
@require_safe
@needs(Action.SEE_TEAM)
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for a person, the most urgent first. No score is shown here: marks are given before it is seen."""
    who: dict[str, Any] = {"viewer": request.user, "role": role_of(request.user, current_organization())}
    page = Paginator(review_queue.scores_to_review(**who), PER_PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    context = {
        "page": page,
        "overdue_before": review_queue.overdue_before(now),
        "appeals": review_queue.appeals_to_decide(**who),
        "figures": review_queue.appeal_figures(**who),
        "mentions": review_queue.mentions_of(**who),
        "now": now,
    }
    return render(request, "scoring/reviews.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Action.SEE_TEAM)
def review(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """First one's own marks; then, on the same page, the judge's beside them and what to do about the difference."""
    call = call_for_judge(request, call_id)
    run = counting_run_of(call)
    done = reviews.review_of(call=call, reviewer=request.user, run=run)
    if done is not None:
        return render(request, "scoring/review_done.html", decision_context(request, call, done, run, DecisionForm()))
    spec = run.rubric_version.spec()
    form = MarksForm(request.POST if request.method == "POST" else None, criteria=spec.criteria)
    if request.method == "POST" and form.is_valid():
        try:
            reviews.submit(call=call, reviewer=request.user, marks=form.marks, note=form.cleaned_data["note"])
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Your marks are kept. Here is what the judge said."))
            return redirect("scoring:review", call_id=call.pk)
    context = {
        **heard(call),
        "form": form,
        "rubric": spec,
        "has_seen": reviews.has_seen(call=call, user=request.user),
    }
    return render(request, "scoring/review.html", context)


@require_POST
@needs(Action.SEE_TEAM)
def decide(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """POST `run`, `choice` (keep or override), `reason`: after one's own marks."""
    call = call_for_judge(request, call_id)
    run = counting_run_of(call)
    done = reviews.review_of(call=call, reviewer=request.user, run=run)
    if done is None:
        raise reviews.NotReviewedYet
    form = DecisionForm(request.POST)
    if form.is_valid():
        wanted = form.cleaned_data
        act = reviews.override if wanted["choice"] == "override" else reviews.keep
        try:
            act(review=done, reason=wanted["reason"], run_id=wanted["run"])
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Your decision is kept, with its reason."))
            return redirect("scoring:review", call_id=call.pk)
    context = decision_context(request, call, done, run, form)
    return render(request, "scoring/review_done.html", context, status=400)


def decision_context(
    request: HttpRequest, call: Call, review: Review, run: ScoreRun, form: DecisionForm
) -> dict[str, Any]:
    """The marks beside those of the run that they were compared with when they were decided on, or that counts now."""
    beside = review.run if review.outcome and review.run is not None else run
    lines = reviews.laid_beside(review.marks, beside)
    shown = heard(call)
    starts = {turn.id: turn.start_ms for turn in shown["debrief"].turns}
    return {
        **shown,
        "flags": said_to_the_judge(beside.result, starts),
        "review": review,
        "run": beside,
        "lines": lines,
        "differs": any(line.differs for line in lines),
        "form": form,
        "needs_decision": Score.objects.filter(call=call, state=Score.State.NEEDS_REVIEW).exists(),
        "own_run": ScoreRun.objects.filter(call=call, base_run=beside, made_by=review.reviewer).first(),
    }
