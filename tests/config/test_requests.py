"""Request ids, and that nothing is public unless it says so."""

from __future__ import annotations

import pytest
from django.test import Client

from config.celery import app
from tenants.request_ids import bind_request_id, current_request_id


@pytest.mark.django_db
def test_a_request_id_is_made_and_echoed() -> None:
    first = Client().get("/health")["X-Request-ID"]
    assert first.startswith("req_")
    assert Client().get("/health", headers={"x-request-id": first})["X-Request-ID"] == first


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["x", "req_<script>", "req_" + "a" * 200, "REQ_abcdefgh"])
def test_a_foreign_request_id_is_replaced(value: str) -> None:
    assert Client().get("/health", headers={"x-request-id": value})["X-Request-ID"] != value


def test_a_task_carries_the_request_id_of_its_sender() -> None:
    sent: dict[str, object] = {}
    bind_request_id("req_abcdefgh12345678")
    from config.celery import carry_request_id

    carry_request_id(headers=sent)
    assert sent["parley_request_id"] == "req_abcdefgh12345678"
    assert current_request_id() == "req_abcdefgh12345678"


def test_each_queue_is_named_once() -> None:
    assert [queue.name for queue in app.conf.task_queues] == ["default", "quick", "deep"]
