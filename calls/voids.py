"""Attempts that don't count, because something technical went wrong in them, and the people who may see that otherwise.

A void attempt is scored and shown like any other; it is only in no number. Whoever coaches may decide otherwise, with a
reason, and that decision stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.notices.services import notify, place
from accounts.people import audit
from calls import events
from calls.flight.faults import Verdict
from calls.flight_record import assess_call
from calls.models import Call, Turn
from calls.signals import call_counts_changed
from tenants.errors import Conflict, InvalidInput
from tenants.schemas import current_schema

logger = structlog.get_logger(__name__)
BY_HAND = "by_hand"
MOST_CHARACTERS = 300


class NothingToDecide(Conflict):
    code = "NOTHING_TO_DECIDE"
    default_message = gettext_lazy("This attempt is counted like that already, or has not ended.")


def review(*, call_id: UUID) -> bool:
    """Void the attempt when its record says so; True when it was voided now. Once a person has decided, nothing changes."""
    with transaction.atomic():
        call = Call.objects.select_for_update(of=("self",)).select_related("trainee").get(pk=call_id)
        return review_locked(call)


def review_locked(call: Call, turns: Sequence[Turn] | None = None) -> bool:
    """`review` of a call whose row is locked by this transaction. `turns`: all of them, where they are at hand."""
    if call.status != Call.Status.COMPLETED or call.voided_at or "void" in call.metadata:
        return False
    try:
        verdict = assess_call(call, turns).verdict
    except (KeyError, TypeError, ValueError) as error:  # a record that cannot be read must not keep a call from ending
        logger.error("a record could not be assessed", call_id=str(call.pk), error_type=type(error).__name__)
        return False
    if not verdict.is_void:
        return False
    _void(call, str(verdict.kind), details_of(verdict))
    with translation.override(call.trainee.language or call.language):
        try_again = _("Try again.")  # inside of the next line nobody finds it to translate
        message = f"{explanation(call)} {try_again}"
    events.announce(call.pk, "attempt:voided", {"reason": verdict.kind, "message": message}, at_ms=call.duration_ms)
    notify(
        user=call.trainee,
        kind="call_voided",
        data={"title": call.title},
        url=place("calls:room", call.pk) + "debrief/",
        dedupe_key=str(call.pk),
    )
    logger.info("an attempt was voided", call_id=str(call.pk), reason=verdict.kind)
    return True


def details_of(verdict: Verdict) -> dict[str, Any]:
    return {"kind": verdict.kind, "blame": verdict.blame, "ms": verdict.ms, "times": verdict.times}


def _void(call: Call, reason: str, details: dict[str, Any]) -> None:
    call.voided_at = timezone.now()
    call.void_reason = reason
    call.metadata["void"] = details
    call.save(update_fields=["voided_at", "void_reason", "metadata", "updated_at"])
    _tell(call)


def _tell(call: Call) -> None:
    transaction.on_commit(
        partial(call_counts_changed.send_robust, sender=Call, schema_name=current_schema(), call_id=call.pk)
    )


def void_by_hand(*, call_id: UUID, actor: Any, reason: str) -> Call:
    """A coach takes an attempt out of the numbers. Raises `NothingToDecide`, and `InvalidInput` without a reason."""
    reason = _reason(reason)
    with transaction.atomic():
        call = Call.objects.select_for_update().get(pk=call_id)
        if call.status != Call.Status.COMPLETED or call.voided_at:
            raise NothingToDecide
        _void(call, BY_HAND, {"kind": BY_HAND, "note": reason})
        audit.record(actor, "call.voided", call, reason=reason)
        events.announce(
            call_id, "attempt:voided", {"reason": BY_HAND, "message": explanation(call)}, at_ms=call.duration_ms
        )
        notify(
            user=call.trainee,
            kind="call_set_aside",
            data={"title": call.title, "who": actor.get_full_name(), "reason": reason},
            url=place("calls:room", call_id) + "debrief/",
        )
    return call


def count_after_all(*, call_id: UUID, actor: Any, reason: str) -> Call:
    """A coach lets a void attempt count. Raises `NothingToDecide`, and `InvalidInput` without a reason."""
    reason = _reason(reason)
    with transaction.atomic():
        call = Call.objects.select_for_update().get(pk=call_id)
        if not call.voided_at:
            raise NothingToDecide
        audit.record(actor, "call.counted_after_all", call, reason=reason, was=call.void_reason)
        call.metadata["void"] = {"kind": "", "was": call.void_reason, "note": reason}
        call.voided_at = None
        call.void_reason = ""
        call.save(update_fields=["voided_at", "void_reason", "metadata", "updated_at"])
        _tell(call)
    return call


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason:
        raise InvalidInput(details={"field": "reason", "issue": _("Say why.")})
    return reason[:MOST_CHARACTERS]


def explanation(call: Call) -> str:
    """Why the attempt doesn't count, as a sentence in the reader's language; empty where it counts."""
    if not call.voided_at:
        return ""
    details = call.metadata.get("void") or {}
    kind, blame = details.get("kind", ""), details.get("blame", "")
    values = {"seconds": max(1, round(int(details.get("ms") or 0) / 1000)), "times": int(details.get("times") or 0)}
    if kind == "stall" and blame == "parley":
        return _("This attempt doesn't count: for %(seconds)s seconds nothing was heard of the buyer.") % values
    if kind == "stall":
        return _("This attempt doesn't count: the voice service stalled for %(seconds)s seconds.") % values
    if kind == "line_lost" and values["times"] > 1:
        return _("This attempt doesn't count: the connection was lost %(times)s times.") % values
    if kind == "line_lost":
        return _("This attempt doesn't count: the connection was lost for %(seconds)s seconds.") % values
    if kind == "restart":
        return _("This attempt doesn't count: Parley itself was interrupted.")
    if kind == "provider_fault":
        return _("This attempt doesn't count: the voice service failed.")
    if kind == "echo":
        return _("This attempt doesn't count: the microphone heard the buyer from the loudspeaker. A headset helps.")
    if kind == "unclear_speech":
        return _("This attempt doesn't count: too little of what was said could be understood.")
    if kind == BY_HAND:
        return _("This attempt doesn't count: %(note)s") % {"note": details.get("note", "")}
    return _("This attempt doesn't count: a technical fault disturbed it.")
