"""Starts programs in order, keeps them running, and stops them so that no process is left.

One thread, one loop that looks ten times a second. Programs log to files; the console shows what a person wants to know,
or every line with `follow`.
"""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from .errors import RunFailed, StopRequested
from .places import ROOT, write_private
from .programs import Program, describe_exit, kill_group, spawn

TICK_SECONDS = 0.1
# A program that ran this long is taken to be well; crashes before it count towards giving up.
STEADY_SECONDS = 20.0
GIVE_UP_AFTER = 6
# One that never did its work has a fault that starting it again does not mend.
GIVE_UP_UNREADY_AFTER = 3
BACKOFF_SECONDS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
LOG_TAIL_LINES = 15
KEEP_LOG_BYTES = 5_000_000


@dataclass
class Running:
    """A program with its present process and what became of its earlier ones."""

    program: Program
    log: Path
    process: subprocess.Popen[bytes]
    log_from: int
    started: float = field(default_factory=time.monotonic)
    crashes: int = 0
    # Its own probe said so; or, where nobody asks, it has run for a while.
    answered: bool = False
    is_ready: bool = False
    restart_at: float | None = None

    def logged(self) -> str:
        """What the present process has logged so far."""
        with self.log.open("rb") as file:
            file.seek(self.log_from)
            return file.read(KEEP_LOG_BYTES).decode(errors="replace")


@dataclass
class Step:
    """A command that has an end: a build, a migration."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path


class Supervisor:
    """Owns the processes between `__enter__` and `__exit__`."""

    def __init__(
        self, *, logs: Path, say: Callable[[str], None], follow: bool = False, process_list: Path | None = None
    ) -> None:
        """Log below `logs`, tell a person with `say`, keep `{program: pid}` up to date in `process_list`."""
        self._logs = logs
        self._say = say
        self._follow = follow
        self._process_list = process_list
        self._running: list[Running] = []
        self._steps: list[Step] = []
        self._read_up_to: dict[Path, int] = {}
        self._stop_signals = 0
        self._stopped_by = ""
        self._old_handlers: dict[int, object] = {}

    def __enter__(self) -> Supervisor:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue  # started by nohup: the terminal may go
            self._old_handlers[number] = signal.signal(number, self._note_signal)
        return self

    def __exit__(self, *problem: object) -> None:
        self.stop()
        for number, handler in self._old_handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _note_signal(self, number: int, frame: FrameType | None) -> None:
        self._stop_signals += 1
        self._stopped_by = self._stopped_by or signal.Signals(number).name

    # -- steps --------------------------------------------------------------------------------------------------------
    def begin(self, name: str, command: Sequence[str | Path], environment: Mapping[str, str]) -> Step:
        """Start a command that ends by itself; `finish` waits for it."""
        log = self._fresh_log(name)
        program = Program(name=name, command=tuple(command), environment=environment, ready=lambda logged: True)
        step = Step(name, spawn(program, log), log)
        self._steps.append(step)
        return step

    def finish(self, step: Step) -> None:
        """Wait for a step. Raises `RunFailed` with the end of its log where it fails."""
        while step.process.poll() is None:
            self.tick()
        self._steps.remove(step)
        self._show_news()
        if step.process.returncode:
            raise RunFailed(f"{step.name} failed:\n{tail(step.log)}\n(all of it: {step.log})")

    def run(self, command: Sequence[str | Path], environment: Mapping[str, str]) -> int:
        """Run a command on our own terminal and answer its exit code; programs are looked after meanwhile."""
        process = subprocess.Popen([str(part) for part in command], env=dict(environment), cwd=ROOT)
        try:
            while process.poll() is None:
                self.tick()
        except StopRequested:
            # A terminal has sent the signal to the command too; otherwise it is sent on.
            process.terminate()
            process.wait()
        return process.returncode

    # -- programs -----------------------------------------------------------------------------------------------------
    def launch(self, program: Program) -> None:
        """Start a program and keep it running from now on."""
        log = self._fresh_log(program.name)
        self._running.append(Running(program, log, spawn(program, log), log_from=0))
        self._list_processes()

    def programs(self) -> list[Running]:
        """What is kept running, in the order of starting."""
        return list(self._running)

    def wait_until_ready(self, names: Iterable[str]) -> None:
        """Wait until each of the named programs does its work. Raises `RunFailed` where one takes too long."""
        wanted = set(names)
        waiting = [running for running in self._running if running.program.name in wanted]
        began = time.monotonic()
        while not all(running.answered for running in waiting):
            self.tick()
            for running in waiting:
                if running.answered or running.process.poll() is not None:
                    continue
                running.answered = running.is_ready = running.program.ready(running.logged())
                if not running.answered and time.monotonic() - began > running.program.ready_seconds:
                    seconds = running.program.ready_seconds
                    raise RunFailed(f"{running.program.name} was not ready after {seconds:.0f} s:\n{tail(running.log)}")

    def watch(self) -> None:
        """Look after the programs until somebody asks to stop."""
        while True:
            self.tick()

    def tick(self) -> None:
        """One look at everything: raises `StopRequested`, or `RunFailed` when a program keeps crashing."""
        if self._stop_signals:
            raise StopRequested(self._stopped_by)
        for running in self._running:
            self._look_after(running)
        self._show_news()
        time.sleep(TICK_SECONDS)

    def _list_processes(self) -> None:
        if self._process_list is not None:
            listed = {running.program.name: running.process.pid for running in self._running}
            write_private(self._process_list, json.dumps(listed))

    def _look_after(self, running: Running) -> None:
        name = running.program.name
        if running.restart_at is not None:
            if time.monotonic() >= running.restart_at:
                running.restart_at = None
                running.log_from = running.log.stat().st_size
                running.process = spawn(running.program, running.log)
                running.started = time.monotonic()
                self._list_processes()
            return
        code = running.process.poll()
        if code is None:
            running.is_ready = running.is_ready or time.monotonic() - running.started > STEADY_SECONDS
            return
        kill_group(running.process)
        lived = time.monotonic() - running.started
        running.crashes = 1 if lived > STEADY_SECONDS else running.crashes + 1
        if running.crashes >= (GIVE_UP_AFTER if running.is_ready else GIVE_UP_UNREADY_AFTER):
            raise RunFailed(f"{name} {describe_exit(code)} {running.crashes} times in a row:\n{tail(running.log)}")
        wait = BACKOFF_SECONDS[running.crashes - 1]
        self._say(f"{name} {describe_exit(code)}; starting it again" + (f" in {wait:g} s" if wait else ""))
        running.restart_at = time.monotonic() + wait

    # -- the end ------------------------------------------------------------------------------------------------------
    def stop(self) -> None:
        """Stop what is left, each by its own signal: steps, programs, and last the servers that programs need to end well."""
        already = self._stop_signals
        for step in self._steps:
            step.process.terminate()
            self._wait_for_end([step.process], seconds=5, already=already)
            kill_group(step.process)
        self._steps.clear()
        servers = [running for running in self._running if running.program.serves_others]
        users = [running for running in self._running if running not in servers]
        for group in (users, servers):
            for running in group:
                if running.process.poll() is None:
                    running.process.send_signal(running.program.stop_signal)
            seconds = max((running.program.stop_seconds for running in group), default=0)
            self._wait_for_end([running.process for running in group], seconds=seconds, already=already)
            for running in group:
                kill_group(running.process)
                running.process.wait()
        self._show_news()
        self._running.clear()
        if self._process_list is not None:
            self._process_list.unlink(missing_ok=True)

    def _wait_for_end(self, processes: Sequence[subprocess.Popen[bytes]], *, seconds: float, already: int) -> None:
        """Wait until all have ended, the time is over, or the person asks again and means at once."""
        deadline = time.monotonic() + seconds
        while any(process.poll() is None for process in processes):
            if time.monotonic() > deadline or self._stop_signals > max(already, 1):
                return
            time.sleep(TICK_SECONDS)

    # -- logs ---------------------------------------------------------------------------------------------------------
    def _fresh_log(self, name: str) -> Path:
        """An empty log; the last run's is kept beside it."""
        self._logs.mkdir(parents=True, exist_ok=True)
        log = self._logs / f"{name.replace(' ', '-')}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        log.touch()
        self._read_up_to[log] = 0
        return log

    def _show_news(self) -> None:
        if not self._follow:
            return
        for log, seen in self._read_up_to.items():
            with log.open("rb") as file:
                file.seek(seen)
                new = file.read()
            end = new.rfind(b"\n") + 1
            for line in new[:end].decode(errors="replace").splitlines():
                self._say(f"{log.stem:>10} | {line}")
            self._read_up_to[log] = seen + end


def tail(log: Path) -> str:
    """The last lines of a log, indented for the console."""
    lines = log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
    return "\n".join(f"    {line}" for line in lines) or "    (it logged nothing)"
