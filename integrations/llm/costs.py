"""What language models cost in a month, by kind of work and model. One query, however many requests there were; for the whole
platform one query over all organisations' schemas. Numbers only, never what a request was about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg import sql

from integrations.models import LedgerEntry, ModelCall
from integrations.own_calls.models import OwnCall
from tenants.models import Organization


@dataclass(frozen=True, slots=True)
class CostRow:
    """Requests for one kind of work to one model, or stretches of sound. `failed`: without an answer of use; `p95_ms`: of
    those that were answered, None where none was, and for sound; `price_known`: False where some were counted at the dearest
    price."""

    task: str
    vendor: str
    model: str
    requests: int
    failed: int
    repairs: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    price_known: bool
    sound_seconds: int
    p95_ms: int | None

    @property
    def minutes(self) -> float:
        return self.sound_seconds / 60


_ENTRIES = """
    SELECT {task} AS task, vendor, model, outcome, repair, input_tokens, output_tokens, cost_usd, price_known,
           {sound} AS sound_seconds, ms
    FROM {table} WHERE at >= {since} AND at < {until}
"""
_OF_AN_ORGANIZATION = {"task": sql.Identifier("task"), "sound": sql.Identifier("sound_seconds")}
# What the installation asks for itself, in `public`: today that is trials of judges, which hear nothing.
_OWN = {"task": sql.Literal("trial"), "sound": sql.Literal(0)}
_SUMS = """
    SELECT task, vendor, model, count(*), count(*) FILTER (WHERE outcome <> 'ok'), count(*) FILTER (WHERE repair),
           sum(input_tokens)::bigint, sum(output_tokens)::bigint, sum(cost_usd), bool_and(price_known),
           sum(sound_seconds)::bigint,
           percentile_cont(0.95) WITHIN GROUP (ORDER BY ms) FILTER (WHERE outcome = 'ok' AND sound_seconds = 0)
    FROM ({calls}) AS call GROUP BY task, vendor, model ORDER BY sum(cost_usd) DESC, task, vendor, model
"""


def costs_here(month: date) -> list[CostRow]:
    """Of the organisation at hand, dearest first."""
    return _read([None], month, own=False)


def costs_everywhere(month: date) -> list[CostRow]:
    """Of the whole platform, for its operators: of all organisations, and of the installation itself."""
    ready = Organization.objects.filter(status=Organization.Status.ACTIVE)
    return _read(list(ready.order_by("pk").values_list("schema_name", flat=True)), month, own=True)


def forget_old(ledger: type[LedgerEntry]) -> int:
    """Delete its entries older than `LLM_LEDGER_DAYS`; returns how many there were."""
    before = timezone.now() - timedelta(days=settings.LLM_LEDGER_DAYS)
    return ledger._default_manager.filter(at__lt=before).delete()[0]


def _read(schemas: Sequence[str | None], month: date, *, own: bool) -> list[CostRow]:
    until = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    between = {"since": sql.Literal(_midnight(month)), "until": sql.Literal(_midnight(until))}
    name = ModelCall._meta.db_table
    tables = [sql.Identifier(name) if schema is None else sql.Identifier(schema, name) for schema in schemas]
    parts = [sql.SQL(_ENTRIES).format(table=table, **_OF_AN_ORGANIZATION, **between) for table in tables]
    if own:
        table = sql.Identifier("public", OwnCall._meta.db_table)
        parts.append(sql.SQL(_ENTRIES).format(table=table, **_OWN, **between))
    calls = sql.SQL(" UNION ALL ").join(parts)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(_SUMS).format(calls=calls))
        return [_row(*row) for row in cursor.fetchall()]


def _row(*values: Any) -> CostRow:
    *sums, p95 = values
    return CostRow(*sums, p95_ms=None if p95 is None else round(p95))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
