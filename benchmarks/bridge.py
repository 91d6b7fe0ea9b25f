"""How many calls one process of the bridge holds, against a naive consumer and Pipecat, in the same run.

`python -m benchmarks.bridge`: needs PostgreSQL and Redis (`make bench` starts both). Every contender echoes 20 ms frames
(`benchmarks.contest` says what held means). Pipecat paces its output, which is not counted against it. Writes
`var/bench/bridge.json`.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict

from benchmarks.contest import STEPS, Links, Step, climb, counts_in, free_port, links_for, most_held, start, stop, write

CONTENDERS = {
    "parley": "benchmarks.servers.parley",
    "naive Channels consumer": "benchmarks.servers.naive",
    "pipecat": "benchmarks.servers.pipecat_echo",
}


def run(name: str, links: Links, counts: list[int]) -> list[Step]:
    port = free_port()
    server = start(CONTENDERS[name], port)

    def addresses(count: int) -> list[str]:
        return links.take(count, port) if name == "parley" else [f"ws://127.0.0.1:{port}/ws"] * count

    try:
        return climb(name, server, addresses, counts=counts)
    finally:
        stop(server)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--steps", type=counts_in, default=list(STEPS))
    arguments.add_argument("--only", choices=CONTENDERS, action="append")
    given = arguments.parse_args()
    links = Links(links_for(given.steps), provider="echo")
    results = {name: run(name, links, given.steps) for name in given.only or CONTENDERS}
    held = {name: most_held(steps) for name, steps in results.items()}
    print()
    for name, calls in held.items():
        ratio = (
            f"   parley holds {held['parley'] / calls:.1f} ×" if calls and name != "parley" and "parley" in held else ""
        )
        print(f"{name:26} holds {calls:4} calls{ratio}")
    write(
        "bridge", {"held": held, "steps": {name: [asdict(step) for step in steps] for name, steps in results.items()}}
    )


if __name__ == "__main__":
    main()
