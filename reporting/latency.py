"""How long buyers take to answer, by voice service and day: medians and 95th percentiles of each part and of the whole.

One query, whatever the number of calls; for the whole platform one query over all organisations' schemas. Shown are numbers
only, never whose call it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone
from psycopg import sql

from calls.flight.latency import ALARM_P95_MS, TARGET_P50_MS
from integrations.vendor_names import name_of
from tenants.models import Organization

PARTS = ("endpoint", "words", "reply", "voice")
TIMES = (*PARTS, "total")
# Of fewer answers neither a half nor one in twenty can be told: a single slow one would decide.
FEWEST_FOR_HALF = 5
FEWEST_FOR_TWENTIETH = 20


@dataclass(frozen=True, slots=True)
class Quantiles:
    """In ms; None where nothing was measured."""

    p50: int | None
    p95: int | None


@dataclass(frozen=True, slots=True)
class LatencyRow:
    """One voice service on one day, or in the whole period (`day` None). Calls straight from the browser to a vendor are not
    in it: nobody but the vendor could measure them."""

    provider: str
    day: date | None
    answers: int
    endpoint: Quantiles
    words: Quantiles
    reply: Quantiles
    voice: Quantiles
    total: Quantiles

    @property
    def service(self) -> str:
        """As people know it."""
        return name_of(self.provider)

    @property
    def parts(self) -> Iterator[Quantiles]:
        return (getattr(self, name) for name in PARTS)

    @property
    def is_judged(self) -> bool:
        """Whether there are enough answers for a verdict."""
        return self.answers >= FEWEST_FOR_HALF

    @property
    def is_slow(self) -> bool:
        """Slower than a conversation should be: half of the answers, or one in twenty of them, where there are enough. Held
        against the limits are the tenths of a second that the page shows: 0.8 is not slower than 0.8."""
        p50, p95 = self.total.p50, self.total.p95
        half = self.is_judged and p50 is not None and round(p50, -2) > TARGET_P50_MS
        return half or (self.answers >= FEWEST_FOR_TWENTIETH and p95 is not None and round(p95, -2) > ALARM_P95_MS)


# An answer's own row knows when its first sound was sent; how long it took to know the question stands in the row before.
_ANSWERS = """
    SELECT call.provider, (turn.created_at AT TIME ZONE {zone})::date AS day,
           (turn.latency ->> 'first_audio_ms')::int AS total,
           (turn.latency ->> 'reply')::int AS reply,
           (turn.heard ->> 'endpoint')::int AS endpoint,
           (turn.heard ->> 'text')::int - (turn.heard ->> 'endpoint')::int AS words
    FROM (
        SELECT call_id, role, latency, created_at,
               CASE WHEN LAG(role) OVER spoken = 'user' THEN LAG(latency) OVER spoken END AS heard
        FROM {turns} WHERE created_at >= {since}
        WINDOW spoken AS (PARTITION BY call_id ORDER BY seq)
    ) AS turn
    JOIN {calls} AS call ON call.id = turn.call_id
    WHERE turn.role = 'assistant' AND turn.latency ->> 'first_audio_ms' IS NOT NULL
"""
_QUANTILES = """
    WITH answer AS ({answers}),
    timed AS (SELECT *, total - endpoint - words - reply AS voice FROM answer)
    SELECT provider, day, count(*), {parts}
    FROM timed GROUP BY GROUPING SETS ((provider, day), (provider))
    ORDER BY provider, day DESC NULLS FIRST
"""


def latency_here(*, since: datetime) -> list[LatencyRow]:
    """Of the organisation at hand: for each voice service the whole period first, then its days, newest first."""
    return _read([None], since)


def latency_everywhere(*, since: datetime) -> list[LatencyRow]:
    """Of the whole platform, for its operators."""
    ready = Organization.objects.filter(status=Organization.Status.ACTIVE)
    return _read(list(ready.order_by("pk").values_list("schema_name", flat=True)), since)


def _read(schemas: Sequence[str | None], since: datetime) -> list[LatencyRow]:
    if not schemas:
        return []
    zone = sql.Literal(timezone.get_current_timezone_name())
    answers = sql.SQL(" UNION ALL ").join(
        sql.SQL(_ANSWERS).format(
            zone=zone, since=sql.Literal(since), turns=_table(schema, "calls_turn"), calls=_table(schema, "calls_call")
        )
        for schema in schemas
    )
    parts = sql.SQL(", ").join(
        sql.SQL("percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY {})").format(sql.Identifier(name))
        for name in TIMES
    )
    query = sql.SQL(_QUANTILES).format(answers=answers, parts=parts)
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [_row(*row) for row in cursor.fetchall()]


def _table(schema: str | None, name: str) -> sql.Identifier:
    return sql.Identifier(name) if schema is None else sql.Identifier(schema, name)


def _row(provider: str, day: date | None, answers: int, *parts: list[float | None] | None) -> LatencyRow:
    found: dict[str, Any] = {name: _quantiles(values) for name, values in zip(TIMES, parts, strict=True)}
    return LatencyRow(provider=provider, day=day, answers=answers, **found)


def _quantiles(values: list[float | None] | None) -> Quantiles:
    p50, p95 = values or (None, None)
    return Quantiles(None if p50 is None else max(0, round(p50)), None if p95 is None else max(0, round(p95)))
