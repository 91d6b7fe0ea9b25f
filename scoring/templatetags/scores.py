"""Scores, bands and times in words, for pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from scoring.bands import band as band_of
from scoring.bands import band_label as label_of
from scoring.debrief.transcript import Segment, ShownTurn

register = template.Library()

# What the design system calls the colours of the six bands.
TONES = {
    "exceptional": "high",
    "ready": "high",
    "good": "good",
    "adequate": "fair",
    "below_average": "fair",
    "fundamental": "low",
}


@register.filter
def band_label(band: str) -> str:
    """`ready` → "Ready for real calls", in the reader's language."""
    return label_of(band)


@register.filter
def band_tone(band: str) -> str:
    """`ready` → `high`: the colour that `components/band_badge.html` takes; `none` for no band."""
    return TONES.get(band, "none")


@register.filter
def score_tone(score: Any) -> str:
    """72 → `good`: the colour of the band that a score is in; `none` without a score."""
    return "none" if score in (None, "") else band_tone(band_of(max(0, min(100, round(float(score))))))


@register.filter
def seconds_number(ms: Any) -> str:
    """Milliseconds as seconds with one decimal, in the reader's notation; a dash for None."""
    return "–" if ms is None else number_format(round(int(ms) / 1000, 1), 1)


@register.filter
def clock(ms: Any) -> str:
    """Milliseconds as minutes and seconds: 185000 → `3:05`; an hour and more as `1:02:03`."""
    seconds = int(ms or 0) // 1000
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def signed(number: int) -> str:
    """A difference as it is written: `+12`, `−3`."""
    return f"+{number}" if number > 0 else f"−{abs(number)}" if number else "0"


@register.filter
def get_mark(marks: Mapping[str, int], key: str) -> int | None:
    """The mark for a criterion among a reviewer's; None where it did not come up."""
    return marks.get(key)


@register.filter
def last_end(turns: Sequence[ShownTurn]) -> int:
    """When the last of these turns ended, in milliseconds."""
    return turns[-1].end_ms if turns else 0


@register.filter
def marked(segments: Iterable[Segment]) -> SafeString:
    """What was said, with its evidence in `<mark>`; not a space is added between the segments."""
    return format_html_join(
        "",
        "{}",
        (
            (
                format_html('<mark class="evidence" title="{}">{}</mark>', ", ".join(segment.criteria), segment.text)
                if segment.criteria
                else segment.text,
            )
            for segment in segments
        ),
    )
