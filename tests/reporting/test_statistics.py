"""What counts, what averages are over, and when a streak is alive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from calls.models import Call
from reporting.statistics import progress_of, weakest_of
from tests.cast import Cast
from tests.factories import make_call, make_run, make_score, make_scored_call


def days_ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


def test_nobody_has_practised_yet(in_acme: Cast) -> None:
    progress = progress_of(user_id=in_acme.ada.pk, zone=UTC)
    assert (progress.calls_total, progress.calls_scored, progress.average, progress.best) == (0, 0, None, None)
    assert progress.trend == progress.by_criterion == ()
    assert progress.change is None
    assert (progress.streak_days, progress.last_call_at) == (0, None)


def test_only_completed_calls_without_a_fault_count(in_acme: Cast) -> None:
    make_scored_call(trainee=in_acme.ada)
    make_call(trainee=in_acme.ada, status=Call.Status.FAILED)
    make_call(trainee=in_acme.ada, status=Call.Status.IN_PROGRESS)
    make_scored_call(trainee=in_acme.ada, voided_at=timezone.now(), void_reason="connection lost")
    make_scored_call(trainee=in_acme.val)
    too_short = make_call(trainee=in_acme.ada)
    make_score(too_short, state="not_gradable")
    progress = progress_of(user_id=in_acme.ada.pk, zone=UTC)
    assert (progress.calls_total, progress.calls_scored) == (2, 1)
    assert progress.by_mode == {"discovery": 2}
    assert progress.duration_ms == 66_000


def test_average_best_and_trend_are_over_scored_calls(in_acme: Cast) -> None:
    for days, score in ((3, 60), (2, 71), (1, 80)):
        keys = ("opening", "discovery", "objection", "communication", "closing")
        make_scored_call(trainee=in_acme.ada, scores=dict.fromkeys(keys, score), ended_at=days_ago(days))
    progress = progress_of(user_id=in_acme.ada.pk, zone=UTC)
    assert progress.average == 70.33
    assert progress.best == 80
    assert progress.calls_passed == 2
    assert [point.score for point in progress.trend] == [60, 71, 80]


def test_change_compares_five_with_the_five_before(in_acme: Cast) -> None:
    keys = ("opening", "discovery", "objection", "communication", "closing")
    for index, score in enumerate((50, 50, 50, 60, 60, 70, 70, 70)):
        make_scored_call(trainee=in_acme.ada, scores=dict.fromkeys(keys, score), ended_at=days_ago(20 - index))
    assert progress_of(user_id=in_acme.ada.pk, zone=UTC).change == 16  # 66 against 50


def test_weakest_criterion_is_the_weakest_lately(in_acme: Cast) -> None:
    make_scored_call(trainee=in_acme.ada, scores={"opening": 10}, ended_at=days_ago(30))
    for days in range(1, 6):
        make_scored_call(trainee=in_acme.ada, scores={"opening": 90, "closing": 55}, ended_at=days_ago(days))
    progress = progress_of(user_id=in_acme.ada.pk, zone=UTC)
    weakest = progress.by_criterion[0]
    assert (weakest.key, weakest.recent, weakest.calls) == ("closing", 55, 6)
    opening = next(item for item in progress.by_criterion if item.key == "opening")
    assert (opening.average, opening.recent) == (76.67, 90)


def test_a_criterion_that_did_not_apply_is_left_out(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada)
    make_score(call, deep=make_run(call, scores={"closing": 0}, not_applicable=frozenset({"closing"})))
    keys = {item.key for item in progress_of(user_id=in_acme.ada.pk, zone=UTC).by_criterion}
    assert keys == {"opening", "discovery", "objection", "communication"}


def test_replaced_runs_do_not_count_twice(in_acme: Cast) -> None:
    call = make_scored_call(trainee=in_acme.ada, scores={"closing": 20})
    score = call.score
    score.deep_run = make_run(call, scores={"closing": 80})
    score.save()
    closing = next(i for i in progress_of(user_id=in_acme.ada.pk, zone=UTC).by_criterion if i.key == "closing")
    assert (closing.average, closing.calls) == (80, 1)


def test_weakest_of_a_group_in_one_query(in_acme: Cast, django_assert_num_queries: object) -> None:
    make_scored_call(trainee=in_acme.ada, scores={"discovery": 40})
    make_scored_call(trainee=in_acme.val, scores={"opening": 30})
    with django_assert_num_queries(1):  # type: ignore[operator]
        weakest = weakest_of(user_ids=[in_acme.ada.pk, in_acme.val.pk, in_acme.bo.pk])
    assert {key: item.key for key, item in weakest.items()} == {
        in_acme.ada.pk: "discovery",
        in_acme.val.pk: "opening",
    }


def test_days_are_those_of_the_persons_time_zone(in_acme: Cast) -> None:
    """Two calls at 23:30 and 00:30 in Madrid are two days there and one day in UTC."""
    make_call(trainee=in_acme.ada, ended_at=datetime(2026, 3, 9, 22, 30, tzinfo=UTC))
    make_call(trainee=in_acme.ada, ended_at=datetime(2026, 3, 9, 23, 30, tzinfo=UTC))
    madrid = progress_of(user_id=in_acme.ada.pk, zone=ZoneInfo("Europe/Madrid"))
    assert madrid.longest_streak_days == 2
    assert progress_of(user_id=in_acme.ada.pk, zone=UTC).longest_streak_days == 1


def test_numbers_take_the_same_queries_for_one_call_and_for_many(
    in_acme: Cast, django_assert_num_queries: object
) -> None:
    for days in (1, 2, 3, 4):
        make_scored_call(trainee=in_acme.ada, ended_at=days_ago(days))
        with django_assert_num_queries(7):  # type: ignore[operator]
            progress_of(user_id=in_acme.ada.pk, zone=UTC)
