"""How far somebody is in a round: computed from calls with their scores and from sittings, as often as one likes.

Of the calls that an assignment asked for, those count that count everywhere: completed, not voided for a technical fault, no
redo, not private. An item is passed by any of them whose score passes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from calls.models import Call
from scenarios.models import Status
from scenarios.training.items import Item
from scenarios.training.models import Assignment
from scenarios.training.models.tracks import CHECK_PASS_MARK
from tenants.schemas import current_schema

from . import certificates
from .models import Enrolment, ItemProgress, Sitting
from .signals import assignment_completed
from .verdicts import verdict


@dataclass(slots=True)
class Standing:
    """Where one item stands, as `ItemProgress` keeps it."""

    attempts: int = 0
    best_score: int | None = None
    passed_at: datetime | None = None
    waiting: bool = False
    call_id: UUID | None = None

    @property
    def state(self) -> str:
        if self.passed_at is not None:
            return ItemProgress.State.PASSED
        return ItemProgress.State.WAITING if self.waiting else ItemProgress.State.OPEN

    def try_(self, *, score: int | None, passed: bool | None, at: datetime, call_id: UUID | None = None) -> None:
        """One attempt. The call that is shown is the first that passed, else the best one."""
        self.attempts += 1
        self.waiting = self.waiting or passed is None
        better = score is not None and (self.best_score is None or score > self.best_score)
        if better:
            self.best_score = score
        if passed and self.passed_at is None:
            self.passed_at, self.call_id = at, call_id
        elif self.passed_at is None and (better or self.call_id is None):
            self.call_id = call_id


def calls_of(enrolment: Enrolment) -> QuerySet[Call]:
    """The calls of this round, whether they count or not."""
    mine = Q(assignment__track_id=enrolment.track_id) if enrolment.track_id else Q(assignment__track__isnull=True)
    if enrolment.scenario_id:
        mine &= Q(assignment__scenario_id=enrolment.scenario_id)
    calls = Call.objects.of(enrolment.user_id).filter(mine, created_at__gte=enrolment.opened_at)
    return calls.filter(created_at__lt=enrolment.closed_at) if enrolment.closed_at else calls


def standings(enrolment: Enrolment) -> dict[str, Standing]:
    """Every item's standing by its key, from the facts; three queries."""
    items = {item.key: item for item in enrolment.items}
    found: dict[str, Standing] = {key: Standing() for key in items}
    calls = (
        calls_of(enrolment)
        .counting()  # type: ignore[attr-defined]  # a CallQuerySet
        .filter(assignment_item__in=list(items))
        .select_related("score__quick_run", "score__deep_run", "score__human_run")
        .order_by("ended_at", "pk")
        .defer("brief", "engine_state", "metadata")
    )
    for call in calls:
        item = items[call.assignment_item]
        score = getattr(call, "score", None)
        found[item.key].try_(
            score=score.settled_score if score else None,
            passed=verdict(score, pass_mark=item.pass_mark),
            at=call.ended_at or call.created_at,
            call_id=call.pk,
        )
    for sitting in enrolment.sittings.filter(item_key__in=list(items)):
        found[sitting.item_key].try_(score=sitting.score, passed=sitting.passed, at=sitting.created_at)
    return found


@transaction.atomic
def recount(enrolment: Enrolment) -> Enrolment:
    """Write down where a round stands; on completion a certificate follows, and the layers above are told.

    Where a score was overturned after the round was completed, the round is open again and its certificate revoked. The
    caller holds the person's rounds (`enrolling.hold`) wherever two might write at once.
    """
    now = standings(enrolment)
    _write(enrolment, now)
    passed = [standing for standing in now.values() if standing.passed_at is not None]
    done = len(passed) == len(now) and bool(now)
    enrolment.progress = 100 * len(passed) // len(now) if now else 0
    was_done = enrolment.state == Enrolment.State.COMPLETED
    if done:
        enrolment.completed_at = max(standing.passed_at for standing in passed if standing.passed_at)
        if enrolment.state == Enrolment.State.OPEN:
            enrolment.state = Enrolment.State.COMPLETED
    elif was_done:
        enrolment.completed_at = enrolment.renews_at = None
        if enrolment.closed_at is None:
            enrolment.state = Enrolment.State.OPEN
    enrolment.save(update_fields=["progress", "completed_at", "renews_at", "state", "updated_at"])
    calls = {standing.call_id for standing in passed if standing.call_id}
    if enrolment.state == Enrolment.State.COMPLETED and done:
        certificates.earn(enrolment, calls=calls)
        if not was_done:
            _announce(enrolment)
    elif was_done:
        certificates.lose(enrolment)
    return enrolment


def _write(enrolment: Enrolment, now: dict[str, Standing]) -> None:
    rows = [
        ItemProgress(
            enrolment=enrolment,
            item_key=key,
            state=standing.state,
            attempts=standing.attempts,
            best_score=standing.best_score,
            passed_at=standing.passed_at,
            call_id=standing.call_id,
        )
        for key, standing in now.items()
    ]
    columns = ["state", "attempts", "best_score", "passed_at", "call"]
    ItemProgress.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["enrolment", "item_key"], update_fields=columns
    )
    enrolment.progress_rows.exclude(item_key__in=list(now)).delete()


def _announce(enrolment: Enrolment) -> None:
    transaction.on_commit(
        partial(
            assignment_completed.send_robust,
            sender=Enrolment,
            schema_name=current_schema(),
            enrolment_id=enrolment.pk,
        )
    )


def waits_for(enrolments: Sequence[Enrolment]) -> dict[UUID, str]:
    """Of rounds that belong to a program: what has to be completed first, by the round's id. One query at most."""
    earlier = {
        row.pk: row.assignment.after_id for row in enrolments if row.assignment is not None and row.assignment.after_id
    }
    if not earlier:
        return {}
    before = Assignment.objects.select_related("track").in_bulk([pk for pk in earlier.values() if pk])
    tracks = {pk: before[after].track for pk, after in earlier.items() if after in before}
    begun, done = set(), set()
    rounds = Enrolment.objects.filter(
        user_id__in={row.user_id for row in enrolments}, track__in=[track for track in tracks.values() if track]
    )
    for user_id, track_id, completed_at in rounds.values_list("user_id", "track_id", "completed_at"):
        begun.add((user_id, track_id))
        if completed_at is not None:
            done.add((user_id, track_id))
    people = {row.pk: row.user_id for row in enrolments}
    return {
        pk: track.title
        for pk, track in tracks.items()
        if track is not None
        and (people[pk], track.pk) not in done
        # What was archived before this person came to it can never be completed.
        and (track.status != Status.ARCHIVED or (people[pk], track.pk) in begun)
    }


def passed_keys(rows: Iterable[ItemProgress]) -> Collection[str]:
    return {row.item_key for row in rows if row.state == ItemProgress.State.PASSED}


def mark_needed(item: Item) -> int:
    """The pass mark of a knowledge check."""
    return CHECK_PASS_MARK if item.pass_mark is None else item.pass_mark


def add_sitting(enrolment: Enrolment, item: Item, **values: Any) -> Sitting:
    """Write a fact down and count anew."""
    made = Sitting.objects.create(enrolment=enrolment, item_key=item.key, **values)
    enrolment.updated_at = timezone.now()
    recount(enrolment)
    return made
