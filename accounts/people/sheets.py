"""Invitations from a sheet (CSV): an address, a role and a team a line. A line that is refused does not hold up the others.

The head names the columns, in English or Spanish: `email`, `role` (trainee where it is empty), `team` (its name).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.roles import ROLE_ALIASES, Role
from tenants.errors import DomainError, InvalidInput
from tenants.sheets import lines_of, written

from .invitations import invite
from .models import Team

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "email": ("email", "e-mail", "mail", "correo", "correo electrónico"),
    "role": ("role", "rol", "papel"),
    "team": ("team", "equipo"),
}
INVITED, REFUSED = "invited", "refused"
OUTCOMES = (INVITED, REFUSED)


@dataclass(frozen=True, slots=True)
class Line:
    """What became of a line, or would: `outcome` is one of `OUTCOMES`, `message` says why."""

    number: int
    email: str
    role: str
    team: str
    outcome: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    lines: tuple[Line, ...]
    dry_run: bool

    @property
    def invited(self) -> int:
        return sum(line.outcome == INVITED for line in self.lines)

    @property
    def refused(self) -> int:
        return len(self.lines) - self.invited

    def as_csv(self) -> str:
        """The report as a sheet of its own."""
        head = [_("line"), _("e-mail address"), _("role"), _("team"), _("outcome"), _("message")]
        told = {INVITED: _("invited"), REFUSED: _("refused")}
        rows = [[one.number, one.email, one.role, one.team, told[one.outcome], one.message] for one in self.lines]
        return written([head, *rows])


def run(text: str, *, actor: Any, dry_run: bool) -> Report:
    """Invite whom the sheet names, or only say what would happen; the mails go out after commit. Raises `SheetRefused` where
    it cannot be read at all."""
    without = _("The first line must name the columns: email, role, team.")
    rows = list(lines_of(text, columns=COLUMNS, needs=({"email"},), without=without))
    roles = _roles_by_name()
    with transaction.atomic():
        teams = {team.name.casefold(): team for team in Team.objects.all()}
        lines = tuple(_line(number, row, roles, teams, actor, dry_run=dry_run) for number, row in rows)
        if dry_run:
            transaction.set_rollback(True)
    return Report(lines, dry_run)


def _line(
    number: int,
    row: Mapping[str, str],
    roles: Mapping[str, str],
    teams: Mapping[str, Team],
    actor: Any,
    *,
    dry_run: bool,
) -> Line:
    email, role, team = (row.get(name, "") for name in COLUMNS)
    try:
        if role and role.casefold() not in roles:
            raise InvalidInput(_("There is no role “%(role)s”.") % {"role": role[:100]})
        if team and team.casefold() not in teams:
            raise InvalidInput(_("There is no team “%(team)s”.") % {"team": team[:100]})
        known = roles.get(role.casefold(), Role.TRAINEE)
        with transaction.atomic():
            invite(email=email, role=known, team=teams.get(team.casefold()), actor=actor)
    except DomainError as refused:
        message = str(refused.details.get("issue") or refused.message)
        return Line(number, email[:254], role[:100], team[:120], REFUSED, message)
    message = _("Would be invited.") if dry_run else _("Invited; the mail is on its way.")
    return Line(number, email, str(Role(known).label), team, INVITED, message)


def _roles_by_name() -> dict[str, str]:
    """Every name that a sheet may call a role by: its own, what other systems call it, and its labels in all languages."""
    found = {role.value: role.value for role in Role} | {name: role.value for name, role in ROLE_ALIASES.items()}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found |= {str(role.label).casefold(): role.value for role in Role}
    return found
