"""`isolation_selftest` holds on a sound installation, finds a leak, and leaves nothing behind."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from tenants import names
from tenants.models import Organization

pytestmark = pytest.mark.django_db(transaction=False)


def traces() -> tuple[int, ...]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'org\\_selftest%'")
        schemas = cursor.fetchone()[0]
    folders = len(list(Path(settings.MEDIA_ROOT).glob("org_selftest*")))
    return Organization.objects.count(), User.objects.count(), schemas, folders


@pytest.fixture
def _same_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other threads see committed rows only, and this test's transaction never commits; live servers are checked by
    the command itself."""
    from config import selftest

    elsewhere = {selftest.check_async, selftest.check_threads, selftest.check_sockets}
    checks = tuple(check for check in selftest.CHECKS if check not in elsewhere)
    monkeypatch.setattr("config.management.commands.isolation_selftest.CHECKS", checks)


@pytest.mark.usefixtures("_same_thread")
def test_it_holds_and_leaves_nothing_behind(cast: Any) -> None:
    before, said = traces(), StringIO()
    call_command("isolation_selftest", stdout=said, stderr=said)
    assert "Organisations are kept apart." in said.getvalue()
    assert "LEAK" not in said.getvalue()
    assert traces() == before


@pytest.mark.usefixtures("_same_thread")
def test_it_finds_a_leak_and_still_cleans_up(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.selftest.redis_key", lambda schema, *parts: "parley:" + ":".join(map(str, parts)))
    assert names.redis_key("a", 1) != names.redis_key("b", 1)
    before, said = traces(), StringIO()
    with pytest.raises(CommandError, match="names"):
        call_command("isolation_selftest", stdout=said, stderr=said)
    assert "Redis key" in said.getvalue()
    assert traces() == before
