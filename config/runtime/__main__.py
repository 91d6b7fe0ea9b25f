"""`python -m config.runtime`, which is what `make run` runs: everything on one machine, until Ctrl-C."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from environ import Env

from .errors import RunFailed, StopRequested
from .frontend import fingerprint
from .healthy import answers_healthy
from .places import ROOT, read_json, var_dir, write_private
from .programs import Program
from .serve import INHERITED
from .servers import start_servers
from .supervisor import Supervisor

DEMO_ACCOUNTS = """
Demo accounts, password parley-demo
  acme    (English)  owner@acme.test    admin@acme.test    manager@acme.test    trainee@acme.test
  globex  (Spanish)  owner@globex.test  admin@globex.test  manager@globex.test  trainee@globex.test
  both               both@parley.test
"""


def say(text: str) -> None:
    print(text, flush=True)


@contextlib.contextmanager
def only_one(var: Path, url: str) -> Iterator[None]:
    """Hold the checkout's lock. Raises `RunFailed` where another run has it; the system frees it with the process."""
    path = var / "run" / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise RunFailed(f"Parley already runs from this folder: {holder}. Stop that one first.") from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, {url}")
        file.flush()
        yield


def claim_port(port: int) -> socket.socket:
    """The socket that the web process will listen on. Raises `RunFailed` where somebody else listens there."""
    web = socket.socket()
    web.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        web.bind(("127.0.0.1", port))
    except PermissionError:
        raise RunFailed(f"Port {port} may not be used by this account. Choose another: make run PORT=9000") from None
    except OSError:
        raise RunFailed(
            f"Port {port} is taken. Stop what listens there, or choose another: make run PORT=9000"
        ) from None
    web.set_inheritable(True)
    return web


def our_programs(
    environment: Mapping[str, str], *, web: socket.socket, port: int, var: Path
) -> tuple[list[Program], list[Program]]:
    """What a call needs from the start, and what may come seconds later.

    The quick queue has a worker to itself: deep scoring may take long.
    """
    celery = (sys.executable, "-m", "celery", "-A", "config.celery")

    def worker(name: str, queues: str, processes: int) -> Program:
        options = ("-Q", queues, "-c", str(processes), "-n", f"{name}@%h", "--loglevel", "INFO")
        return Program(
            name=name,
            command=(*celery, "worker", *options, "--without-gossip", "--without-mingle"),
            environment={**environment, "DATABASE_POOL_SIZE": "4"},
            ready=lambda log: " ready." in log,
            # Tasks are acknowledged late: one that is cut off here is delivered again.
            stop_seconds=12,
        )

    server = Program(
        name="web",
        command=(sys.executable, "-m", "config.runtime.serve"),
        environment={**environment, INHERITED: str(web.fileno())},
        ready=lambda log: answers_healthy(port, environment["SITE_URL"]),
        inherits=(web.fileno(),),
    )
    scheduler = Program(
        name="scheduler",
        command=(*celery, "beat", "--schedule", str(var / "run" / "beat"), "--pidfile=", "--loglevel", "INFO"),
        environment={**environment, "DATABASE_POOL_SIZE": "4"},
        ready=lambda log: "beat: Starting" in log,
    )
    return [server, worker("quick", "quick", 1)], [worker("worker", "deep,default", 1), scheduler]


# What `manage.py` has to know of servers that run: where they are, and what links begin with.
NOTED = ("DATABASE_URL", "REDIS_URL", "SITE_URL")


@contextlib.contextmanager
def noted_addresses(var: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """While we run, `manage.py` in another terminal finds the servers by this file."""
    path = var / "run" / "servers.env"
    write_private(path, "".join(f"{name}={environment[name]}\n" for name in NOTED))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def migrations_mark(environment: Mapping[str, str]) -> str:
    """Changes with every migration of ours, with the locked packages, and with the database."""
    folders = [str(path.relative_to(ROOT)) for path in (*ROOT.glob("*/migrations"), *ROOT.glob("*/*/migrations"))]
    code = fingerprint(ROOT, [*sorted(folders), "uv.lock"])
    return hashlib.sha256(f"{code} {environment['DATABASE_URL']}".encode()).hexdigest()


def run(environment: dict[str, str], *, port: int, var: Path) -> None:
    """Start everything and look after it. Ends by `StopRequested` or `RunFailed`, with nothing left running."""
    web = claim_port(port)
    follow = environment.get("LOGS", "") not in {"", "0"}
    processes = var / "run" / "processes.json"
    with (
        only_one(var, environment["SITE_URL"]),
        Supervisor(logs=var / "log", say=say, follow=follow, process_list=processes) as supervisor,
    ):
        say("Starting Parley. The first start builds and migrates and takes a few minutes; the next ones take seconds.")
        python = sys.executable
        front_end = supervisor.begin("front end", [python, "-m", "config.runtime.frontend"], environment)
        messages = supervisor.begin("translations", [python, "-m", "config.runtime.messages"], environment)
        environment = start_servers(supervisor, var=var, environment=environment)
        supervisor.finish(messages)
        with noted_addresses(var, environment):
            report = var / "run" / "prepared.json"
            mark = migrations_mark(environment)
            # Where nothing is to be migrated, the programs start while the database is looked through.
            nothing_new = read_json(report).get("mark") == mark
            prepare = [python, "manage.py", "prepare", "--report", str(report)]
            database = supervisor.begin("database", prepare, environment)
            if not nothing_new:
                supervisor.finish(database)
            supervisor.finish(front_end)
            web_and_quick, others = our_programs(environment, web=web, port=port, var=var)
            for program in web_and_quick:
                supervisor.launch(program)
            if nothing_new:
                supervisor.finish(database)
            write_private(report, json.dumps({**read_json(report), "mark": mark}))
            supervisor.wait_until_ready(program.name for program in web_and_quick)
            # What these do is not waited for by anybody in the first seconds, so they do not take part in the rush.
            for program in others:
                supervisor.launch(program)
            say(f"ready {environment['SITE_URL']}/")
            if read_json(report).get("demo"):
                say(DEMO_ACCOUNTS)
            say(f"Ctrl-C stops everything. Logs: {var / 'log'}")
            supervisor.watch()


def main() -> int:
    if (ROOT / ".env").exists():
        Env.read_env(ROOT / ".env")
    environment = dict(os.environ)
    try:
        port = int(environment.get("PORT") or 8000)
    except ValueError:
        say(f"PORT must be a number, not {environment['PORT']!r}.")
        return 1
    if not 0 <= port <= 65535:
        say(f"PORT must be between 0 and 65535, not {port}.")
        return 1
    var = var_dir()
    environment |= {
        "PORT": str(port),
        "PARLEY_VAR": str(var),
        "SITE_URL": (environment.get("SITE_URL") or f"http://localhost:{port}").rstrip("/"),
        "DJANGO_SETTINGS_MODULE": environment.get("DJANGO_SETTINGS_MODULE") or "config.settings.local",
        "PYTHONUNBUFFERED": "1",
    }
    try:
        run(environment, port=port, var=var)
    except StopRequested as request:
        say(f"Stopped by {request}.")
        return 0
    except RunFailed as problem:
        say(str(problem))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
