"""Response times for operators: of one organisation in its admin, of the platform in the platform's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from calls.flight.latency import ALARM_P95_MS, TARGET_P50_MS

from .latency import LatencyRow, latency_everywhere, latency_here

PERIODS = (1, 7, 30)
Read = Callable[..., list[LatencyRow]]


def page(site: AdminSite, read: Read) -> Callable[[HttpRequest], HttpResponse]:
    """The page on this admin site, of what `read(since=…)` finds."""

    @require_safe
    def latency(request: HttpRequest) -> HttpResponse:
        days = next((period for period in PERIODS if str(period) == request.GET.get("days")), 7)
        rows = read(since=since(days))
        request.current_app = site.name  # as the site's own views say it
        context: dict[str, Any] = {
            **site.each_context(request),
            "title": _("Response times"),
            "services": [row for row in rows if row.day is None],
            "days": [row for row in rows if row.day is not None],
            "period": days,
            "periods": PERIODS,
            "target_ms": TARGET_P50_MS,
            "alarm_ms": ALARM_P95_MS,
        }
        return TemplateResponse(request, "reporting/admin/latency.html", context)

    return latency


def since(days: int) -> datetime:
    """The first moment of the period: today is its last day."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days - 1)


def on_site(site: AdminSite) -> Callable[..., HttpResponse]:
    """The organisation's page, with the site's own check of who may enter."""
    return site.admin_view(page(site, latency_here))


def on_platform(site: AdminSite) -> Callable[..., HttpResponse]:
    return site.admin_view(page(site, latency_everywhere))
