"""All metrics of one call, each with its unit and how it was computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from calls.flight.faults import FaultWindow
from calls.flight.timeline import Span, without
from scenarios.briefs import PersonaBrief
from scoring.lexicon import lexicon
from scoring.transcripts import TranscriptTurn, count_words

from . import timing
from .fillers import count_fillers, per_hundred_words
from .next_step import NextStep, find_next_step
from .objections import Objection, Reveal, objections_in, reveals_in
from .questions import Question, questions_in


@dataclass(frozen=True, slots=True)
class CallMetrics:
    """Percent are whole numbers; a value is None where the call has nothing to measure it by."""

    language: str
    spoken: bool
    duration_ms: int
    turns: tuple[int, int]
    words: tuple[int, int]
    talk_percent: int | None
    talk_basis: str
    pace_wpm: int | None
    pace_range: tuple[int, int]
    questions: tuple[Question, ...]
    monologue: timing.Monologue | None
    fillers: dict[str, int]
    fillers_per_100: float | None
    interruptions: tuple[int, int]
    latencies_ms: tuple[int, ...]
    next_step: NextStep
    objections: tuple[Objection, ...]
    reveals: tuple[Reveal, ...]
    pains_total: int
    faults: tuple[FaultWindow, ...] = ()

    @property
    def open_questions(self) -> list[Question]:
        return [question for question in self.questions if question.kind == "open"]

    def to_json(self) -> dict[str, Any]:
        """For pages and the API: every metric is an object with `value` and `unit`."""
        step = self.next_step.sentence
        monologue = self.monologue
        lost = timing.spans_of(self.faults)
        # Runs of calls without faults stay what they were before faults were known.
        faults = {
            "faults": {
                "value": sum(end - start for start, end in lost),
                "unit": "ms",
                "items": [item.to_json() for item in self.faults],
            }
        }
        return (faults if self.faults else {}) | {
            "language": self.language,
            "channel": "voice" if self.spoken else "text",
            "duration": {"value": self.duration_ms, "unit": "ms"},
            "turns": {"value": sum(self.turns), "unit": "count", "trainee": self.turns[0], "buyer": self.turns[1]},
            "words": {"value": sum(self.words), "unit": "count", "trainee": self.words[0], "buyer": self.words[1]},
            "talk_ratio": {"value": self.talk_percent, "unit": "percent", "basis": self.talk_basis},
            "pace": {
                "value": self.pace_wpm,
                "unit": "words_per_minute",
                "low": self.pace_range[0],
                "high": self.pace_range[1],
            },
            "questions": {
                "value": len(self.questions),
                "unit": "count",
                "open": len(self.open_questions),
                "closed": len(self.questions) - len(self.open_questions),
                "items": [_question_json(question) for question in self.questions],
            },
            "longest_monologue": {
                "value": (monologue.spoken_ms if self.spoken else monologue.words) if monologue else None,
                "unit": "ms" if self.spoken else "words",
                "words": monologue.words if monologue else 0,
                "turn_id": monologue.turn_id if monologue else None,
                "timestamp_ms": monologue.timestamp_ms if monologue else None,
            },
            "fillers": {
                "value": self.fillers_per_100,
                "unit": "per_100_words",
                "count": sum(self.fillers.values()),
                "by_word": self.fillers,
            },
            "interruptions": {
                "value": sum(self.interruptions),
                "unit": "count",
                "by_trainee": self.interruptions[0],
                "by_buyer": self.interruptions[1],
            },
            "response_latency": {
                "value": timing.middle(self.latencies_ms) if self.spoken else None,
                "unit": "ms",
                "p90": timing.percentile_90(self.latencies_ms) if self.spoken else None,
                "count": len(self.latencies_ms) if self.spoken else 0,
            },
            "next_step": {
                "value": self.next_step.state,
                "unit": "state",
                "has_time": self.next_step.timed,
                "turn_id": step.turn.id if step else None,
                "quote": step.text if step else "",
                "timestamp_ms": step.turn.start_ms if step else None,
            },
            "objections": {
                "value": len(self.objections),
                "unit": "count",
                "resolved": sum(1 for item in self.objections if item.outcome in {"resolved", "softened"}),
                "items": [
                    item.to_json(lost_ms=_between(item.raised.end_ms, item.answers, lost)) for item in self.objections
                ],
            },
            "pains": {
                "value": len(self.reveals),
                "unit": "count",
                "total": self.pains_total,
                "items": [
                    {
                        "key": item.key,
                        "turn_id": item.turn.id,
                        "timestamp_ms": item.turn.start_ms,
                        "earned_by": item.earned_by.id if item.earned_by else None,
                    }
                    for item in self.reveals
                ],
            },
        }


def _question_json(question: Question) -> dict[str, Any]:
    sentence = question.sentence
    return {
        "turn_id": sentence.turn.id,
        "start": sentence.start,
        "end": sentence.end,
        "quote": sentence.text,
        "kind": question.kind,
        "timestamp_ms": sentence.turn.start_ms,
    }


def _between(from_ms: int, answers: Sequence[TranscriptTurn], lost: Sequence[Span]) -> int:
    """How much of the time until the first answer a fault took."""
    if not answers or answers[0].start_ms <= from_ms:
        return 0
    until = answers[0].start_ms
    return (until - from_ms) - (without(until, lost) - without(from_ms, lost))


def measure(
    turns: Sequence[TranscriptTurn],
    *,
    language: str,
    spoken: bool = True,
    brief: PersonaBrief | None = None,
    faults: Sequence[FaultWindow] = (),
) -> CallMetrics:
    """Measure a call. `turns` in order of `seq`; `spoken=False` for a typed call, whose times say nothing. What happened in
    `faults` is in no metric of time, and what was misheard in none at all."""
    rules = lexicon(language)
    turns = timing.heard_right(turns, faults)
    timed = timing.undisturbed(turns, faults)
    share, basis = timing.talk_share(timed, spoken=spoken)
    fillers = count_fillers(turns, rules)
    monologue = timing.longest_monologue(timed)
    if monologue is not None:  # its place is where it really was
        began = next(turn.start_ms for turn in turns if turn.id == monologue.turn_id)
        monologue = replace(monologue, timestamp_ms=began)
    mine = [turn for turn in turns if turn.by_trainee]
    theirs = [turn for turn in turns if not turn.by_trainee]
    return CallMetrics(
        language=rules.language,
        spoken=spoken,
        duration_ms=max((turn.end_ms for turn in turns), default=0),
        turns=(len(mine), len(theirs)),
        words=(sum(count_words(turn.content) for turn in mine), sum(count_words(turn.content) for turn in theirs)),
        talk_percent=share,
        talk_basis=basis,
        pace_wpm=timing.pace(timed, spoken=spoken),
        pace_range=rules.pace_wpm,
        questions=tuple(questions_in(turns, rules)),
        monologue=monologue,
        fillers=dict(sorted(fillers.items(), key=lambda item: (-item[1], item[0]))),
        fillers_per_100=per_hundred_words(sum(fillers.values()), turns),
        interruptions=timing.interruptions(timed),
        latencies_ms=tuple(timing.response_latencies(timed)),
        next_step=find_next_step(turns, rules),
        objections=tuple(objections_in(turns, brief, rules)),
        reveals=tuple(reveals_in(turns, brief)),
        pains_total=len(brief.hidden_pains) if brief else 0,
        faults=tuple(faults),
    )
