"""Hours of the night and days of the digest, on somebody's own clock. Pure: no database, no settings."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MONDAY = 0


def after_quiet(now: datetime, zone: ZoneInfo, start: time | None, end: time | None) -> datetime:
    """When a mail may go that is ready at `now`: at once, or when the quiet hours end. They may go over midnight."""
    if start is None or end is None or start == end:
        return now
    local = now.astimezone(zone)
    clock = local.time()
    quiet = start <= clock < end if start < end else clock >= start or clock < end
    if not quiet:
        return now
    day = local.date() if clock < end else local.date() + timedelta(days=1)
    return max(now, _first_after(now, day, end, zone))


def _first_after(now: datetime, day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The moment at which that clock time comes on that day, after `now`.

    When clocks are put back it comes twice: the first that is still to come. When they are put forward it may not come at
    all; then the moment is meant at which it would have been, which is what the clock shows an hour on.
    """
    both = [datetime.combine(day, clock, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    return next((moment for moment in sorted(both) if moment > now), max(both))


def last_digest_time(now: datetime, zone: ZoneInfo, *, weekly: bool, hour: int) -> tuple[date, datetime]:
    """The newest time at which a digest was to go, `now` or before: its day, which names the digest, and the moment."""
    day = now.astimezone(zone).date()
    if weekly:
        day -= timedelta(days=(day.weekday() - MONDAY) % 7)
    moment = datetime.combine(day, time(hour), zone).astimezone(UTC)
    if moment > now:
        day -= timedelta(days=7 if weekly else 1)
        moment = datetime.combine(day, time(hour), zone).astimezone(UTC)
    return day, moment
