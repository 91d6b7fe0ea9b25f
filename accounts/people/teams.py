"""Teams: named groups with members, some of whom manage it."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.memberships import role_of
from accounts.models import User
from accounts.roles import Action, allows
from tenants.context import current_organization
from tenants.errors import Conflict, InvalidInput

from . import audit
from .models import Team, TeamMembership


@transaction.atomic
def create_team(*, name: str, actor: Any) -> Team:
    """Raises `InvalidInput` without a name, `Conflict` where another team has it (whatever the case of its letters)."""
    team = Team(name=_checked(name))
    _save_once(team)
    audit.record(actor, "team.created", team, name=team.name)
    return team


@transaction.atomic
def rename_team(*, team: Team, name: str, actor: Any) -> Team:
    old, team.name = team.name, _checked(name)
    _save_once(team)
    audit.record(actor, "team.renamed", team, old=old, new=team.name)
    return team


@transaction.atomic
def delete_team(*, team: Team, actor: Any) -> None:
    """Dissolve a team; its people and their work stay."""
    audit.record(actor, "team.deleted", team, name=team.name)
    team.delete()


@transaction.atomic
def put_member(*, team: Team, user: User, is_manager: bool = False, actor: Any) -> TeamMembership:
    """Add somebody to a team, or change whether they manage it.

    Raises `InvalidInput` where the person is no active member of the organisation, or would manage without the role for it.
    """
    role = role_of(user, current_organization())
    if role is None:
        raise InvalidInput(details={"field": "user_id", "issue": _("This person is not a member here.")})
    if is_manager and not allows(role, Action.SEE_TEAM):
        message = _("A trainee cannot manage a team. Give this person the role of manager first.")
        raise InvalidInput(details={"field": "is_manager", "issue": message})
    seat, _created = TeamMembership.objects.update_or_create(team=team, user=user, defaults={"is_manager": is_manager})
    audit.record(actor, "team.member_put", team, user=str(user.pk), is_manager=is_manager)
    return seat


@transaction.atomic
def remove_member(*, team: Team, user: User, actor: Any) -> None:
    """Take somebody out of a team. Twice is harmless."""
    removed, _rows = TeamMembership.objects.filter(team=team, user=user).delete()
    if removed:
        audit.record(actor, "team.member_removed", team, user=str(user.pk))


def _checked(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 120:
        raise InvalidInput(details={"field": "name", "issue": _("Give the team a name of at most 120 characters.")})
    return name


def _save_once(team: Team) -> None:
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError:
        raise Conflict(_("A team of this name exists already."), details={"field": "name"}) from None
