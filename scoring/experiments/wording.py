"""Experiments in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STOPPED: Mapping[str, str | Promise] = {
    "person": _("Somebody stopped it."),
    "latency": _("Stopped by itself: with a variant the buyer answers clearly later than with the control."),
    "faults": _("Stopped by itself: calls with a variant clearly fail more often than with the control."),
    "fairness": _(
        "Stopped by itself: a variant clearly costs people of one language more points than those of the other."
    ),
}
UNITS: Mapping[str, str | Promise] = {
    "score": _("points"),
    "passed": _("percentage points"),
    "completed": _("percentage points"),
    "talk": _("percentage points"),
}
