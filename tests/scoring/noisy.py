"""A judge that reads the same call differently each time, and says what it likes about every criterion."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from integrations.errors import ProviderUnavailable
from scenarios.briefs import RubricSpec
from scoring.evidence import Span
from scoring.judges.base import Case, CriterionVerdict, Judgement, Track


def reading(rubric: RubricSpec, scores: Sequence[int | None], span: Span, **fields: Any) -> Judgement:
    """One reading of every criterion in the rubric's order; None: it did not apply."""
    return Judgement(
        criteria=tuple(
            CriterionVerdict(
                key=item.key,
                score=score or 0,
                spans=(span,) if score else (),
                applicable=score is not None,
                rationale=f"{item.name}: {score}",
            )
            for item, score in zip(rubric.criteria, scores, strict=True)
        ),
        settings={"step": 25},
        **fields,
    )


def span_of(case: Case) -> Span:
    turn = next(turn for turn in case.turns if turn.by_trainee and len(turn.content) > 20)
    return Span(turn.id, 0, len(turn.content), turn.content)


class NoisyJudge:
    """Each seed gets its own scores; a seed without any finds the vendor away. `seen`: seeds and threads, as they came."""

    slug = "groq"
    steady = False

    def __init__(self, by_seed: Mapping[int | None, Sequence[int | None]]) -> None:
        self._by_seed = by_seed
        self.seen: list[tuple[int | None, str]] = []

    def judge(self, case: Case, *, track: Track, seed: int | None = None) -> Judgement:
        self.seen.append((seed, threading.current_thread().name))
        if seed not in self._by_seed:
            raise ProviderUnavailable("away", provider=self.slug)
        return reading(case.rubric, self._by_seed[seed], span_of(case), model="noise-1")

    def again(self, case: Case, *, track: Track, raw: Mapping[str, Any]) -> Judgement:
        raise ProviderUnavailable("keeps nothing", provider=self.slug)
