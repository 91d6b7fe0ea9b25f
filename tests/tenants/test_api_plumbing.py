"""The parts that every REST endpoint shares: JSON, errors, throttles, cursors."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils.translation import override
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.request import Request

from tenants.api.errors import _field_details, handle
from tenants.api.pagination import CursorPages
from tenants.api.parsers import PayloadTooLarge, StrictJSONParser
from tenants.api.throttles import PerUserThrottle, parse_rate
from tenants.errors import Conflict, RateLimited


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"null",
        b'"text"',
        b"{",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 2}}',
        b"\xff\xfe",
        b'{"a": "\\u0000"}',
        b'{"a": "\\ud83d"}',
        b"[" * 100_000,
    ],
)
def test_what_is_not_a_plain_object_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        StrictJSONParser().parse(BytesIO(body))


def test_a_body_over_the_limit_is_refused(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    with pytest.raises(PayloadTooLarge):
        StrictJSONParser().parse(BytesIO(b'{"a": "0123456789"}'))


def test_a_body_over_the_limit_is_refused_in_the_language_of_who_sent_it() -> None:
    with override("es"):
        answer = handle(PayloadTooLarge(), {})
    assert answer is not None
    assert answer.data["error"]["message"] == "El cuerpo de la petición es demasiado grande."


def test_a_plain_object_passes() -> None:
    assert StrictJSONParser().parse(BytesIO('{"a": [1, "ñ"]}'.encode())) == {"a": [1, "ñ"]}


def test_domain_errors_become_the_envelope() -> None:
    response = handle(Conflict("No.", details={"field": "status"}), {})
    assert response is not None
    assert response.status_code == 409
    assert response.data["error"]["code"] == "CONFLICT"
    assert response.data["error"]["details"] == {"field": "status"}
    assert response.data["error"]["request_id"].startswith("req_")


def test_rate_limited_says_when_to_come_back() -> None:
    response = handle(RateLimited(retry_after=7), {})
    assert response is not None
    assert response.status_code == 429
    assert response["Retry-After"] == "7"


def test_unknown_errors_tell_nothing() -> None:
    response = handle(RuntimeError("the password is hunter2"), {})
    assert response is not None
    assert response.status_code == 500
    assert "hunter2" not in str(response.data)


def test_field_errors_name_the_first_field_and_all() -> None:
    details = _field_details({"items": [{}, {"name": ["Too long."]}], "mode": ["Unknown."]})
    assert details["field"] == "items[1].name"
    assert details["issue"] == "Too long."
    assert details["fields"]["mode"] == ["Unknown."]


@pytest.mark.parametrize(("rate", "parsed"), [("20/min", (20, 60)), ("5/10min", (5, 600)), ("3/h", (3, 3600))])
def test_rates(rate: str, parsed: tuple[int, int]) -> None:
    assert parse_rate(rate) == parsed


@pytest.mark.parametrize("rate", ["", "fast", "5/fortnight", "x/min"])
def test_nonsense_rates_are_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="rate"):
        parse_rate(rate)


def test_throttle_counts_down_and_refuses(settings: Any, db: None) -> None:
    settings.THROTTLE_RATES = {"tight": "2/h"}
    view: Any = type("View", (), {"throttle_class_name": "tight"})()
    seen = []
    for _ in range(3):
        request = Request(RequestFactory().get("/", REMOTE_ADDR="10.0.0.9"))
        throttle = PerUserThrottle()
        seen.append((throttle.allow_request(request, view), request._request.rate_limit[1]))  # type: ignore[attr-defined]
    assert [allowed for allowed, _left in seen] == [True, True, False]
    assert [left for _allowed, left in seen] == [1, 0, 0]


def test_bad_cursor_names_the_field() -> None:
    request = Request(RequestFactory().get("/", {"cursor": "%%%"}))
    with pytest.raises(ValidationError) as caught:
        CursorPages().decode_cursor(request)
    assert "cursor" in caught.value.detail
