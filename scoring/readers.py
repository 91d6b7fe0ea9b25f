"""Who may read a comment on a call."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from accounts.memberships import member_ids
from accounts.models import User
from accounts.people.models import TeamMembership
from calls.models import Call
from tenants.context import current_organization

from .models import Comment


def mentionable(call: Call, *, visibility: str) -> Any:
    """Users who can be named in a comment: of the trainee's teams, those who may read it. One query and its parts.

    Of practice in private nobody is told until it is handed in."""
    if call.is_hidden:
        return User.objects.none()
    teams = TeamMembership.objects.filter(user_id=call.trainee_id).values("team_id")
    readers = Q(pk__in=TeamMembership.objects.filter(team_id__in=teams, is_manager=True).values("user_id"))
    if visibility == Comment.Visibility.TRAINEE:
        readers |= Q(pk=call.trainee_id)
    else:
        readers &= ~Q(pk=call.trainee_id)
    return User.objects.filter(readers, pk__in=member_ids(current_organization())).order_by("full_name", "email")
