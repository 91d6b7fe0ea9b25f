"""Assignments from a sheet (CSV): who, what, by when; one line each. A line that is refused does not hold up the others.

The head names the columns, in English or Spanish: `email` or `team`; `track` (its key, or its title), or `program`, or
`scenario` (its title); `due` (2026-12-31 or 31/12/2026), `attempts`, `repeat_months`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.memberships import member_ids
from accounts.models import User
from accounts.people.models import Team
from scenarios.models import Scenario, Status
from tenants.context import current_organization
from tenants.errors import DomainError, InvalidInput
from tenants.sheets import lines_of, written

from .assigning import Subject, Target, Terms, assign
from .models import Program, Track

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "email": ("email", "e-mail", "mail", "correo", "correo electrónico"),
    "team": ("team", "equipo"),
    "track": ("track", "itinerario"),
    "program": ("program", "programme", "programa"),
    "scenario": ("scenario", "situación", "situacion"),
    "due": ("due", "due_on", "due date", "fecha", "fecha límite", "vence"),
    "attempts": ("attempts", "intentos"),
    "repeat_months": ("repeat_months", "repeat", "again every (months)", "meses", "repetir"),
}
NEEDED = ({"email", "team"}, {"track", "program", "scenario"})
DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d")
OUTCOMES = ("new", "changed", "refused")


@dataclass(frozen=True, slots=True)
class Line:
    """What became of a line, or would: `outcome` is "new", "changed" or "refused", `message` says why."""

    number: int
    who: str
    what: str
    due_on: date | None
    outcome: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    lines: tuple[Line, ...]
    dry_run: bool

    def count(self, outcome: str) -> int:
        return sum(line.outcome == outcome for line in self.lines)

    @property
    def new(self) -> int:
        return self.count("new")

    @property
    def changed(self) -> int:
        return self.count("changed")

    @property
    def refused(self) -> int:
        return self.count("refused")

    @property
    def usable(self) -> int:
        return len(self.lines) - self.refused

    def as_csv(self) -> str:
        """The report as a sheet of its own."""
        head = [_("line"), _("who"), _("what"), _("due"), _("outcome"), _("message")]
        told = {"new": _("new"), "changed": _("changed"), "refused": _("refused")}
        rows = [
            [line.number, line.who, line.what, line.due_on or "", told[line.outcome], line.message]
            for line in self.lines
        ]
        return written([head, *rows])


def run(text: str, *, actor: Any, dry_run: bool) -> Report:
    """Assign what the sheet says, or only say what would happen. Raises `SheetRefused` where it cannot be read at all."""
    without = _("The first line must name the columns: email or team, track, due.")
    rows = list(lines_of(text, columns=COLUMNS, needs=NEEDED, without=without))
    with transaction.atomic():
        lookup = _Lookup()
        lines = [_line(number, row, lookup, actor, dry_run=dry_run) for number, row in rows]
        if dry_run:
            transaction.set_rollback(True)
    return Report(tuple(lines), dry_run)


class _Lookup:
    """Whom and what a sheet may mean, read once."""

    def __init__(self) -> None:
        members = User.objects.filter(pk__in=member_ids(current_organization()), is_active=True)
        self.people = {user.email.casefold(): user for user in members}
        self.teams = {team.name.casefold(): team for team in Team.objects.all()}
        self.subjects: dict[str, dict[str, Any]] = {
            "track": _by_name(Track.objects.prefetch_related("versions"), "key", "title"),
            "program": _by_name(Program.objects.prefetch_related("versions"), "key", "title"),
            "scenario": _by_name(Scenario.objects.prefetch_related("versions"), "preset_key", "title"),
        }


def _by_name(rows: Iterable[Any], *names: str) -> dict[str, Any]:
    """By key, then by title; what is in use goes before what is archived."""
    found: dict[str, Any] = {}
    ordered = sorted(rows, key=lambda row: row.status == Status.PUBLISHED)
    for name in reversed(names):
        for row in ordered:
            if value := getattr(row, name):
                found[str(value).casefold()] = row
    return found


def _line(number: int, row: Mapping[str, str], lookup: _Lookup, actor: Any, *, dry_run: bool) -> Line:
    who = row.get("email") or row.get("team") or ""
    what = row.get("track") or row.get("program") or row.get("scenario") or ""
    due_on: date | None = None
    try:
        target = _target(row, lookup)
        subject = _subject(row, lookup)
        due_on = _date(row.get("due", ""))
        terms = Terms(due_on, _number(row.get("attempts", "")), _number(row.get("repeat_months", "")))
        with transaction.atomic():
            done = assign(subject=subject, target=target, terms=terms, actor=actor)
    except DomainError as refused:
        message = str(refused.details.get("issue") or refused.message)
        return Line(number, who[:200], what[:200], due_on, "refused", message)
    outcome = "new" if done.created else "changed"
    return Line(number, str(target), str(subject), due_on, outcome, _told(outcome, dry_run=dry_run))


def _told(outcome: str, *, dry_run: bool) -> str:
    if outcome == "new":
        return _("Would be assigned.") if dry_run else _("Assigned.")
    if dry_run:
        return _("Is assigned already; would get the due day, attempts and repetition of this line.")
    return _("Was assigned already; due day, attempts and repetition are now those of this line.")


def _target(row: Mapping[str, str], lookup: _Lookup) -> Target:
    email, team = row.get("email", ""), row.get("team", "")
    if bool(email) == bool(team):
        raise InvalidInput(_("Name a person by e-mail address or a team, one of both."))
    if email:
        if found := lookup.people.get(email.casefold()):
            return found
        raise InvalidInput(_("Nobody here has the address “%(email)s”.") % {"email": email[:100]})
    if known := lookup.teams.get(team.casefold()):
        return known
    raise InvalidInput(_("There is no team “%(team)s”.") % {"team": team[:100]})


def _subject(row: Mapping[str, str], lookup: _Lookup) -> Subject:
    named = [(kind, row[kind]) for kind in lookup.subjects if row.get(kind)]
    if len(named) != 1:
        raise InvalidInput(_("Name a track, a program or a scenario, one of them."))
    kind, name = named[0]
    found: Subject | None = lookup.subjects[kind].get(name.casefold())
    if found is None:
        raise InvalidInput(_("Nothing here is called “%(name)s”.") % {"name": name[:100]})
    return found


def _date(text: str) -> date | None:
    if not text:
        return None
    for form in DATES:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise InvalidInput(_("“%(text)s” is no date. Write 2026-12-31.") % {"text": text[:40]})


def _number(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > 4:
        raise InvalidInput(_("“%(text)s” is no number.") % {"text": text[:40]})
    return int(text)
