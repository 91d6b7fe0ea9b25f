"""How long it takes to open an organisation beside so and so many others; django-tenants' way of cloning in the same run.

`python -m benchmarks.opening`: needs PostgreSQL and Redis (`make bench` starts both). At each step organisations are opened
until so many schemas are there; then a few more are opened whole, and a few schemas are only cloned, by turns by our way and
by the library's, each on a connection of its own as the command has it. Writes `var/bench/opening.json`.

The catalogue is vacuumed before each step, as the server does by itself within a minute. What grows all the same is what
foreign keys to people cost: each organisation's leave triggers on the one table of people.
"""

from __future__ import annotations

import statistics
import time
from functools import partial
from typing import Any

from benchmarks.contest import bench_organization, write

BESIDE = (1, 10, 30)
ROUNDS = 3
TARGET_MS = 1000


def _ms(run: Any) -> float:
    from django.db import connection

    connection.close()  # what one way leaves in the server's process is not to slow the other
    began = time.perf_counter()
    run()
    return (time.perf_counter() - began) * 1000


def measure() -> list[dict[str, float]]:
    """`[{beside, open_ms, ours_ms, library_ms}]`: medians; `open_ms` is all of an opening, the other two only its schema."""
    bench_organization()
    from django.conf import settings
    from django.db import connection
    from django_tenants.clone import CloneSchema

    from tenants.cloning import clone_schema
    from tenants.models import Organization
    from tenants.provisioning import open_organization

    def opened() -> None:
        number = Organization.objects.count()
        open_organization(slug=f"opening-{number}", name=f"Opening {number}")

    def schemas() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname ~ '^(org|ours|library)_'")
            return int(cursor.fetchone()[0]) - 1  # the template

    def vacuum() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT oid::regclass FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r'"
            )
            for [table] in cursor.fetchall():
                cursor.execute(f"VACUUM ANALYZE {table}")

    template = settings.TENANT_TEMPLATE_SCHEMA
    steps = []
    for beside in BESIDE:
        while schemas() < beside:
            opened()
        vacuum()
        whole, ours, library = [], [], []
        for turn in range(ROUNDS):
            name = f"{beside}_{turn}"
            whole.append(_ms(opened))
            ours.append(_ms(partial(clone_schema, template, f"ours_{name}")))
            library.append(_ms(partial(CloneSchema().clone_schema, template, f"library_{name}", "DATA")))
        figures = {"open_ms": whole, "ours_ms": ours, "library_ms": library}
        steps.append({"beside": beside, **{name: round(statistics.median(times)) for name, times in figures.items()}})
    return steps


def main() -> None:
    steps = measure()
    for step in steps:
        print(
            f"beside {step['beside']:3} others: opened in {step['open_ms']:5} ms; the schema alone {step['ours_ms']:5} ms, "
            f"by django-tenants {step['library_ms']:5} ms ({step['library_ms'] / step['ours_ms']:.1f} times)"
        )
    met = max(step["open_ms"] for step in steps) < TARGET_MS
    print(f"target: opened in under {TARGET_MS} ms: {'met' if met else 'missed'}")
    write("opening", {"steps": steps, "target_met": met})


if __name__ == "__main__":
    main()
