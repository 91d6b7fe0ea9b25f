"""The whole of `make run`: up, restarted part by part under kill -9, up again quickly, and gone without a trace."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.stack import PROGRAMS, Stack, left_behind, listening_addresses, open_folder, processes_below

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]
LOOPBACK = "0100007F"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with open_folder() as var, Stack.started(var) as stack:
        yield stack


@pytest.fixture
def var() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


def test_ready_is_said_once_and_the_demo_accounts_after_it(stack: Stack) -> None:
    lines = stack.said().splitlines()
    assert lines.count(f"ready {stack.url}/") == 1
    assert "trainee@acme.test" in stack.said()
    stack.wait_healthy()  # the workers start after it was said


def test_nothing_of_the_whole_stack_listens_beyond_loopback(stack: Stack) -> None:
    assert listening_addresses(set(processes_below(stack.var))) == {LOOPBACK}


def test_manage_py_finds_the_running_servers(stack: Stack) -> None:
    assert "no issues" in stack.manage("check", "--database", "default")


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_killed_part_comes_back_and_all_is_healthy(stack: Stack, program: str) -> None:
    old = stack.kill(program)
    stack.wait_restarted(program, old)
    stack.wait_healthy()
    assert stack.supervisor.poll() is None


def test_a_restart_of_the_web_process_refuses_nobody(stack: Stack) -> None:
    """The listening socket is the supervisor's: a request in the gap waits instead of failing."""
    before = stack.said().count("web was killed by SIGKILL")
    old = stack.kill("web")
    while stack.said().count("web was killed by SIGKILL") == before:
        time.sleep(0.01)
    assert stack.health(patience=120)["status"] == "healthy"
    assert stack.pid("web") != old


def test_every_end_leaves_nothing_and_the_next_start_keeps_the_data(var: Path) -> None:
    with Stack.started(var) as stack:
        stack.manage("open_organization", "initech", "--name", "Initech", "--owner", "owner@initech.test")
        assert stack.stop(signal.SIGINT) == 0
    assert left_behind(var) == {}
    with Stack.started(var) as stack:
        assert "Applying" not in stack.log("database")
        stack.supervisor.kill()
        stack.supervisor.wait()
        while processes_below(var):  # the suite's time limit is the deadline
            time.sleep(0.1)
    with Stack.started(var) as stack:
        code = "from tenants.models import Organization; print(Organization.objects.get(slug='initech').name)"
        assert "Initech" in stack.manage("shell", "-c", code)
        assert stack.stop(signal.SIGTERM) == 0
    assert left_behind(var) == {}
