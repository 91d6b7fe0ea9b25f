"""Home, history, and a manager's view of the people in his or her teams."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.memberships import may, role_of
from accounts.models import User
from accounts.people.models import Team
from accounts.roles import Action
from accounts.scoping import may_see, visible_user_ids
from calls.models import Call
from calls.voids import explanation
from tenants.context import current_organization

from .advice import suggest
from .filters import CallFilter
from .statistics import Progress, progress_of
from .team import members_of, sorted_by, team_rows

CALLS_ON_HOME = 5
CALLS_PER_PAGE = 20
PEOPLE_PER_PAGE = 50


def listed_calls(user_id: UUID, *, viewer: Any) -> QuerySet[Call]:
    """What a history shows the viewer: calls that were at least begun, newest first, without the heavy columns."""
    return (
        Call.objects.shown_to(viewer)
        .filter(trainee_id=user_id)
        .exclude(status=Call.Status.PENDING)
        .select_related("score")
        .defer("brief", "engine_state", "metadata")
        .annotate(buyer=KT("brief__name"), company=KT("brief__company"))
        .order_by("-created_at")
    )


def own_id(request: HttpRequest) -> UUID:
    """Who asks; the middleware let nobody in who is not signed in."""
    assert request.user.is_authenticated
    return request.user.pk


def trend_data(progress: Progress) -> list[dict[str, Any]]:
    """The trend as the chart reads it."""
    return [{"at": point.at.isoformat(), "score": point.score, "title": point.title} for point in progress.trend]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """A trainee's first page: what to do next, how it has been going, the last calls."""
    progress = progress_of(user_id=own_id(request), zone=timezone.get_current_timezone())
    calls = list(listed_calls(own_id(request), viewer=request.user)[:CALLS_ON_HOME])
    return render(
        request,
        "reporting/home.html",
        {
            "progress": progress,
            "suggestion": suggest(user=request.user, progress=progress, language=request.LANGUAGE_CODE),
            "calls": calls,
            # The last attempt, where a technical fault took it out of the numbers.
            "void_explanation": explanation(calls[0]) if calls else "",
            "trend": trend_data(progress),
        },
    )


def history_of(request: HttpRequest, user_id: UUID) -> dict[str, Any]:
    """The filter and the page of somebody's history that a request asks for."""
    narrowed = CallFilter(request.GET, queryset=listed_calls(user_id, viewer=request.user))
    page = Paginator(narrowed.qs, CALLS_PER_PAGE).get_page(request.GET.get("page"))
    return {"filter": narrowed, "page": page, "calls": page.object_list}


@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """One's own calls."""
    return render(request, "reporting/history.html", history_of(request, own_id(request)))


@require_safe
def team(request: HttpRequest) -> HttpResponse:
    """The people whose work one may see, with their numbers. A manager has the teams that he or she manages."""
    organization = current_organization()
    if not may(request.user, organization, Action.SEE_TEAM):
        raise Http404
    visible = visible_user_ids(request.user, role_of(request.user, organization))
    teams = Team.objects.all()
    if visible is not None:
        teams = teams.filter(memberships__user=request.user, memberships__is_manager=True)
    chosen = next((item for item in teams if str(item.pk) == request.GET.get("team")), None)
    order = sorted_by(request.GET.get("sort", ""))
    people = members_of(organization=organization, visible=visible, team=chosen, order=order)
    page = Paginator(people, PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": team_rows(list(page.object_list)),
        "teams": teams,
        "chosen": chosen,
        "order": order,
        "sees_everyone": visible is None,
    }
    return render(request, "reporting/team.html", context)


@require_safe
def person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """One person's numbers and calls, for somebody who may see them; anybody else gets a 404."""
    organization = current_organization()
    if not may(request.user, organization, Action.SEE_TEAM):
        raise Http404
    if not may_see(request.user, role_of(request.user, organization), user_id):
        raise Http404
    someone = get_object_or_404(User, pk=user_id, memberships__organization=organization)
    progress = progress_of(user_id=user_id, zone=timezone.get_current_timezone())
    context = {
        "person": someone,
        "progress": progress,
        "trend": trend_data(progress),
        **history_of(request, user_id),
    }
    return render(request, "reporting/person.html", context)
