"""What a buyer remembers at some point of a conversation, found by holding the conversation once more.

The buyer is deterministic: the same brief and the same turns lead to the same memory. So a turn whose memory was not kept (it
is older than that, or another voice played the buyer) can still be gone on from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from calls.engine.buyer import SILENCE_MS
from calls.engine.ensemble import player
from integrations.embeddings.base import Encoder
from scenarios.briefs import PersonaBrief


@dataclass(frozen=True, slots=True)
class Said:
    """One turn. `end_ms` on the call's clock; `after_silence`: the buyer spoke because nobody else did."""

    by_trainee: bool
    text: str
    end_ms: int
    after_silence: bool = False


def state_after(brief: PersonaBrief, turns: Iterable[Said], *, encoder: Encoder) -> dict[str, Any]:
    """The buyer's memory after these turns, as JSON. A last turn of the trainee is not heard yet: its answer is to come."""
    buyer = player(brief, encoder=encoder)
    opened = False
    unanswered: list[Said] = []
    for turn in turns:
        if turn.by_trainee:
            unanswered.append(turn)
            continue
        if not opened:
            buyer.open()
            opened = True
        if turn.after_silence:
            buyer.silence(silent_ms=SILENCE_MS[-1])
        for heard in unanswered:
            buyer.hear(heard.text, at_ms=heard.end_ms)
        unanswered.clear()
    return buyer.state()
