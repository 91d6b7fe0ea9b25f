"""One turn in the making: what was heard, what the buyer feels about it, and the reply as it grows."""

from __future__ import annotations

from dataclasses import dataclass, field

from calls.engine import moods
from calls.engine.intents import Heard
from calls.engine.matching import Matcher
from calls.engine.replies import HangUp, Reply, TraceEntry
from calls.engine.state import CallState
from calls.engine.wording import Phrases
from scenarios.briefs import PersonaBrief

LONGEST_QUOTE = 90


@dataclass(slots=True)
class Moment:
    brief: PersonaBrief
    state: CallState
    heard: Heard
    matcher: Matcher
    phrases: Phrases
    at_ms: int = 0
    parts: list[str] = field(default_factory=list)
    trace: list[TraceEntry] = field(default_factory=list)
    hang_up: HangUp | None = None

    def feel(self, rule: str, subject: str = "", **values: object) -> None:
        """Let a rule move the moods, and write down that and why."""
        before = self.state.felt.get(rule, 0)
        wanted = moods.change(
            rule, personality=self.brief.personality, difficulty=self.brief.difficulty, times_before=before
        )
        moved = []
        for mood, value in zip(moods.MOODS, wanted, strict=True):
            old = getattr(self.state, mood)
            new = min(100, max(0, old + moods.damped(value, old)))
            setattr(self.state, mood, new)
            moved.append(new - old)
        self.state.felt[rule] = before + 1
        self.note(rule, subject, effect=self.phrases.effect(moods.Mood(*moved)), **values)

    def note(self, rule: str, subject: str = "", *, effect: str = "", **values: object) -> None:
        """Write down a rule that moves nothing."""
        self.trace.append(TraceEntry(rule, effect, self.phrases.why(rule, **values), subject))

    def say(self, pool: str, **values: object) -> None:
        """Add the next line of a pool."""
        drawn = self.state.lines.get(pool, 0)
        self.state.lines[pool] = drawn + 1
        line = self.phrases.line(pool, drawn, **values)
        if line == self.state.last_line and self.phrases.size(pool) > 1:
            self.state.lines[pool] = drawn + 2
            line = self.phrases.line(pool, drawn + 1, **values)
        self.parts.append(line)

    def quote(self, text: str) -> None:
        """Add words an author wrote."""
        if text.strip():
            self.parts.append(text.strip())

    def leave(self, reason: str, outcome: str) -> None:
        """Hang up after this reply."""
        self.state.ended_reason, self.state.ended_outcome = reason, outcome
        self.hang_up = HangUp(reason, outcome)

    def fits(self, said: tuple[str, ...], hints: tuple[str, ...]) -> float:
        return self.matcher.best(said, hints).score

    def reply(self) -> Reply:
        """The finished reply; remembers it, so that the next one differs."""
        text = " ".join(self.parts)
        if text == self.state.last_line and not self.hang_up:
            self.parts.clear()
            self.say("fact_again")
            text = f"{self.parts[0]} {text}"
        self.state.line_before, self.state.last_line = self.state.last_line, text
        return Reply(text, tuple(self.trace), self.hang_up)


def short(text: str) -> str:
    """A quote for a trace."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1].rstrip() + "…"
