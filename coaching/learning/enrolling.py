"""Who is in which round of what: follows from the assignments, and is put right whenever something changes.

`reconcile` looks at everything that is asked of one person now. It is harmless to repeat, and the only writer of enrolments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.memberships import member_ids
from accounts.models import Membership
from accounts.people.models import TeamMembership
from scenarios.models import Status
from scenarios.training.calendars import in_months, zone
from scenarios.training.models import Assignment
from tenants.context import current_organization
from tenants.schemas import current_schema

from .models import Enrolment, ItemProgress, Sitting
from .progress import calls_of, recount

# Whoever joins a team after the day by which it was to be done, and whoever is to do it again, has this long.
LATE_DAYS = 14
RENEWAL_DAYS = 30
Subject = tuple[str, UUID]  # "track" or "scenario", and its id


def reconcile(*, user_id: UUID) -> list[Enrolment]:
    """Begin what is newly asked, end what is asked no longer, open the next round of what is due again.

    Returns the present rounds.
    """
    with transaction.atomic():
        hold(user_id)
        live = {subject_of(row): row for row in Enrolment.objects.live().with_content().filter(user_id=user_id)}
        wanted = _wanted(user_id)
        for subject, enrolment in list(live.items()):
            if subject not in wanted:
                if enrolment.state == Enrolment.State.OPEN:
                    _close(enrolment, state=Enrolment.State.WITHDRAWN)
                    del live[subject]
                continue
            if due_again := _follow(enrolment, wanted[subject]):
                _close(enrolment, state=Enrolment.State.COMPLETED, at=due_again)
                del live[subject]
            elif enrolment.state == Enrolment.State.OPEN:
                _renew_version(enrolment, wanted[subject][0].subject)
        for subject, assignments in wanted.items():
            if subject not in live and (begun := _begin(user_id, subject, assignments)):
                live[subject] = begun
    return list(live.values())


def hold(user_id: UUID) -> None:
    """Until the transaction ends, nobody else changes this person's rounds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{current_schema()}.learn.{user_id}"])


def subject_of(row: Enrolment | Assignment) -> Subject:
    if row.track_id:
        return "track", row.track_id
    assert row.scenario_id is not None
    return "scenario", row.scenario_id


def concerned_by(assignment: Assignment) -> set[UUID]:
    """Everybody an assignment may change something for: whom it names, and who is enrolled in its subject because of it."""
    people = set(assignment.enrolments.live().values_list("user_id", flat=True))
    if assignment.user_id:
        people.add(assignment.user_id)
    if assignment.team_id:
        seats = TeamMembership.objects.filter(team_id=assignment.team_id, is_manager=False)
        people.update(seats.values_list("user_id", flat=True))
    return people


def out_of_step() -> set[UUID]:
    """Everybody for whom something is to begin, to end or to begin again, or who completed what is to be repeated and has no
    date for it yet; five queries, however many people there are."""
    members = set(member_ids(current_organization()))
    wanted: set[tuple[UUID, Subject]] = set()
    repeated: set[tuple[UUID, Subject]] = set()
    active = Assignment.objects.active()
    asked = ("track_id", "scenario_id", "repeat_months")
    named = active.filter(user__isnull=False).values_list("user_id", *asked)
    seats = active.filter(team__memberships__is_manager=False).values_list("team__memberships__user_id", *asked)
    for user_id, track_id, scenario_id, repeat_months in [*named, *seats]:
        if user_id in members:
            pair = user_id, ("track", track_id) if track_id else ("scenario", scenario_id)
            wanted.add(pair)
            if repeat_months:
                repeated.add(pair)
    present: set[tuple[UUID, Subject]] = set()
    people: set[UUID] = set()
    columns = ("user_id", "track_id", "scenario_id", "state", "renews_at")
    for user_id, track_id, scenario_id, state, renews_at in Enrolment.objects.live().values_list(*columns):
        pair = user_id, ("track", track_id) if track_id else ("scenario", scenario_id)
        present.add(pair)
        if state == Enrolment.State.OPEN and pair not in wanted:
            people.add(user_id)
        if renews_at is not None and renews_at <= timezone.now() and pair in wanted:
            people.add(user_id)
        # Completing a round does not look at what is asked, so when it comes again is written down by the next sweep.
        if renews_at is None and state == Enrolment.State.COMPLETED and pair in repeated:
            people.add(user_id)
    people.update(outdated().values_list("user_id", flat=True))
    return people | {user_id for user_id, _subject in wanted - present}


def outdated() -> QuerySet[Enrolment]:
    """Open rounds on a version that is no longer the published one, of whoever may not have begun them yet."""
    newer = Q(track_version__status=Status.ARCHIVED, track__status=Status.PUBLISHED)
    newer |= Q(scenario_version__status=Status.ARCHIVED, scenario__status=Status.PUBLISHED)
    sat = Exists(Sitting.objects.filter(enrolment=OuterRef("pk")))
    tried = Exists(ItemProgress.objects.filter(enrolment=OuterRef("pk"), attempts__gt=0))
    return Enrolment.objects.live().filter(newer, ~sat, ~tried, state=Enrolment.State.OPEN)


def _wanted(user_id: UUID) -> dict[Subject, list[Assignment]]:
    """What is asked of this person now; nothing of somebody who is no member any more."""
    member = Membership.objects.active().filter(organization=current_organization(), user_id=user_id)
    if not member.exists():
        return {}
    wanted: dict[Subject, list[Assignment]] = defaultdict(list)
    rows = (
        Assignment.objects.active().covering(user_id).select_related("track", "scenario").order_by("created_at", "pk")
    )
    for assignment in rows:
        wanted[subject_of(assignment)].append(assignment)
    return dict(wanted)


def _begin(user_id: UUID, subject: Subject, assignments: Sequence[Assignment]) -> Enrolment | None:
    """The next round on the version of today; None where nothing is published any more. A round that was withdrawn before it
    was completed is taken up again, on the version that it was on."""
    kind, _pk = subject
    thing: Any = assignments[0].subject
    past = Enrolment.objects.with_content().filter(user_id=user_id, **{f"{kind}_id": thing.pk})
    last = past.order_by("-round").first()
    if last is not None and last.state == Enrolment.State.WITHDRAWN:
        last.state, last.closed_at = Enrolment.State.OPEN, None
        last.save(update_fields=["state", "closed_at", "updated_at"])
        _follow(last, assignments)
        recount(last)
        return last
    version = thing.newest_published()
    if version is None or thing.status == Status.ARCHIVED:
        return None
    row = Enrolment(
        user_id=user_id,
        assignment=assignments[0],
        round=last.round + 1 if last else 1,
        **{kind: thing, f"{kind}_version": version},
    )
    row.due_on, row.attempts = _due(row, assignments), _attempts(assignments)
    row.save(force_insert=True)
    return row


def _renew_version(enrolment: Enrolment, thing: Any) -> None:
    """Put who has not begun on the version of today. A call that was opened for it is a beginning, whatever became of it."""
    version = thing.newest_published()
    if version is None or thing.status == Status.ARCHIVED or has_begun(enrolment):
        return
    if version.pk not in {enrolment.track_version_id, enrolment.scenario_version_id}:
        setattr(enrolment, f"{thing._meta.model_name}_version", version)
        enrolment.save(update_fields=[f"{thing._meta.model_name}_version", "updated_at"])
        enrolment.progress_rows.all().delete()  # items of the older version


def has_begun(enrolment: Enrolment) -> bool:
    return enrolment.sittings.exists() or calls_of(enrolment).exists()


def _follow(enrolment: Enrolment, assignments: Sequence[Assignment]) -> datetime | None:
    """Take over what the assignments say by now. Returns since when the next round is due, where it is."""
    repeats = [assignment.repeat_months for assignment in assignments if assignment.repeat_months]
    renews_at = None
    if repeats and enrolment.completed_at:
        renews_at = in_months(enrolment.completed_at, min(repeats))
    ids = {assignment.pk for assignment in assignments}
    values = {
        "assignment_id": enrolment.assignment_id if enrolment.assignment_id in ids else assignments[0].pk,
        "due_on": _due(enrolment, assignments),
        "attempts": _attempts(assignments),
        "renews_at": renews_at,
    }
    changed = {name: value for name, value in values.items() if getattr(enrolment, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(enrolment, name, value)
        enrolment.save(update_fields=[*changed, "updated_at"])
    return renews_at if renews_at is not None and renews_at <= timezone.now() else None


def _close(enrolment: Enrolment, *, state: str, at: datetime | None = None) -> None:
    enrolment.state, enrolment.closed_at = state, at or timezone.now()
    enrolment.save(update_fields=["state", "closed_at", "updated_at"])


def _due(enrolment: Enrolment, assignments: Sequence[Assignment]) -> date | None:
    """The earliest date asked for. A date that had passed when this person joined is two weeks after that."""
    opened_on = enrolment.opened_at.astimezone(zone()).date()
    if enrolment.round > 1:
        return opened_on + timedelta(days=RENEWAL_DAYS)
    dates = [assignment.due_on for assignment in assignments if assignment.due_on]
    return min((day if day >= opened_on else opened_on + timedelta(days=LATE_DAYS) for day in dates), default=None)


def _attempts(assignments: Sequence[Assignment]) -> int | None:
    """The most generous number; None where one of them leaves it to the track."""
    numbers = [assignment.attempts for assignment in assignments]
    return None if None in numbers else max(number for number in numbers if number is not None)
