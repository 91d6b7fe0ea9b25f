"""No scenario is published that simulated trainees have not tried as it is, or that failed them."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from scenarios.gates import Problem, register_gate
from scenarios.models import Scenario

from . import work
from .models import TestFlight
from .plans import plan_of, shipped
from .report import blocking_sentences


def register() -> None:
    register_gate("test flight", problems)


def problems(scenario: Scenario) -> list[Problem]:
    """Empty for a scenario with a green flight of exactly this content, and for one that is as Parley ships it."""
    if not settings.FLIGHT_REQUIRED:
        return []
    try:
        content_hash = plan_of(scenario).content_hash()
    except ValueError:
        return []  # incomplete: publishing says what is missing
    if content_hash in shipped():
        return []
    url = report_url(scenario)
    flown = TestFlight.objects.filter(scenario=scenario, content_hash=content_hash, state=TestFlight.State.DONE)
    newest = flown.order_by("-created_at").prefetch_related("runs").first()
    if newest is None:
        return [Problem("NOT_FLOWN", _not_flown(scenario), url)]
    if newest.green:
        return []
    return [Problem(code.upper(), text, url) for code, text in blocking_sentences(work.all_findings(newest))]


def _not_flown(scenario: Scenario) -> str:
    if TestFlight.objects.filter(scenario=scenario, state=TestFlight.State.DONE).exists():
        return _("The scenario, its persona or its rubric changed since its test flight. Fly it again.")
    return _("It has not been through a test flight. Start one: it takes seconds.")


def report_url(scenario: Scenario) -> str:
    return reverse("flights:report", args=[scenario.pk], urlconf=settings.ORG_URLCONF)
