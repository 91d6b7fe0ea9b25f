"""Who in the apps above wants to know. They register by dotted path when Django starts; nothing is imported until needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.module_loading import import_string

from integrations.inbound.base import Received

ANY = "*"
# (vendor or "*", kind or topic) → dotted paths, in the order of registration.
_handlers: dict[tuple[str, str], list[str]] = {}
_answerers: dict[tuple[str, str], str] = {}
_confidants: list[str] = []

Handler = Callable[[Received], str]
Answerer = Callable[[Received], dict[str, Any]]


def register(vendor: str, kind: str, path: str) -> None:
    """Have `path` (a `Handler`) called for messages of this vendor and kind, after they were acknowledged.

    `vendor` may be "*", `kind` may be a `Topic`. A handler is called inside the organisation, may be called more than once
    for the same message, and returns a word or two about what it did ("merged", "not ours").
    """
    paths = _handlers.setdefault((vendor, kind), [])
    if path not in paths:
        paths.append(path)


def register_answer(vendor: str, kind: str, path: str) -> None:
    """Have `path` (an `Answerer`) give the reply to a kind whose sender waits (`InboundVendor.synchronous`)."""
    _answerers[(vendor, kind)] = path


def paths_for(vendor: str, kind: str, topic: str) -> list[str]:
    keys = ((vendor, kind), (vendor, topic), (ANY, topic), (ANY, kind))
    return list(dict.fromkeys(path for key in keys for path in _handlers.get(key, [])))


def dispatch(received: Received) -> str:
    """Call every handler; returns what they did, "ignored" where nobody registered. A handler's error is the caller's."""
    done = []
    for path in paths_for(received.vendor, received.kind, received.topic):
        handler: Handler = import_string(path)
        if received.body is not None:
            received.body.seek(0)
        done.append(handler(received))
    return ", ".join(done) or "ignored"


def answer(received: Received) -> dict[str, Any] | None:
    """The reply to a message whose sender waits; None where nobody registered for it."""
    path = _answerers.get((received.vendor, received.kind))
    if path is None:
        return None
    answerer: Answerer = import_string(path)
    return answerer(received)


def register_confidant(path: str) -> None:
    """Have `path` name the conversations that nobody may know of: a function without arguments that gives their ids."""
    if path not in _confidants:
        _confidants.append(path)


def confidential() -> set[str]:
    """The ids of conversations that no list may show."""
    return {conversation_id for path in _confidants for conversation_id in import_string(path)()}
