"""A call's words as files: plain text to read, WebVTT for players, JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from orjson import OPT_INDENT_2, dumps

from calls.models import Call, Turn
from calls.turns import turn_json


def speaker(call: Call, turn: Turn) -> str:
    if turn.role == Turn.Role.ASSISTANT:
        return turn.speaker or str(call.brief.get("name") or turn.get_role_display())
    return call.trainee.get_full_name() or str(turn.get_role_display())


def clock(ms: int, *, fraction: bool = False) -> str:
    """`m:ss`, or `hh:mm:ss.mmm` as WebVTT wants it."""
    seconds, rest = divmod(ms, 1000)
    if not fraction:
        return f"{seconds // 60}:{seconds % 60:02d}"
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"


def as_text(call: Call, turns: Iterable[Turn]) -> bytes:
    lines = [call.title, ""]
    lines += [f"[{clock(turn.timestamp_ms)}] {speaker(call, turn)}: {turn.content}" for turn in turns]
    return ("\n".join(lines) + "\n").encode()


def as_vtt(call: Call, turns: Iterable[Turn]) -> bytes:
    """WebVTT (W3C): a cue a turn, its speaker as a voice tag."""
    cues = ["WEBVTT", ""]
    for turn in turns:
        # A cue has no blank line and no arrow in it, and `<`, `&` begin markup.
        words = " ".join(turn.content.split()).replace("&", "&amp;").replace("<", "&lt;").replace("-->", "--&gt;")
        name = speaker(call, turn).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        end = max(turn.end_ms, turn.timestamp_ms + 1)
        cues += [f"{clock(turn.timestamp_ms, fraction=True)} --> {clock(end, fraction=True)}", f"<v {name}>{words}", ""]
    return "\n".join(cues).encode()


def as_json(call: Call, turns: Iterable[Turn]) -> bytes:
    return dumps({"call_id": str(call.pk), "turns": [turn_json(turn) for turn in turns]}, option=OPT_INDENT_2)


FORMATS: dict[str, tuple[str, Callable[[Call, Iterable[Turn]], bytes]]] = {
    "txt": ("text/plain; charset=utf-8", as_text),
    "vtt": ("text/vtt; charset=utf-8", as_vtt),
    "json": ("application/json", as_json),
}
