"""The page on which managers see whether a judge can be trusted, and what is missing until it can."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.guards import needs
from accounts.memberships import role_of
from accounts.roles import Action
from scoring import tasks
from scoring.models import Review
from tenants.context import current_organization

from . import page


@never_cache
@require_safe
@needs(Action.SEE_TEAM)
def calibration(request: HttpRequest) -> HttpResponse:
    """Agreement of judges with people, by rubric, model and language, and a few calls to mark next."""
    shown = page.panels()
    newest = Review.objects.blind().order_by("-submitted_at").values_list("submitted_at", flat=True).first()
    counted = max((panel.counted_at for panel in shown), default=None)
    context = {
        "panels": shown,
        "rules": page.rules(),
        "suggested": page.suggested_calls(viewer=request.user, role=role_of(request.user, current_organization())),
        "has_uncounted": newest is not None and (counted is None or newest > counted),
    }
    return render(request, "scoring/calibration.html", context)


@require_POST
@needs(Action.SEE_TEAM)
def count(request: HttpRequest) -> HttpResponse:
    """Count now instead of within a few minutes."""
    tasks.calibrate.delay()
    messages.success(request, _("Agreement is being counted. Load this page again in a few seconds."))
    return redirect("scoring:calibration")
