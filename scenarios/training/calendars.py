"""Days, as an organisation counts them."""

from __future__ import annotations

import zoneinfo
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from tenants.context import current_organization


def zone() -> zoneinfo.ZoneInfo:
    """The time zone of the organisation at hand."""
    try:
        return zoneinfo.ZoneInfo(current_organization().timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


def today() -> date:
    return timezone.now().astimezone(zone()).date()


def end_of(day: date) -> datetime:
    """The moment at which a day of the organisation is over."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone())


def in_months(day: datetime, months: int) -> datetime:
    """The same day that many months later, or the month's last one where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return day.replace(year=year, month=month, day=min(day.day, (following - timedelta(days=1)).day))
