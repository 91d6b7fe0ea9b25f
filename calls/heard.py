"""Words of a call that goes past us, as its voice service tells them while it is held.

They are shown, and then forgotten: the service's record brings the turns. Only where that record never comes do they become
the transcript (`into_turns`), so that nothing that was said is lost. They come twice, late and in the wrong order; each is an
event of its own, and whoever shows them puts them in order by their time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from calls import events, turns
from calls.engine.text import plain
from calls.models import Call, CallEvent
from integrations.voice.records import HeardLine

HEARD = "words:heard"
SPEAKING = "speaking"
# A piece of an utterance is told when it was understood: a little after it was said.
BEFORE_MS, AFTER_MS = 1000, 4000
MS_PER_CHARACTER = 60  # where a vendor does not say when an utterance ended
FAR_OFF = timedelta(hours=2)  # a clock that differs by more measures something else


def add(*, call_id: UUID, said: Iterable[HeardLine]) -> int:
    """Tell what is new of it, as `words:heard` events; returns how many lines that were."""
    added = 0
    with transaction.atomic():
        call = Call.objects.select_for_update().get(pk=call_id)
        known = lines(call)
        for line in said:
            new = _new(line, known, started_at=call.started_at)
            if new is not None:
                known = [other for other in known if other["id"] not in new["replaces"]] + [new]
                events.announce(call_id, HEARD, {"line": new}, at_ms=new["timestamp_ms"])
                added += 1
    return added


def lines(call: Call) -> list[dict[str, Any]]:
    """`{id, role, content, timestamp_ms, end_ms, whole, replaces}`, by time; without those that longer ones have replaced."""
    told = [data["line"] for data in CallEvent.objects.filter(call=call, type=HEARD).values_list("data", flat=True)]
    replaced = {name for line in told for name in line["replaces"]}
    return sorted((line for line in told if line["id"] not in replaced), key=itemgetter("timestamp_ms"))


def speaks(*, call_id: UUID, role: str, speaking: bool) -> None:
    """Whose voice is heard now; written nowhere."""
    events.mention(call_id, SPEAKING, {"role": role, "speaking": speaking})


def into_turns(call: Call) -> int:
    """Make them the transcript of a call that nobody will bring a record of; what one says in a row is one turn. Returns how
    many turns there are now; twice is once."""
    made = 0
    for role, said in groupby(lines(call), key=itemgetter("role")):
        pieces = list(said)
        start = pieces[0]["timestamp_ms"]
        turns.record(
            call_id=call.pk,
            role=role,
            content=" ".join(piece["content"] for piece in pieces),
            start_ms=start,
            end_ms=max(piece["end_ms"] for piece in pieces),
            provider_event_id=f"heard.{pieces[0]['id']}",
            latency={"source": "live"},
        )
        made += 1
    return made


def _new(line: HeardLine, known: list[dict[str, Any]], *, started_at: datetime | None) -> dict[str, Any] | None:
    """The line as it is told, or None for one that was told already.

    A whole utterance takes the place of the pieces of it that were told; a piece of one that was told is nothing new.
    """
    words, now = plain(line.text), timezone.now()
    at_ms = _at_ms(line.at or now, started_at, now)
    end_ms = _at_ms(line.until, started_at, now) if line.until else at_ms + len(line.text) * MS_PER_CHARACTER
    new: dict[str, Any] = {
        "id": _name(line, words),
        "role": line.role,
        "content": line.text,
        "timestamp_ms": at_ms,
        "end_ms": max(at_ms, end_ms) if line.whole else at_ms,
        "whole": line.whole,
        "replaces": [],
    }
    if not words or any(other["id"] == new["id"] for other in known):
        return None
    near = [other for other in known if other["role"] == line.role and _same_time(new, other)]
    if line.whole:
        if _within(words, " ".join(plain(other["content"]) for other in near)):
            return None
        new["replaces"] = [other["id"] for other in near if _within(plain(other["content"]), words)]
    elif any(other["whole"] and _within(words, plain(other["content"])) for other in near):
        return None
    return new


def _same_time(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """May they be words of one utterance?"""
    if one["whole"] and other["whole"]:
        return abs(one["timestamp_ms"] - other["timestamp_ms"]) <= BEFORE_MS
    whole, piece = (one, other) if one["whole"] else (other, one)
    start, end = whole["timestamp_ms"] - BEFORE_MS, whole["end_ms"] + AFTER_MS
    return bool(start <= piece["timestamp_ms"] <= end)


def _within(words: str, longer: str) -> bool:
    """As whole words: "no" is no part of "nothing"."""
    return f" {words} " in f" {longer} "


def _name(line: HeardLine, words: str) -> str:
    """The same for the same message, however often it comes."""
    at = line.at.isoformat() if line.at else ""
    return hashlib.sha256(f"{line.role}|{at}|{line.whole}|{words}".encode()).hexdigest()[:16]


def _at_ms(at: datetime, started_at: datetime | None, now: datetime) -> int:
    """On the call's clock."""
    if started_at is None:
        return 0
    return max(0, ((at if abs(at - now) < FAR_OFF else now) - started_at) // timedelta(milliseconds=1))
