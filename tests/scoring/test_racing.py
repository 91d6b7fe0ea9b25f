"""Two workers and the inline quick score at once: one run, one event."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django_tenants.utils import schema_context

from calls.models import Call, CallEvent
from integrations import resilience
from integrations.models import ModelCall
from scoring import inline, runs
from scoring.models import Score, ScoreRun
from tests.cast import Cast
from tests.live import committed
from tests.standins import models as standins
from tests.standins.models import KEY

from .calls import make_spoken_call


@pytest.fixture
def committed_call(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[str, Call]]:
    with django_db_blocker.unblock():
        cast = Cast.load()
    schema_name = cast.acme.schema_name
    with committed(django_db_blocker, schema_name):
        yield schema_name, make_spoken_call(trainee=cast.ada, quality="mediocre")


def test_tasks_delivered_twice_meet_in_one_run(committed_call: tuple[str, Call]) -> None:
    schema_name, call = committed_call
    start = threading.Barrier(4)
    failures: list[BaseException] = []

    def work(job: Any) -> None:
        try:
            with schema_context(schema_name):
                start.wait(timeout=120)
                job()
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    jobs = [
        lambda: runs.score_call(call_id=call.pk, track="quick"),
        lambda: runs.score_call(call_id=call.pk, track="quick"),
        lambda: inline.quick_score_now(call.pk),
        lambda: runs.score_call(call_id=call.pk, track="deep"),
    ]
    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=240)
    assert not failures
    assert ScoreRun.objects.filter(call=call, track="quick").count() == 1
    assert ScoreRun.objects.filter(call=call, track="deep").count() == 1
    score = Score.objects.get(call=call)
    assert score.state == "ready"
    assert score.quick_run is not None
    events = list(CallEvent.objects.filter(call=call).order_by("seq").values_list("type", flat=True))
    assert sorted(events) == ["feedback:ready", "score:ready"]


def test_readings_side_by_side_are_all_kept_and_all_paid_for(committed_call: tuple[str, Call], settings: Any) -> None:
    schema_name, call = committed_call
    settings.GRADED_RUNS_AT_ONCE = 2
    resilience.breakers.cache_clear()
    with standins.standing_in(standins.gemini) as vendor, schema_context(schema_name):
        settings.VENDOR_KEYS = {**settings.VENDOR_KEYS, "gemini": KEY}
        settings.VENDOR_BASE_URLS = {**settings.VENDOR_BASE_URLS, "gemini": vendor.base_url}
        run = runs.score_call(call_id=call.pk, track="deep")
        assert run is not None
        assert [reading.judged_by for reading in run.readings.all()] == ["gemini"] * 3
        paid = ModelCall.objects.filter(reference=str(call.pk), outcome="ok")
        assert paid.count() == len(vendor.requests) == 3
    resilience.breakers.cache_clear()
