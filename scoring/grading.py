"""When a score decides over passing, what it takes, and when it is left to a person.

Practice in private, redos and uploaded calls decide nothing: their one reading says whether the pass mark was reached.
Any other call is graded: a language model reads it `GRADED_RUNS` times, and it passes or fails where the whole interval does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings

from calls.models import Call

from .judges.base import Track

ENOUGH = 2  # readings from which on there is a spread to see


def is_graded(call: Call, track: Track) -> bool:
    """Is passing decided by this call's score? The quick score never decides anything."""
    return track == "deep" and not call.is_hidden and not call.is_redo and call.channel in Call.HELD_HERE


def readings_wanted(call: Call, track: Track) -> int:
    """How often a judge whose verdicts vary reads the call."""
    return max(1, int(settings.GRADED_RUNS)) if is_graded(call, track) else 1


def too_few(call: Call, track: Track, *, had: int, steady: bool) -> bool:
    """Was a call that several readings were wanted of read only once, by a judge that varies? The others failed, or nobody
    paid for them. How far that judge's scores lie apart is not known then, so a person decides."""
    return not steady and had < ENOUGH <= readings_wanted(call, track)


def was_too_few(manifest: Mapping[str, Any]) -> bool:
    """The same, of a run that is kept."""
    readings = manifest.get("readings")
    return isinstance(readings, Mapping) and bool(readings.get("too_few"))


def decided(interval: Mapping[str, Any], *, pass_mark: int, blocked: Sequence[bool]) -> bool | None:
    """Passed, failed, or None: too near to say. `interval`: `{low, high}` in whole points, both ends included. `blocked`: by
    reading, whether a criterion that must not fail did.

    It passes when no reading found a failed blocker and the lower bound reaches the pass mark; it fails when every reading
    found one, or when even the upper bound is below the mark.
    """
    if all(blocked) or interval["high"] < pass_mark:
        return False
    if interval["low"] >= pass_mark and not any(blocked):
        return True
    return None
