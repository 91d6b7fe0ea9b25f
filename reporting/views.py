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

from accounts.guards import person as person_of
from accounts.memberships import may, role_of
from accounts.models import User
from accounts.people.models import Team
from accounts.roles import Action
from accounts.scoping import may_see, visible_user_ids
from calls.models import Call
from calls.voids import explanation
from coaching.goals.models import Goal, Medal
from coaching.goals.progress import progress_of_goals
from coaching.learning.models import Certificate
from tenants.context import current_organization

from .advice import suggest
from .agenda import agenda_of
from .filters import CallFilter
from .skills import skills_of
from .statistics import Progress, progress_of
from .team import members_of, sorted_by, team_rows

CALLS_ON_HOME = 5
GOALS_ON_HOME = 3
MEDALS_ON_HOME = 3
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


def trend_data(progress: Progress) -> list[dict[str, Any]]:
    """The trend as the chart reads it; days are those of the reader's time zone, not of the browser's."""
    return [
        {"on": timezone.localdate(point.at).isoformat(), "score": point.score, "title": point.title}
        for point in progress.trend
    ]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """A trainee's first page: what to do next and why, what is due, how it has been going, the last calls."""
    user = person_of(request)
    zone = timezone.get_current_timezone()
    progress = progress_of(user_id=user.pk, zone=zone)
    todo = agenda_of(user)
    calls = list(listed_calls(user.pk, viewer=user)[:CALLS_ON_HOME])
    goals = progress_of_goals(Goal.objects.open(), owner_id=user.pk, zone=zone)
    active = [row for row in goals if row.goal.state == Goal.State.ACTIVE]
    context = {
        "progress": progress,
        "todo": todo,
        "suggestion": suggest(user=user, progress=progress, language=request.LANGUAGE_CODE, todo=todo),
        "calls": calls,
        # The last attempt, where a technical fault took it out of the numbers.
        "void_explanation": explanation(calls[0]) if calls else "",
        "trend": trend_data(progress),
        "goals": active[:GOALS_ON_HOME],
        "proposals": len(goals) - len(active),
        "medals": list(Medal.objects.filter(user=user)[:MEDALS_ON_HOME]),
        "certificates": list(Certificate.objects.valid().filter(user=user).order_by("-issued_at")[:MEDALS_ON_HOME]),
    }
    return render(request, "reporting/home.html", context)


def history_of(request: HttpRequest, user_id: UUID) -> dict[str, Any]:
    """The filter and the page of somebody's history that a request asks for."""
    narrowed = CallFilter(request.GET, queryset=listed_calls(user_id, viewer=request.user))
    page = Paginator(narrowed.qs, CALLS_PER_PAGE).get_page(request.GET.get("page"))
    return {"filter": narrowed, "page": page, "calls": page.object_list}


@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """One's own calls."""
    return render(request, "reporting/history.html", history_of(request, person_of(request).pk))


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
def skills(request: HttpRequest) -> HttpResponse:
    """One's own skills over time."""
    return render(request, "reporting/skills.html", {"skills": skills_of(user_id=person_of(request).pk)})


@require_safe
def person_skills(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """The skills of a person whose work one may see."""
    someone = seen_person(request, user_id)
    return render(request, "reporting/skills.html", {"person": someone, "skills": skills_of(user_id=someone.pk)})


def seen_person(request: HttpRequest, user_id: UUID) -> User:
    """Somebody whose work the reader may see as a manager. Raises `Http404` for anybody else."""
    organization = current_organization()
    if not may(request.user, organization, Action.SEE_TEAM):
        raise Http404
    if not may_see(request.user, role_of(request.user, organization), user_id):
        raise Http404
    return get_object_or_404(User, pk=user_id, memberships__organization=organization)


@require_safe
def person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """One person's numbers and calls, for somebody who may see them; anybody else gets a 404."""
    someone = seen_person(request, user_id)
    progress = progress_of(user_id=user_id, zone=timezone.get_current_timezone())
    context = {
        "person": someone,
        "progress": progress,
        "trend": trend_data(progress),
        **history_of(request, user_id),
    }
    return render(request, "reporting/person.html", context)
