"""What was said, written as it is said. A turn is told to anybody only after it is on disk."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from calls import events, path
from calls.models import Call, Turn


def record(
    *,
    call_id: UUID,
    role: str,
    content: str,
    start_ms: int,
    end_ms: int,
    provider_event_id: str = "",
    confidence: float | None = None,
    trace: tuple[dict[str, Any], ...] = (),
    latency: dict[str, Any] | None = None,
    engine_state: dict[str, Any] | None = None,
    original: str = "",
    speaker: str = "",
) -> Turn:
    """Append a turn (times in ms of the call) and, with it, what the buyer remembers. The same `provider_event_id`
    twice gives the first turn. `original`: what was begun, where an interruption left only `content` heard. `speaker`: who
    says it, by name, in a call that has several."""
    with transaction.atomic():
        call = Call.objects.select_for_update().only("pk").get(pk=call_id)
        if provider_event_id:
            known = Turn.objects.filter(call=call, provider_event_id=provider_event_id).first()
            if known is not None:
                return known
        turn = Turn.objects.create(
            call=call,
            seq=next_seq(call_id),
            role=role,
            content=content,
            original_content=original,
            interrupted=bool(original),
            timestamp_ms=max(0, start_ms),
            end_ms=max(0, start_ms, end_ms),
            provider_event_id=provider_event_id,
            confidence=confidence,
            trace=list(trace),
            latency=latency or {},
            engine_state=engine_state,
            speaker=speaker,
        )
        if engine_state is not None:
            Call.objects.filter(pk=call_id).update(engine_state=engine_state)
        # The trainee's words are known when they have been said, the buyer's before.
        at_ms = turn.end_ms if role == Turn.Role.USER else turn.timestamp_ms
        events.announce(call_id, "turn:added", {"turn": turn_json(turn)}, at_ms=at_ms)
        path.keep(call_id, turn)
    return turn


def cut(*, turn_id: UUID, spoken: str, end_ms: int) -> None:
    """The trainee cut in: only `spoken` was heard."""
    with transaction.atomic():
        turn = Turn.objects.select_for_update().get(pk=turn_id)
        turn.original_content = turn.original_content or turn.content
        turn.content = spoken or "…"
        turn.interrupted = True
        turn.end_ms = max(turn.timestamp_ms, end_ms)
        turn.save(update_fields=["original_content", "content", "interrupted", "end_ms"])
        events.announce(turn.call_id, "turn:added", {"turn": turn_json(turn), "corrected": True}, at_ms=turn.end_ms)
        unsaid = len(turn.original_content) - len(spoken)
        events.keep(
            turn.call_id, "interruption", {"turn_id": turn.pk, "unsaid_characters": max(0, unsaid)}, at_ms=turn.end_ms
        )


def finish(*, turn_id: UUID, end_ms: int, first_audio_ms: int | None) -> None:
    """The buyer's last word of this turn was played."""
    with transaction.atomic():
        turn = Turn.objects.select_for_update().get(pk=turn_id)
        turn.end_ms = max(turn.timestamp_ms, end_ms)
        if first_audio_ms is not None:
            turn.latency = {**turn.latency, "first_audio_ms": first_audio_ms}
        turn.save(update_fields=["end_ms", "latency"])
        timed = {"turn_id": turn.pk, "start_ms": turn.timestamp_ms, "end_ms": turn.end_ms, **turn.latency}
        events.keep(turn.call_id, "turn:timed", timed, at_ms=turn.end_ms)


def put_in_order(*, call_id: UUID) -> bool:
    """Number the turns by their times, where turns that came late stand behind later ones. A call that others branched off
    keeps its numbers, and so does what a redo shares. Returns whether anything changed."""
    with transaction.atomic():
        call = Call.objects.select_for_update().get(pk=call_id)
        if call.forks.exists():
            return False
        first = (call.forked_at_seq or 0) + 1
        rows = list(call.turns.filter(seq__gte=first).order_by("timestamp_ms", "seq"))
        wanted = {row.pk: number for number, row in enumerate(rows, start=first)}
        moved = [row for row in rows if wanted[row.pk] != row.seq]
        for shift in (max((row.seq for row in rows), default=0), 0):  # each number once, at every moment
            for row in moved:
                Turn.objects.filter(pk=row.pk).update(seq=wanted[row.pk] + shift)
    return bool(moved)


def next_seq(call_id: UUID) -> int:
    return (Turn.objects.filter(call_id=call_id).aggregate(last=Max("seq"))["last"] or 0) + 1


def turn_json(turn: Turn) -> dict[str, Any]:
    """A turn as the API and the events socket give it. The buyer's trace is for the debrief, not for the call."""
    return {
        "id": str(turn.pk),
        "seq": turn.seq,
        "role": turn.role,
        "content": turn.content,
        "timestamp_ms": turn.timestamp_ms,
        "end_ms": turn.end_ms,
        "interrupted": turn.interrupted,
        "confidence": turn.confidence,
        "speaker": turn.speaker,
        "created_at": turn.created_at.isoformat().replace("+00:00", "Z"),
    }
