"""How far people are, for who coaches them: completion, who is late, certificates that wait for a word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.guards import needs, person
from accounts.memberships import member_ids, role_of
from accounts.people.models import TeamMembership
from accounts.roles import Action
from accounts.scoping import visible_user_ids
from scenarios.training.assigning import managed_teams
from scenarios.training.calendars import today
from scenarios.training.models import Program, Track
from tenants.context import current_organization
from tenants.sheets import written

from . import certificates, programs
from .models import Certificate, Enrolment

ROWS_PER_PAGE = 50
MOST_SHEET_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What the table is narrowed by; an unknown value counts as none."""

    team: Any
    track: Any
    state: str

    @classmethod
    def from_request(cls, request: HttpRequest, teams: list[Any], tracks: list[Any]) -> Filters:
        def chosen(rows: list[Any], name: str) -> Any:
            return next((row for row in rows if str(row.pk) == request.GET.get(name)), None)

        state = request.GET.get("state", "")
        return cls(chosen(teams, "team"), chosen(tracks, "track"), state if state in programs.STATES else "")


def standing() -> Case:
    """Which of `programs.STATES` a round is in; exactly one, so that the four numbers add up. Wants `with_begun`."""
    completed, late = Q(state=Enrolment.State.COMPLETED), Q(due_on__lt=today())
    cases = [(completed, programs.COMPLETED), (late, programs.LATE), (Q(begun=True), programs.OPEN)]
    return Case(*[When(which, then=Value(name)) for which, name in cases], default=Value(programs.NOT_BEGUN))


def rows_for(viewer: Any, filters: Filters) -> QuerySet[Enrolment]:
    """The present rounds of the people whom somebody coaches, who is late first."""
    organization = current_organization()
    visible = visible_user_ids(viewer, role_of(viewer, organization))
    rows = Enrolment.objects.live().with_content().select_related("user").filter(user__in=member_ids(organization))
    rows = rows.with_begun().annotate(standing=standing())
    rows = rows.exclude(state=Enrolment.State.WITHDRAWN)
    if visible is not None:
        rows = rows.filter(user_id__in=visible)
    if filters.team is not None:
        members = TeamMembership.objects.filter(team=filters.team, is_manager=False)
        rows = rows.filter(user_id__in=members.values("user_id"))
    if filters.track is not None:
        rows = rows.filter(track=filters.track)
    if filters.state:
        rows = rows.filter(standing=filters.state)
    return rows.order_by(
        F("completed_at").asc(nulls_first=True), F("due_on").asc(nulls_last=True), "user__full_name", "pk"
    )


@never_cache
@require_safe
@needs(Action.SEE_TEAM)
def team(request: HttpRequest) -> HttpResponse:
    viewer = person(request)
    teams = list(managed_teams(viewer).order_by("name"))
    seen = rows_for(viewer, Filters(None, None, "")).order_by().values("track_id")
    tracks = list(Track.objects.filter(pk__in=seen))
    filters = Filters.from_request(request, teams, tracks)
    rows = rows_for(viewer, filters)
    everything = rows_for(viewer, Filters(filters.team, filters.track, ""))
    day = today()
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    waiting = certificates.seen_by(viewer).filter(state=Certificate.State.WAITING).exclude(user=viewer)
    counts = dict(everything.order_by().values_list("standing").annotate(Count("pk")))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page": page,
        "rows": page.object_list,
        "teams": teams,
        "tracks": tracks,
        "filters": filters,
        "today": day,
        "waiting": list(waiting.order_by("completed_at")[:20]),
        "programs": programs.summaries_for(viewer),
        "query": query.urlencode(),
        "counts": {state: counts.get(state, 0) for state in programs.STATES},
    }
    return render(request, "learning/team.html", context)


@never_cache
@require_safe
@needs(Action.SEE_TEAM)
def program(request: HttpRequest, program_id: UUID) -> HttpResponse:
    """One program, person by person and track by track; 404 where nobody whom the viewer coaches is asked to do it."""
    found = Program.objects.filter(pk=program_id).first()
    summary = programs.summary_for(person(request), found) if found else None
    if summary is None or not summary.people:
        raise Http404
    page = Paginator(summary.standings, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "summary": summary,
        "page": page,
        "standings": page.object_list,
        "counts": {state: summary.count(state) for state in programs.STATES},
    }
    return render(request, "learning/program.html", context)


@never_cache
@require_safe
@needs(Action.SEE_TEAM)
def team_sheet(request: HttpRequest) -> HttpResponse:
    """The same table as a sheet."""
    viewer = person(request)
    filters = Filters.from_request(request, list(managed_teams(viewer)), list(Track.objects.all()))
    head = [
        _("name"),
        _("e-mail address"),
        _("what"),
        _("version"),
        _("state"),
        _("progress"),
        _("due"),
        _("completed"),
    ]
    lines: list[list[Any]] = [head]
    words = {
        programs.COMPLETED: _("completed"),
        programs.LATE: _("late"),
        programs.OPEN: _("in progress"),
        programs.NOT_BEGUN: _("not begun"),
    }
    for row in rows_for(viewer, filters)[:MOST_SHEET_ROWS]:
        version = row.track_version or row.scenario_version
        lines.append(
            [
                row.user.get_full_name(),
                row.user.email,
                row.title,
                version.number if version else "",
                words[row.standing],  # type: ignore[attr-defined]  # of the query
                f"{row.progress}%",
                row.due_on or "",
                date_format(localtime(row.completed_at), "Y-m-d") if row.completed_at else "",
            ]
        )
    headers = {"Content-Disposition": 'attachment; filename="completion.csv"', "Cache-Control": "private, no-store"}
    return HttpResponse(written(lines), content_type="text/csv; charset=utf-8", headers=headers)
