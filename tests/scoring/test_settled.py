"""A score that waits for a person's decision is in no number that anybody meets; once it is decided it is in all of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from calls.models import Call
from coaching.coach import own_calls
from coaching.goals.progress import LAST_MARKS
from coaching.learning.verdicts import verdict
from reporting import statistics, team
from reporting.skills import skills_of
from reporting.takeout import making
from scoring.counted import marks_of
from scoring.models import Score
from tests.cast import Cast
from tests.factories import make_call, make_run, make_score

READ: dict[str, Callable[[Cast], Any]] = {
    "average": lambda cast: statistics.progress_of(user_id=cast.ada.pk, zone=UTC).average,
    "best": lambda cast: statistics.progress_of(user_id=cast.ada.pk, zone=UTC).best,
    "trend": lambda cast: [point.score for point in statistics.trend_of(user_id=cast.ada.pk)],
    "criteria": lambda cast: statistics.criteria_of(user_id=cast.ada.pk),
    "weakest": lambda cast: statistics.weakest_of(user_ids=[cast.ada.pk]),
    "skills": lambda cast: skills_of(user_id=cast.ada.pk),
    "team": lambda cast: team.members_of(organization=cast.acme, visible={cast.ada.pk}).get().average,
    "goals and medals": lambda cast: list(marks_of(user_id=cast.ada.pk)[:LAST_MARKS]),
    "chat coach": lambda cast: own_calls.recent(cast.ada),
    "export of the organisation": lambda cast: (
        b'"overall_score":72' in b"".join(making._call_lines()).replace(b" ", b"")
    ),
}


@pytest.fixture
def call(in_acme: Cast) -> Call:
    call = make_call(trainee=in_acme.ada, ended_at=timezone.now())
    make_score(call, deep=make_run(call, passed=None), state=Score.State.NEEDS_REVIEW)
    return call


@pytest.mark.parametrize("name", list(READ))
def test_it_is_in_no_number_before_it_is_decided(in_acme: Cast, call: Call, name: str) -> None:
    assert not READ[name](in_acme)
    Score.objects.update(state=Score.State.READY, passed=True)
    assert READ[name](in_acme)


def test_it_passes_nothing_and_is_nobodys_best(in_acme: Cast, call: Call) -> None:
    score = Score.objects.get(call=call)
    assert (score.overall_score, score.settled_score, verdict(score, pass_mark=10)) == (72, None, None)


def test_the_list_of_calls_is_not_sorted_into_its_band(call: Call, bo_client: Client, in_acme: Cast) -> None:
    band = Score.objects.get().band
    page = f"/org/acme/team/{in_acme.ada.pk}/?band={band}"
    assert str(call.pk) not in bo_client.get(page).content.decode()
