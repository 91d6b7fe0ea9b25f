"""Two organisations with a cast: Acme's people, and Globex's, who must never see each other.

The schemas are made once per test database. Ordinary tests run in a transaction that is rolled back; a test that needs real
commits asks for `committed_db` and truncates what it wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import stamina
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django_tenants.utils import schema_context
from hypothesis import settings as examples

from integrations import resilience
from tests.cast import Cast, open_cast

# The same examples in every run, each with the time that it takes: a machine that is busy is no counterexample.
examples.load_profile("ci")


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, request: pytest.FixtureRequest
) -> Iterator[None]:
    """Create the test database, migrate public and the template once, clone both organisations from it."""
    from django.test.utils import setup_databases, teardown_databases

    keep = bool(request.config.getvalue("reuse_db")) and not request.config.getvalue("create_db")
    suffix = xdist_suffix(request)
    with django_db_blocker.unblock():
        if suffix:
            settings.DATABASES["default"]["TEST"]["NAME"] += f"_{suffix}"
        old = setup_databases(verbosity=0, interactive=False, keepdb=keep, serialized_aliases=[])
        call_command("migrate_schemas", interactive=False, verbosity=0)
        open_cast()
    yield
    if not keep:
        with django_db_blocker.unblock():
            teardown_databases(old, verbosity=0)


def xdist_suffix(request: pytest.FixtureRequest) -> str:
    worker = getattr(request.config, "workerinput", None)
    return str(worker["workerid"]) if worker else ""


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    """The people of both organisations. Leaves the connection in `public`."""
    connection.set_schema_to_public()
    yield Cast.load()
    connection.set_schema_to_public()


@pytest.fixture
def in_acme(cast: Cast) -> Iterator[Cast]:
    """Runs the test inside Acme's schema."""
    with schema_context(cast.acme.schema_name):
        yield cast


def signed_in(user: Any, client: Client | None = None) -> Client:
    """A browser (a fresh one, or the one given) in which this person has signed in.

    Only the session that signing in leaves: `force_login` asks the database a dozen times more, in nearly every test.
    """
    client = client or Client()
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    return client


@pytest.fixture
def ada_client(cast: Cast) -> Client:
    """Ada trains at Acme."""
    return signed_in(cast.ada)


@pytest.fixture
def bo_client(cast: Cast) -> Client:
    """Bo manages Ada's team at Acme."""
    return signed_in(cast.bo)


@pytest.fixture
def cy_client(cast: Cast) -> Client:
    """Cy authors and administers at Acme."""
    return signed_in(cast.cy)


@pytest.fixture
def gil_client(cast: Cast) -> Client:
    """Gil trains at Globex and is a stranger at Acme."""
    return signed_in(cast.gil)


@pytest.fixture
def fresh_breakers(request: pytest.FixtureRequest, settings: Any) -> Iterator[None]:
    """No pauses between attempts, at most ten of them (`@pytest.mark.attempts(2)`: two), and no breaker that remembers
    another test."""
    mark = request.node.get_closest_marker("attempts")
    settings.BREAKER_URL = ""
    resilience.breakers.cache_clear()
    with stamina.set_testing(True, attempts=mark.args[0] if mark else 10, cap=True):
        yield
    resilience.breakers.cache_clear()
