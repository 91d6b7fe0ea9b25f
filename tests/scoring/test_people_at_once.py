"""Two people, or one who clicks twice, at the same moment: one of them is first, the others are told so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from django_tenants.utils import schema_context

from calls.models import Call
from scoring import appeals, reviews
from scoring.models import Appeal, Review, ScoreRun
from tests.cast import Cast
from tests.factories import CRITERIA, make_scored_call
from tests.live import committed

MARKS: dict[str, int | None] = {key: 60 for key, _name, _weight in CRITERIA}


@pytest.fixture
def cast_of_acme(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    with django_db_blocker.unblock():
        cast = Cast.load()
    with committed(django_db_blocker, cast.acme.schema_name):
        yield cast


@pytest.fixture
def call(cast_of_acme: Cast) -> Call:
    return make_scored_call(trainee=cast_of_acme.ada)


def at_once(cast: Cast, *jobs: Callable[[], Any]) -> list[str]:
    """Runs the jobs together; the names of what those raised who were not first."""
    start = threading.Barrier(len(jobs))
    refused: list[str] = []

    def work(job: Callable[[], Any]) -> None:
        try:
            with schema_context(cast.acme.schema_name):
                start.wait(timeout=120)
                job()
        except Exception as error:  # whatever it is, the test compares it
            refused.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=240)
    return sorted(refused)


def test_a_mark_is_contested_once(cast_of_acme: Cast, call: Call) -> None:
    def contest() -> None:
        appeals.contest(call=call, criterion="closing", reason="I did.")

    assert at_once(cast_of_acme, contest, contest, contest) == ["ContestedBefore", "ContestedBefore"]
    assert Appeal.objects.count() == 1


def test_an_appeal_is_taken_by_one(cast_of_acme: Cast, call: Call) -> None:
    appeal = appeals.contest(call=call, criterion="closing", reason="I did.")
    jobs = [
        lambda: appeals.mark(appeal=appeal, reviewer=cast_of_acme.bo, mark=80),
        lambda: appeals.mark(appeal=appeal, reviewer=cast_of_acme.cy, mark=90),
    ]
    assert at_once(cast_of_acme, *jobs) == ["AppealTaken"]
    appeal.refresh_from_db()
    assert Review.objects.get().reviewer == appeal.taken_by


def test_an_appeal_is_decided_once(cast_of_acme: Cast, call: Call) -> None:
    appeal = appeals.contest(call=call, criterion="closing", reason="I did.")
    appeals.mark(appeal=appeal, reviewer=cast_of_acme.bo, mark=80)

    def decide() -> None:
        appeals.decide(appeal=appeal, reviewer=cast_of_acme.bo, overturn=True, reason="Yes.")

    assert at_once(cast_of_acme, decide, decide) == ["AppealDecided"]
    assert ScoreRun.objects.filter(call=call, judged_by="human").count() == 1


def test_of_two_who_replace_a_score_the_second_looks_again(cast_of_acme: Cast, call: Call) -> None:
    bo = reviews.submit(call=call, reviewer=cast_of_acme.bo, marks=MARKS)
    cy = reviews.submit(call=call, reviewer=cast_of_acme.cy, marks=dict.fromkeys(MARKS, 50))
    assert bo.run_id is not None
    seen = bo.run_id
    jobs = [
        lambda: reviews.override(review=bo, reason="Hurried.", run_id=seen),
        lambda: reviews.override(review=cy, reason="No questions.", run_id=seen),
    ]
    assert at_once(cast_of_acme, *jobs) == ["ScoreMoved"]
    assert ScoreRun.objects.filter(call=call, judged_by="human").count() == 1


def test_marks_are_handed_in_once(cast_of_acme: Cast, call: Call) -> None:
    def submit() -> None:
        reviews.submit(call=call, reviewer=cast_of_acme.bo, marks=MARKS)

    assert at_once(cast_of_acme, submit, submit) == ["AlreadyReviewed"]
    assert Review.objects.count() == 1
