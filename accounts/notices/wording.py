"""A notice in words, in the language and time zone that are active."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from .kinds import KINDS, Kind, words_in
from .models import Notice


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    lines: list[str]
    button: str
    label: str  # of its kind: "A call is scored"


def words_of(notice: Notice) -> Words:
    """A kind that this version no longer knows still says that there was something."""
    kind = KINDS.get(notice.kind)
    if kind is None:
        return Words(title=_("Something happened"), lines=[], button=_("Open"), label="")
    return words(kind, notice.data)


def words(kind: Kind, data: Mapping[str, Any]) -> Words:
    spoken = {name: str(value) for name, value in data.items()}
    spoken |= dict(_written(kind, data))
    lines = [str(line) % spoken for line in kind.lines if words_in(line) <= spoken.keys()]
    return Words(title=str(kind.title) % spoken, lines=lines, button=str(kind.button), label=str(kind.label))


def _written(kind: Kind, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Times, dates and sums of money as one writes them here; they are kept as JSON writes them."""
    for name in kind.amounts:
        amount = _amount(data.get(name))
        if amount is not None:
            yield name, number_format(amount, 2, force_grouping=True)
    for name in kind.moments:
        moment = _moment(data.get(name))
        if moment is not None:
            yield name, date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    for name in kind.days:
        value = data.get(name)
        moment = _moment(value)
        day = timezone.localtime(moment).date() if moment else parse_date(str(value)[:10]) if value else None
        if day is not None:
            yield name, date_format(day, "DATE_FORMAT")


def _amount(value: Any) -> Decimal | None:
    """None for what is no number: that is said as it is."""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _moment(value: Any) -> datetime | None:
    found = value if isinstance(value, datetime) else parse_datetime(value) if isinstance(value, str) else None
    return found if found is None or timezone.is_aware(found) else timezone.make_aware(found)
