"""The metrics of a call as lines of a table: what was measured, the value in words, and how to read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

NONE = "–"


@dataclass(frozen=True, slots=True)
class Figure:
    """`share` is set where a bar of 0–100 helps; `turn_id` and `at_ms` where the value has a place in the call."""

    key: str
    label: str
    value: str
    note: str = ""
    share: int | None = None
    turn_id: str = ""
    at_ms: int | None = None


def seconds(ms: int) -> str:
    """Milliseconds as seconds with one decimal, in the reader's notation (which cuts off decimals and does not round)."""
    return _("%(number)s s") % {"number": number_format(round(ms / 1000, 1), 1)}


def figures_of(metrics: Mapping[str, Any]) -> list[Figure]:
    """Every metric that this run has, in reading order; unknown ones are left out, missing values are a dash."""
    return [build(metrics[key]) for key, build in _BUILDERS.items() if isinstance(metrics.get(key), Mapping)]


def _talk(data: Mapping[str, Any]) -> Figure:
    value = data.get("value")
    note = _("of all words") if data.get("basis") == "words" else _("of the speaking time")
    return Figure("talk_ratio", _("Talk share"), NONE if value is None else f"{value} %", note, share=value)


def _pace(data: Mapping[str, Any]) -> Figure:
    value, low, high = data.get("value"), data.get("low"), data.get("high")
    if value is None:
        return Figure("pace", _("Pace"), NONE, _("too little speech to tell"))
    note = _("usual: %(low)s to %(high)s") % {"low": low, "high": high} if low and high else ""
    return Figure("pace", _("Pace"), _("%(number)s words a minute") % {"number": value}, note)


def _questions(data: Mapping[str, Any]) -> Figure:
    note = _("%(open)s open, %(closed)s closed") % {"open": data.get("open", 0), "closed": data.get("closed", 0)}
    return Figure("questions", _("Questions"), str(data.get("value", 0)), note)


def _monologue(data: Mapping[str, Any]) -> Figure:
    value, words = data.get("value"), int(data.get("words") or 0)
    in_words = ngettext("%(count)s word", "%(count)s words", words) % {"count": words}
    if value is None:
        shown, note = NONE, ""
    elif data.get("unit") == "ms" and value:
        shown, note = seconds(value), in_words
    else:  # typed, or told by a service that gives no times
        shown, note = in_words, ""
    return Figure(
        "longest_monologue",
        _("Longest stretch without a pause for the buyer"),
        shown,
        note,
        turn_id=str(data.get("turn_id") or ""),
        at_ms=data.get("timestamp_ms"),
    )


def _fillers(data: Mapping[str, Any]) -> Figure:
    value, count = data.get("value"), int(data.get("count") or 0)
    common = ", ".join(f"“{word}”" for word in list(data.get("by_word") or {})[:3])
    shown = NONE if value is None else _("%(number)s per 100 words") % {"number": number_format(round(value, 1), 1)}
    note = ngettext("%(count)s in all", "%(count)s in all", count) % {"count": count} if count else ""
    return Figure("fillers", _("Filler words"), shown, f"{note}: {common}" if note and common else note)


def _interruptions(data: Mapping[str, Any]) -> Figure:
    note = _("%(mine)s by the trainee, %(theirs)s by the buyer") % {
        "mine": data.get("by_trainee", 0),
        "theirs": data.get("by_buyer", 0),
    }
    value = data.get("value") or 0
    return Figure("interruptions", _("Interruptions"), str(value), note if value else "")


def _latency(data: Mapping[str, Any]) -> Figure:
    value, p90 = data.get("value"), data.get("p90")
    note = _("nine in ten within %(time)s") % {"time": seconds(p90)} if p90 is not None else ""
    return Figure("response_latency", _("Time to answer"), NONE if value is None else seconds(value), note)


def _next_step(data: Mapping[str, Any]) -> Figure:
    state = data.get("value")
    shown = {"agreed": _("agreed"), "proposed": _("proposed, not agreed")}.get(
        str(state), pgettext("next step", "none")
    )
    note = ""
    if state in {"agreed", "proposed"}:
        note = _("with a day or an hour") if data.get("has_time") else _("without a day or an hour")
    return Figure(
        "next_step",
        _("Next step"),
        shown,
        note,
        turn_id=str(data.get("turn_id") or ""),
        at_ms=data.get("timestamp_ms"),
    )


def _objections(data: Mapping[str, Any]) -> Figure:
    raised, resolved = int(data.get("value") or 0), int(data.get("resolved") or 0)
    if not raised:
        return Figure("objections", _("Objections"), "0", _("none came up"))
    shown = _("%(resolved)s of %(raised)s settled or softened") % {"resolved": resolved, "raised": raised}
    return Figure("objections", _("Objections"), shown)


def _pains(data: Mapping[str, Any]) -> Figure:
    found, total = int(data.get("value") or 0), int(data.get("total") or 0)
    if not total:
        return Figure("pains", _("Hidden problems"), NONE)
    return Figure("pains", _("Hidden problems"), _("%(found)s of %(total)s found") % {"found": found, "total": total})


def _faults(data: Mapping[str, Any]) -> Figure:
    note = _("left out of every other number")
    return Figure("faults", _("Taken by technical faults"), seconds(int(data.get("value") or 0)), note)


_BUILDERS = {
    "talk_ratio": _talk,
    "questions": _questions,
    "objections": _objections,
    "pains": _pains,
    "next_step": _next_step,
    "longest_monologue": _monologue,
    "pace": _pace,
    "response_latency": _latency,
    "fillers": _fillers,
    "interruptions": _interruptions,
    "faults": _faults,
}
