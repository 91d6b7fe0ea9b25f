"""A call to be watched again: its turns, what happened behind them, and its metrics as they grew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calls.flight.faults import FaultWindow
from calls.flight.latency import LatencySplit, split
from calls.flight_record import faults_of
from calls.models import Call, CallEvent, Turn

from .cases import turn_of
from .debrief.figures import seconds
from .debrief.path import ShownStage, shown_path
from .debrief.transcript import Note, notes_of, percent
from .metrics.progress import Point, progress_of
from .metrics.timing import spoken_into


@dataclass(frozen=True, slots=True)
class ReplayTurn:
    id: str
    seq: int
    by_trainee: bool
    content: str
    start_ms: int
    end_ms: int
    interrupted: bool
    notes: tuple[Note, ...]
    latency: LatencySplit | None
    start_percent: str
    width_percent: str
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something behind the conversation, in the reader's words. `is_fault`: it was nobody's wish."""

    at_ms: int
    label: str
    is_fault: bool
    start_percent: str


@dataclass(frozen=True, slots=True)
class ShownFault:
    """A stretch that is in no metric of time."""

    label: str
    from_ms: int
    to_ms: int
    start_percent: str
    width_percent: str


@dataclass(slots=True)
class Replay:
    call: Call
    duration_ms: int
    turns: list[ReplayTurn] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    faults: list[ShownFault] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    path: list[ShownStage] = field(default_factory=list)


def replay_of(call: Call, *, is_own: bool = False) -> Replay:
    """Three queries, however long the call was: turns, events, and those among them that faults are read from.

    `is_own`: it is told to its own trainee.
    """
    rows = list(call.turns.order_by("seq"))
    events = list(CallEvent.objects.filter(Q(seq__isnull=True) | Q(type="presence"), call=call).order_by("pk"))
    length = max([call.duration_ms or 0, 1, *(row.end_ms for row in rows)])
    windows = faults_of(call, rows)
    path = shown_path(call, rows, length_ms=length)
    turns = [turn_of(row) for row in rows]
    happenings = _happenings(events, length, cut_into=spoken_into(turns), is_own=is_own)
    return Replay(
        call=call,
        duration_ms=length,
        turns=_turns(rows, length),
        happenings=sorted([*happenings, *_stages(path)], key=lambda item: item.at_ms),
        faults=[_fault(item, length) for item in windows if item.length_ms],
        points=progress_of(
            turns,
            language=call.language,
            spoken=call.channel != Call.Channel.TEXT,
            faults=windows,
        ),
        path=path,
    )


def _stages(path: Sequence[ShownStage]) -> list[Happening]:
    """The stages of a branching call among what else happened; the first is where it began."""
    return [
        Happening(
            stage.at_ms,
            _("On to “%(title)s”: %(why)s") % {"title": stage.title, "why": stage.why},
            False,
            stage.start_percent,
        )
        for stage in path
        if stage.why
    ]


def _turns(rows: Sequence[Turn], length: int) -> list[ReplayTurn]:
    shown = []
    heard: Mapping[str, Any] = {}
    for row in rows:
        by_trainee = row.role == Turn.Role.USER
        shown.append(
            ReplayTurn(
                id=str(row.pk),
                seq=row.seq,
                by_trainee=by_trainee,
                content=row.content,
                start_ms=row.timestamp_ms,
                end_ms=max(row.end_ms, row.timestamp_ms),
                interrupted=row.interrupted,
                notes=notes_of(row.trace),
                latency=None if by_trainee else split(heard, row.latency),
                start_percent=percent(row.timestamp_ms, length),
                width_percent=percent(max(row.end_ms - row.timestamp_ms, length // 200), length),
                speaker=row.speaker,
            )
        )
        heard = row.latency if by_trainee else {}
    return shown


def _fault(window: FaultWindow, length: int) -> ShownFault:
    labels = {
        "stall": _("the buyer was silent"),
        "line_lost": _("the connection was lost"),
        "restart": _("Parley was interrupted"),
        "provider_fault": _("the voice service failed"),
        "echo": _("the microphone heard the buyer"),
        "unclear_speech": _("speech that could not be understood"),
    }
    return ShownFault(
        label=labels[window.kind],
        from_ms=window.from_ms,
        to_ms=window.to_ms,
        start_percent=percent(window.from_ms, length),
        width_percent=percent(max(window.length_ms, length // 200), length),
    )


FAULTS = {"stall", "line:lost", "provider:fault", "provider:switched"}


def _happenings(events: Sequence[CallEvent], length: int, *, cut_into: set[str], is_own: bool) -> list[Happening]:
    shown = []
    listening: set[str] = set()
    for event in events:
        if event.type == "interruption" and event.data.get("turn_id") not in cut_into:
            continue
        if event.type == "presence":
            labels = _comings_and_goings(listening, event.data)
            listening = _names(event.data)
        else:
            labels = [_label(event.type, event.data, is_own=is_own)]
        at_ms = event.at_ms or 0
        place = percent(at_ms, length)
        shown += [Happening(at_ms, label, event.type in FAULTS, place) for label in labels if label]
    return sorted(shown, key=lambda item: item.at_ms)


def _names(data: Mapping[str, Any]) -> set[str]:
    return {str(item.get("name") or "") for item in data.get("observers") or []}


def _comings_and_goings(before: set[str], data: Mapping[str, Any]) -> list[str]:
    """Who began to listen and who stopped. The event names all who listen then."""
    now = _names(data)
    return [_("%(name)s began to listen") % {"name": name} for name in sorted(now - before)] + [
        _("%(name)s stopped listening") % {"name": name} for name in sorted(before - now)
    ]


# What voice services report, in words; what is not named here is shown as they say it.
FAULT_WORDS = {
    "websocket_disconnect": gettext_lazy("the line to it was lost"),
    "transport_receive_timeout": gettext_lazy("it fell silent"),
    "invalid_message": gettext_lazy("it sent something unreadable"),
    "llm_timeout": gettext_lazy("the buyer took too long to think"),
    "llm_error": gettext_lazy("the buyer lost the thread"),
    "custom_llm_error": gettext_lazy("the buyer lost the thread"),
    "asr_transcription_error": gettext_lazy("it could not make out what was said"),
    "tts_cascade_error": gettext_lazy("the buyer lost its voice"),
    "max_duration_exceeded": gettext_lazy("its time limit was reached"),
}


def _label(type: str, data: Mapping[str, Any], *, is_own: bool) -> str:
    """What happened, in words; empty for what only machines care for."""
    match type:
        case "interruption":
            return _("You cut in") if is_own else _("The trainee cut in")
        case "stall":
            lasted = {"time": seconds(int(data.get("to_ms") or 0) - int(data.get("from_ms") or 0))}
            if data.get("where") == "speech":
                return _("The buyer fell silent for %(time)s") % lasted
            return _("The buyer took %(time)s to answer") % lasted
        case "line:lost":
            return _("The connection was lost")
        case "line:back":
            return _("The connection came back")
        case "line:taken_over":
            return _("The call went on in another window")
        case "session:opened":
            return _("The call was taken up again") if data.get("resumed") else ""
        case "provider:fault":
            return _("The voice service reported a fault: %(fault)s") % {
                "fault": FAULT_WORDS.get(str(data.get("error_type")), data.get("error_type", ""))
            }
        case "provider:switched":
            return _("Another voice service took over")
        case "tool:called":
            return _("The voice service used a tool: %(tool)s") % {"tool": data.get("name", "")}
    return ""


def replay_data(replay: Replay, *, recording_url: str) -> dict[str, Any]:
    """For the page's script: what it cannot read off the page. `recording_url` is empty where there is no sound."""
    return {
        "durationMs": replay.duration_ms,
        "recordingUrl": recording_url,
        "points": [point.to_json() for point in replay.points],
        "texts": {
            "play": _("Play"),
            "pause": _("Pause"),
            "talk": _("Talk share, percent"),
            "pace": _("Words a minute"),
            "failed": _("The recording cannot be played right now. The replay goes on without sound."),
        },
    }
