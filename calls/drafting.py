"""A scenario to practise from a call that was held, or from a real one that somebody uploaded: always a draft."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.people import audit
from calls.models import Call, Turn
from scenarios.from_calls import Line, draft_from_call
from scenarios.generation.models import Generation
from scenarios.generation.services import begin_from_call
from scenarios.models import Scenario
from tenants.errors import Conflict


class NothingToDraw(Conflict):
    code = "NOTHING_TO_DRAW"
    default_message = _(
        "A scenario can be made of a call that has ended, in which something was said, and that is not private."
    )


def may_be_drawn_from(call: Call) -> bool:
    """A private call is its trainee's alone: nothing of it goes into what others practise."""
    return not call.is_live and not call.is_hidden and call.status != Call.Status.PENDING


def draft_scenario(*, call: Call, actor: Any, names: Iterable[str] = ()) -> Scenario:
    """`names`: people and firms besides the trainee that are not to be told. Raises `NothingToDraw`."""
    scenario = draft_from_call(
        lines=_lines(call),
        language=call.language,
        mode=call.mode,
        rubric=call.rubric_version.rubric,
        names=[*names, call.trainee.get_full_name()],
        real=call.channel not in Call.HELD_HERE,
    )
    audit.record(actor, "scenario.drafted_from_call", scenario, call=str(call.pk))
    return scenario


def begin_whole_draft(*, call: Call, actor: Any, names: Iterable[str] = ()) -> Generation:
    """The same with the rest filled in, so that it can be practised; who enqueues the work is the caller.

    Raises `NothingToDraw`, and `Conflict` where too many drafts are being made.
    """
    begun = begin_from_call(
        by=actor,
        lines=_lines(call),
        language=call.language,
        mode=call.mode,
        names=[*names, call.trainee.get_full_name()],
    )
    audit.record(actor, "scenario.drafted_from_call", begun, call=str(call.pk))
    return begun


def _lines(call: Call) -> list[Line]:
    lines = [Line(turn.role == Turn.Role.USER, turn.content) for turn in call.turns.order_by("seq")]
    if not lines or not may_be_drawn_from(call):
        raise NothingToDraw
    return lines
