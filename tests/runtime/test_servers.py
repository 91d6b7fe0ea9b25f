"""The embedded PostgreSQL and Valkey: private, on loopback, and alive again after a kill -9 with what was committed."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.runtime.homes import ServerHome
from config.runtime.postgres import Postgres
from config.runtime.supervisor import Supervisor
from config.runtime.valkey import Valkey
from tests.runtime.stack import left_behind, listening_addresses, open_folder, processes_below

LOOPBACK = "0100007F"


@pytest.fixture
def var() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture
def supervisor(var: Path) -> Iterator[Supervisor]:
    with Supervisor(logs=var / "log", say=print, process_list=var / "processes.json") as supervisor:
        yield supervisor


def start(supervisor: Supervisor, server: Postgres | Valkey) -> None:
    program = server.program()
    supervisor.launch(program)
    supervisor.wait_until_ready([program.name])


def kill_and_wait(supervisor: Supervisor, var: Path, server: Postgres | Valkey) -> None:
    """kill -9 the server's first process and look after it until it answers again."""
    name = server.home.name
    (running,) = [running for running in supervisor.programs() if running.program.name == name]
    old = running.process.pid
    os.kill(old, signal.SIGKILL)
    while running.process.pid == old or not running.program.ready(""):
        supervisor.tick()


def test_committed_rows_survive_kill_9_of_postgres(supervisor: Supervisor, var: Path) -> None:
    server = Postgres(var)
    start(supervisor, server)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE said (words text)")
        connection.execute("INSERT INTO said VALUES ('hello')")
    kill_and_wait(supervisor, var, server)
    with psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT words FROM said").fetchall() == [("hello",)]


def test_values_survive_kill_9_of_valkey(supervisor: Supervisor, var: Path) -> None:
    server = Valkey(var)
    start(supervisor, server)
    client = redis.Redis.from_url(server.url())
    client.set("said", "hello")
    client.execute_command("WAITAOF", 1, 0, 60_000)
    kill_and_wait(supervisor, var, server)
    assert redis.Redis.from_url(server.url()).get("said") == b"hello"


def test_vectors_are_at_hand(supervisor: Supervisor, var: Path) -> None:
    server = Postgres(var, durable=False)
    start(supervisor, server)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION vector")
        assert connection.execute("SELECT '[3,4]'::vector <-> '[0,0]'").fetchone() == (5.0,)
        assert connection.execute("SELECT current_setting('server_version_num')::int >= 180000").fetchone() == (True,)


def test_nobody_enters_without_the_password(supervisor: Supervisor, var: Path) -> None:
    database, queue = Postgres(var, durable=False), Valkey(var, durable=False)
    start(supervisor, database)
    start(supervisor, queue)
    for password in ("", ":wrong"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgres://parley{password}@127.0.0.1:{database.home.port}/parley", connect_timeout=5)
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=queue.home.port).ping()
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=queue.home.port, password="wrong").ping()


def test_nothing_listens_beyond_loopback(supervisor: Supervisor, var: Path) -> None:
    start(supervisor, Postgres(var, durable=False))
    start(supervisor, Valkey(var, durable=False))
    assert listening_addresses(set(processes_below(var))) == {LOOPBACK}


def test_passwords_are_private_and_on_no_command_line(supervisor: Supervisor, var: Path) -> None:
    servers = [Postgres(var, durable=False), Valkey(var, durable=False)]
    for server in servers:
        start(supervisor, server)
        secret = server.home.password
        assert not [command for command in processes_below(var).values() if secret in command]
        holders = [path for path in server.home.path.glob("*") if path.is_file() and secret in path.read_text()]
        assert holders
        assert {stat.S_IMODE(path.stat().st_mode) for path in holders} == {0o600}
        assert stat.S_IMODE(server.home.path.stat().st_mode) == 0o700


def test_servers_do_not_run_as_root(supervisor: Supervisor, var: Path) -> None:
    start(supervisor, Postgres(var, durable=False))
    start(supervisor, Valkey(var, durable=False))
    owners = {Path(f"/proc/{pid}").stat().st_uid for pid in processes_below(var)}
    assert owners
    assert 0 not in owners


def test_the_next_run_finds_the_same_data_port_and_password(var: Path) -> None:
    urls = []
    for _ in range(2):
        with Supervisor(logs=var / "log", say=print) as supervisor:
            server = Postgres(var)
            start(supervisor, server)
            with psycopg.connect(server.url(), autocommit=True) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS runs (at timestamptz DEFAULT now())")
                connection.execute("INSERT INTO runs DEFAULT VALUES")
                rows = connection.execute("SELECT count(*) FROM runs").fetchone()
            urls.append(server.url())
        assert not left_behind(var)
    assert rows == (2,)
    assert urls[0] == urls[1]


def test_a_server_left_by_a_killed_run_is_stopped_before_the_next_starts(supervisor: Supervisor, var: Path) -> None:
    """The orphan holds the data folder; a new server beside it would refuse to start, or worse."""
    orphaned = Valkey(var)
    start(supervisor, orphaned)
    (running,) = supervisor.programs()
    again = Valkey(var).program()
    assert running.process.poll() is not None
    assert again.name == "valkey"


def test_a_pid_that_now_belongs_to_somebody_else_is_left_alone(var: Path) -> None:
    home = ServerHome(var, "valkey")
    pid_file = home.path / "valkey.pid"
    pid_file.write_text(f"{os.getpid()}\n")
    assert Valkey(var).program().name == "valkey"  # and this very process was not stopped
