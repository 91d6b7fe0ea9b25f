"""The real stack for tests: what `make run` starts, in a folder of its own, with ways to kill its parts.

with Stack.started(tmp_path) as stack:
    stack.kill("web")
    stack.wait_healthy()
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.runtime.places import ROOT, free_port

# What `kill` understands; the names are those of the supervisor's programs.
PROGRAMS = ("postgres", "valkey", "web", "quick", "worker", "scheduler")


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A new folder that the servers' unprivileged user may enter when the suite runs as root; pytest's own are private."""
    with tempfile.TemporaryDirectory(prefix="parley-test-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        folder.chmod(0o711)
        yield folder


@dataclass
class Stack:
    """A supervisor with everything below it, reachable at `url`."""

    var: Path
    port: int
    supervisor: subprocess.Popen[bytes]
    console: Path

    @classmethod
    @contextlib.contextmanager
    def started(cls, var: Path, *, seconds: float = 600, **environment: str) -> Iterator[Stack]:
        """Start everything below `var` with demo organisations, wait for `ready`, and stop it at the end.

        `var` comes from `open_folder`. Database and Redis of the environment are not used: a test that kills them must own
        them.
        """
        stack = cls.launch(var, **environment)
        try:
            stack.wait_ready(seconds)
            yield stack
        finally:
            stack.stop()

    @classmethod
    def launch(cls, var: Path, **environment: str) -> Stack:
        """Start the supervisor and return at once."""
        var.mkdir(parents=True, exist_ok=True)
        port = int(environment.pop("PORT", 0)) or free_port()
        inherited = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "SITE_URL"}}
        console = var / "console.log"
        with console.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "config.runtime"],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={
                    **inherited,
                    "PARLEY_VAR": str(var),
                    "PORT": str(port),
                    "DJANGO_SETTINGS_MODULE": "config.settings.local",
                    **environment,
                },
            )
        return cls(var, port, process, console)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def said(self) -> str:
        """What the supervisor has printed."""
        return self.console.read_text(errors="replace")

    def log(self, program: str) -> str:
        return (self.var / "log" / f"{program}.log").read_text(errors="replace")

    def wait_ready(self, seconds: float = 600) -> None:
        deadline = time.monotonic() + seconds
        while f"ready {self.url}/\n" not in self.said():
            assert self.supervisor.poll() is None, f"the stack ended early:\n{self.said()}"
            assert time.monotonic() < deadline, f"not ready after {seconds} s:\n{self.said()}"
            time.sleep(0.1)

    def health(self, patience: float = 5) -> dict[str, Any]:
        """The answer of `/health`, whatever its status; empty where nothing answered within so many seconds."""
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=patience) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as answer:
            return dict(json.load(answer))
        except (OSError, ValueError):
            return {}

    def wait_healthy(self, seconds: float = 180) -> None:
        deadline = time.monotonic() + seconds
        while self.health().get("status") != "healthy":
            assert time.monotonic() < deadline, f"not healthy after {seconds} s: {self.health()}\n{self.said()}"
            time.sleep(0.2)

    def addresses(self) -> dict[str, str]:
        """`DATABASE_URL` and `REDIS_URL` of the running servers."""
        lines = (self.var / "run" / "servers.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def manage(self, *arguments: str) -> str:
        """Run `manage.py` against the running stack and answer what it printed."""
        environment = {**os.environ, **self.addresses(), "PARLEY_VAR": str(self.var)}
        environment["DJANGO_SETTINGS_MODULE"] = "config.settings.local"
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout

    def pid(self, program: str) -> int:
        """The process of a program now; the supervisor's child of that name."""
        children = json.loads((self.var / "run" / "processes.json").read_text())
        return int(children[program])

    def kill(self, program: str) -> int:
        """kill -9 one program, without a warning; answers the pid that it had."""
        pid = self.pid(program)
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_restarted(self, program: str, old_pid: int, seconds: float = 180) -> None:
        deadline = time.monotonic() + seconds
        while self.pid(program) == old_pid:
            assert time.monotonic() < deadline, f"{program} was not started again:\n{self.said()}"
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT, seconds: float = 180) -> int:
        """Stop as Ctrl-C does and answer the exit code."""
        if self.supervisor.poll() is None:
            self.supervisor.send_signal(how)
        return self.supervisor.wait(seconds)


def processes_below(var: Path) -> dict[int, str]:
    """Every living process that has the folder in its command line, environment or as its place, with its command line."""
    needle = str(var).encode()
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes()
            place = os.readlink(entry / "cwd").encode()
            if needle in command or needle in place or needle in (entry / "environ").read_bytes():
                found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return found


def left_behind(var: Path, seconds: float = 60) -> dict[int, str]:
    """What is still there when everything was stopped; a killed process takes a moment to be gone from the table."""
    deadline = time.monotonic() + seconds
    while (found := processes_below(var)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def listening_addresses(pids: set[int]) -> set[str]:
    """The local addresses (hex of the kernel's table, IPv4 and IPv6) on which these processes listen for TCP."""
    inodes = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            for descriptor in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    target = os.readlink(descriptor)
                    if target.startswith("socket:["):
                        inodes.add(target[8:-1])
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                found.add(fields[1].split(":")[0])
    return found
