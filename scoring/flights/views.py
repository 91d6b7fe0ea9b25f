"""A scenario's test flight in the organisation's admin: its report, another flight, and taking up one that stopped."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.org_admin import org_site
from scenarios.models import Scenario
from scenarios.validation import check_scenario
from scoring.impact_views import authors_only
from tenants.errors import DomainError

from . import modelled, tasks, worded, work
from .models import TestFlight
from .page import context_of
from .plans import plan_of, shipped


@authors_only
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """The newest flight (`?flight=` another one); a POST flies the scenario as it is now, or resumes what stopped."""
    scenario = get_object_or_404(Scenario.objects.select_related("persona", "rubric"), pk=scenario_id)
    errors = [note for note in check_scenario(scenario) if note.is_error]
    if request.method == "POST":
        return _post(request, scenario)
    flights = TestFlight.objects.filter(scenario=scenario).select_related("requested_by").order_by("-created_at")
    history = list(flights.defer("plan", "findings")[: work.KEPT])
    chosen = _chosen(request.GET.get("flight", ""), history)
    flight = flights.prefetch_related("runs").get(pk=chosen.pk) if chosen else None
    now = "" if errors else _content_hash(scenario)
    context: dict[str, Any] = {
        **org_site.each_context(request),
        "title": _("Test flight"),
        "opts": Scenario._meta,
        "original": scenario,
        "scenario": scenario,
        "errors": errors,
        "history": history,
        "preview_url": reverse("admin:scenarios_scenario_preview", args=[scenario.pk]),
        "publish_url": reverse("admin:scenarios_scenario_publish", args=[scenario.pk]),
        "is_shipped": now in shipped(),
        "has_model": modelled.is_there(),
        "has_worded": worded.is_there(),
        "flight": None,
    }
    if flight is not None:
        shown = {name: request.GET.get(name, "") for name in ("left", "right")}
        context |= context_of(flight, **shown)
        context |= {
            "is_current": flight.content_hash == now,
            "job": flight,
            "progress_url": reverse("flights:progress", args=[flight.pk]),
        }
    return TemplateResponse(request, "scoring/flights/report.html", context)


def _post(request: HttpRequest, scenario: Scenario) -> HttpResponse:
    here = HttpResponseRedirect(reverse("flights:report", args=[scenario.pk]))
    newest = work.newest_of(scenario)
    if request.POST.get("action") == "resume":
        if newest is not None and work.resume(newest):
            tasks.fly.delay(str(newest.pk))
        return here
    try:
        with_model = bool(request.POST.get("with_model")) and modelled.is_there()
        with_worded = bool(request.POST.get("with_worded")) and worded.is_there()
        flight = work.begin(scenario=scenario, by=request.user, with_model=with_model, with_worded=with_worded)
    except DomainError as refused:
        messages.error(request, str(refused.message))
        return here
    tasks.fly.delay(str(flight.pk))
    return here


def _chosen(asked: str, history: list[TestFlight]) -> TestFlight | None:
    return next((flight for flight in history if str(flight.pk) == asked), history[0] if history else None)


def _content_hash(scenario: Scenario) -> str:
    try:
        return plan_of(scenario).content_hash()
    except ValueError:
        return ""


@authors_only
@require_safe
def progress(request: HttpRequest, flight_id: UUID) -> HttpResponse:
    flight = get_object_or_404(TestFlight.objects.defer("plan", "findings"), pk=flight_id)
    # A flight that waits for money moves no further by itself: the page is drawn anew and says so.
    state = "done" if flight.is_paused else flight.state
    return JsonResponse({"state": state, "done": flight.done, "total": flight.total, "percent": flight.percent})


def admin_urls() -> list[URLPattern]:
    """Below the organisation's `admin/`."""
    return [
        path("scenarios/<uuid:scenario_id>/flight/", report, name="report"),
        path("flights/<uuid:flight_id>/progress/", progress, name="progress"),
    ]
