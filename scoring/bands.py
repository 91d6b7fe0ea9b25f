"""What a score is called. Boundaries belong to the band above: 90 is exceptional, 89 is ready."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

BANDS: tuple[tuple[int, str], ...] = (
    (90, "exceptional"),
    (80, "ready"),
    (70, "good"),
    (60, "adequate"),
    (50, "below_average"),
    (0, "fundamental"),
)
LABELS: dict[str, Promise] = {
    "exceptional": _("Exceptional – could mentor others"),
    "ready": _("Ready for real calls"),
    "good": _("Good – a few things to sharpen"),
    "adequate": _("Adequate – practise more"),
    "below_average": _("Below average"),
    "fundamental": _("Needs the fundamentals first"),
}


def band(score: int) -> str:
    """The key of the band a score is in. Raises `ValueError` outside 0–100."""
    if not 0 <= score <= 100:
        raise ValueError(f"A score is 0 to 100, not {score}.")
    return next(name for floor, name in BANDS if score >= floor)


def band_label(key: str) -> str:
    """The band in the reader's language; empty for an unknown key."""
    return str(LABELS.get(key, ""))
