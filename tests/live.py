"""The real ASGI application on a loopback port, in this process, with rows that are really committed."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from django.db import OperationalError, connection, connections
from django_tenants.utils import schema_context

from config.runtime.serve import configuration


@contextmanager
def serving() -> Iterator[str]:
    """`host:port` of the application; stopped and its database connections closed on leaving."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server_configuration = configuration()
    server_configuration.timeout_graceful_shutdown = 2
    server_configuration.log_config = None
    server = uvicorn.Server(server_configuration)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=15)
        listener.close()


# What tests commit, children first.
WRITTEN = (
    "calls_call",
    "scenarios_scenarioversion",
    "scenarios_scenario",
    "scenarios_personaversion",
    "scenarios_persona",
    "scenarios_rubricversion",
    "scenarios_rubric",
    "integrations_modelcall",
    "scoring_quotetally",
    "people_auditevent",
    "notices_notice",
)


@contextmanager
def committed(blocker: Any, schema_name: str) -> Iterator[None]:
    """Inside, rows are committed in that schema; afterwards, those that were not there before are gone."""
    with blocker.unblock():
        connection.set_schema_to_public()
        with schema_context(schema_name):
            before = {table: _ids(table) for table in WRITTEN}
            yield
        for last_try in (False, False, True):
            try:
                _tidy(schema_name, before)
                break
            except OperationalError:  # a server's thread that still writes was in the way
                if last_try:
                    raise
                time.sleep(1)
        connections.close_all()


def _tidy(schema_name: str, before: dict[str, set[Any]]) -> None:
    with schema_context(schema_name), connection.cursor() as cursor:
        cursor.execute("SET parley.erasing = 'on'")
        cursor.execute("TRUNCATE calls_call CASCADE")
        for table in WRITTEN[1:]:
            for child, column in CHILDREN.get(table, ()):
                cursor.execute(f"DELETE FROM {child} WHERE NOT ({column} = ANY(%s))", [list(before[table])])
            cursor.execute(f"DELETE FROM {table} WHERE NOT (id = ANY(%s))", [list(before[table])])
        cursor.execute("RESET parley.erasing")


CHILDREN = {
    "scenarios_persona": (("scenarios_objection", "persona_id"), ("scenarios_hiddenpain", "persona_id")),
    "scenarios_rubricversion": (("scoring_rescoring", "rubric_version_id"),),
    "scenarios_rubric": (("scenarios_criterion", "rubric_id"), ("scoring_rubricimpact", "rubric_id")),
}


def _ids(table: str) -> set[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table}")
        return {row[0] for row in cursor.fetchall()}
