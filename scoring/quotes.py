"""The ledger of misquotes: what each model claimed that the trainee said, and how much of it was there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from .evidence import Refusal
from .judges.base import QuoteCount
from .models import QuoteTally, ScoreRun

REASONS: tuple[str, ...] = tuple(reason.value for reason in Refusal)


@dataclass(frozen=True, slots=True)
class ModelQuotes:
    """One model's quotes since a day. `refused`: by why, the commonest first, none that never came up."""

    judged_by: str
    model: str
    readings: int
    claimed: int
    verified: int
    refused: tuple[tuple[str, int], ...]

    @property
    def misquoted_percent(self) -> float:
        """Of the quotes it gave, those that the trainee did not say there."""
        return round(100 * (self.claimed - self.verified) / self.claimed, 1) if self.claimed else 0.0


def add(run: ScoreRun, *, language: str, count: QuoteCount, readings: int) -> None:
    """Count a run's quotes. A judge that quotes by rule (the embedded one) claims nothing and is not counted."""
    if not count.claimed:
        return
    tally, _made = QuoteTally.objects.get_or_create(
        day=timezone.now().date(),
        judged_by=run.judged_by,
        model=run.model,
        prompt_version=run.prompt_version,
        language=language,
    )
    grown: dict[str, Any] = {name: F(name) + number for name, number in count.refused.items() if name in REASONS}
    QuoteTally.objects.filter(pk=tally.pk).update(
        readings=F("readings") + readings,
        claimed=F("claimed") + count.claimed,
        verified=F("verified") + count.verified,
        **grown,
    )


def by_model(*, since: date | None = None) -> Sequence[ModelQuotes]:
    """Every model that quoted in the organisation at hand, the least faithful first. One query."""
    tallies = QuoteTally.objects.filter(day__gte=since) if since else QuoteTally.objects.all()
    sums = {name: Sum(name) for name in ("readings", "claimed", "verified", *REASONS)}
    rows: QuerySet[Any, Any] = tallies.order_by().values("judged_by", "model").annotate(**sums)
    found = [
        ModelQuotes(
            judged_by=row["judged_by"],
            model=row["model"],
            readings=row["readings"],
            claimed=row["claimed"],
            verified=row["verified"],
            refused=tuple(
                sorted(((name, row[name]) for name in REASONS if row[name]), key=lambda pair: (-pair[1], pair[0]))
            ),
        )
        for row in rows
    ]
    return sorted(found, key=lambda item: (-item.misquoted_percent, item.judged_by, item.model))
