"""A scenario to practise from an uploaded call, as a draft."""

from __future__ import annotations

from typing import Any

from accounts.people import audit
from calls.models import Call, Turn
from calls.uploads.errors import WrongState
from calls.uploads.models import CallUpload
from scenarios.from_calls import Line, draft_from_call
from scenarios.generation.models import Generation
from scenarios.generation.services import begin_from_call
from scenarios.models import Scenario


def draft_scenario(*, upload: CallUpload, actor: Any) -> Scenario:
    """Raises `WrongState` as long as the upload is no call."""
    call = _call_of(upload)
    scenario = draft_from_call(
        lines=_lines(call),
        language=call.language,
        mode=call.mode,
        rubric=call.rubric_version.rubric,
        names=_names(upload, call),
    )
    audit.record(actor, "scenario.drafted_from_call", scenario, call=str(call.pk))
    return scenario


def begin_whole_draft(*, upload: CallUpload, actor: Any) -> Generation:
    """The same with the rest filled in, so that it can be practised; who enqueues the work is the caller.

    Raises `WrongState` as long as the upload is no call, `Conflict` where too many drafts are being made.
    """
    call = _call_of(upload)
    begun = begin_from_call(
        by=actor, lines=_lines(call), language=call.language, mode=call.mode, names=_names(upload, call)
    )
    audit.record(actor, "scenario.drafted_from_call", begun, call=str(call.pk))
    return begun


def _call_of(upload: CallUpload) -> Call:
    call = Call.objects.select_related("trainee", "rubric_version__rubric").filter(upload=upload).first()
    if call is None:
        raise WrongState
    return call


def _lines(call: Call) -> list[Line]:
    return [Line(turn.role == Turn.Role.USER, turn.content) for turn in call.turns.order_by("seq")]


def _names(upload: CallUpload, call: Call) -> list[str]:
    """Who is not to be told."""
    return [upload.counterpart, call.trainee.get_full_name()]
