"""Telling somebody that long work which they started is ready, or did not work. Each piece of work is told of once."""

from __future__ import annotations

from datetime import datetime

from django.utils import translation
from django.utils.functional import Promise

from accounts.models import User
from tenants.context import current_organization

from .services import notify


def tell_ready(*, user: User | None, title: str, url: str, key: str, **word: str | int | datetime) -> None:
    """`word`: the one of the lines of "work_done" that says what it was. `key`: unique to this piece of work. Nobody is told
    of what nobody asked for, such as a command's."""
    if user is not None:
        notify(user=user, kind="work_done", data={"title": title, **word}, url=url, dedupe_key=key)


def tell_failed(*, user: User | None, title: str, reason: str | Promise, url: str, key: str) -> None:
    """`reason`: a sentence that is still to be translated, into the language of who reads it."""
    if user is None:
        return
    with translation.override(user.language or current_organization().language):
        data = {"title": title, "reason": str(reason)}
    notify(user=user, kind="work_failed", data=data, url=url, dedupe_key=key)
