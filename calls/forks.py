"""Redo from here: a new call that goes on from a turn of an earlier one, with the same buyer in the same mood.

What both share is copied, word for word and time for time; the buyer remembers what they remembered then; the clock goes on
from there. A redo is scored, so that the two can be compared, but it never counts.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calls import path
from calls.engine.rehearsal import Said, state_after
from calls.models import Call, CallEvent, Turn
from calls.services import brief_of
from calls.turns import turn_json
from integrations.budgets.standing import refuse_where_spent
from integrations.embeddings.embedded import default_encoder
from tenants.errors import Conflict, InvalidInput, RateLimited

MOST_AN_HOUR = 20
# However late the moment is, there is time to do it better.
TIME_TO_REDO_MS = 180_000
NOTHING_REMEMBERED: dict[str, Any] = {}


class NotFinished(Conflict):
    code = "CALL_NOT_ENDED"
    default_message = gettext_lazy("A call can be redone from a moment of it when it has ended.")


class HeldElsewhere(Conflict):
    code = "HELD_ELSEWHERE"
    default_message = gettext_lazy("This call was uploaded: nobody here can play the buyer of it.")


class BuyerHadLeft(Conflict):
    code = "BUYER_HAD_LEFT"
    default_message = gettext_lazy("The buyer hangs up at that point. Choose an earlier moment.")


def find_turn(call: Call, *, turn_id: UUID | None = None, seq: int | None = None) -> Turn:
    """The turn that is meant. Raises `InvalidInput` when the call has no such turn."""
    wanted = {"pk": turn_id} if turn_id is not None else {"seq": seq}
    turn = call.turns.filter(**wanted).first()
    if turn is None:
        field = "turn_id" if turn_id is not None else "turn_seq"
        raise InvalidInput(details={"field": field, "issue": _("This call has no such turn.")})
    return turn


def fork(*, call: Call, turn: Turn, private: bool) -> Call:
    """A new call that shares everything up to and including `turn`. What is hidden of the first call stays hidden.

    Raises `HeldElsewhere`, `NotFinished`, `BuyerHadLeft`, `RateLimited` and `BudgetSpent`.
    """
    if call.channel == Call.Channel.UPLOAD:
        raise HeldElsewhere
    if call.status != Call.Status.COMPLETED:
        raise NotFinished
    refuse_too_many(call)
    refuse_where_spent(call.trainee_id)
    shared = list(call.turns.filter(seq__lte=turn.seq).order_by("seq"))
    if hung_up_in(call, shared):
        raise BuyerHadLeft
    clock_ms = max(turn.end_ms for turn in shared)
    with transaction.atomic():
        branch = Call.objects.create(
            trainee_id=call.trainee_id,
            scenario_version_id=call.scenario_version_id,
            persona_version_id=call.persona_version_id,
            rubric_version_id=call.rubric_version_id,
            pass_mark=call.pass_mark,
            title=call.title,
            mode=call.mode,
            channel=call.channel,
            language=call.language,
            brief=call.brief,
            time_limit_ms=max(call.time_limit_ms, clock_ms + TIME_TO_REDO_MS),
            engine_state=memory_after(call, shared),
            forked_from=call,
            forked_at_seq=turn.seq,
            private=private or call.is_hidden,
            last_event_seq=len(shared),
        )
        copies = Turn.objects.bulk_create(copy_of(turn, branch) for turn in shared)
        for copy in copies:
            path.keep(branch.pk, copy)
        CallEvent.objects.bulk_create(
            CallEvent(
                call=branch,
                seq=number,
                type="turn:added",
                data={"turn": turn_json(copy)},
                at_ms=copy.timestamp_ms if copy.role == Turn.Role.ASSISTANT else copy.end_ms,
            )
            for number, copy in enumerate(copies, start=1)
        )
    return branch


def refuse_too_many(call: Call) -> None:
    since = timezone.now() - timedelta(hours=1)
    recent = call.forks.filter(created_at__gt=since).order_by("created_at").values_list("created_at", flat=True)
    if len(recent) >= MOST_AN_HOUR:
        wait = int((recent[0] - since).total_seconds()) + 1
        raise RateLimited(_("This call was redone very often just now. Try again later."), retry_after=wait)


def copy_of(turn: Turn, branch: Call) -> Turn:
    """The same words at the same times. How long an answer took was measured in the first call and stays there."""
    return Turn(
        call=branch,
        seq=turn.seq,
        role=turn.role,
        content=turn.content,
        timestamp_ms=turn.timestamp_ms,
        end_ms=turn.end_ms,
        original_content=turn.original_content,
        interrupted=turn.interrupted,
        confidence=turn.confidence,
        trace=turn.trace,
        engine_state=turn.engine_state,
        speaker=turn.speaker,
    )


def latest_shared(call: Call, *, most: int = 4) -> list[Turn]:
    """The last turns that a redo shares with its first call, oldest first."""
    return list(reversed(call.turns.filter(seq__lte=call.forked_at_seq).order_by("-seq")[:most]))


def hung_up_in(call: Call, shared: list[Turn]) -> bool:
    """Did the buyer say goodbye in what would be shared?"""
    if call.ended_by != Call.EndedBy.PERSONA:
        return False
    last = call.turns.filter(role=Turn.Role.ASSISTANT).order_by("-seq").values_list("seq", flat=True).first()
    return last is not None and shared[-1].seq >= last


def memory_after(call: Call, shared: list[Turn]) -> dict[str, Any]:
    """What the buyer remembered after the last of these turns: as it was kept, else found by rehearsing them."""
    kept = next((turn.engine_state for turn in reversed(shared) if turn.engine_state), None)
    if kept is not None:
        return kept
    if not any(turn.role == Turn.Role.ASSISTANT for turn in shared):
        return NOTHING_REMEMBERED
    said = [
        Said(
            by_trainee=turn.role == Turn.Role.USER,
            text=turn.content,
            end_ms=turn.end_ms,
            after_silence=any(entry.get("rule") == "silence" for entry in turn.trace),
        )
        for turn in shared
    ]
    return state_after(brief_of(call), said, encoder=default_encoder())
