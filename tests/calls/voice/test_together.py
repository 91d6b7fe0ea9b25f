"""What the calls of one process share: the renewal of their holds."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from websockets.asyncio.client import connect

from calls import services
from calls.models import Call
from calls.voice import together
from tenants.context import in_schema
from tests.calls.voice.conftest import Live
from tests.calls.voice.test_socket import until_closed
from tests.cast import Cast
from tests.factories import make_call


def test_holds_are_renewed_in_a_fixed_number_of_statements(in_acme: Cast, django_assert_num_queries: Any) -> None:
    long_ago = timezone.now() - timedelta(minutes=1)
    calls = [make_call(trainee=in_acme.ada, status="in_progress", held_at=long_ago) for _number in range(5)]
    over = make_call(trainee=in_acme.ada, status="completed", held_at=long_ago)
    with django_assert_num_queries(1):
        going_on = services.hold(call_ids=[*(call.pk for call in calls), over.pk, uuid4()])
    assert going_on == {call.pk for call in calls}
    assert all(services.is_held(call) for call in Call.objects.filter(pk__in=going_on))
    over.refresh_from_db()
    assert over.held_at == long_ago


end_elsewhere = in_schema(services.complete)


@pytest.mark.slow
def test_a_call_that_was_ended_elsewhere_hangs_up(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "RENEW_SECONDS", 0.1)

    async def call() -> tuple[int, str]:
        async with connect(live.voice_url()) as socket:
            assert json.loads(await socket.recv())["type"] == "conversation_initiation_metadata"
            await together.renew_holds(live.cast.acme.schema_name, call_ids=[live.call.pk])
            await end_elsewhere(live.cast.acme.schema_name, call_id=live.call.pk, ending=services.Ending(by="system"))
            return await until_closed(socket)

    assert asyncio.run(call()) == (1000, "ended_elsewhere")
    assert live.read().ended_by == "system"
