"""Pages of authors, in the organisation's admin: what publishing a rubric would change, and scoring past calls again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.memberships import may
from accounts.org_admin import org_site
from accounts.roles import Action
from scenarios.models import Rubric, RubricVersion
from scenarios.validation import check_rubric
from tenants.context import current_organization
from tenants.errors import DomainError

from . import tasks
from .impact import candidates, preview, rescoring
from .models import Job, Rescoring, RubricImpact

View = Callable[..., HttpResponse]
ROWS = 50


def authors_only(view: View) -> View:
    """For who writes rubrics and may see everybody's calls; drawn as a page of the organisation's admin."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        here = current_organization()
        if not (may(request.user, here, Action.AUTHOR) and may(request.user, here, Action.SEE_EVERYONE)):
            raise PermissionDenied
        request.current_app = org_site.name  # as the site's own views say it
        return view(request, *args, **kwargs)

    return org_site.admin_view(guarded)


def of_rubric(rubric: Rubric) -> dict[str, Any]:
    """What both pages say of the rubric."""
    return {
        "rubric": rubric,
        "preview_url": reverse("admin:scenarios_rubric_preview", args=[rubric.pk]),
        "opts": Rubric._meta,
        "original": rubric,
    }


def progress_json(job: Job) -> dict[str, Any]:
    return {"state": job.state, "done": job.done, "total": job.total, "percent": job.percent}


def page_of(request: HttpRequest, rows: Any) -> Any:
    return Paginator(rows, ROWS).get_page(request.GET.get("page"))


@authors_only
@require_http_methods(["GET", "HEAD", "POST"])
def impact(request: HttpRequest, rubric_id: UUID) -> HttpResponse:
    """What publishing the draft would change; a POST tries it on the last calls."""
    rubric = get_object_or_404(Rubric, pk=rubric_id)
    errors = [note for note in check_rubric(rubric) if note.is_error]
    if request.method == "POST" and not errors:
        return _begin_impact(request, rubric)
    found = None if errors else preview.newest_of(rubric)
    published = rubric.newest_published()
    is_new = published is None or rubric.has_unpublished_changes
    summary = preview.summary_of(found.outcomes) if found else None
    context = {
        **org_site.each_context(request),
        **of_rubric(rubric),
        "title": _("What publishing would change"),
        "errors": errors,
        "impact": found,
        "job": found,
        "summary": summary,
        # Once the draft is published, the version that it took the place of is not the newest any more.
        "weights": weights_of(summary, published, found) if summary and published and found and is_new else None,
        "flipped": page_of(request, preview.flipped(found.outcomes)) if found and found.is_finished else None,
        "is_replacing": published is not None,
        "needs_publishing": is_new,
        "calls": candidates.scores_of(rubric, most=preview.LAST).count(),
        "choices": preview.CHOICES,
        "chosen": preview.LAST,
        "publish_url": reverse("admin:scenarios_rubric_publish", args=[rubric.pk]),
        "progress_url": reverse("judging:impact-progress", args=[found.pk]) if found else "",
    }
    return TemplateResponse(request, "scoring/admin/impact.html", context)


def weights_of(summary: preview.Summary, published: RubricVersion, tried: RubricImpact) -> list[dict[str, Any]]:
    """The summary's criteria with their weights in the version in use and in the draft; None for one that is not there."""
    before = {item.key: item for item in published.spec().criteria}
    after = {item["key"]: item["weight"] for item in tried.content["criteria"]}
    keys = {item.name: item.key for item in before.values()} | {
        item["name"]: item["key"] for item in tried.content["criteria"]
    }
    rows = []
    for row in summary.criteria:
        key = keys.get(row["name"], "")
        was = before.get(key)
        rows.append({**row, "weight_before": was.weight if was else None, "weight_after": after.get(key)})
    return rows


def _begin_impact(request: HttpRequest, rubric: Rubric) -> HttpResponse:
    last = next((number for number in preview.CHOICES if str(number) == request.POST.get("last")), preview.LAST)
    begun = preview.begin(rubric=rubric, by=request.user, last=last)
    tasks.preview_impact.delay(str(begun.pk))
    return HttpResponseRedirect(reverse("judging:impact", args=[rubric.pk]))


@authors_only
@require_safe
def impact_progress(request: HttpRequest, impact_id: UUID) -> HttpResponse:
    return JsonResponse(progress_json(get_object_or_404(RubricImpact, pk=impact_id)))


@authors_only
@require_http_methods(["GET", "HEAD", "POST"])
def rescore(request: HttpRequest, rubric_id: UUID) -> HttpResponse:
    """Ask for past calls to be scored again by the published version; and what was asked for before."""
    rubric = get_object_or_404(Rubric, pk=rubric_id)
    version = rubric.newest_published()
    typed: dict[str, Any] = {"mode": Rescoring.Mode.KEEP, "reason": "", "since": ""}
    problem = ""
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in typed}
        since, problem = _since(typed["since"])
        if typed["mode"] not in Rescoring.Mode.values:
            typed["mode"] = Rescoring.Mode.KEEP
        if not problem:
            try:
                begun = rescoring.begin(
                    rubric=rubric, by=request.user, reason=typed["reason"], mode=typed["mode"], since=since
                )
            except DomainError as refused:
                problem = str(refused.message)
            else:
                tasks.rescore_calls.delay(str(begun.pk))
                return HttpResponseRedirect(reverse("judging:rescoring", args=[begun.pk]))
    context = {
        **org_site.each_context(request),
        **of_rubric(rubric),
        "title": _("Score past calls again"),
        "version": version,
        "calls": candidates.scores_of(rubric).count(),
        "modes": Rescoring.Mode.choices,
        "typed": typed,
        "problem": problem,
        "jobs": Rescoring.objects.filter(rubric=rubric).select_related("rubric_version", "requested_by")[:20],
    }
    return TemplateResponse(request, "scoring/admin/rescore.html", context, status=400 if problem else 200)


def _since(text: str) -> tuple[date | None, str]:
    """(the day, what is wrong with it)."""
    if not text.strip():
        return None, ""
    try:
        found = parse_date(text.strip())
    except ValueError:
        found = None
    return found, "" if found else _("Write the day as 2026-11-01.")


@authors_only
@require_safe
def rescoring_page(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """How far a re-scoring is, and what it changed."""
    jobs = Rescoring.objects.select_related("rubric", "rubric_version", "requested_by")
    job = get_object_or_404(jobs, pk=job_id)
    summary = preview.summary_of(job.outcomes)
    context = {
        **org_site.each_context(request),
        **of_rubric(job.rubric),
        "title": _("Past calls scored again"),
        "job": job,
        "summary": summary,
        "flipped": page_of(request, preview.flipped(job.outcomes)) if job.is_finished else None,
        "rescore_url": reverse("judging:rescore", args=[job.rubric_id]),
        "progress_url": reverse("judging:rescoring-progress", args=[job.pk]),
    }
    return TemplateResponse(request, "scoring/admin/rescoring.html", context)


@authors_only
@require_safe
def rescoring_progress(request: HttpRequest, job_id: UUID) -> HttpResponse:
    return JsonResponse(progress_json(get_object_or_404(Rescoring, pk=job_id)))


def admin_urls() -> list[URLPattern]:
    """Below the organisation's `admin/`."""
    return [
        path("rubrics/<uuid:rubric_id>/impact/", impact, name="impact"),
        path("impacts/<uuid:impact_id>/progress/", impact_progress, name="impact-progress"),
        path("rubrics/<uuid:rubric_id>/rescore/", rescore, name="rescore"),
        path("rescorings/<uuid:job_id>/", rescoring_page, name="rescoring"),
        path("rescorings/<uuid:job_id>/progress/", rescoring_progress, name="rescoring-progress"),
    ]
