"""One simulated call: a trainee and the embedded buyer, turn by turn, to its end. Pure, no rows, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from calls.engine import Reply, player
from integrations.embeddings.base import Encoder
from scoring.judges.base import Case
from scoring.judges.embedded import EmbeddedJudge
from scoring.results import flags_for, result_of
from scoring.transcripts import TranscriptTurn

from .plans import Plan
from .trainees import Says, Trainee

MOST_TURNS = 40  # of the trainee
BUYER_WORDS_PER_SECOND, BUYER_PAUSE_MS = 2.6, 600
OPENING_MS = 400


@dataclass(slots=True)
class Flown:
    """A finished simulated call. `reason` is empty where the buyer never hung up. `turns` have the buyer's trace.

    `state`: what the scenario's own buyer remembers at the end, {} where they never spoke; in a branching call also
    `everybody`, by name. `speakers`: who of them says a turn, by its seq.
    """

    trainee: str
    seed: int
    turns: list[TranscriptTurn] = field(default_factory=list)
    outcome: str = ""
    reason: str = ""
    state: dict[str, Any] = field(default_factory=dict)
    speakers: dict[int, str] = field(default_factory=dict)

    def memory_of(self, name: str) -> Mapping[str, Any]:
        """What one of the people in the call remembers; "" is the scenario's own buyer."""
        memory: Mapping[str, Any] = self.state.get("everybody", {}).get(name, {}) if name else self.state
        return memory

    def passed_by(self, rule: str) -> list[str]:
        """Ids of the stages (`stage_entered`) or the ways (`branch_taken`) that the call went, in order."""
        return [entry["subject"] for turn in self.turns for entry in turn.trace if entry["rule"] == rule]

    @property
    def ended(self) -> bool:
        return bool(self.reason)

    @property
    def ms(self) -> int:
        return self.turns[-1].end_ms if self.turns else 0


class Player(Protocol):
    """Who plays the buyer's side."""

    def open(self) -> Reply: ...

    def hear(self, text: str, *, at_ms: int) -> Reply: ...

    def silence(self, *, silent_ms: int) -> Reply | None: ...

    def state(self) -> dict[str, Any]: ...


def fly(plan: Plan, seller: Trainee, *, encoder: Encoder, seed: int = 0, buyer: Player | None = None) -> Flown:
    """Hold the call to its end: the buyer hangs up, the trainee has nothing more to say, or it has gone on too long. `buyer`:
    the embedded one where none is given."""
    buyer = buyer or player(plan.brief, encoder=encoder)
    flown = Flown(trainee=seller.key, seed=seed)
    clock = _buyer_says(flown, buyer.open(), OPENING_MS)
    says: Says | None = seller.opening()
    for _turn in range(MOST_TURNS):
        if says is None:
            break
        if says.text:
            clock = _trainee_says(flown, says.text, clock + says.silent_ms, seller)
            reply: Reply | None = buyer.hear(says.text, at_ms=clock)
        else:
            clock += says.silent_ms
            reply = buyer.silence(silent_ms=says.silent_ms)
        if reply is not None:
            clock = _buyer_says(flown, reply, clock + BUYER_PAUSE_MS)
            last = _last(reply)
            if last.hang_up is not None:
                flown.outcome, flown.reason = last.hang_up.outcome, last.hang_up.reason
                break
        says = seller.answer(_whole(reply) if reply else Reply(""), buyer.state())
    flown.state = _memories(buyer.state())
    return flown


def _last(reply: Reply) -> Reply:
    """What was said last: somebody else may have come on the line."""
    while reply.then is not None:
        reply = reply.then
    return reply


def _whole(reply: Reply) -> Reply:
    """Everything that was said in one breath, with all that moved it."""
    parts = [reply]
    while parts[-1].then is not None:
        parts.append(parts[-1].then)
    trace = tuple(entry for part in parts for entry in part.trace)
    return Reply(" ".join(part.text for part in parts), trace, parts[-1].hang_up, parts[-1].speaker)


def _memories(state: dict[str, Any]) -> dict[str, Any]:
    """The own buyer's memory in front, and everybody's beside it where the call branches."""
    script = state.get("script")
    if script is None:
        return state
    speaks = {name: value for name, value in state.items() if name != "script"}
    everybody: dict[str, Any] = {**script["people"], script["speaker"]: speaks}
    return {**everybody.get("", {}), "everybody": everybody}


def score(plan: Plan, flown: Flown, *, encoder: Encoder) -> dict[str, Any]:
    """The call's score as `scoring.results` gives it, by the embedded judge and the plan's rubric."""
    case = Case(
        turns=tuple(flown.turns),
        rubric=plan.rubric,
        language=plan.language,
        mode=plan.brief.mode,
        brief=plan.brief,
    )
    return result_of(case, EmbeddedJudge(encoder).judge(case, track="quick"), flags=flags_for(case))


def turn_to_json(turn: TranscriptTurn) -> dict[str, Any]:
    return asdict(turn)


def turn_from_json(data: Mapping[str, Any]) -> TranscriptTurn:
    own = {name: value for name, value in data.items() if name != "speaker"}
    return TranscriptTurn(**{**own, "trace": tuple(data["trace"])})


def _trainee_says(flown: Flown, text: str, clock: int, seller: Trainee) -> int:
    start = clock + seller.pause_ms
    return _add(flown, "user", text, start, seller.words_per_second, ())


def _buyer_says(flown: Flown, reply: Reply, start: int) -> int:
    end = start
    part: Reply | None = reply
    while part is not None:
        trace = tuple(entry.to_json() for entry in part.trace)
        end = _add(flown, "assistant", part.text, start, BUYER_WORDS_PER_SECOND, trace)
        flown.speakers[flown.turns[-1].seq] = part.speaker
        start, part = end + BUYER_PAUSE_MS, part.then
    return end


def _add(flown: Flown, role: Any, text: str, start: int, pace: float, trace: tuple[dict[str, Any], ...]) -> int:
    """Append a turn; returns the ms at which it ends."""
    end = start + round(max(1, len(text.split())) / pace * 1000)
    seq = len(flown.turns) + 1
    flown.turns.append(
        TranscriptTurn(id=f"t{seq}", seq=seq, role=role, content=text, start_ms=start, end_ms=end, trace=trace)
    )
    return end
