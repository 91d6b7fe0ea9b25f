"""A rubric in use, calls scored by it, and a change that turns some of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from calls.models import Call, Turn
from scenarios import publishing
from scenarios.models import Criterion, Rubric, RubricVersion
from scoring import runs
from scoring.impact import preview
from scoring.models import RubricImpact, Score
from tests.cast import Cast
from tests.conftest import signed_in
from tests.factories import make_call, make_persona_version, make_scenario_version
from tests.scenarios.conftest import StayingClient

from .rubrics import FIVE
from .transcripts import CALLS, brief, turns_of

ADMIN = "/org/acme/admin"
API = "/org/acme/api/v1/rubrics"


@pytest.fixture
def cy_client(in_acme: Cast) -> Client:
    return signed_in(in_acme.cy, StayingClient())


@pytest.fixture
def rubric(in_acme: Cast) -> Rubric:
    """Published as version 1, and written as rows, so that it can be changed."""
    rubric = Rubric.objects.create(name=FIVE.name, pass_mark=FIVE.pass_mark)
    for position, item in enumerate(FIVE.criteria):
        Criterion.objects.create(
            rubric=rubric,
            position=position,
            key=item.key,
            name=item.name,
            definition=item.definition,
            weight=item.weight,
            signals=list(item.signals),
        )
    publishing.publish_rubric(rubric=rubric)
    return rubric


def spoken(cast: Cast, version: RubricVersion, quality: str, *, score: bool = True, **fields: Any) -> Call:
    situation = make_scenario_version(rubric_version=version, persona_version=make_persona_version(**brief().to_json()))
    call = make_call(trainee=cast.ada, scenario_version=situation, **fields)
    Turn.objects.bulk_create(
        Turn(call=call, seq=at.seq, role=at.role, content=at.content, timestamp_ms=at.start_ms, end_ms=at.end_ms)
        for at in turns_of(CALLS["en", quality])
    )
    if score:
        runs.score_call(call_id=call.pk, track="deep")
    return call


@pytest.fixture
def calls(in_acme: Cast, rubric: Rubric) -> list[Call]:
    version = rubric.newest_published()
    return [spoken(in_acme, version, quality) for quality in ("good", "mediocre", "bad", "good")]


def demand_more(rubric: Rubric) -> None:
    """The opening and the monologue are all that counts, and the pass mark is nearly the whole."""
    rubric.criteria.update(weight=0)
    rubric.criteria.filter(key="closing").update(weight=100, definition="The buyer agrees on a day.", kind="binary")
    Rubric.objects.filter(pk=rubric.pk).update(pass_mark=95)
    publishing.touch(item=rubric)
    rubric.refresh_from_db()


def standing(calls: list[Call]) -> dict[Any, bool | None]:
    return dict(Score.objects.filter(call__in=calls).values_list("call_id", "passed"))


def tried(rubric: Rubric, cast: Cast, last: int = 50) -> RubricImpact:
    impact = preview.begin(rubric=rubric, by=cast.cy, last=last)
    assert preview.go_on(impact.pk)
    impact.refresh_from_db()
    return impact
