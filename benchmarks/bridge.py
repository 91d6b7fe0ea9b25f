"""How many calls one process of the bridge holds, against a naive consumer and Pipecat, in the same run.

`python -m benchmarks.bridge`: needs PostgreSQL and Redis (`make bench` starts both). Every contender echoes 20 ms frames. A
step is held when every frame comes back and p95 is less than 20 ms above the contender's own p50 with one call (Pipecat
paces its output, which is not counted against it). The load shares the machine with the contender. Writes
`var/bench/bridge.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

STEPS = (1, 10, 20, 30, 40, 50, 75, 100, 150, 200, 250, 300, 350, 400, 500, 600, 700, 800)
LIMIT_MS = 20.0
SECONDS = 5.0
CONTENDERS = {
    "parley": "benchmarks.servers.parley",
    "naive Channels consumer": "benchmarks.servers.naive",
    "pipecat": "benchmarks.servers.pipecat_echo",
}


@dataclass
class Step:
    calls: int
    p50_ms: float
    p95_ms: float
    added_p95_ms: float
    cpu_ms_per_call_second: float
    lost_frames: float
    held: bool


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_calls(count: int) -> list[tuple[str, str]]:
    """Committed calls with the echo for a vendor; returns (path, token) of each."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    import django

    django.setup()
    from django.core.management import call_command
    from django_tenants.utils import schema_context

    from accounts.models import Membership, User
    from accounts.roles import Role
    from calls import tokens
    from tenants.models import Organization
    from tenants.provisioning import open_organization
    from tests.factories import make_call, make_scenario_version

    call_command("migrate_schemas", interactive=False, verbosity=0)
    organization = Organization.objects.filter(slug="bench").first() or open_organization(
        slug="bench", name="Bench", language="en"
    )
    user = User.objects.filter(email="bench@bench.test").first() or User.objects.create_user("bench@bench.test", "x")
    Membership.objects.update_or_create(organization=organization, user=user, defaults={"role": Role.TRAINEE})
    with schema_context(organization.schema_name):
        version = make_scenario_version()
        links = []
        for _number in range(count):
            call = make_call(trainee=user, scenario_version=version, status="pending", provider="echo")
            token = tokens.sign(tokens.VOICE, schema_name=organization.schema_name, call_id=call.pk, user_id=user.pk)
            links.append((f"/org/bench/ws/voice/{call.pk}/", token))
    return links


def start(module: str, port: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", module], env=os.environ | {"PORT": str(port)}, stdout=subprocess.DEVNULL
    )
    for _attempt in range(300):
        if process.poll() is not None:
            raise SystemExit(f"{module} did not start")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return process
    raise SystemExit(f"{module} did not listen")


def measure(server: subprocess.Popen[bytes], urls: list[str]) -> dict[str, Any]:
    process = psutil.Process(server.pid)
    load = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.load", str(SECONDS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert load.stdin
    assert load.stdout
    load.stdin.write(json.dumps(urls).encode())
    load.stdin.close()
    before, since = sum(process.cpu_times()[:2]), time.monotonic()
    output = load.stdout.read()
    load.wait()
    used, took = sum(process.cpu_times()[:2]) - before, time.monotonic() - since
    result: dict[str, Any] = json.loads(output)
    result["cpu"] = used * 1000 / took / len(urls)
    return result


def run(name: str, links: list[tuple[str, str]], most: int) -> list[Step]:
    port = free_port()
    server = start(CONTENDERS[name], port)
    base = 0.0
    steps: list[Step] = []
    position = 0
    try:
        for count in [step for step in STEPS if step <= most]:
            if name == "parley":
                chosen = links[position : position + count]
                position += count
                urls = [f"ws://127.0.0.1:{port}{path}?token={token}" for path, token in chosen]
            else:
                urls = [f"ws://127.0.0.1:{port}/ws"] * count
            result = measure(server, urls)
            base = base or result["p50"]
            lost = 1 - result["received"] / max(1, result["sent"])
            added = result["p95"] - base
            held = added < LIMIT_MS and lost < 0.01 and not result["lost_calls"]
            step = Step(count, result["p50"], result["p95"], added, result["cpu"], lost, held)
            steps.append(step)
            print(
                f"{name:26} {count:4} calls   p50 {step.p50_ms:7.2f} ms   p95 {step.p95_ms:7.2f} ms   "
                f"added p95 {added:7.2f} ms   {step.cpu_ms_per_call_second:5.2f} ms CPU per call-second"
                f"   {'held' if held else 'NOT HELD'}",
                flush=True,
            )
            if not held:
                break
    finally:
        server.terminate()
        server.wait()
    return steps


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--most", type=int, default=STEPS[-1])
    arguments.add_argument("--only", choices=CONTENDERS, action="append")
    given = arguments.parse_args()
    links = make_calls(sum(step for step in STEPS if step <= given.most))
    results = {name: run(name, links, given.most) for name in given.only or CONTENDERS}
    held = {name: max((step.calls for step in steps if step.held), default=0) for name, steps in results.items()}
    print()
    for name, calls in held.items():
        ratio = (
            f"   parley holds {held['parley'] / calls:.1f} ×" if calls and name != "parley" and "parley" in held else ""
        )
        print(f"{name:26} holds {calls:4} calls{ratio}")
    target = Path("var/bench/bridge.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        json.dumps(
            {"held": held, "steps": {name: [asdict(step) for step in steps] for name, steps in results.items()}},
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
