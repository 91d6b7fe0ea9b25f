"""What Parley puts between a browser and a voice vendor: calls held, latency added, processor time, set-up rate, memory.

`python -m benchmarks.passthrough [--minutes 10]`: needs PostgreSQL and Redis. An echo shaped like ElevenLabs stands in the
vendor's place; the same load talks to it directly, through Parley and through a Pipecat pipeline, one after the other, 20 ms
frames, everything on one machine. `--minutes` then holds calls for that long, new ones every half minute, and samples
Parley's memory. Writes `var/bench/passthrough.json`.
"""

from __future__ import annotations

import argparse
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import psutil

from benchmarks.contest import (
    STEPS,
    Links,
    Step,
    climb,
    counts_in,
    free_port,
    links_for,
    measure,
    most_held,
    start,
    stop,
    write,
)

MOST_CALLS = 500
SAMPLE_SECONDS = 30.0


def contender(name: str, vendor_port: int, links: Links) -> tuple[subprocess.Popen[bytes], Callable[[int], list[str]]]:
    """A started contender and its addresses for so many calls."""
    conversation = f"ws://127.0.0.1:{vendor_port}/v1/convai/conversation?agent_id=bench"
    port = free_port()
    if name == "pipecat":
        server = start("benchmarks.servers.pipecat_vendor", port, VENDOR_URL=conversation)
        return server, lambda count: [f"ws://127.0.0.1:{port}/ws"] * count
    server = start(
        "benchmarks.servers.parley",
        port,
        VOICE_PROVIDER="elevenlabs",
        ELEVENLABS_API_KEY="bench",
        ELEVENLABS_AGENT_ID="bench",
        ELEVENLABS_BASE_URL=f"http://127.0.0.1:{vendor_port}",
    )
    return server, lambda count: links.take(count, port)


def hold_steady(
    server: subprocess.Popen[bytes], addresses: Callable[[int], list[str]], *, calls: int, minutes: float
) -> dict[str, Any]:
    """Memory (MB) over minutes of calls, sampled when one lot is over; the next one takes its place."""
    process = psutil.Process(server.pid)
    samples = []
    until = time.monotonic() + minutes * 60
    while time.monotonic() < until:
        result = measure(server, addresses(calls), seconds=min(SAMPLE_SECONDS, until - time.monotonic() + 1))
        if "failed" in result:
            raise SystemExit("The calls could not be set up.")
        samples.append(process.memory_info().rss / 1e6)
        print(f"{len(samples):4}   {samples[-1]:6.0f} MB   p95 {result['p95']:6.2f} ms", flush=True)
    return {"calls": calls, "minutes": minutes, "memory_mb": samples}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--steps", type=counts_in, default=[step for step in STEPS if step <= MOST_CALLS])
    arguments.add_argument("--only", choices=("direct", "parley", "pipecat"), action="append")
    arguments.add_argument("--minutes", type=float, default=0.0)
    arguments.add_argument("--steady-calls", type=int, default=100)
    given = arguments.parse_args()
    names = given.only or ["direct", "parley", "pipecat"]
    steady = int(given.minutes * 60 / SAMPLE_SECONDS + 2) * given.steady_calls if given.minutes else 0
    links = Links(links_for(given.steps) + steady, provider="elevenlabs")
    vendor_port = free_port()
    vendor = start("benchmarks.servers.vendor", vendor_port)
    steps: dict[str, list[Step]] = {}
    memory: dict[str, Any] = {}
    try:
        if "direct" in names:
            address = f"ws://127.0.0.1:{vendor_port}/v1/convai/conversation?token=direct"
            steps["direct"] = climb("direct", vendor, lambda count: [address] * count, counts=given.steps)
        for name in [name for name in names if name != "direct"]:
            server, addresses = contender(name, vendor_port, links)
            try:
                steps[name] = climb(name, server, addresses, counts=given.steps)
                if name == "parley" and given.minutes:
                    memory = hold_steady(server, addresses, calls=given.steady_calls, minutes=given.minutes)
            finally:
                stop(server)
    finally:
        stop(vendor)
    held = {name: most_held(of_name) for name, of_name in steps.items()}
    print()
    for name, calls in held.items():
        print(f"{name:10} holds {calls:4} calls")
    write(
        "passthrough",
        {
            "held": held,
            "steps": {name: [asdict(step) for step in of_name] for name, of_name in steps.items()},
            "steady": memory,
        },
    )


if __name__ == "__main__":
    main()
