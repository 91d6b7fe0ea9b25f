"""Why the buyer took as long as they did: the time from the trainee's last word to the buyer's first sound, in parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# What a conversation should feel like, in ms: half of all answers within the first, nineteen in twenty within the second.
TARGET_P50_MS = 800
ALARM_P95_MS = 1500


@dataclass(frozen=True, slots=True)
class LatencySplit:
    """Milliseconds, one after the other; `total` is their sum where all are known. None: nobody measured it.

    `endpoint`: to know that the trainee has finished; `words`: until their words were there; `reply`: to think of the
    answer; `voice`: until its first sound was sent.
    """

    endpoint: int | None
    words: int | None
    reply: int | None
    voice: int | None
    total: int

    def to_json(self) -> dict[str, int | None]:
        return {
            "endpoint": self.endpoint,
            "words": self.words,
            "reply": self.reply,
            "voice": self.voice,
            "total": self.total,
        }


def split(heard: Mapping[str, Any], answered: Mapping[str, Any]) -> LatencySplit | None:
    """From what was measured of the trainee's turn (`endpoint`, `text`) and of the buyer's answer to it (`reply`,
    `first_audio_ms`); None where the first sound was not measured. Vendors that do all in one give the total only."""
    total = _ms(answered, "first_audio_ms")
    if total is None:
        return None
    endpoint, text, reply = _ms(heard, "endpoint"), _ms(heard, "text"), _ms(answered, "reply")
    words = max(text - endpoint, 0) if text is not None and endpoint is not None else None
    known = [endpoint, words, reply]
    voice = max(total - sum(item or 0 for item in known), 0) if None not in known else None
    return LatencySplit(endpoint, words, reply, voice, total)


def _ms(measured: Mapping[str, Any], name: str) -> int | None:
    value = measured.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
