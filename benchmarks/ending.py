"""How long it takes from a call's end to both its scores being on their queues.

`python -m benchmarks.ending`: needs PostgreSQL and Redis (`make bench` starts both). Calls of twenty turns are ended one
after another as a voice socket ends them: state, event, review of faults, commit, then both tasks sent to the broker. Nobody
takes them; they are thrown away afterwards. Writes `var/bench/ending.json`.
"""

from __future__ import annotations

import statistics
import time

from benchmarks.contest import bench_organization, write

CALLS = 200
TURNS = 20
TARGET_P95_MS = 30


def measure() -> list[float]:
    """Milliseconds of each call, the first few left out: they open connections."""
    organization, user = bench_organization()
    from django.utils import timezone
    from django_tenants.utils import schema_context

    from calls import services, turns
    from calls.services import Ending
    from config.celery import app
    from tests.factories import make_call, make_scenario_version

    times = []
    with schema_context(organization.schema_name):
        version = make_scenario_version()
        for _number in range(CALLS + 5):
            call = make_call(
                trainee=user,
                scenario_version=version,
                status="in_progress",
                provider="embedded",
                started_at=timezone.now(),
            )
            for turn in range(TURNS):
                role = "user" if turn % 2 else "assistant"
                said = f"This is what was said in turn {turn}, neither long nor short."
                turns.record(call_id=call.pk, role=role, content=said, start_ms=turn * 3000, end_ms=turn * 3000 + 2500)
            began = time.perf_counter()
            services.complete(call_id=call.pk, ending=Ending(by="trainee", reason="hung_up"))
            times.append((time.perf_counter() - began) * 1000)
    app.control.purge()
    return times[5:]


def main() -> None:
    times = measure()
    p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    met = p95 < TARGET_P95_MS
    print(f"{len(times)} calls of {TURNS} turns, from end to both tasks sent: p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    print(f"target: p95 < {TARGET_P95_MS} ms: {'met' if met else 'missed'}")
    write("ending", {"calls": len(times), "p50_ms": p50, "p95_ms": p95, "target_met": met})


if __name__ == "__main__":
    main()
