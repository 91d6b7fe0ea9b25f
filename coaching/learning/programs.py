"""How far people are with programs: tracks that were assigned one after the other.

Whose program it is follows from the assignments in force; how far they are with it from their rounds of its tracks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from accounts.memberships import member_ids, role_of
from accounts.models import User
from accounts.scoping import visible_user_ids
from scenarios.training.calendars import today
from scenarios.training.models import Assignment, Program
from tenants.context import current_organization

from .models import Enrolment

STATES = COMPLETED, OPEN, LATE, NOT_BEGUN = "completed", "open", "late", "not_begun"


@dataclass(frozen=True, slots=True)
class Step:
    """One track of somebody's program. `progress` in percent; `assignment_id` leads to its page, None before it is begun."""

    title: str
    state: str
    progress: int = 0
    begun: bool = False
    due_on: date | None = None
    assignment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One program of one person. Only the tracks that are asked of this person count."""

    program: Program
    user: User
    steps: tuple[Step, ...]

    @property
    def progress(self) -> int:
        """The mean of the tracks, in percent."""
        return sum(step.progress for step in self.steps) // len(self.steps) if self.steps else 0

    @property
    def done(self) -> int:
        return sum(step.state == COMPLETED for step in self.steps)

    @property
    def state(self) -> str:
        if self.steps and self.done == len(self.steps):
            return COMPLETED
        if any(step.state == LATE for step in self.steps):
            return LATE
        return OPEN if any(step.begun or step.state == COMPLETED for step in self.steps) else NOT_BEGUN


@dataclass(slots=True)
class Summary:
    """One program and how many people are how far with it; `progress` is the mean of the people, in percent."""

    program: Program
    standings: list[Standing] = field(default_factory=list)

    def count(self, state: str) -> int:
        return sum(one.state == state for one in self.standings)

    @property
    def people(self) -> int:
        return len(self.standings)

    @property
    def completed(self) -> int:
        return self.count(COMPLETED)

    @property
    def late(self) -> int:
        return self.count(LATE)

    @property
    def progress(self) -> int:
        return sum(one.progress for one in self.standings) // self.people if self.people else 0


def summaries_for(viewer: Any) -> list[Summary]:
    """The programs of the people whom somebody coaches, by title. Six queries, however many people and programs."""
    found: dict[UUID, Summary] = {}
    for one in standings_of(_coached_by(viewer)):
        found.setdefault(one.program.pk, Summary(one.program)).standings.append(one)
    return sorted(found.values(), key=lambda summary: summary.program.title.casefold())


def summary_for(viewer: Any, program: Program) -> Summary:
    """The same for one program; who is late comes first, then who is least far."""
    people = standings_of(_coached_by(viewer), only=program.pk)
    rank = {LATE: 0, NOT_BEGUN: 1, OPEN: 1, COMPLETED: 2}
    ordered = sorted(people, key=lambda one: (rank[one.state], one.progress, str(one.user.get_full_name()).casefold()))
    return Summary(program, ordered)


def programs_of(user: Any) -> list[Standing]:
    """One's own, by title."""
    return sorted(standings_of([user.pk]), key=lambda one: one.program.title.casefold())


def standings_of(user_ids: Iterable[UUID], *, only: UUID | None = None) -> list[Standing]:
    """Of these people, all their programs, or one."""
    asked = _asked(set(user_ids), only)
    if not asked:
        return []
    wanted = {program_id for programs, _tracks in asked.values() for program_id in programs}
    programs = {row.pk: row for row in Program.objects.filter(pk__in=wanted).prefetch_related("versions")}
    people = User.objects.in_bulk(list(asked))
    rounds = _rounds(asked)
    day = today()
    standings = []
    for user_id, (program_ids, track_ids) in asked.items():
        for program in (programs[pk] for pk in program_ids):
            steps = tuple(
                _step(title, rounds.get((user_id, track_id)), day)
                for track_id, title in _tracks_of(program)
                if track_id in track_ids
            )
            standings.append(Standing(program, people[user_id], steps))
    return standings


def _coached_by(viewer: Any) -> set[UUID]:
    organization = current_organization()
    members = set(member_ids(organization))
    visible = visible_user_ids(viewer, role_of(viewer, organization))
    return members if visible is None else members & visible


def _asked(user_ids: set[UUID], only: UUID | None) -> dict[UUID, tuple[set[UUID], set[UUID]]]:
    """Of each person the programs and the tracks that are asked of them, by name or as a member of a team."""
    active = Assignment.objects.active().filter(track__isnull=False)
    named = active.filter(user__in=user_ids).values_list("user_id", "program_id", "track_id")
    seats = active.filter(team__memberships__user__in=user_ids, team__memberships__is_manager=False)
    programs: dict[UUID, set[UUID]] = defaultdict(set)
    tracks: dict[UUID, set[UUID]] = defaultdict(set)
    for user_id, program_id, track_id in [
        *named,
        *seats.values_list("team__memberships__user_id", "program_id", "track_id"),
    ]:
        tracks[user_id].add(track_id)
        if program_id is not None and only in {None, program_id}:
            programs[user_id].add(program_id)
    return {user_id: (found, tracks[user_id]) for user_id, found in programs.items()}


def _rounds(asked: dict[UUID, tuple[set[UUID], set[UUID]]]) -> dict[tuple[UUID, UUID], Enrolment]:
    rows = Enrolment.objects.live().with_begun().filter(user__in=list(asked), track__isnull=False)
    columns = ("user_id", "track_id", "assignment_id", "state", "progress", "due_on")
    return {(row.user_id, row.track_id): row for row in rows.only(*columns) if row.track_id}


def _tracks_of(program: Program) -> Sequence[tuple[UUID, str]]:
    """As they were published last; also of a program that is archived by now, since people still are on their way."""
    version = max(program.versions.all(), key=lambda version: version.number, default=None)
    return [(UUID(step["id"]), step["title"]) for step in version.content["tracks"]] if version else []


def _step(title: str, enrolment: Enrolment | None, day: date) -> Step:
    if enrolment is None:
        return Step(title, NOT_BEGUN)
    begun: bool = enrolment.begun  # type: ignore[attr-defined]  # of the query
    state = OPEN if begun else NOT_BEGUN
    if enrolment.state == Enrolment.State.COMPLETED:
        state = COMPLETED
    elif enrolment.due_on is not None and enrolment.due_on < day:
        state = LATE
    return Step(title, state, enrolment.progress, begun, enrolment.due_on, enrolment.assignment_id)
