"""The supervisor: order, restarts, and an end that leaves no process."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.runtime.errors import RunFailed, StopRequested
from config.runtime.places import ROOT
from config.runtime.programs import Program
from config.runtime.supervisor import Supervisor
from tests.runtime.stack import left_behind, processes_below

# Says that it is ready, has a child of its own (like a pool worker), and would run for ever.
FAITHFUL = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("at work", flush=True)
time.sleep(600)
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + FAITHFUL


def program(var: Path, name: str, code: str, **options: object) -> Program:
    return Program(
        name=name,
        command=(sys.executable, "-c", code),
        environment={**os.environ, "PARLEY_VAR": str(var)},
        ready=lambda log: "at work" in log,
        **options,  # type: ignore[arg-type]
    )


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    with Supervisor(logs=tmp_path / "log", say=said.append, process_list=tmp_path / "processes.json") as supervisor:
        yield supervisor


def test_stopping_leaves_no_process_not_even_a_grandchild(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.launch(program(tmp_path, "first", FAITHFUL))
    supervisor.launch(program(tmp_path, "second", STUBBORN, stop_seconds=0.3))
    supervisor.wait_until_ready(["first", "second"])
    assert len(processes_below(tmp_path)) == 4
    supervisor.stop()
    assert left_behind(tmp_path) == {}


def test_a_killed_program_is_started_again_and_its_pool_ended(
    supervisor: Supervisor, tmp_path: Path, said: list[str]
) -> None:
    supervisor.launch(program(tmp_path, "worker", FAITHFUL))
    supervisor.wait_until_ready(["worker"])
    before = set(processes_below(tmp_path))
    old = json.loads((tmp_path / "processes.json").read_text())["worker"]
    os.kill(old, signal.SIGKILL)
    while json.loads((tmp_path / "processes.json").read_text())["worker"] == old:
        supervisor.tick()
    assert said == ["worker was killed by SIGKILL; starting it again"]
    while before & set(processes_below(tmp_path)):  # the suite's time limit is the deadline
        supervisor.tick()


def test_a_program_that_never_works_ends_the_run_with_what_it_said(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.launch(program(tmp_path, "web", "raise SystemExit('no such setting')"))
    with pytest.raises(RunFailed, match=r"(?s)web stopped with exit code 1 3 times in a row:.*no such setting"):
        supervisor.wait_until_ready(["web"])


def test_a_program_that_takes_too_long_ends_the_run(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.launch(program(tmp_path, "web", "import time; time.sleep(600)", ready_seconds=0.2))
    with pytest.raises(RunFailed, match="web was not ready after 0 s"):
        supervisor.wait_until_ready(["web"])


def test_a_failing_step_ends_the_run_with_the_end_of_its_log(supervisor: Supervisor) -> None:
    step = supervisor.begin("database", [sys.executable, "-c", "print('half way'); raise SystemExit(3)"], os.environ)
    with pytest.raises(RunFailed, match=r"(?s)database failed:.*half way"):
        supervisor.finish(step)


def test_a_signal_while_a_step_runs_stops_the_step_too(supervisor: Supervisor, tmp_path: Path) -> None:
    environment = {**os.environ, "PARLEY_VAR": str(tmp_path)}
    step = supervisor.begin("front end", [sys.executable, "-c", FAITHFUL], environment)
    while "at work" not in step.log.read_text():
        supervisor.tick()
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(StopRequested):
        supervisor.finish(step)
    supervisor.stop()
    assert left_behind(tmp_path) == {}


def test_the_last_run_s_log_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    for word in ("one", "two"):
        with Supervisor(logs=tmp_path, say=print) as supervisor:
            supervisor.finish(supervisor.begin("step", [sys.executable, "-c", f"print('{word}')"], os.environ))
    assert (tmp_path / "step.log").read_text() == "two\n"
    assert (tmp_path / "step.log.1").read_text() == "one\n"


def test_following_shows_every_line_with_its_program(tmp_path: Path, said: list[str]) -> None:
    with Supervisor(logs=tmp_path, say=said.append, follow=True) as supervisor:
        supervisor.finish(supervisor.begin("step", [sys.executable, "-c", "print('a\\nb')"], os.environ))
    assert [line.strip() for line in said] == ["step | a", "step | b"]


# -- the command ------------------------------------------------------------------------------------------------------


def make_run(var: Path, port: int) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PARLEY_VAR": str(var), "PORT": str(port)}
    command = [sys.executable, "-m", "config.runtime"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=240)


def test_a_taken_port_is_a_plain_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = make_run(tmp_path, port)
    assert result.returncode == 1
    assert result.stdout + result.stderr == (
        f"Port {port} is taken. Stop what listens there, or choose another: make run PORT=9000\n"
    )
    assert left_behind(tmp_path) == {}


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_that_no_machine_has_is_a_plain_sentence(tmp_path: Path, port: int) -> None:
    result = make_run(tmp_path, port)
    assert result.returncode == 1
    assert result.stdout + result.stderr == f"PORT must be between 0 and 65535, not {port}.\n"
    assert left_behind(tmp_path) == {}


def test_a_second_run_of_one_checkout_is_a_plain_sentence(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with (tmp_path / "run" / "lock").open("w") as lock:
        lock.write("process 4711, http://localhost:8000")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = make_run(tmp_path, 0)
    assert result.returncode == 1
    assert result.stdout == (
        "Parley already runs from this folder: process 4711, http://localhost:8000. Stop that one first.\n"
    )


def test_kill_9_of_the_supervisor_leaves_nothing(tmp_path: Path) -> None:
    script = f"""
import os, sys
from pathlib import Path
from config.runtime.supervisor import Supervisor
from tests.runtime.test_supervisor import FAITHFUL, program
with Supervisor(logs=Path({str(tmp_path)!r}) / "log", say=print) as supervisor:
    supervisor.launch(program(Path({str(tmp_path)!r}), "web", FAITHFUL.replace("subprocess.Popen", "str")))
    supervisor.wait_until_ready(["web"])
    print("up", flush=True)
    supervisor.watch()
"""
    environment = {**os.environ, "PARLEY_VAR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        assert len(processes_below(tmp_path)) == 2
        process.kill()
    while processes_below(tmp_path):  # the suite's time limit is the deadline
        time.sleep(0.05)
