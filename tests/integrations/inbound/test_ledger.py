"""The ledger: each event is handled until it is done, by one worker at a time, and can be handled again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from django_tenants.utils import schema_context

from integrations import tasks
from integrations.errors import ProviderUnavailable
from integrations.inbound import handlers, ledger
from integrations.inbound.base import Topic
from integrations.models import InboundEvent
from tests.cast import Cast
from tests.files import keep_files_in
from tests.live import committed, serving

from . import vendor as made_up
from .vendor import NAME, PATH, chatterbox, heard, post, signed, sizes

LISTEN = "tests.integrations.inbound.vendor.listen"


@pytest.fixture(autouse=True)
def listening(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Iterator[None]:
    keep_files_in(settings, tmp_path)
    monkeypatch.setattr(handlers, "_handlers", {})
    handlers.register(NAME, "note", LISTEN)
    handlers.register(handlers.ANY, Topic.CALL_RECORD, LISTEN)
    with chatterbox():
        yield


def send(capture: Any, **payload: Any) -> InboundEvent:
    with capture(execute=True):
        assert post({"id": str(uuid4()), "type": "note", **payload}).status_code == 200
    with schema_context("org_acme"):
        return InboundEvent.objects.latest("received_at")


def read(event: InboundEvent) -> InboundEvent:
    with schema_context("org_acme"):
        event.refresh_from_db()
    return event


def test_an_event_reaches_its_handler_in_its_organisation(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    event = read(send(django_capture_on_commit_callbacks, text="hello"))
    assert [(one.kind, one.payload["text"]) for one in heard] == [("note", "hello")]
    assert (event.state, event.outcome, event.attempts) == ("handled", "heard", 1)


def test_a_topic_is_as_good_as_a_kind(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    send(django_capture_on_commit_callbacks, type="record")
    assert [one.topic for one in heard] == ["call.record"]


def test_what_nobody_registered_for_is_kept_and_left_alone(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    event = read(send(django_capture_on_commit_callbacks, type="of next year"))
    assert (event.state, event.outcome) == ("handled", "ignored")


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (ProviderUnavailable("answered 503", provider="vapi"), "ProviderUnavailable: vapi: answered 503"),
        (ValueError("Ada said: my password is swordfish"), "ValueError in vendor.py"),
    ],
)
def test_a_handler_that_fails_leaves_the_event_to_be_tried_again(
    cast: Cast, django_capture_on_commit_callbacks: Any, error: Exception, kept: str, caplog: pytest.LogCaptureFixture
) -> None:
    made_up.behaviour["error"] = error
    event = read(send(django_capture_on_commit_callbacks))
    assert event.state == "trying"
    assert event.error.startswith(kept)
    assert "swordfish" not in caplog.text
    with schema_context("org_acme"):
        assert ledger.due() == []
        InboundEvent.objects.update(next_attempt_at=timezone.now())
        made_up.behaviour.clear()
        tasks.sweep.delay()
    assert (read(event).state, event.attempts, event.error) == ("handled", 2, "")


def test_after_six_pauses_somebody_has_to_look_and_can_have_it_processed_again(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    made_up.behaviour["error"] = ValueError("no")
    event = read(send(django_capture_on_commit_callbacks))
    with schema_context("org_acme"):
        for _time in range(len(ledger.PAUSES)):
            InboundEvent.objects.update(next_attempt_at=timezone.now())
            [due] = ledger.due()
            ledger.process(event_id=due)
        assert read(event).state == "failed"
        assert ledger.due() == []
        made_up.behaviour.clear()
        ledger.replay(event=event)
        assert ledger.process(event_id=event.pk) == "handled"
        assert ledger.process(event_id=event.pk) == "handled"
    assert len(heard) == len(ledger.PAUSES) + 2


def test_one_worker_at_a_time_and_a_dead_one_lets_go(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    with schema_context("org_acme"):
        event = InboundEvent.objects.create(
            vendor=NAME, event_id="e", kind="note", claimed_until=timezone.now() + timedelta(minutes=1)
        )
        assert ledger.process(event_id=event.pk) == "waiting"
        assert heard == []
        InboundEvent.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
        assert ledger.process(event_id=event.pk) == "handled"


def test_an_event_whose_task_was_lost_is_found(cast: Cast) -> None:
    assert post({"id": "1", "type": "note"}).status_code == 200  # nothing is enqueued in a test's transaction
    with schema_context("org_acme"):
        assert ledger.due() == []
        InboundEvent.objects.update(received_at=timezone.now() - timedelta(seconds=30))
        tasks.sweep.delay()
        assert InboundEvent.objects.get().state == "handled"


def test_no_broker_is_no_reason_to_refuse(
    cast: Cast, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(tasks.process_inbound, "delay", away)
    assert read(send(django_capture_on_commit_callbacks)).state == "waiting"


def test_a_large_body_is_a_private_file_until_it_is_handled(
    cast: Cast, django_capture_on_commit_callbacks: Any, tmp_path: Path
) -> None:
    large = b'{"id": "audio-1", "type": "note"}|' + b"x" * (3 * 1024 * 1024)
    assert post(large).status_code == 200
    [file] = (tmp_path / "org_acme" / "inbound" / NAME).iterdir()
    assert post(large).json() == {"received": True, "duplicate": True}
    assert list((tmp_path / "org_acme" / "inbound" / NAME).iterdir()) == [file]
    with schema_context("org_acme"):
        event = InboundEvent.objects.get()
        assert event.payload == {"id": "audio-1", "type": "note"}
        assert ledger.process(event_id=event.pk) == "handled"
    assert sizes == [len(large)]
    assert not file.exists()


def test_somebody_elses_conversation_is_not_kept(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    made_up.behaviour["outcome"] = ledger.NOT_OURS
    event = read(send(django_capture_on_commit_callbacks, text="of another company"))
    assert (event.state, event.payload) == ("handled", {})


def test_contents_are_not_kept_for_ever_and_a_repeat_is_still_known(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    event = send(django_capture_on_commit_callbacks)
    event_id = event.event_id
    with schema_context("org_acme"), override_settings(INBOUND_KEEP_DAYS=30):
        tasks.sweep.delay()
        assert read(event).payload != {}
        InboundEvent.objects.update(processed_at=timezone.now() - timedelta(days=31))
        tasks.sweep.delay()
        assert read(event).payload == {}
    assert post({"id": event_id, "type": "note"}).json()["duplicate"]


@pytest.mark.slow
def test_over_a_real_server_in_chunks_and_many_at_once(django_db_setup: None, django_db_blocker: Any) -> None:
    """The same event ten times at once, without a Content-Length: written down once, handled once."""
    body = json.dumps({"id": "storm", "type": "note"}).encode()
    answers: list[httpx.Response] = []

    def one(address: str) -> None:
        content = iter([body[:10], body[10:]])
        headers = {**signed(body), "content-type": "application/json"}
        answers.append(httpx.post(f"http://{address}{PATH}", content=content, headers=headers, timeout=30))

    with committed(django_db_blocker, "org_acme"):
        try:
            with serving() as address:
                threads = [threading.Thread(target=one, args=(address,)) for _number in range(10)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
            assert [answer.status_code for answer in answers] == [200] * 10
            assert sum("duplicate" not in answer.json() for answer in answers) == 1
            [event] = InboundEvent.objects.all()
            assert (event.state, event.attempts) == ("handled", 1)
            assert len(heard) == 1
        finally:
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE integrations_inboundevent")
