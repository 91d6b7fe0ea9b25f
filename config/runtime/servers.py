"""The database and Redis: somebody else's where the environment names them, else our own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .postgres import Postgres
from .supervisor import Supervisor
from .valkey import Valkey


def start_servers(
    supervisor: Supervisor, *, var: Path, environment: Mapping[str, str], durable: bool = True
) -> dict[str, str]:
    """Start what `DATABASE_URL` and `REDIS_URL` leave open and answer the environment with both set."""
    known = dict(environment)
    ours: dict[str, Postgres | Valkey] = {}
    if not known.get("DATABASE_URL"):
        ours["DATABASE_URL"] = Postgres(var, durable=durable)
    if not known.get("REDIS_URL"):
        ours["REDIS_URL"] = Valkey(var, durable=durable)
    programs = [server.program() for server in ours.values()]
    for program in programs:
        supervisor.launch(program)
    supervisor.wait_until_ready(program.name for program in programs)
    return known | {name: server.url() for name, server in ours.items()}
