"""What language models cost: of one organisation in its admin, of the platform in the platform's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.memberships import may
from accounts.roles import Action
from integrations.budgets.governor import NOTHING, first_day
from integrations.budgets.standing import standings
from integrations.vendor_names import name_of

from .costs import CostRow, costs_everywhere, costs_here
from .vendors_now import vendors_now

MONTHS = 6  # that can be looked back on
TASKS = {
    "quick": gettext_lazy("quick score"),
    "deep": gettext_lazy("debrief"),
    "talk": gettext_lazy("buyers' words"),
    "coach": gettext_lazy("chat coach"),
    "embed": gettext_lazy("search by meaning"),
    "flight": gettext_lazy("test flights"),
    "trial": gettext_lazy("trials of judges"),
    "author_persona": gettext_lazy("drafts of personas"),
    "author_rubric": gettext_lazy("drafts of rubrics"),
    "author_scenario": gettext_lazy("drafts of scenarios"),
    "author_coherence": gettext_lazy("contradictions in drafts"),
    "voice": gettext_lazy("calls with a voice service"),
    "hear": gettext_lazy("writing down speech"),
    "say": gettext_lazy("speaking text"),
}


def months(now: date) -> list[date]:
    """This month and those before it, by their first days."""
    first = now.replace(day=1)
    found = [first]
    while len(found) < MONTHS:
        last = found[-1]
        found.append(date(last.year - (last.month == 1), (last.month - 2) % 12 + 1, 1))
    return found


def _context(request: HttpRequest, site: AdminSite, read: Callable[[date], list[CostRow]]) -> dict[str, Any]:
    offered = months(first_day(timezone.now()))
    month = next((one for one in offered if one.strftime("%Y-%m") == request.GET.get("month")), offered[0])
    rows = read(month)
    request.current_app = site.name  # as the site's own views say it
    return {
        **site.each_context(request),
        "title": _("Costs of language models and voices"),
        "rows": [{"row": row, "task": TASKS.get(row.task, row.task), "vendor": name_of(row.vendor)} for row in rows],
        "total": sum((row.cost_usd for row in rows), NOTHING),
        "requests": sum(row.requests for row in rows),
        "all_known": all(row.price_known for row in rows),
        "month": month,
        "months": offered,
        "is_now": month == offered[0],
        "vendors": vendors_now() if month == offered[0] else [],
    }


def on_site(site: AdminSite) -> Callable[..., HttpResponse]:
    """The organisation's page, for those who manage it."""

    @require_safe
    def costs(request: HttpRequest) -> HttpResponse:
        if not may(request.user, getattr(request, "organization", None), Action.MANAGE_ORGANIZATION):
            raise PermissionDenied
        context = _context(request, site, costs_here)
        context["budgets"] = standings()
        return TemplateResponse(request, "integrations/admin/costs.html", context)

    return site.admin_view(costs)


def on_platform(site: AdminSite) -> Callable[..., HttpResponse]:
    @require_safe
    def costs(request: HttpRequest) -> HttpResponse:
        return TemplateResponse(
            request, "integrations/admin/costs.html", _context(request, site, costs_everywhere) | {"budgets": None}
        )

    return site.admin_view(costs)
