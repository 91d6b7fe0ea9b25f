"""One id follows a request through pages, sockets, tasks and log lines: `req_` and 22 letters or digits."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar

import structlog

_current: ContextVar[str] = ContextVar("parley_request_id", default="")
ACCEPTED = re.compile(r"\Areq_[A-Za-z0-9_-]{8,64}\Z")


def new_request_id() -> str:
    return "req_" + secrets.token_urlsafe(16)


def bind_request_id(value: str = "") -> str:
    """Make `value` (or a fresh id where it is empty or not one of ours) the current id, for logs too; returns it."""
    request_id = value if ACCEPTED.match(value) else new_request_id()
    _current.set(request_id)
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def current_request_id() -> str:
    """The id at hand; a fresh one where none was bound."""
    return _current.get() or bind_request_id()
