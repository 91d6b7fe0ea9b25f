"""What the calibration page shows: each judge beside people, criterion by criterion, and which calls to mark next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import MD5, Cast
from django.utils.translation import gettext_lazy

from calls.models import Call
from scenarios.models.versions import Language
from scoring.judgement import EMBEDDED, name_of
from scoring.models import Calibration, Review, Score, ScoreSeen
from scoring.review_queue import coached_calls

from .agreement import ENOUGH_CALLS, LEAST_CERTAIN_AC1, LEAST_KAPPA, LEAST_LOW
from .gate import Gate, gate_by

MOST_PANELS = 40
MOST_SUGGESTED = 5
MOST_EARLIER = 5
STATES = {
    "holds": gettext_lazy("agrees"),
    "below": gettext_lazy("agrees too little"),
    "insufficient": gettext_lazy("too few calls"),
}
TONES = {"holds": "high", "below": "low", "insufficient": "none"}


@dataclass(frozen=True, slots=True)
class Figure:
    """A coefficient as it is drawn: from 0 to 1, in percent of the line; below 0 it stays at its beginning."""

    value: float
    low: float | None
    high: float | None

    @property
    def at(self) -> int:
        return _percent(self.value)

    @property
    def start(self) -> int:
        return _percent(self.value if self.low is None else self.low)

    @property
    def width(self) -> int:
        return max(_percent(self.value if self.high is None else self.high) - self.start, 1)


@dataclass(frozen=True, slots=True)
class Row:
    """One criterion. `more` or `less`: by how many points the judge is apart from people, on average; 0 for neither."""

    name: str
    weight: int
    calls: int
    missing: int
    more: float
    less: float
    kappa: Figure | None
    others: list[tuple[str, Figure | None]]
    among_people: float | None
    label: str
    tone: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """An older count of the same judge."""

    counted_at: datetime
    calls: int
    holds: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """One judge on one version of a rubric in one language. `rubric_language` is a code, `language` a word."""

    id: str
    rubric: str
    rubric_language: str
    version: int
    judge: str
    prompt_version: str
    language: str
    calls: int
    reviews: int
    counted_at: datetime
    gate: Gate
    rows: list[Row]
    earlier: list[Earlier]


def panels() -> list[Panel]:
    """The newest counts, the last counted first. Two queries, however many there are."""
    newest = list(Calibration.objects.current().select_related("rubric_version__rubric"))
    shown = sorted(newest, key=lambda row: row.counted_at, reverse=True)[:MOST_PANELS]
    ids = {row.rubric_version_id for row in shown}
    before: dict[tuple[Any, ...], list[Earlier]] = {}
    older = Calibration.objects.filter(rubric_version__in=ids).exclude(pk__in=[row.pk for row in shown])
    for *judge, counted_at, calls, holds in older.order_by("-counted_at").values_list(
        *Calibration.JUDGE, "counted_at", "calls", "holds"
    )[: MOST_EARLIER * MOST_PANELS]:
        before.setdefault(tuple(judge), []).append(Earlier(counted_at, calls, holds))
    return [_panel(row, before.get(_judge_of(row), [])[:MOST_EARLIER]) for row in shown]


def suggested_calls(*, viewer: Any, role: str | None) -> list[Call]:
    """Scored calls that nobody has marked and whose score the viewer has not seen, for marking blind.

    Which of them, a hash of their ids decides: neither the newest nor the worst, or the sample would lean.
    """
    debriefed = Score.objects.filter(call=OuterRef("pk"), deep_run__isnull=False)
    marked = Review.objects.submitted().filter(call=OuterRef("pk"), appeal=None)
    seen = ScoreSeen.objects.filter(call=OuterRef("pk"), user=viewer)
    return list(
        coached_calls(viewer=viewer, role=role)
        .counting()
        .filter(Exists(debriefed), ~Exists(marked), ~Exists(seen))
        .select_related("trainee")
        .defer("brief", "engine_state", "metadata")
        .order_by(MD5(Cast("pk", CharField())))[:MOST_SUGGESTED]
    )


def rules() -> dict[str, Any]:
    """When a gate opens, as the page says it."""
    return {
        "calls": ENOUGH_CALLS,
        "kappa": LEAST_KAPPA,
        "low": LEAST_LOW,
        "ac1": LEAST_CERTAIN_AC1,
        "mark": round(100 * LEAST_KAPPA),
    }


def _judge_of(row: Calibration) -> tuple[Any, ...]:
    return (row.rubric_version_id, row.judged_by, row.model, row.prompt_version, row.language)


def _panel(row: Calibration, earlier: list[Earlier]) -> Panel:
    is_plain = row.judged_by == EMBEDDED or not row.model
    name = name_of(row.judged_by)
    return Panel(
        id=str(row.pk),
        rubric=str(row.rubric_version.content.get("name") or row.rubric_version.rubric),
        rubric_language=str(row.rubric_version.content.get("language") or row.language),
        version=row.rubric_version.number,
        judge=name if is_plain else f"{name} ({row.model})",
        prompt_version=row.prompt_version,
        language=str(dict(Language.choices).get(row.language, row.language)),
        calls=row.calls,
        reviews=row.reviews,
        counted_at=row.counted_at,
        gate=gate_by(row),
        rows=[_row(item) for item in row.criteria],
        earlier=earlier,
    )


def _row(item: dict[str, Any]) -> Row:
    return Row(
        name=item["name"],
        weight=item["weight"],
        calls=item["calls"],
        missing=max(0, ENOUGH_CALLS - item["calls"]),
        more=max(item["apart"] or 0.0, 0.0),
        less=max(-(item["apart"] or 0.0), 0.0),
        kappa=_figure(item["kappa"]),
        others=[("ICC(2,1)", _figure(item["icc"])), ("AC1", _figure(item["ac1"]))],
        among_people=item["among_people"],
        label=str(STATES[item["state"]]),
        tone=TONES[item["state"]],
    )


def _figure(found: dict[str, float | None] | None) -> Figure | None:
    if found is None or found["value"] is None:
        return None
    return Figure(found["value"], found["low"], found["high"])


def _percent(value: float) -> int:
    return round(100 * max(0.0, min(1.0, value)))
