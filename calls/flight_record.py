"""The record of a call as the pure parts in `calls.flight` read it."""

from __future__ import annotations

from collections.abc import Sequence

from calls.flight.faults import Assessment, FaultWindow, Mark, Said, assess
from calls.models import Call, CallEvent, Turn

# What faults are found from.
FAULT_MARKS = (
    "session:opened",
    "line:lost",
    "line:back",
    "line:taken_over",
    "stall",
    "provider:fault",
    "provider:switched",
)


def said_in(turns: Sequence[Turn]) -> list[Said]:
    """An echo is of what the buyer began to say, not only of what was heard of it."""
    return [
        Said(
            by_trainee=turn.role == Turn.Role.USER,
            content=turn.content if turn.role == Turn.Role.USER else turn.original_content or turn.content,
            start_ms=turn.timestamp_ms,
            end_ms=max(turn.end_ms, turn.timestamp_ms),
            confidence=turn.confidence,
        )
        for turn in turns
    ]


def marks_of(call: Call) -> list[Mark]:
    rows = CallEvent.objects.filter(call=call, seq__isnull=True, type__in=FAULT_MARKS).order_by("pk")
    return [Mark(row.type, row.at_ms or 0, row.data) for row in rows]


def assess_call(call: Call, turns: Sequence[Turn] | None = None) -> Assessment:
    """The faults of a call; two queries, one when its turns (in order) are at hand."""
    if turns is None:
        turns = list(call.turns.order_by("seq"))
    end_ms = max([call.duration_ms or 0, *(turn.end_ms for turn in turns)])
    return assess(marks_of(call), said_in(turns), end_ms=end_ms, end_reason=call.end_reason)


def faults_of(call: Call, turns: Sequence[Turn] | None = None) -> tuple[FaultWindow, ...]:
    return assess_call(call, turns).windows
