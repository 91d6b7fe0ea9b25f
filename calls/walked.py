"""The way of a branching call that went past us, found in its transcript when that has come."""

from __future__ import annotations

from calls import path
from calls.engine.follower import followed
from calls.models import Call, Turn
from integrations.embeddings.embedded import default_encoder


def walk(call: Call) -> str:
    """Write down who spoke and which stages were reached, as in a call that we held. Returns how the call went, where it came
    to an end of its graph, else "".

    Where the way is on record already, only turns that came later get their speaker.
    """
    brief = path.branching_brief(call.brief)
    if brief is None:
        return ""
    rows = list(call.turns.order_by("seq"))
    if any(path.led_on(row) for row in rows):
        _name_speakers(rows)
        return ""
    follower = followed(brief, encoder=default_encoder())
    if follower is None:
        return ""
    for row in rows:
        if row.role == Turn.Role.USER:
            follower.heard(row.content, at_ms=row.end_ms)
            continue
        said = follower.said(row.content, at_ms=row.timestamp_ms)
        row.speaker, row.engine_state = said.speaker, follower.state()
        row.trace = [*row.trace, *(entry.to_json() for entry in said.trace)]
    theirs = [row for row in rows if row.role == Turn.Role.ASSISTANT]
    Turn.objects.bulk_update(theirs, ["speaker", "engine_state", "trace"])
    Call.objects.filter(pk=call.pk).update(engine_state=follower.state() if theirs else {})
    for row in theirs:
        path.keep(call.pk, row)
    return follower.outcome


def _name_speakers(rows: list[Turn]) -> None:
    """Whoever spoke before goes on."""
    speaker = ""
    for row in rows:
        if row.role == Turn.Role.ASSISTANT and not row.speaker and speaker:
            Turn.objects.filter(pk=row.pk).update(speaker=speaker)
        speaker = row.speaker or speaker
