"""What the bridge's benchmarks share: contenders in processes of their own, a load, and steps until one gives way.

A step is held when, in one of three tries, every frame comes back and p95 is less than 20 ms above the contender's own p50
with one call. The load, and a vendor's place where there is one, share the machine with the contender. Processor time is the
contender's own, while the frames flow; memory is what it holds at the end of the step.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from accounts.models import User
    from tenants.models import Organization

STEPS = (1, 10, 20, 30, 40, 50, 75, 100, 150, 200, 250, 300, 350, 400, 450, 500, 600, 700, 800, 900, 1000)
LIMIT_MS = 20.0
# Between steps a contender may finish with the calls of the step before.
IDLE_SHARE = 0.05
MOST_SETTLING_SECONDS = 60.0
SECONDS = 5.0
# A machine that shares its processors with others hiccups: nobody loses a step by one of those.
TRIES = 3


@dataclass
class Step:
    calls: int
    p50_ms: float
    p95_ms: float
    added_p95_ms: float
    cpu_ms_per_call_second: float
    memory_mb: float
    setups_per_second: float
    setup_p50_ms: float
    lost_frames: float
    held: bool


class Links:
    """Committed calls and their voice addresses, each used once."""

    def __init__(self, count: int, *, provider: str) -> None:
        self._links = make_calls(count, provider=provider)

    def take(self, count: int, port: int) -> list[str]:
        taken, self._links = self._links[:count], self._links[count:]
        return [f"ws://127.0.0.1:{port}{path}?token={token}" for path, token in taken]


def bench_organization() -> tuple[Organization, User]:
    """The organisation that the benchmarks' calls belong to, made where it is missing, and its trainee. Sets Django up."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    import django

    django.setup()
    from django.core.management import call_command

    from accounts.models import Membership, User
    from accounts.roles import Role
    from tenants.models import Organization
    from tenants.provisioning import open_organization

    call_command("migrate_schemas", interactive=False, verbosity=0)
    organization = Organization.objects.filter(slug="bench").first() or open_organization(
        slug="bench", name="Bench", language="en"
    )
    user = User.objects.filter(email="bench@bench.test").first() or User.objects.create_user("bench@bench.test", "x")
    Membership.objects.update_or_create(organization=organization, user=user, defaults={"role": Role.TRAINEE})
    return organization, user


def make_calls(count: int, *, provider: str) -> list[tuple[str, str]]:
    """Committed calls with that vendor; returns (path, token) of each."""
    organization, user = bench_organization()
    from django_tenants.utils import schema_context

    from calls import tokens
    from tests.factories import make_call, make_scenario_version

    with schema_context(organization.schema_name):
        version = make_scenario_version()
        links = []
        for _number in range(count):
            call = make_call(trainee=user, scenario_version=version, status="pending", provider=provider)
            token = tokens.sign(tokens.VOICE, schema_name=organization.schema_name, call_id=call.pk, user_id=user.pk)
            links.append((f"/org/bench/ws/voice/{call.pk}/", token))
    return links


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(module: str, port: int, **environment: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        # No debug: it keeps the text of every statement.
        env=os.environ | {"PORT": str(port), "SPEECH_WARM": "0", "DEBUG": "0"} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _attempt in range(600):
        if process.poll() is not None:
            raise SystemExit(f"{module} did not start")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return process
    raise SystemExit(f"{module} did not listen")


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def measure(server: subprocess.Popen[bytes], urls: list[str], *, seconds: float = SECONDS) -> dict[str, Any]:
    process = psutil.Process(server.pid)
    load = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.load", str(seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert load.stdin
    assert load.stdout
    load.stdin.write(json.dumps(urls).encode())
    load.stdin.close()
    load.stdout.readline()  # all calls are up and warm
    before, since = sum(process.cpu_times()[:2]), time.monotonic()
    output = load.stdout.read()
    used, took = sum(process.cpu_times()[:2]) - before, time.monotonic() - since
    load.wait()
    result: dict[str, Any] = json.loads(output) if output else {"failed": True}
    result["cpu"] = used * 1000 / took / len(urls)
    result["memory"] = process.memory_info().rss / 1e6
    return result


def settle(server: subprocess.Popen[bytes]) -> None:
    process = psutil.Process(server.pid)
    until = time.monotonic() + MOST_SETTLING_SECONDS
    while process.cpu_percent(interval=1.0) > IDLE_SHARE * 100 and time.monotonic() < until:
        pass


def climb(
    name: str, server: subprocess.Popen[bytes], addresses: Callable[[int], list[str]], *, counts: Sequence[int]
) -> list[Step]:
    """More and more calls until they are not held. Returns the last try of each step."""
    base = 0.0
    steps: list[Step] = []
    for count in counts:
        for _try in range(TRIES):
            settle(server)
            result = measure(server, addresses(count))
            if "failed" in result:
                print(f"{name:26} {count:4} calls   could not be set up   NOT HELD", flush=True)
                continue
            base = base or result["p50"]
            step = step_of(count, result, base)
            print(line_of(name, step), flush=True)
            if step.held:
                break
        if "failed" in result:
            break
        steps.append(step)
        if not step.held:
            break
    return steps


def step_of(count: int, result: dict[str, Any], base: float) -> Step:
    """`base`: this contender's p50 with one call, in ms."""
    lost = 1 - result["received"] / max(1, result["sent"])
    added = result["p95"] - base
    return Step(
        count,
        result["p50"],
        result["p95"],
        added,
        result["cpu"],
        result["memory"],
        result["setups_per_second"],
        result["setup_p50"],
        lost,
        added < LIMIT_MS and lost < 0.01 and not result["lost_calls"],
    )


def line_of(name: str, step: Step) -> str:
    return (
        f"{name:26} {step.calls:4} calls   p50 {step.p50_ms:7.2f} ms   p95 {step.p95_ms:7.2f} ms   "
        f"added p95 {step.added_p95_ms:7.2f} ms   {step.cpu_ms_per_call_second:5.2f} ms CPU per call-second   "
        f"{step.memory_mb:5.0f} MB   {step.setups_per_second:5.0f} set up a second   "
        f"{'held' if step.held else 'NOT HELD'}"
    )


def counts_in(text: str) -> list[int]:
    """`1,50,100` from the command line."""
    return [int(part) for part in text.split(",")]


def links_for(counts: Sequence[int]) -> int:
    """How many calls may be used up: every step once, and the largest ones again."""
    return sum(counts) + (TRIES - 1) * sum(sorted(counts)[-4:])


def most_held(steps: list[Step]) -> int:
    return max((step.calls for step in steps if step.held), default=0)


def write(name: str, data: Any) -> None:
    target = Path("var/bench") / f"{name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(data, indent=1))
