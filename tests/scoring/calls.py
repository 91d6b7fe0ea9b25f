"""Calls in the database that hold the hand-written transcripts."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from calls.models import Call, Turn
from scenarios.models import Rubric, RubricVersion, Status
from tests.factories import make_call, make_persona_version, make_scenario_version

from .rubrics import FIVE
from .transcripts import CALLS, brief, turns_of


def make_five_rubric() -> RubricVersion:
    rubric = Rubric.objects.create(name=FIVE.name, status=Status.PUBLISHED)
    return RubricVersion.objects.create(rubric=rubric, number=1, content=FIVE.to_json())


def make_spoken_call(*, trainee: User, quality: str = "good", language: str = "en", **fields: Any) -> Call:
    """A completed call with everything said in it."""
    content = brief(language).to_json()
    version = make_scenario_version(
        rubric_version=make_five_rubric(), persona_version=make_persona_version(**content), language=language
    )
    call = make_call(trainee=trainee, scenario_version=version, **fields)
    Turn.objects.bulk_create(
        Turn(
            call=call,
            seq=turn.seq,
            role=turn.role,
            content=turn.content,
            timestamp_ms=turn.start_ms,
            end_ms=turn.end_ms,
        )
        for turn in turns_of(CALLS[language, quality])
    )
    return call
