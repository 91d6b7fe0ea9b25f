"""Teams: who practises together and who manages them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Prefetch, QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import SeatForm, TeamForm, refuse
from accounts.guards import needs
from accounts.memberships import member_ids
from accounts.models import User
from accounts.people import teams as services
from accounts.people.models import Team, TeamMembership
from accounts.roles import Action
from tenants.context import current_organization
from tenants.errors import DomainError


def _team(team_id: UUID) -> Team:
    seats = TeamMembership.objects.select_related("user").order_by("-is_manager", "user__full_name", "user__email")
    team = Team.objects.prefetch_related(Prefetch("memberships", seats)).filter(pk=team_id).first()
    if team is None:
        raise Http404
    return team


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Action.MANAGE_PEOPLE)
def teams(request: HttpRequest) -> HttpResponse:
    form = TeamForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            team = services.create_team(name=form.cleaned_data["name"], actor=request.user)
        except DomainError as error:
            refuse(form, error)
        else:
            return redirect("accounts:team", team.pk)
    managers = TeamMembership.objects.filter(is_manager=True).select_related("user").order_by("user__full_name")
    found = Team.objects.annotate(size=Count("memberships")).prefetch_related(
        Prefetch("memberships", managers, to_attr="managers")
    )
    return render(request, "accounts/teams.html", {"teams": found, "form": form}, status=400 if form.errors else 200)


def _page(
    request: HttpRequest, team: Team, *, name_form: BaseForm | None = None, seat_form: BaseForm | None = None
) -> HttpResponse:
    seated = [seat.user_id for seat in team.memberships.all()]
    others = _members().exclude(pk__in=seated)
    context = {
        "team": team,
        "name_form": name_form or TeamForm(initial={"name": team.name}),
        "seat_form": seat_form or SeatForm(people=others),
        "anybody_left": others.exists(),
    }
    return render(request, "accounts/team.html", context, status=400 if name_form or seat_form else 200)


def _members() -> QuerySet[User]:
    return User.objects.filter(pk__in=member_ids(current_organization())).order_by("full_name", "email")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Action.MANAGE_PEOPLE)
def team(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """The team's page; POST renames it."""
    found = _team(team_id)
    if request.method != "POST":
        return _page(request, found)
    form = TeamForm(request.POST)
    if form.is_valid():
        try:
            services.rename_team(team=found, name=form.cleaned_data["name"], actor=request.user)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("The team has its new name."))
            return redirect("accounts:team", team_id)
    return _page(request, _team(team_id), name_form=form)


@require_POST
@needs(Action.MANAGE_PEOPLE)
def change_seat(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """`do`: `put` (with `user_id`, `is_manager`) or `remove` (with `user_id`)."""
    found = _team(team_id)
    form = SeatForm(request.POST, people=_members())
    if request.POST.get("do") == "remove":
        seat = found.memberships.filter(user_id__in=[*filter(None, [_uuid(request.POST.get("user_id"))])]).first()
        if seat is None:
            raise Http404
        services.remove_member(team=found, user=seat.user, actor=request.user)
        return redirect("accounts:team", team_id)
    if form.is_valid():
        try:
            services.put_member(
                team=found,
                user=form.cleaned_data["user_id"],
                is_manager=form.cleaned_data["is_manager"],
                actor=request.user,
            )
        except DomainError as error:
            refuse(form, error)
        else:
            return redirect("accounts:team", team_id)
    return _page(request, found, seat_form=form)


@require_POST
@needs(Action.MANAGE_PEOPLE)
def delete_team(request: HttpRequest, team_id: UUID) -> HttpResponse:
    services.delete_team(team=_team(team_id), actor=request.user)
    messages.success(request, _("The team is dissolved. Its people and their work are still here."))
    return redirect("accounts:teams")


def _uuid(value: str | None) -> UUID | None:
    try:
        return UUID(value or "")
    except ValueError:
        return None
