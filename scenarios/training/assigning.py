"""Assigning tracks, programs and single scenarios to people and teams.

The same thing for the same target is one assignment: assigning it again changes its date, attempts and rhythm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.memberships import role_of
from accounts.models import User
from accounts.people import audit
from accounts.people.models import Team, TeamMembership
from accounts.roles import Action, allows
from accounts.scoping import visible_user_ids
from scenarios.models import Scenario, Status
from tenants.context import current_organization
from tenants.errors import Conflict, InvalidInput, NotFound, PermissionRefused
from tenants.schemas import current_schema

from .calendars import today
from .models import Assignment, Program, Track
from .models.tracks import MOST_ATTEMPTS
from .signals import assigned

Subject = Track | Scenario | Program
Target = User | Team
MOST_MONTHS = 60
FURTHEST_YEARS = 10


class AssignmentNotFound(NotFound):
    default_message = gettext_lazy("There is no such assignment.")


@dataclass(frozen=True, slots=True)
class Terms:
    """By when, how often each item may be tried, and how often all of it is repeated; None: not limited, once."""

    due_on: date | None = None
    attempts: int | None = None
    repeat_months: int | None = None

    def to_values(self) -> dict[str, Any]:
        return {"due_on": self.due_on, "attempts": self.attempts, "repeat_months": self.repeat_months}


@dataclass(frozen=True, slots=True)
class Assigned:
    """`assignments`: one, or one for each track of a program. `created`: False where all were there and only changed."""

    assignments: list[Assignment]
    created: bool


@transaction.atomic
def assign(*, subject: Subject, target: Target, terms: Terms, actor: Any = None) -> Assigned:
    """Ask somebody, or a team, to do something. `actor` None: the organisation itself (an import, a demo).

    Raises `InvalidInput` for a day that is over, a team in which nobody learns, somebody who is no member, and for what is
    archived or was never published; `PermissionRefused` for people that the actor does not coach.
    """
    if actor is not None:
        refuse_out_of_reach(actor, target)
    refuse_assignment(subject=subject, target=target, terms=terms)
    if isinstance(subject, Program):
        return _assign_program(subject, target, terms, actor)
    made, created = _put(subject, target, terms, actor)
    return Assigned([made], created)


def refuse_assignment(*, subject: Subject, target: Target, terms: Terms) -> None:
    """Raises `InvalidInput` for what could not be done by anybody, whoever assigns it."""
    refuse_terms(terms)
    _refuse_target(target)
    _refuse_subject(subject)
    if isinstance(subject, Program):
        for track in _tracks_of(subject):
            _refuse_subject(track)


def _tracks_of(program: Program) -> list[Track]:
    """The tracks of the published program, in their order."""
    ids = [step["id"] for step in program.newest_published().content["tracks"]]
    # Ids are UUIDs here and texts in the frozen content.
    by_id = {str(track.pk): track for track in Track.objects.filter(pk__in=ids).prefetch_related("versions")}
    return [by_id[pk] for pk in ids]


def _assign_program(program: Program, target: Target, terms: Terms, actor: Any) -> Assigned:
    made: list[Assignment] = []
    anything_new = False
    for track in _tracks_of(program):
        row, created = _put(track, target, terms, actor, program=program, after=made[-1] if made else None)
        made.append(row)
        anything_new = anything_new or created
    return Assigned(made, anything_new)


def _put(subject: Track | Scenario, target: Target, terms: Terms, actor: Any, **more: Any) -> tuple[Assignment, bool]:
    identity: dict[str, Any] = {
        "track" if isinstance(subject, Track) else "scenario": subject,
        "team" if isinstance(target, Team) else "user": target,
    }
    found = Assignment.objects.active().select_for_update(of=("self",)).filter(**identity).first()
    if found is not None:
        return _rewrite(found, {**terms.to_values(), **more}, actor), False
    made = Assignment.objects.create(**identity, **terms.to_values(), **more, assigned_by=actor)
    audit.record(actor, "assignment.made", made, what=str(subject)[:120], **_told(terms))
    _announce(made)
    return made, True


@transaction.atomic
def change(*, assignment: Assignment, values: Mapping[str, Any], actor: Any) -> Assignment:
    """Change `due_on`, `attempts`, `repeat_months`, as far as they are named. Raises as `assign` does, and `Conflict` for
    what was withdrawn."""
    refuse_out_of_reach(actor, assignment.target)
    row = Assignment.objects.select_for_update(of=("self",)).get(pk=assignment.pk)
    if row.withdrawn_at:
        raise Conflict(_("This assignment was withdrawn."))
    terms = Terms(**{name: values.get(name, getattr(row, name)) for name in ("due_on", "attempts", "repeat_months")})
    # A date that stays need not lie ahead.
    refuse_terms(terms, date_is_new=terms.due_on != row.due_on)
    return _rewrite(row, terms.to_values(), actor)


def _rewrite(row: Assignment, values: Mapping[str, Any], actor: Any) -> Assignment:
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(row, name, value)
        row.save(update_fields=[*changed, "updated_at"])
        told = {name: str(value) if value is not None else None for name, value in changed.items()}
        audit.record(actor, "assignment.changed", row, **told)
        _announce(row)
    return row


@transaction.atomic
def change_program(*, assignment: Assignment, values: Mapping[str, Any], actor: Any) -> None:
    """`change` for all that was assigned with it as parts of one program."""
    for row in assignment.with_its_program():
        change(assignment=row, values=values, actor=actor)


@transaction.atomic
def withdraw(*, assignment: Assignment, actor: Any) -> None:
    """Ask it no longer. What was done stays done. Twice is harmless. Raises `PermissionRefused`."""
    refuse_out_of_reach(actor, assignment.target)
    active = Assignment.objects.active().select_for_update(of=("self",))
    row = active.filter(pk=assignment.pk).first()
    if row is None:
        return
    Assignment.objects.filter(pk=row.pk).update(withdrawn_at=timezone.now())
    audit.record(actor, "assignment.withdrawn", row)
    _announce(row)
    # Nobody is asked to complete it any more, so what was to open after it opens after what came before it.
    for following in active.filter(after=row):
        _rewrite(following, {"after_id": row.after_id}, actor)


@transaction.atomic
def withdraw_program(*, assignment: Assignment, actor: Any) -> None:
    """`withdraw` for all that was assigned with it as parts of one program."""
    for row in assignment.with_its_program():
        withdraw(assignment=row, actor=actor)


def withdraw_all(assignments: QuerySet[Assignment]) -> None:
    """The same without asking who does it."""
    for assignment in assignments.filter(withdrawn_at__isnull=True):
        Assignment.objects.filter(pk=assignment.pk).update(withdrawn_at=timezone.now())
        _announce(assignment)


def assignments_seen_by(user: Any) -> Any:
    """The assignments that somebody who assigns may see: everybody's, or those of own teams and their people."""
    role = role_of(user, current_organization())
    rows = Assignment.objects.select_related("track", "scenario", "program", "team", "user")
    if not allows(role, Action.ASSIGN):
        return rows.covering(user.pk)
    visible = visible_user_ids(user, role)
    if visible is None:
        return rows
    return rows.filter(
        pk__in=rows.filter(user_id__in=visible).union(rows.filter(team__in=managed_teams(user))).values("pk")
    )


def managed_teams(user: Any) -> Any:
    """The teams that this person may assign to: all of them for who runs the organisation, else those managed."""
    if allows(role_of(user, current_organization()), Action.SEE_EVERYONE):
        return Team.objects.all()
    return Team.objects.filter(memberships__user_id=user.pk, memberships__is_manager=True)


def refuse_out_of_reach(actor: Any, target: Target) -> None:
    """Raises `PermissionRefused` where the actor may not assign to this person or team."""
    role = role_of(actor, current_organization())
    if not allows(role, Action.ASSIGN):
        raise PermissionRefused
    if isinstance(target, Team):
        if not managed_teams(actor).filter(pk=target.pk).exists():
            raise PermissionRefused(_("You may assign to the teams that you manage."))
        return
    visible = visible_user_ids(actor, role)
    if visible is not None and target.pk not in visible:
        raise PermissionRefused(_("You may assign to the people of the teams that you manage."))


def refuse_terms(terms: Terms, *, date_is_new: bool = True) -> None:
    """Raises `InvalidInput` naming the field."""
    if terms.due_on is not None and date_is_new:
        if terms.due_on < today():
            raise InvalidInput(_("That day is over."), details={"field": "due_on", "issue": _("That day is over.")})
        if terms.due_on.year > today().year + FURTHEST_YEARS:
            issue = _("That is more than %(years)d years ahead.") % {"years": FURTHEST_YEARS}
            raise InvalidInput(issue, details={"field": "due_on", "issue": issue})
    for name, most in (("attempts", MOST_ATTEMPTS), ("repeat_months", MOST_MONTHS)):
        number = getattr(terms, name)
        if number is not None and not 1 <= number <= most:
            issue = _("Give a number from 1 to %(most)d, or nothing.") % {"most": most}
            raise InvalidInput(issue, details={"field": name, "issue": issue})


def _refuse_target(target: Target) -> None:
    if isinstance(target, Team):
        if not TeamMembership.objects.filter(team=target, is_manager=False).exists():
            issue = _("Nobody learns in the team “%(team)s” yet. Put people into it first.") % {"team": target.name}
            raise InvalidInput(issue, details={"field": "team_id", "issue": issue})
    elif role_of(target, current_organization()) is None:
        issue = _("This person is not a member here.")
        raise InvalidInput(issue, details={"field": "user_id", "issue": issue})


def _refuse_subject(subject: Subject) -> None:
    name = {"name": str(subject)}
    issue = ""
    if subject.status == Status.ARCHIVED:
        issue = _("“%(name)s” is archived. Restore it or choose something else.") % name
    elif subject.newest_published() is None:
        issue = _("“%(name)s” was never published, so nobody could begin it.") % name
    if issue:
        field = f"{subject._meta.model_name}_id"
        raise InvalidInput(issue, details={"field": field, "issue": issue})


def _told(terms: Terms) -> dict[str, Any]:
    return {name: str(value) for name, value in terms.to_values().items() if value is not None}


def _announce(assignment: Assignment) -> None:
    transaction.on_commit(
        partial(assigned.send_robust, sender=Assignment, schema_name=current_schema(), assignment_id=assignment.pk)
    )
