"""Whose calls and progress each role sees."""

from __future__ import annotations

from accounts.people.models import Team, TeamMembership
from accounts.roles import Role
from accounts.scoping import may_see, visible_user_ids
from tests.cast import Cast


def test_a_trainee_sees_only_their_own_work(in_acme: Cast) -> None:
    assert visible_user_ids(in_acme.ada, Role.TRAINEE) == {in_acme.ada.pk}


def test_a_manager_sees_the_teams_they_manage(in_acme: Cast) -> None:
    assert visible_user_ids(in_acme.bo, Role.MANAGER) == {in_acme.ada.pk, in_acme.bo.pk}
    assert may_see(in_acme.bo, Role.MANAGER, in_acme.ada.pk)
    assert not may_see(in_acme.bo, Role.MANAGER, in_acme.val.pk)


def test_being_in_a_team_is_not_managing_it(in_acme: Cast) -> None:
    south = Team.objects.create(name="South")
    TeamMembership.objects.create(team=south, user=in_acme.val)
    TeamMembership.objects.create(team=south, user=in_acme.bo, is_manager=False)
    assert not may_see(in_acme.bo, Role.MANAGER, in_acme.val.pk)


def test_a_team_lead_who_is_a_trainee_by_role_sees_nobody_else(in_acme: Cast) -> None:
    TeamMembership.objects.filter(user=in_acme.ada).update(is_manager=True)
    assert visible_user_ids(in_acme.ada, Role.TRAINEE) == {in_acme.ada.pk}


def test_admins_and_owners_see_everyone(in_acme: Cast) -> None:
    assert visible_user_ids(in_acme.cy, Role.ADMIN) is None
    assert visible_user_ids(in_acme.dee, Role.OWNER) is None


def test_without_a_role_there_is_nothing_to_see(in_acme: Cast) -> None:
    assert visible_user_ids(in_acme.gil, None) == set()
