"""`make bench`: every benchmark, one after the other, each in its own process. Tables on the screen, JSON in `var/bench/`."""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = (
    "benchmarks.bridge",
    "benchmarks.passthrough",
    "benchmarks.embedded_turn",
    "benchmarks.scoring",
    "benchmarks.ending",
    "benchmarks.retrieval",
    "benchmarks.pages",
    "benchmarks.opening",
)


def main() -> int:
    failed = []
    for module in BENCHMARKS:
        print(f"\n== {module.removeprefix('benchmarks.')}\n", flush=True)
        if subprocess.run([sys.executable, "-m", module], check=False).returncode:
            failed.append(module)
    if failed:
        print("Failed: " + ", ".join(failed))
    return len(failed)


if __name__ == "__main__":
    raise SystemExit(main())
