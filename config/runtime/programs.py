"""Long-running programs as data, and how one is started so that it cannot outlive us."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .identity import Identity
from .places import ROOT

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """A program that is kept running.

    `ready` answers whether the program does its work yet; it gets what the program has logged since it was started.
    `stop_signal` ends it in good order; `orphan_signal` is what it gets when the supervisor itself was killed.
    """

    name: str
    command: tuple[str | Path, ...]
    environment: Mapping[str, str]
    ready: Callable[[str], bool]
    cwd: Path = ROOT
    identity: Identity = field(default_factory=Identity)
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10
    ready_seconds: float = 120
    # Others need it until their own end, so it stops after them.
    serves_others: bool = False
    # File descriptors that the program inherits.
    inherits: tuple[int, ...] = ()


def spawn(program: Program, log: Path) -> subprocess.Popen[bytes]:
    """Start in a process group of its own, so that Ctrl-C reaches only the supervisor, which then stops all in order."""

    def follow_the_supervisor() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(program.orphan_signal))

    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in program.command],
            env=dict(program.environment),
            cwd=program.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=program.inherits,
            # Safe: the supervisor has one thread.
            preexec_fn=follow_the_supervisor,  # noqa: PLW1509
            **program.identity.spawn_options(),
        )


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End whatever is left of a program's process group, such as pool workers of a killed Celery."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def plain_environment() -> dict[str, str]:
    """An environment for servers that need nothing of ours: no secret is handed on."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8" if sys.platform == "linux" else "C"}


def describe_exit(code: int) -> str:
    """An exit status in words."""
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"stopped with exit code {code}"
