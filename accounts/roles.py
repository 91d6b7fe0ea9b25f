"""The four roles, and the one place that decides what each may do.

Pages, API, admin and sockets ask `allows(role, action)`; nothing else compares roles.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    OWNER = "owner", _("owner")
    ADMIN = "admin", _("admin")
    MANAGER = "manager", _("manager")
    TRAINEE = "trainee", _("trainee")


# Names other systems use for the same roles.
ROLE_ALIASES = {"trainer": Role.MANAGER, "client": Role.TRAINEE}


class Action(StrEnum):
    """What can be done in an organisation, by the verb a person would use."""

    PRACTISE = "practise"
    SEE_TEAM = "see_team"  # calls and progress of one's own teams
    SEE_EVERYONE = "see_everyone"
    SEE_HIDDEN_BRIEF = "see_hidden_brief"  # hidden pains, prompts
    AUTHOR = "author"  # personas, scenarios, rubrics
    ASSIGN = "assign"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_ORGANIZATION = "manage_organization"
    MANAGE_BILLING = "manage_billing"
    READ_AUDIT = "read_audit"


_TRAINEE = frozenset({Action.PRACTISE})
_MANAGER = _TRAINEE | {Action.SEE_TEAM, Action.ASSIGN, Action.SEE_HIDDEN_BRIEF}
_ADMIN = _MANAGER | {
    Action.SEE_EVERYONE,
    Action.AUTHOR,
    Action.MANAGE_PEOPLE,
    Action.MANAGE_ORGANIZATION,
    Action.READ_AUDIT,
}
GRANTS: dict[str, frozenset[Action]] = {
    Role.TRAINEE: _TRAINEE,
    Role.MANAGER: frozenset(_MANAGER),
    Role.ADMIN: frozenset(_ADMIN),
    Role.OWNER: frozenset(_ADMIN | {Action.MANAGE_BILLING}),
}

# Apps whose pages in the organisation's admin an author may use, and those that take a people manager.
AUTHORED_APPS = frozenset({"scenarios", "exchange", "knowledge", "training", "generation"})
PEOPLE_APPS = frozenset({"people", "accounts"})
READ_ONLY_APPS = frozenset({"calls", "scoring"})


def allows(role: str | None, action: Action) -> bool:
    """May somebody in this role do that? No role, no right."""
    return role is not None and action in GRANTS.get(role, frozenset())


def roles_that(action: Action) -> list[str]:
    """The roles that may do this."""
    return [role for role, granted in GRANTS.items() if action in granted]


def admin_right(app_label: str, verb: str) -> Action | None:
    """The action that an admin permission (`app`, `view|add|change|delete`) needs; None where nobody has it."""
    if app_label in AUTHORED_APPS:
        return Action.AUTHOR
    if app_label in PEOPLE_APPS:
        return Action.MANAGE_PEOPLE
    if app_label in READ_ONLY_APPS:
        return Action.SEE_EVERYONE if verb == "view" else None
    if app_label in {"tenants", "integrations", "reporting", "takeout", "coaching"}:
        return Action.MANAGE_ORGANIZATION
    if app_label == "admin":
        return Action.READ_AUDIT if verb == "view" else None
    return None


def may_grant(granter: str | None, role: str) -> bool:
    """Nobody hands out more than they hold: admins make admins, managers and trainees; only owners make owners."""
    if not allows(granter, Action.MANAGE_PEOPLE):
        return False
    return role != Role.OWNER or granter == Role.OWNER
