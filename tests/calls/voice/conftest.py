"""A live server whose voice is scripted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django_tenants.utils import schema_context

from calls import tokens
from calls.models import Call
from calls.voice import holder, opening
from tests.calls.voice.scripted import Parrot, ScriptedProvider
from tests.cast import Cast
from tests.factories import make_call
from tests.live import committed, serving


@dataclass
class Live:
    """A server, the people, and a call of Ada's that has not begun."""

    address: str
    cast: Cast
    provider: ScriptedProvider
    call: Call

    def voice_url(self, **changes: Any) -> str:
        token = changes.get("token") or self.token(tokens.VOICE)
        slug = changes.get("slug", "acme")
        return f"ws://{self.address}/org/{slug}/ws/voice/{changes.get('call_id', self.call.pk)}/?token={token}"

    def events_url(self, *, after: int | str = 0, token: str | None = None) -> str:
        token = self.token(tokens.EVENTS) if token is None else token
        return f"ws://{self.address}/org/acme/ws/calls/{self.call.pk}/events/?token={token}&after={after}"

    def token(self, purpose: str) -> str:
        return tokens.sign(
            purpose, schema_name=self.cast.acme.schema_name, call_id=self.call.pk, user_id=self.call.trainee_id
        )

    def read(self) -> Call:
        """The call as the database has it now."""
        try:
            with schema_context(self.cast.acme.schema_name):
                return Call.objects.select_related("recording").prefetch_related("turns", "events").get(pk=self.call.pk)
        finally:
            if threading.current_thread() is not threading.main_thread():
                connection.close()  # nobody else would close this thread's


@pytest.fixture
def live(
    django_db_setup: None, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, settings: Any
) -> Iterator[Live]:
    scripted = ScriptedProvider()
    monkeypatch.setattr(opening, "provider", lambda _name: scripted)
    monkeypatch.setattr(opening, "BuyerResponder", Parrot)
    settings.CALL_SPOOL_DIR = tmp_path / "spool"
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.CALL_RESUME_SECONDS = 6  # enough to come back on a busy machine
    with django_db_blocker.unblock():
        cast = Cast.load()
    with committed(django_db_blocker, cast.acme.schema_name):
        call = make_call(trainee=cast.ada, status="pending", recording_consent=True, provider="scripted")
        with serving() as address:
            yield Live(address, cast, scripted, call)
    holder.held.clear()
