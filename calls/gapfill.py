"""`POST transcript/`: turns that a client kept while the server could not be reached.

The server's own record wins. An item is taken only where nothing is known yet, and every item gets its own answer.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from django.db import transaction
from django.utils.translation import gettext as _

from calls import events
from calls.models import Call, Turn
from calls.turns import next_seq, turn_json

# A client's clock and ours differ: the same words of the same speaker this close together are the same turn.
SAME_WITHIN_MS = 3000
MOST_CHARACTERS = 5000
MOST_EVENT_ID_CHARACTERS = 80


class ItemResult(TypedDict):
    index: int
    status: Literal["added", "known", "refused"]
    turn_id: str | None
    issue: str


def fill(*, call: Call, items: list[dict[str, Any]]) -> list[ItemResult]:
    """Each item: {role, content, timestamp_ms, end_ms?, provider_event_id?}. Doing it twice adds nothing."""
    results: list[ItemResult] = []
    with transaction.atomic():
        Call.objects.select_for_update().get(pk=call.pk)
        for index, item in enumerate(items):
            issue = problem(call, item)
            if issue:
                results.append({"index": index, "status": "refused", "turn_id": None, "issue": issue})
                continue
            known = find(call, item)
            if known is not None:
                results.append({"index": index, "status": "known", "turn_id": str(known.pk), "issue": ""})
                continue
            turn = Turn.objects.create(
                call=call,
                seq=next_seq(call.pk),
                role=item["role"],
                content=item["content"].strip(),
                timestamp_ms=item["timestamp_ms"],
                end_ms=max(item["timestamp_ms"], min(item.get("end_ms") or 0, _last_ms(call))),
                provider_event_id=item.get("provider_event_id") or "",
                latency={"source": "client"},
            )
            events.announce(call.pk, "turn:added", {"turn": turn_json(turn)})
            results.append({"index": index, "status": "added", "turn_id": str(turn.pk), "issue": ""})
    return results


def problem(call: Call, item: dict[str, Any]) -> str:
    """What is wrong with an item, as a sentence; empty when nothing is."""
    content, at, end = item.get("content"), item.get("timestamp_ms"), item.get("end_ms")
    event_id = item.get("provider_event_id")
    if item.get("role") not in Turn.Role.values:
        return _("role must be “user” or “assistant”.")
    if not isinstance(content, str) or not content.strip():
        return _("content must not be empty.")
    if len(content) > MOST_CHARACTERS:
        return _("content is too long.")
    if at is None or not _is_time(at):
        return _("timestamp_ms must be a whole number from 0.")
    if end is not None and not _is_time(end):
        return _("end_ms must be a whole number from 0.")
    if at > _last_ms(call):
        return _("timestamp_ms lies after the end of the call.")
    if event_id is not None and (not isinstance(event_id, str) or len(event_id) > MOST_EVENT_ID_CHARACTERS):
        return _("provider_event_id must be a text of at most %(most)d characters.") % {
            "most": MOST_EVENT_ID_CHARACTERS
        }
    return ""


def _last_ms(call: Call) -> int:
    """The latest ms of the call's clock that a client may name."""
    return (call.duration_ms if call.duration_ms is not None else call.time_limit_ms) + SAME_WITHIN_MS


def _is_time(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def find(call: Call, item: dict[str, Any]) -> Turn | None:
    event_id = item.get("provider_event_id")
    if event_id:
        known = call.turns.filter(provider_event_id=event_id).first()
        if known is not None:
            return known
    at = item["timestamp_ms"]
    near = call.turns.filter(
        role=item["role"], timestamp_ms__gte=max(0, at - SAME_WITHIN_MS), timestamp_ms__lte=at + SAME_WITHIN_MS
    )
    said = " ".join(item["content"].lower().split())
    for turn in near:
        if said in {" ".join(turn.content.lower().split()), " ".join(turn.original_content.lower().split())}:
            return turn
    return None
