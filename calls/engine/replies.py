"""What the buyer gives back for one turn: words, why, and whether they hung up."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """One rule that fired. `rule` is a stable code; `effect` ("patience −8") and `detail` (a sentence) are for people,
    in the language of the call; `subject` is the key of the objection, hidden pain or fact it was about."""

    rule: str
    effect: str
    detail: str
    subject: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class HangUp:
    """The buyer ends the call after this line.

    `reason`: next_step_agreed, goodbye, patience_ran_out, rude, time_up, silence.
    `outcome`: won (the next step is agreed), follow_up (a lesser promise), undecided, lost.
    """

    reason: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Reply:
    """`speaker`: who says it in a branching call, by the name of its script, "" for the scenario's own buyer. `then`: what
    somebody else says right after it, who has just been put on the line."""

    text: str
    trace: tuple[TraceEntry, ...] = ()
    hang_up: HangUp | None = None
    speaker: str = ""
    then: Reply | None = None
