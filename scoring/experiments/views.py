"""Experiments in the organisation's admin: all of them, a new one, and what one shows."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.org_admin import org_site
from integrations.llm import gateway
from scenarios.experiments import services
from scenarios.experiments.models import Experiment
from scenarios.models import Scenario, Status
from scoring.impact_views import authors_only, page_of
from tenants.errors import Conflict, DomainError, InvalidInput

from . import analysis
from .forms import ExperimentForm, versions_of
from .page import charts_of
from .wording import STOPPED, UNITS


@authors_only
@require_safe
def experiments(request: HttpRequest) -> HttpResponse:
    rows = Experiment.objects.select_related("scenario", "created_by").order_by("-created_at")
    context = {
        **org_site.each_context(request),
        "title": _("Experiments"),
        "page": page_of(request, rows),
        "scenarios": Scenario.objects.filter(status=Status.PUBLISHED).order_by("title"),
        "kinds": Experiment.Kind.choices,
    }
    return TemplateResponse(request, "scoring/experiments/list.html", context)


@authors_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """`?scenario=&kind=` say between which versions can be chosen."""
    scenario, kind = _asked_for(request)
    if scenario is None:
        messages.error(request, _("Choose a scenario, and what is compared."))
        return HttpResponseRedirect(reverse("experiments:list"))
    problem = ""
    form = ExperimentForm(request.POST or None, scenario=scenario, kind=kind)
    if request.method == "POST" and form.is_valid():
        try:
            return HttpResponseRedirect(reverse("experiments:one", args=[_begin(request, form, scenario, kind).pk]))
        except InvalidInput as refused:
            problem = str(refused.message)
    context = {
        **org_site.each_context(request),
        "title": _("New experiment"),
        "scenario": scenario,
        "kind": kind,
        "kinds": Experiment.Kind.choices,
        "form": form,
        "problem": problem,
        "can_compare": len(versions_of(scenario, kind)) > 1,
        "list_url": reverse("experiments:list"),
    }
    status = 400 if request.method == "POST" else 200
    return TemplateResponse(request, "scoring/experiments/new.html", context, status=status)


def _asked_for(request: HttpRequest) -> tuple[Scenario | None, str]:
    kind = request.GET.get("kind", "")
    try:
        wanted = UUID(request.GET.get("scenario", ""))
    except ValueError:
        return None, kind
    found = Scenario.objects.filter(pk=wanted).first() if kind in Experiment.Kind.values else None
    return found, kind


def _begin(request: HttpRequest, form: ExperimentForm, scenario: Scenario, kind: str) -> Experiment:
    values = form.cleaned_data
    day = values["ends_on"]
    return services.begin(
        title=values["title"],
        scenario=scenario,
        kind=kind,
        metric=values["metric"],
        arms=form.arms(),
        minimum_sample=values["minimum_sample"],
        ends_at=timezone.make_aware(datetime.combine(day, time.max)) if day else None,
        by=request.user,
    )


@authors_only
@require_safe
def one(request: HttpRequest, experiment_id: UUID) -> HttpResponse:
    """Who is in it so far; its result once it has ended, and not before."""
    experiments_here = Experiment.objects.select_related("scenario", "created_by")
    experiment = get_object_or_404(experiments_here.prefetch_related("variants", "exposures__person"), pk=experiment_id)
    context: dict[str, Any] = {
        **org_site.each_context(request),
        "title": str(experiment),
        "experiment": experiment,
        "progress": analysis.progress(experiment),
        "charts": charts_of(experiment),
        "unit": UNITS[experiment.metric],
        "stopped": STOPPED.get(experiment.stopped_by, ""),
        "list_url": reverse("experiments:list"),
        "scenario_url": reverse("admin:scenarios_scenario_preview", args=[experiment.scenario_id]),
    }
    return TemplateResponse(request, "scoring/experiments/one.html", context)


@authors_only
@require_POST
def move(request: HttpRequest, experiment_id: UUID, verb: str) -> HttpResponse:
    """Start a draft, or stop what runs."""
    experiment = get_object_or_404(Experiment.objects.select_related("scenario"), pk=experiment_id)
    try:
        if verb == "start":
            _refuse_without_model(experiment)
            services.start(experiment=experiment)
            messages.success(request, _("It runs. From now on people are drawn when they practise the scenario."))
        elif services.stop(experiment=experiment, because="person"):
            messages.success(request, _("Stopped. Calls from now on are held on the published version."))
    except DomainError as refused:
        messages.error(request, str(refused.message))
    return HttpResponseRedirect(reverse("experiments:one", args=[experiment.pk]))


def _refuse_without_model(experiment: Experiment) -> None:
    if experiment.kind == Experiment.Kind.PROMPT and not gateway.order_for("deep"):
        raise Conflict(_("Prompts are read by language models, and none is set up here."))


def admin_urls() -> list[URLPattern]:
    """Below the organisation's `admin/`."""
    return [
        path("experiments/", experiments, name="list"),
        path("experiments/new/", new, name="new"),
        path("experiments/<uuid:experiment_id>/", one, name="one"),
        path("experiments/<uuid:experiment_id>/start/", move, {"verb": "start"}, name="start"),
        path("experiments/<uuid:experiment_id>/stop/", move, {"verb": "stop"}, name="stop"),
    ]
