"""Calls with a debrief, and their pages, for tests."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django_tenants.utils import schema_context

from calls.models import Call
from scenarios.briefs import PersonaBrief
from scoring.metrics import measure
from scoring.models import Track
from scoring.transcripts import TranscriptTurn
from tests.cast import Cast
from tests.factories import (
    make_call,
    make_run,
    make_score,
    make_turns,
)


def result_of(call: Call) -> dict[str, Any]:
    """What a judge leaves in a run, with real metrics of the dialogue."""
    turns = [
        TranscriptTurn(
            id=str(turn.pk),
            seq=turn.seq,
            role="user" if turn.role == "user" else "assistant",
            content=turn.content,
            start_ms=turn.timestamp_ms,
            end_ms=turn.end_ms,
        )
        for turn in call.turns.order_by("seq")
    ]
    return {
        "summary": "You asked what hurts and agreed on a demo.",
        "interval": {"low": 66, "high": 77},
        "strengths": [
            {"point": "Asked about consequences", "example": "what happens when one is late?", "timestamp_ms": 11500}
        ],
        "improvements": [{"point": "Pitched early", "suggestion": "Ask first: how do you plan?", "timestamp_ms": 2000}],
        "key_moments": [
            {"timestamp_ms": 22500, "type": "strength", "description": "Proposed a day", "quote": "on Tuesday at ten"},
            {"timestamp_ms": 2000, "type": "improvement", "description": "Began with a pitch", "quote": "I am calling"},
        ],
        "metrics": measure(turns, language="en", brief=PersonaBrief.from_json(call.brief)).to_json(),
    }


def ready_call(cast: Cast, **fields: Any) -> Call:
    """A call of Ada's with a full debrief."""
    with schema_context(cast.acme.schema_name):
        call = make_call(trainee=cast.ada, **fields)
        make_turns(call)
        quick = make_run(call, track=Track.QUICK, scores={"opening": 40})
        make_score(call, quick=quick, deep=make_run(call, result=result_of(call)))
    return call


def path_of(call: Call, *, body: bool = False) -> str:
    return f"/org/acme/calls/{call.pk}/debrief/" + ("body/" if body else "")


def page_of(client: Client, call: Call, *, body: bool = False) -> str:
    response = client.get(path_of(call, body=body))
    assert response.status_code == 200, response.status_code
    return response.content.decode()
