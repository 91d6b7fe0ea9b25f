"""What every judge is given and what every judge gives back.

A judge finds evidence, rates criteria and words feedback. The overall score, the band, passing and the interval are never
its business: `scoring.results` computes them from the ratings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from calls.flight.faults import FaultWindow
from scenarios.briefs import PersonaBrief, RubricSpec
from scoring.evidence import Span
from scoring.metrics import CallMetrics, measure
from scoring.transcripts import TranscriptTurn

Track = Literal["quick", "deep"]


@dataclass(frozen=True, slots=True)
class Case:
    """One call to be judged. `turns` in order; `language` is the call's; `spoken=False` for a typed call; `faults`: what
    went wrong technically, in no metric of time."""

    turns: tuple[TranscriptTurn, ...]
    rubric: RubricSpec
    language: str
    mode: str
    spoken: bool = True
    brief: PersonaBrief | None = None
    faults: tuple[FaultWindow, ...] = ()

    def measured(self) -> CallMetrics:
        return measure(self.turns, language=self.language, spoken=self.spoken, brief=self.brief, faults=self.faults)


@dataclass(frozen=True, slots=True)
class PartVerdict:
    """One part of a compound criterion: 100 met, the rubric's points for half met, or 0. No credit without a span."""

    key: str
    text: str
    score: int
    spans: tuple[Span, ...] = ()
    applicable: bool = True


@dataclass(frozen=True, slots=True)
class CriterionVerdict:
    """A criterion's rating, 0–100. `spans` are verified; without one there is no credit (`score` 0, `verified` False).
    `parts`: of a compound criterion, each judged by itself; its score is their mean. `readings`: what each of several
    readings gave, None where it did not apply; empty where there was one."""

    key: str
    score: int
    spans: tuple[Span, ...] = ()
    applicable: bool = True
    rationale: str = ""
    confidence: Literal["normal", "low"] = "normal"
    parts: tuple[PartVerdict, ...] = ()
    readings: tuple[int | None, ...] = ()

    @property
    def verified(self) -> bool:
        return bool(self.spans)


@dataclass(frozen=True, slots=True)
class Strength:
    point: str
    example: str
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class Improvement:
    point: str
    suggestion: str
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class KeyMoment:
    timestamp_ms: int
    type: Literal["strength", "improvement"]
    description: str
    quote: str


@dataclass(frozen=True, slots=True)
class QuoteCount:
    """How a model quotes. `claimed`: the quotes it gave for criteria; `verified`: those found in the trainee's words;
    `refused`: the others, by why (`scoring.evidence.Refusal`)."""

    claimed: int = 0
    verified: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: QuoteCount) -> QuoteCount:
        return QuoteCount(
            self.claimed + other.claimed,
            self.verified + other.verified,
            dict(Counter(self.refused) + Counter(other.refused)),
        )

    def to_json(self) -> dict[str, Any]:
        return {"claimed": self.claimed, "verified": self.verified, "refused": dict(self.refused)}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything a judge says about one call. `extremes`: the lowest and highest overall score that hearing the call a little
    differently would have given; None where the judge cannot say. `raw`: the judge's own answer, kept so that the arithmetic
    can be redone. `readings`: those that were made into this one (`scoring.readings`)."""

    criteria: tuple[CriterionVerdict, ...]
    strengths: tuple[Strength, ...] = ()
    improvements: tuple[Improvement, ...] = ()
    key_moments: tuple[KeyMoment, ...] = ()
    summary: str = ""
    headline: str = ""
    extremes: tuple[float, float] | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)
    usage: Mapping[str, Any] = field(default_factory=dict)
    model: str = ""
    prompt_version: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    quotes: QuoteCount = field(default_factory=QuoteCount)
    readings: tuple[Judgement, ...] = ()


class Judge(Protocol):
    """`slug` is what the page shows as who judged: "embedded", "groq", "gemini". `steady`: the same case always gets the same
    judgement, so that a second reading would say nothing new."""

    slug: str
    steady: bool

    def judge(self, case: Case, *, track: Track, seed: int | None = None) -> Judgement:
        """Raises `integrations.errors.ProviderError` when a vendor fails. `seed`: which of several readings this is."""
        ...

    def again(self, case: Case, *, track: Track, raw: Mapping[str, Any]) -> Judgement:
        """The judgement of an earlier run, from `Judgement.raw` as it was kept; asks no vendor."""
        ...
