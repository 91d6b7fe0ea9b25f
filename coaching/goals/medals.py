"""Medals: few, for something done, computed from the calls that count.

None is for private practice that was not submitted, for a voided call, a redo or an upload, and none can be given by hand.
`earned` says which there are for given facts; `refresh` makes a person's rows equal to that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.fields.json import KT
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.profiles import zone_of
from scoring.counted import counted_calls, marks_of
from tenants.context import current_organization

from .models import Medal
from .services import rests_at_weekends
from .streaks import streak_of

HIGH_MARK = 80
IN_A_ROW = 3
CALLS = {"ten_calls": 10, "fifty_calls": 50}
STREAKS = {"streak_7": 7, "streak_30": 30}


@dataclass(frozen=True, slots=True)
class CallFact:
    """A call that counts. `passed` None: no score, or not decided."""

    id: UUID
    at: datetime
    mode: str
    difficulty: str
    passed: bool | None


@dataclass(frozen=True, slots=True)
class MarkFact:
    """One mark of a debrief."""

    call_id: UUID
    at: datetime
    key: str
    name: str
    score: int


@dataclass(frozen=True, slots=True)
class Earned:
    kind: str
    call_id: UUID
    at: datetime
    criterion: str = ""
    criterion_name: str = ""


def earned(
    calls: Sequence[CallFact], marks: Sequence[MarkFact], *, zone: tzinfo, weekends_off: bool = False
) -> list[Earned]:
    """Every medal that these facts give, each for the call that completed it. Both lists oldest first."""
    found: list[Earned] = []
    if marks:
        found.append(Earned("first_debrief", marks[0].call_id, marks[0].at))
    found += [
        Earned(kind, calls[number - 1].id, calls[number - 1].at)
        for kind, number in CALLS.items()
        if len(calls) >= number
    ]
    passed = [call for call in calls if call.passed]
    for kind, call in (
        ("first_pass", next(iter(passed), None)),
        ("hard_buyer", next((call for call in passed if call.difficulty == "hard"), None)),
        ("gauntlet", next((call for call in passed if call.mode == "objection_gauntlet"), None)),
    ):
        if call is not None:
            found.append(Earned(kind, call.id, call.at))
    return [*found, *_rows_of_high_marks(marks), *_streaks(calls, zone=zone, weekends_off=weekends_off)]


def _rows_of_high_marks(marks: Iterable[MarkFact]) -> list[Earned]:
    found: dict[str, Earned] = {}
    rows: dict[str, int] = {}
    for mark in marks:
        rows[mark.key] = rows.get(mark.key, 0) + 1 if mark.score >= HIGH_MARK else 0
        if rows[mark.key] == IN_A_ROW and mark.key not in found:
            found[mark.key] = Earned("criterion", mark.call_id, mark.at, mark.key, mark.name)
    return list(found.values())


def _streaks(calls: Sequence[CallFact], *, zone: tzinfo, weekends_off: bool) -> list[Earned]:
    found: dict[str, Earned] = {}
    days: list[Any] = []
    for call in calls:
        day = call.at.astimezone(zone).date()
        if days and day <= days[-1]:
            continue
        days.append(day)
        # A row is no longer than the days there are; the first ones need not be looked at.
        if len(days) < min(STREAKS.values()) or len(found) == len(STREAKS):
            continue
        length = streak_of(days[-max(STREAKS.values()) :], today=day, weekends_off=weekends_off).days
        for kind, number in STREAKS.items():
            if length >= number and kind not in found:
                found[kind] = Earned(kind, call.id, call.at)
    return list(found.values())


def facts_of(*, user_id: UUID) -> tuple[list[CallFact], list[MarkFact]]:
    """The calls and marks that count, oldest first, in two queries."""
    calls: Any = (
        counted_calls(user_ids=[user_id])
        .filter(ended_at__isnull=False)
        .annotate(difficulty=KT("brief__difficulty"))
        .order_by("ended_at", "pk")
        .values_list("pk", "ended_at", "mode", "difficulty", "score__passed")
    )
    marks: Any = marks_of(user_id=user_id).values_list("run__call_id", "run__call__ended_at", "key", "name", "score")
    return [CallFact(*row) for row in calls], [MarkFact(*row) for row in reversed(marks)]


@transaction.atomic
def refresh(*, user_id: UUID) -> int:
    """Make this person's medals what their calls say; returns how many there are. Doing it twice changes nothing."""
    user = User.objects.select_for_update().get(pk=user_id)
    calls, marks = facts_of(user_id=user_id)
    zone = zone_of(user, current_organization())
    wanted = {
        (one.kind, one.criterion): one
        for one in earned(calls, marks, zone=zone, weekends_off=rests_at_weekends(user_id=user_id))
    }
    for medal in Medal.objects.filter(user_id=user_id):
        one = wanted.pop((medal.kind, medal.criterion), None)
        if one is None:
            medal.delete()
        elif (medal.call_id, medal.earned_at) != (one.call_id, one.at):
            Medal.objects.filter(pk=medal.pk).update(call_id=one.call_id, earned_at=one.at)
    Medal.objects.bulk_create(
        Medal(
            user_id=user_id,
            kind=one.kind,
            criterion=one.criterion,
            criterion_name=one.criterion_name,
            call_id=one.call_id,
            earned_at=one.at,
        )
        for one in wanted.values()
    )
    return Medal.objects.filter(user_id=user_id).count()


def words_of(medal: Medal) -> tuple[str, str]:
    """`(title, what it was for)`, in the reader's language."""
    if medal.kind == "criterion":
        title = _("Sure hand: %(criterion)s") % {"criterion": medal.criterion_name}
        return title, _("%(mark)d or more, three debriefs in a row") % {"mark": HIGH_MARK}
    known = {
        "first_debrief": (_("First debrief"), _("A whole call, scored and explained")),
        "ten_calls": (_("Ten calls"), _("Ten practice calls that count")),
        "fifty_calls": (_("Fifty calls"), _("Fifty practice calls that count")),
        "first_pass": (_("First pass"), _("A score above the pass mark")),
        "hard_buyer": (_("Tough talk"), _("Passed with a hard buyer")),
        "gauntlet": (_("Through the gauntlet"), _("Passed an objection gauntlet")),
        "streak_7": (_("A week of practice"), _("Seven days of practice in a row")),
        "streak_30": (_("A month of practice"), _("Thirty days of practice in a row")),
    }
    return known.get(medal.kind, (medal.kind, ""))
