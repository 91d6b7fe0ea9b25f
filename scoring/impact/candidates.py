"""Which calls a change of a rubric concerns, and what they have now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from calls.models import Call
from scenarios.models import Rubric
from scoring.criteria import criteria_of
from scoring.models import Score

MOST_CALLS = 2_000


def scores_of(rubric: Rubric, *, most: int | None = None, since: date | None = None) -> QuerySet[Score]:
    """Scores that stand by a version of this rubric, the newest call first: completed calls that count, neither private
    practice nor redos, which decide nothing."""
    calls = Call.objects.shared().filter(
        status=Call.Status.COMPLETED, voided_at__isnull=True, forked_at_seq__isnull=True
    )
    if since is not None:
        calls = calls.filter(ended_at__gte=timezone.make_aware(datetime.combine(since, time.min)))
    scores = Score.objects.filter(call__in=calls, deep_run__rubric_version__rubric=rubric)
    return scores.order_by("-call__ended_at", "-call_id")[: min(most or MOST_CALLS, MOST_CALLS)]


def before(score: Score) -> dict[str, Any]:
    """What a call has before a job comes to it."""
    return {
        "call_id": score.call_id,
        "before_score": score.overall_score or 0,
        "before_passed": score.passed,
        "set_by_person": score.human_run_id is not None,
    }


def kept_by(score: Score) -> list[dict[str, Any]]:
    """The criteria of a score that a person set, as `compared` gives them: what they decided, before and after. Not what
    the judge had said there, which is in no mean of the scores either."""
    assert score.human_run is not None  # only asked of such scores
    rows = criteria_of(score.human_run)
    return compared(rows, rows)


def compared(old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each criterion of either judgement, in the new one's order: `{key, name, before, after}`."""
    earlier = {item["key"]: item for item in old}
    later = {item["key"]: item for item in new}
    names = {**{key: item["name"] for key, item in later.items()}}
    names |= {key: item["name"] for key, item in earlier.items() if key not in later}
    return [
        {"key": key, "name": name, "before": _mark(earlier.get(key)), "after": _mark(later.get(key))}
        for key, name in names.items()
    ]


def _mark(item: Mapping[str, Any] | None) -> int | None:
    return int(item["score"]) if item is not None and item["applicable"] else None
