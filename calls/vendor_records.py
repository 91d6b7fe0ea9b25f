"""What a vendor kept of a conversation, taken over into its call: exactly once, whoever brings it and in whatever order.

A call that was spoken through our bridge is on record already; only what the bridge missed is added. Of a call that went past
us (direct, by phone) the vendor's record is the record: it brings the turns, the times and the end, and then it is scored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone
from rapidfuzz import fuzz

from calls import events, heard, recordings, services, serving, turns, walked
from calls.models import Call, Recording, VendorConversation
from calls.services import Ending
from integrations.inbound.base import Received
from integrations.inbound.ledger import NOT_OURS
from integrations.inbound.registry import inbound_vendor
from integrations.voice.records import RecordedTool, RecordedTurn, VoiceRecord

logger = structlog.get_logger(__name__)

# A vendor's clock and ours, and what a vendor calls the beginning of a turn, differ by this much at most.
NEAR_MS = 20_000
ALIKE = 80  # per cent of the letters
CONTAINED = 92
MS_PER_CHARACTER = 60  # where a vendor does not say when a turn ended
ENDINGS = {"trainee": "hung_up", "persona": "said_goodbye"}
NOT_FINISHED = "not finished"
FAR_OFF = timedelta(hours=2)  # two clocks that differ by more measure something else


# -- what the vendor tells us ----------------------------------------------------------------------------------------------
def on_record(received: Received) -> str:
    """Handler of `Topic.CALL_RECORD`."""
    adapter = inbound_vendor(received.vendor)
    record = adapter.record_of(received) if adapter is not None else None
    if record is None:
        return "nothing to read"
    return merge(record=record, vendor=received.vendor, via=VendorConversation.Via.WEBHOOK)


def on_recording(received: Received) -> str:
    """Handler of `Topic.CALL_RECORDING`. Raises a `ProviderError` for sound that cannot be read."""
    call = find(vendor=received.vendor, conversation_id=received.conversation_id, variables={})
    if call is None:
        return NOT_OURS
    if not wants_recording(call):
        return "not wanted"
    adapter = inbound_vendor(received.vendor)
    audio = adapter.recording_of(received) if adapter is not None else None
    if audio is None:
        return "nothing to hear"
    recordings.keep_from_vendor(call_id=call.pk, audio=audio)
    return "recording kept"


def on_failure(received: Received) -> str:
    """Handler of `Topic.CALL_FAILED`: a call that never came about uses up no attempt."""
    call = find(vendor=received.vendor, conversation_id=received.conversation_id, variables={})
    if call is None or is_closed(received):
        return NOT_OURS
    _over(received.vendor, received.conversation_id)
    if call.transport not in Call.PAST_US:
        return "left to the bridge"  # which sees its own line and tries another service
    return "attempt given back" if serving.give_back(call_id=call.pk) else "nothing to give back"


def on_live(received: Received) -> str:
    """Handler of `Topic.CALL_LIVE`: words and voices of a call that goes past us, while it is held."""
    adapter = inbound_vendor(received.vendor)
    news = adapter.live_of(received) if adapter is not None else None
    if news is None:
        return "nothing to read"
    variables = received.payload.get("variables", {})
    call = find(vendor=received.vendor, conversation_id=received.conversation_id, variables=variables)
    if call is None or call.transport not in Call.PAST_US or is_closed(received):
        return NOT_OURS
    if call.status == Call.Status.PENDING and call.transport == Call.Transport.PHONE and news.lines:
        call = services.begin_elsewhere(call_id=call.pk)  # words were quicker than the news that somebody picked up
    # Last words come after the end, too; what comes after the record is in it.
    if not (call.status == Call.Status.IN_PROGRESS or (call.status == Call.Status.COMPLETED and call.awaits_record)):
        return "left alone"
    if news.speaking is not None:
        heard.speaks(call_id=call.pk, role=news.speaking[0], speaking=news.speaking[1])
    return f"{heard.add(call_id=call.pk, said=news.lines)} lines heard" if news.lines else "told"


def is_closed(received: Received) -> bool:
    """Is it about a conversation whose record is here already, or one that nobody picked up?"""
    return VendorConversation.objects.filter(
        vendor=received.vendor, conversation_id=received.conversation_id, merged_at__isnull=False
    ).exists()


def close_unanswered(call: Call) -> None:
    """A telephone that nobody picked up: what is still told of that conversation is nothing of this call any more."""
    VendorConversation.objects.filter(call=call, merged_at=None).update(merged_at=timezone.now(), next_pull_at=None)


def wants_recording(call: Call) -> bool:
    """The trainee agreed, and we have none of our own: of a bridge call we do."""
    return (
        call.recording_consent
        and call.transport in Call.PAST_US
        and not Recording.objects.filter(call_id=call.pk).exists()
    )


def private_conversations() -> list[str]:
    """Of practice that its trainee has not submitted: not even that it took place is for others."""
    rows = VendorConversation.objects.filter(call__private=True, call__submitted_at=None)
    return list(rows.values_list("conversation_id", flat=True))


# -- finding the call ------------------------------------------------------------------------------------------------------
def find(*, vendor: str, conversation_id: str, variables: Any) -> Call | None:
    """The call this conversation belongs to; None where it is none of ours.

    The conversation's id decides, since we noted it when the conversation was opened. The id in the variables is only
    trusted for a call that went past us and has no conversation yet: in direct calls a browser had them in its hands.
    """
    known = (
        VendorConversation.objects.select_related("call").filter(vendor=vendor, conversation_id=conversation_id).first()
    )
    named = str(variables.get("parley_call_id", ""))
    if known is not None:
        # One that names another call was claimed by mistake, or by somebody who should not have.
        return known.call if named in ("", str(known.call_id)) else None
    try:
        call_id = UUID(named)
    except ValueError:
        return None
    return (
        Call.objects.filter(pk=call_id, provider=vendor, transport__in=Call.PAST_US, vendor_conversations__isnull=True)
        .exclude(status=Call.Status.COMPLETED, turns__isnull=False)
        .first()
    )


# -- taking the record over ------------------------------------------------------------------------------------------------
def merge(*, record: VoiceRecord, vendor: str, via: str) -> str:
    """Take a record over; returns a word about what was done. A second time nothing happens."""
    call = find(vendor=vendor, conversation_id=record.conversation_id, variables=record.variables)
    if call is None:
        logger.warning("a vendor's record of none of our calls", vendor=vendor)
        return NOT_OURS
    if record.status == "pending":
        return NOT_FINISHED
    with transaction.atomic():
        call = Call.objects.select_for_update().get(pk=call.pk)
        kept, _new = VendorConversation.objects.get_or_create(
            vendor=vendor, conversation_id=record.conversation_id, defaults={"call": call}
        )
        if kept.merged_at is not None:
            return "known"
        added = _merge_past_us(call, record) if call.transport in Call.PAST_US else _merge_bridged(call, record)
        _note_cost(call, record)
        kept.merged_at, kept.via, kept.turns_added = timezone.now(), via, added
        kept.next_pull_at, kept.error = None, ""
        kept.audio_wanted = record.has_audio and wants_recording(call)
        kept.save()
    logger.info("a vendor's record taken over", call=str(call.pk), vendor=vendor, via=via, turns_added=added)
    return f"{added} turns added" if added else "nothing was missing"


def _merge_bridged(call: Call, record: VoiceRecord) -> int:
    if call.status != Call.Status.COMPLETED:
        return 0  # failed, or given back: what was said is not practice
    added = _fill(call, record, end_ms=call.duration_ms)
    if added:
        walked.walk(call)
        services.announce_completed(call.pk)
    return added


def _merge_past_us(call: Call, record: VoiceRecord) -> int:
    if call.status == Call.Status.FAILED:
        return 0
    if record.status == "failed" and not record.turns and call.status != Call.Status.COMPLETED:
        serving.give_back(call_id=call.pk)
        return 0
    if call.status == Call.Status.PENDING:
        call, _first = services.begin(call_id=call.pk)
    if record.started_at is not None and abs(record.started_at - (call.started_at or record.started_at)) < FAR_OFF:
        call.started_at = record.started_at
        Call.objects.filter(pk=call.pk).update(started_at=record.started_at)
    added = _fill(call, record, end_ms=None)
    outcome = walked.walk(call)
    for tool in record.tools:
        _note_tool(call, tool)
    started = call.started_at or call.created_at
    last_ms = max((turn.end_ms or turn.start_ms for turn in record.turns), default=0)
    over_at = started + timedelta(milliseconds=max(record.duration_ms or 0, last_ms))
    if call.status == Call.Status.COMPLETED:
        _correct_end(call, started=started, over_at=over_at, outcome=outcome)
        services.announce_completed(call.pk)
    else:
        by = record.ended_by or "system"
        reason = ENDINGS.get(by, "provider_closed")
        services.complete(call_id=call.pk, ending=Ending(by, reason, outcome, at=over_at))
        if not added:  # nothing was said; `complete` waits for words that will not come
            give_up(call)
    return added


def _correct_end(call: Call, *, started: datetime, over_at: datetime, outcome: str) -> None:
    """The trainee hung up before we knew anything; the vendor's clock is nearer to what was said."""
    duration_ms = max(0, int((over_at - started).total_seconds() * 1000))
    Call.objects.filter(pk=call.pk).update(ended_at=over_at, duration_ms=duration_ms, outcome=call.outcome or outcome)


def give_up(call: Call) -> None:
    """No record will come, or there is nothing in it: what was heard meanwhile is the transcript, and the call is looked at
    as it is."""
    with transaction.atomic():
        locked = Call.objects.select_for_update().get(pk=call.pk)
        if locked.awaits_record:
            heard.into_turns(locked)
            walked.walk(locked)
        locked.metadata["record_given_up"] = True
        locked.save(update_fields=["metadata", "updated_at"])
        services.announce_completed(call.pk)


def _over(vendor: str, conversation_id: str) -> None:
    VendorConversation.objects.filter(vendor=vendor, conversation_id=conversation_id).update(next_pull_at=None)


def _note_cost(call: Call, record: VoiceRecord) -> None:
    if record.cost:
        call = Call.objects.get(pk=call.pk)
        costs = {**call.metadata.get("vendor_cost", {}), record.conversation_id: dict(record.cost)}
        call.metadata["vendor_cost"] = costs
        call.save(update_fields=["metadata", "updated_at"])


def _note_tool(call: Call, tool: RecordedTool) -> None:
    hidden = {"arguments": tool.arguments[:300], "result": tool.result[:300]}
    data = {"name": tool.name, "is_error": tool.is_error, "took_ms": tool.took_ms or 0, events.HIDDEN: hidden}
    events.keep(call.pk, "tool:called", data, at_ms=tool.at_ms)


# -- the turns -------------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class Known:
    """A turn that is on record. `texts`: what was heard, and what had been begun."""

    role: str
    at_ms: int
    texts: tuple[str, ...]
    taken: bool = False


def _fill(call: Call, record: VoiceRecord, *, end_ms: int | None) -> int:
    """Add the record's turns that we do not have; returns how many. `end_ms`: nothing was said after it."""
    rows = list(call.turns.order_by("timestamp_ms"))
    known = [Known(row.role, row.timestamp_ms, tuple(map(plain, (row.content, row.original_content)))) for row in rows]
    shift = _shift(call, record)
    missing = unknown(record.turns, known, shift=shift)
    for index in missing:
        said = record.turns[index]
        start = max(0, said.start_ms + shift)
        turns.record(
            call_id=call.pk,
            role=said.role,
            content=said.text.strip(),
            start_ms=start if end_ms is None else min(start, end_ms),
            end_ms=_end(record.turns, index) + shift,
            provider_event_id=f"{record.conversation_id[:60]}.{index}",
            latency={"source": "vendor"},
            original=said.original if said.interrupted else "",
        )
    if missing:
        turns.put_in_order(call_id=call.pk)
    return len(missing)


def _shift(call: Call, record: VoiceRecord) -> int:
    """From the vendor's clock to the call's, in ms: a call that was taken up again began earlier than this conversation."""
    if record.started_at is None or call.started_at is None:
        return 0
    shift = record.started_at - call.started_at
    return max(0, shift // timedelta(milliseconds=1)) if abs(shift) < FAR_OFF else 0


def _end(said: tuple[RecordedTurn, ...], index: int) -> int:
    """When a turn was over, where the vendor does not say: after its words, or when the next one began."""
    turn = said[index]
    if turn.end_ms is not None:
        return max(turn.start_ms, turn.end_ms)
    spoken = turn.start_ms + len(turn.text) * MS_PER_CHARACTER
    following = said[index + 1].start_ms if index + 1 < len(said) else spoken
    return max(turn.start_ms, min(spoken, following))


def unknown(said: tuple[RecordedTurn, ...], known: list[Known], *, shift: int) -> list[int]:
    """Positions of the turns that are not on record, in order.

    The same words of the same speaker at about the same time are the same turn, even where recognition differed a little;
    so are words that are part of a turn on record, since vendors cut speech into turns in different places.
    """
    open_ones = []
    for index, turn in enumerate(said):
        words = plain(turn.text)
        if not words:
            continue
        best = max(
            (one for one in _near(turn, known, shift) if not one.taken),
            key=lambda one: (_likeness(words, one), -abs(one.at_ms - turn.start_ms - shift)),
            default=None,
        )
        if best is not None and _likeness(words, best) >= ALIKE:
            best.taken = True
        else:
            open_ones.append(index)
    return [
        index
        for index in open_ones
        if not any(_overlap(plain(said[index].text), one) for one in _near(said[index], known, shift))
    ]


def _near(turn: RecordedTurn, known: list[Known], shift: int) -> list[Known]:
    return [one for one in known if one.role == turn.role and abs(one.at_ms - turn.start_ms - shift) <= NEAR_MS]


def _likeness(words: str, one: Known) -> float:
    return max(fuzz.ratio(words, text) for text in one.texts)


def _overlap(words: str, one: Known) -> bool:
    """Is one a part of the other? A single short word is part of too much."""
    for text in one.texts:
        shorter, longer = sorted((words, text), key=len)
        if len(shorter.split()) >= 2 and fuzz.partial_ratio(shorter, longer) >= CONTAINED:
            return True
    return False


def plain(text: str) -> str:
    return " ".join("".join(char if char.isalnum() else " " for char in text.lower()).split())
