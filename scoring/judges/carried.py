"""An earlier judgement carried over to a changed rubric: what was judged by the same words stands, the rest is judged anew.

A language model asked once more would cost money and never say quite the same. So criteria whose wording is unchanged keep
their score and their evidence; new and changed ones are judged by the embedded judge. The label says both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from integrations.embeddings.base import Encoder
from scenarios.briefs import CriterionSpec, RubricSpec
from scoring.evidence import Span

from .base import Case, CriterionVerdict, Improvement, Judgement, KeyMoment, PartVerdict, Strength, Track
from .embedded import EmbeddedJudge

PREFIX = "kept:"  # then the slug of the judge whose judgement is carried over
# What a judge reads of a criterion. Its weight is code's business, and a better name asks for nothing else.
READ = ("kind", "definition", "anchors", "parts", "source", "partial", "must_come_up")


def unchanged(before: RubricSpec, after: RubricSpec) -> frozenset[str]:
    """Keys of the criteria that ask for the same in both rubrics."""
    old = {item.key: item for item in before.criteria}
    return frozenset(item.key for item in after.criteria if item.key in old and _reads_alike(old[item.key], item))


def _reads_alike(before: CriterionSpec, after: CriterionSpec) -> bool:
    return all(getattr(before, name) == getattr(after, name) for name in READ)


class CarriedJudge:
    """`result` and `rows`: of the run that is carried over, its result and its criteria in the result's shape."""

    steady = True

    def __init__(
        self,
        judged_by: str,
        *,
        encoder: Encoder,
        result: Mapping[str, Any] | None = None,
        rows: Iterable[Mapping[str, Any]] = (),
        rubric: RubricSpec | None = None,
    ) -> None:
        self.slug = judged_by if judged_by.startswith(PREFIX) else PREFIX + judged_by
        self._embedded = EmbeddedJudge(encoder)
        self._result = result or {}
        self._rows = list(rows)
        self._rubric = rubric

    def judge(self, case: Case, *, track: Track, seed: int | None = None) -> Judgement:
        keys = unchanged(self._rubric, case.rubric) if self._rubric else frozenset()
        words = ("strengths", "improvements", "key_moments", "summary", "headline")
        raw = {
            "kept": [dict(row) for row in self._rows if row["key"] in keys],
            "words": {name: self._result[name] for name in words if name in self._result},
        }
        return self.again(case, track=track, raw=raw)

    def again(self, case: Case, *, track: Track, raw: Mapping[str, Any]) -> Judgement:
        kept = {row["key"]: row for row in raw["kept"]}
        missing = any(item.key not in kept for item in case.rubric.criteria)
        fresh = {item.key: item for item in self._embedded.judge(case, track="quick").criteria} if missing else {}
        verdicts = tuple(
            _verdict(kept[item.key]) if item.key in kept else fresh[item.key] for item in case.rubric.criteria
        )
        return Judgement(criteria=verdicts, raw=dict(raw), **_words(raw["words"]))


def _verdict(row: Mapping[str, Any]) -> CriterionVerdict:
    return CriterionVerdict(
        key=row["key"],
        score=row["score"],
        spans=_spans(row["evidence"]),
        applicable=row["applicable"],
        rationale=row["rationale"],
        confidence="low" if row.get("confidence") == "low" else "normal",
        parts=tuple(
            PartVerdict(part["key"], part["text"], part["score"], _spans(part["evidence"]), part["applicable"])
            for part in row.get("parts") or []
        ),
    )


def _spans(rows: Sequence[Mapping[str, Any]]) -> tuple[Span, ...]:
    return tuple(Span(str(row["turn_id"]), row["start"], row["end"], row["quote"]) for row in rows)


def _words(words: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "strengths": tuple(Strength(**item) for item in words.get("strengths") or []),
        "improvements": tuple(Improvement(**item) for item in words.get("improvements") or []),
        "key_moments": tuple(KeyMoment(**item) for item in words.get("key_moments") or []),
        "summary": words.get("summary", ""),
        "headline": words.get("headline", ""),
    }
