"""A call without a word of its judge: what was said and the recording, for who is to judge it unseen."""

from __future__ import annotations

from calls.models import Call, Turn
from scoring.transcripts import count_words

from .page import Debrief
from .transcript import ShownTurn, percent, segments_of


def unjudged(call: Call) -> Debrief:
    """The call's part of its debrief. One query; `call` comes with its recording selected."""
    turns = list(call.turns.order_by("seq"))
    debrief = Debrief(call=call, state="unjudged", recording=getattr(call, "recording", None))
    length_ms = max(call.duration_ms or 0, max((turn.end_ms for turn in turns), default=0))
    debrief.turns = [_shown(turn, length_ms) for turn in turns]
    return debrief


def _shown(turn: Turn, length_ms: int) -> ShownTurn:
    return ShownTurn(
        id=str(turn.pk),
        by_trainee=turn.role == Turn.Role.USER,
        start_ms=turn.timestamp_ms,
        end_ms=turn.end_ms,
        words=count_words(turn.content),
        segments=segments_of(turn.content, ()),
        notes=(),
        interrupted=turn.interrupted,
        start_percent=percent(turn.timestamp_ms, length_ms),
        width_percent=percent(max(turn.end_ms - turn.timestamp_ms, length_ms // 200), length_ms),
        speaker=turn.speaker,
    )
