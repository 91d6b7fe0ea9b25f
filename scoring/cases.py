"""From rows to what a judge is given, read in one go inside the organisation."""

from __future__ import annotations

from dataclasses import replace

from calls.flight_record import faults_of
from calls.models import Call, Turn
from scenarios.briefs import BriefInvalid, PersonaBrief, RubricSpec

from .judges.base import Case
from .transcripts import TranscriptTurn, count_words

MIN_TRAINEE_TURNS = 2
MIN_TRAINEE_WORDS = 8


def turn_of(row: Turn) -> TranscriptTurn:
    return TranscriptTurn(
        id=str(row.pk),
        seq=row.seq,
        role="user" if row.role == Turn.Role.USER else "assistant",
        content=row.content,
        start_ms=row.timestamp_ms,
        end_ms=max(row.end_ms, row.timestamp_ms),
        interrupted=row.interrupted,
        trace=tuple(entry for entry in row.trace if isinstance(entry, dict)),
    )


def asked_of(call: Call, rubric: RubricSpec) -> RubricSpec:
    """The rubric as it decides in this call: with the pass mark of what the call was made for, where that has its own."""
    return rubric if call.pass_mark is None else replace(rubric, pass_mark=call.pass_mark)


def case_of(call: Call) -> Case:
    """The call as a judge sees it. A brief that can no longer be read only costs the judge its hints."""
    try:
        brief = PersonaBrief.from_json(call.brief)
    except BriefInvalid:
        brief = None
    rows = list(call.turns.order_by("seq"))
    if brief is not None:
        brief = brief.together({row.speaker for row in rows})
    return Case(
        turns=tuple(turn_of(row) for row in rows),
        rubric=asked_of(call, call.rubric_version.spec()),
        language=call.language,
        mode=call.mode,
        spoken=call.channel != Call.Channel.TEXT,
        brief=brief,
        faults=faults_of(call, rows),
    )


def is_gradable(case: Case) -> bool:
    """Two turns and eight words of the trainee at least; less says nothing about anybody."""
    mine = [turn for turn in case.turns if turn.by_trainee and turn.content.strip()]
    return len(mine) >= MIN_TRAINEE_TURNS and sum(count_words(turn.content) for turn in mine) >= MIN_TRAINEE_WORDS
