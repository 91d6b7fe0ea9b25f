"""The vendor's door: what gets in, what does not, and that those outside learn nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import schema_context

from integrations.inbound.handlers import register_answer
from integrations.models import InboundEvent
from tests.accounts.test_nowhere import told
from tests.cast import Cast
from tests.conftest import signed_in

from .vendor import NAME, PATH, SECRET, chatterbox, post, signed

EVENT = {"id": "e1", "type": "record", "conversation": "c1", "text": "What was said"}


@pytest.fixture(autouse=True)
def vendor() -> Iterator[None]:
    with chatterbox():
        yield


def events(schema: str = "org_acme") -> list[InboundEvent]:
    with schema_context(schema):
        return list(InboundEvent.objects.order_by("received_at"))


def test_a_signed_message_is_written_down(cast: Cast) -> None:
    answer = post(EVENT)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    [event] = events()
    assert (event.vendor, event.event_id, event.kind, event.conversation_id) == (NAME, "e1", "record", "c1")
    assert event.payload == EVENT
    assert events("org_globex") == []


def test_the_same_event_again_is_known(cast: Cast) -> None:
    post(EVENT)
    again = post({**EVENT, "text": "something else"})
    assert again.json() == {"received": True, "duplicate": True}
    assert [event.payload["text"] for event in events()] == ["What was said"]


def test_without_a_slash_and_on_a_domain_of_its_own(cast: Cast) -> None:
    from django.utils import timezone

    from tenants.models import Domain

    Domain.objects.create(domain="train.acme.test", tenant=cast.acme, verified_at=timezone.now())
    assert post({"id": "a"}, path=PATH.rstrip("/")).status_code == 200
    assert post({"id": "b"}, path=f"/api/webhooks/{NAME}/", host="train.acme.test").status_code == 200
    assert len(events()) == 2


BODY = json.dumps(EVENT).encode()
NOW = int(time.time())


def header(body: bytes = BODY, **kwargs: Any) -> str:
    return signed(body, **kwargs)["X-Chatter"]


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (BODY, None),
        (BODY, ""),
        (BODY, "v0=" + "0" * 64),
        (BODY, f"t={NOW},v0="),
        (BODY, header().upper().replace("T=", "t=").replace("V0=", "v0=")),
        (BODY, header().replace("v0=", "v1=")),
        (BODY, header(at=NOW - 3600)),
        (BODY, header(at=NOW + 86_400)),  # however late the test runs
        (BODY, header().replace("t=", "t=x")),
        (BODY, header().replace("t=", "t=١")),
        (BODY + b" ", header()),
        (json.dumps(EVENT, sort_keys=True).encode(), header()),
        (BODY, header(secret="another organisation's secret")),
    ],
    ids=lambda value: "",  # they hold the time: each worker would name the same case differently
)
def test_what_is_not_signed_is_refused_and_leaves_nothing(cast: Cast, body: bytes, signature: str | None) -> None:
    headers = {} if signature is None else {"X-Chatter": signature.encode().decode("latin-1")}
    answer = Client().post(PATH, body, content_type="application/json", headers=headers)
    assert answer.status_code == 401
    error = answer.json()["error"]
    assert error["code"] == "AUTHENTICATION_ERROR"
    assert error["request_id"] == answer["X-Request-ID"]
    assert events() == []


def test_no_secret_configured_lets_nobody_in(cast: Cast) -> None:
    with chatterbox(secret=""):
        assert post(EVENT).status_code == 401
        assert post(EVENT, secret="").status_code == 401
    assert events() == []


@pytest.mark.parametrize("who", ["anonymous", "stranger"])
@pytest.mark.parametrize("secret", ["", SECRET])
def test_nobody_learns_which_organisations_exist(cast: Cast, who: str, secret: str) -> None:
    answers = []
    for slug in ("globex", "nowhere"):
        client = signed_in(cast.ada) if who == "stranger" else Client()
        with chatterbox(secret=secret):
            for body in (BODY, b"x" * (9 * 1024 * 1024)):
                answer = client.post(
                    f"/org/{slug}/api/webhooks/{NAME}/",
                    body,
                    content_type="application/json",
                    headers={"X-Chatter": header(secret="guess")},
                )
                answers.append(told(answer, slug))
    assert answers[:2] == answers[2:]
    assert [answer[0] for answer in answers[:2]] == [401, 413]


def test_a_vendor_that_nobody_registered(cast: Cast) -> None:
    answer = post(EVENT, path="/org/acme/api/webhooks/unheard/")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_only_posts(cast: Cast, method: str) -> None:
    answer = getattr(Client(), method)(PATH)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"text"', b"null", b'{"id": NaN}', b'{"id": "\xff"}', b"[" * 100_000, b'{"no": "id"}']
)
def test_signed_nonsense_is_said_to_be_nonsense(cast: Cast, body: bytes) -> None:
    answer = post(body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "VALIDATION_ERROR"
    assert events() == []


def test_odd_but_possible_contents(cast: Cast) -> None:
    assert post({"id": "e" * 900, "type": "t" * 300, "conversation": "c" * 300, "a\x00": ["\x00b"]}).status_code == 200
    assert post({"id": "e" * 899, "type": "t"}).status_code == 200
    first, second = events()
    assert first.event_id != second.event_id
    assert first.payload["a"] == ["b"]
    deep: Any = "x"
    for _level in range(500):
        deep = [deep]
    assert post({"id": "deep", "nested": deep}).status_code == 400


def test_one_that_is_too_large_is_not_taken(cast: Cast) -> None:
    answer = post(b'{"id": 1}' + b" " * (8 * 1024 * 1024))
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "PAYLOAD_TOO_LARGE"


def test_whoever_waits_gets_an_answer_each_time(cast: Cast) -> None:
    question = {"id": "q1", "type": "ask"}
    assert post(question).json() == {"results": []}
    register_answer(NAME, "ask", "tests.integrations.inbound.vendor.reply")
    assert post(question).json() == {"results": [{"id": "q1", "result": "forty-two"}]}
    assert len(events()) == 1


def test_one_account_for_many_organisations(cast: Cast) -> None:
    """The installation's vendor posts everything to one address; our own variable says whose it is."""
    post({"id": "g1", "organization": "globex"})
    post({"id": "n1", "organization": "nowhere"})
    assert [event.event_id for event in events("org_globex")] == ["g1"]
    assert events() == []
