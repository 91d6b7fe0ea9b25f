"""How long it takes to open an organisation beside so and so many others; django-tenants' way of cloning in the same run.

`python -m benchmarks.opening`: needs PostgreSQL and Redis (`make bench` starts both). At each step organisations are opened
until so many are there; then a few more are opened whole, and a few schemas are only cloned, by turns by our way and by the
library's. Writes `var/bench/opening.json`.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

from benchmarks.contest import bench_organization, write

BESIDE = (1, 10, 30)
ROUNDS = 5
TARGET_MS = 1000


def _ms(run: Any) -> float:
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

    def dropped(name: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA {name} CASCADE")

    template = settings.TENANT_TEMPLATE_SCHEMA
    steps = []
    for beside in BESIDE:
        while Organization.objects.exclude(status=Organization.Status.TEMPLATE).count() < beside:
            opened()
        whole, ours, library = [], [], []
        for _round in range(ROUNDS):
            whole.append(_ms(opened))
            ours.append(_ms(lambda: clone_schema(template, "by_us")))
            dropped("by_us")
            library.append(_ms(lambda: CloneSchema().clone_schema(template, "by_library", "DATA")))
            dropped("by_library")
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
