"""A scenario to practise from an uploaded call, as a draft."""

from __future__ import annotations

from typing import Any

from calls import drafting
from calls.models import Call
from calls.uploads.errors import WrongState
from calls.uploads.models import CallUpload
from scenarios.generation.models import Generation
from scenarios.models import Scenario


def draft_scenario(*, upload: CallUpload, actor: Any) -> Scenario:
    """Raises `WrongState` as long as the upload is no call."""
    return drafting.draft_scenario(call=_call_of(upload), actor=actor, names=[upload.counterpart])


def begin_whole_draft(*, upload: CallUpload, actor: Any) -> Generation:
    """Raises `WrongState` as long as the upload is no call, `Conflict` where too many drafts are being made."""
    return drafting.begin_whole_draft(call=_call_of(upload), actor=actor, names=[upload.counterpart])


def _call_of(upload: CallUpload) -> Call:
    call = Call.objects.select_related("trainee", "rubric_version__rubric").filter(upload=upload).first()
    if call is None:
        raise WrongState
    return call
