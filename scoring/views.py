"""The debrief of a call: a page that fills itself as the score comes in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import get_script_prefix
from django.utils import timezone
from django.utils.formats import number_format
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.memberships import may, role_of
from accounts.roles import Action
from calls import private_practice
from calls.drafting import may_be_drawn_from
from calls.models import Call
from calls.services import visible_calls
from calls.voids import explanation
from tenants.context import current_organization

from . import reviews
from .comparison import compare, pair_of, redos_of
from .debrief import SELECTED, Debrief, debrief_of
from .debrief.attempts import attempts_at
from .debrief.people import rows_of, wants_blind_marks
from .debrief.scale import zones
from .debrief.unjudged import unjudged
from .judgement import judge_of
from .models import ScoreRun
from .replay import replay_data, replay_of


def visible_call(request: HttpRequest, call_id: UUID) -> Call:
    """The call with what its debrief needs; 404 unless it is one's own or of somebody whom one coaches."""
    calls = visible_calls(request.user, role_of(request.user, current_organization())).select_related(
        *SELECTED, "scenario_version__scenario"
    )
    call: Call = get_object_or_404(calls, pk=call_id)
    return call


def recording_path(call: Call) -> str:
    """Where a signed link to the sound is had."""
    return f"{get_script_prefix()}api/v1/calls/{call.pk}/recording/"


def context_of(request: HttpRequest, debrief: Debrief) -> dict[str, Any]:
    call = debrief.call
    is_own = call.trainee_id == request.user.pk
    return {
        "debrief": debrief,
        "call": call,
        "buyer": call.brief["name"],
        "is_own": is_own,
        "judge": judge_of(debrief.run) if debrief.run else None,
        # Who gave the marks that a person left as they were.
        "machine": judge_of(debrief.run.base_run or debrief.run) if debrief.run else None,
        "zones": zones(),
        "rows": rows_of(debrief, is_own=is_own),
        "attempts": attempts_at(call, viewer=request.user),
        "has_redo": call.is_redo or redos_of(call, viewer=request.user).exists(),
        "may_submit": is_own and private_practice.may_submit(call),
        "may_redo": is_own and call.status == Call.Status.COMPLETED and call.channel in Call.HELD_HERE,
        # Where the buyer said goodbye there is nothing to go on with.
        "goodbye": _goodbye(debrief) if call.ended_by == Call.EndedBy.PERSONA else "",
        "again": call.practised_again if is_own else None,
        "void_explanation": explanation(call),
        "may_decide": not is_own and call.status == Call.Status.COMPLETED,
        "may_draft": call.channel in Call.HELD_HERE
        and may_be_drawn_from(call)
        and may(request.user, current_organization(), Action.AUTHOR),
        "recording_url": recording_path(call),
        "events_path": f"{get_script_prefix()}ws/calls/{call.pk}/events/",
        "chart": [
            {"at": turn.start_ms, "words": turn.words, "trainee": turn.by_trainee}
            for turn in debrief.turns
            if turn.words
        ],
    }


def _goodbye(debrief: Debrief) -> str:
    """The id of the buyer's last turn."""
    return next((turn.id for turn in reversed(debrief.turns) if not turn.by_trainee), "")


def asked_run(request: HttpRequest, call: Call) -> ScoreRun | None:
    """The judgement that `?run=` names, when it is not the one that counts; 404 for one that is not this call's."""
    if "run" not in request.GET:
        return None
    try:
        wanted = UUID(request.GET["run"])
    except ValueError:
        raise Http404 from None
    runs = ScoreRun.objects.select_related("made_by", "base_run", "rubric_version")
    return get_object_or_404(runs, pk=wanted, call=call)


def shown_to(request: HttpRequest, call: Call) -> Debrief:
    """The call's debrief. What is said in a call that still goes on is for its trainee and for who openly listens in.

    A coach who is asked for a decision is not shown what the judge decided, unless with `?judged`: marks given before that
    are worth more.
    """
    if "judged" not in request.GET and wants_blind_marks(call, viewer=request.user):
        return unjudged(call)
    shown = debrief_of(call, run=asked_run(request, call))
    if shown.run is not None:
        reviews.note_seen(call=call, user=request.user)
    if call.is_live and call.trainee_id != request.user.pk:
        shown.turns = []
    return shown


@never_cache
@require_safe
def debrief(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The whole page. A call of one's own that still goes on leads back into its room."""
    call = visible_call(request, call_id)
    if call.is_live and call.trainee_id == request.user.pk:
        return redirect("calls:room", call_id=call.pk)
    return render(request, "scoring/debrief.html", context_of(request, shown_to(request, call)))


RATES = ("1", "1.5", "2")


@never_cache
@require_safe
def replay(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The call once more, second by second. One that still goes on has none yet."""
    call = visible_call(request, call_id)
    if call.is_live:
        return redirect("calls:room" if call.trainee_id == request.user.pk else "scoring:debrief", call_id=call.pk)
    is_own = call.trainee_id == request.user.pk
    found = replay_of(call, is_own=is_own)
    recording = getattr(call, "recording", None)
    audible = recording is not None and (recording.expires_at is None or recording.expires_at > timezone.now())
    context = {
        "call": call,
        "buyer": call.brief["name"],
        "is_own": is_own,
        "replay": found,
        "last": found.points[-1] if found.points else None,
        "rates": [(rate, f"{number_format(rate)}×") for rate in RATES],
        "void_explanation": explanation(call),
        "data": replay_data(found, recording_url=recording_path(call) if audible else ""),
    }
    return render(request, "scoring/replay.html", context)


@never_cache
@require_safe
def debrief_body(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The part that fills itself. 204 while there is nothing newer than what the page `have`s."""
    shown = shown_to(request, visible_call(request, call_id))
    if shown.version == request.GET.get("have"):
        return HttpResponse(status=204)
    return render(request, "scoring/parts/body.html", context_of(request, shown))


@never_cache
@require_safe
def comparison(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """A redo and its first call side by side. `with`: which redo of a first call is meant; the newest unless it is said."""
    call = visible_call(request, call_id)
    if call.is_live and call.trainee_id == request.user.pk:
        return redirect("calls:room", call_id=call.pk)
    try:
        beside = UUID(request.GET["with"]) if request.GET.get("with") else None
    except ValueError:
        raise Http404 from None
    first, redo = pair_of(call, viewer=request.user, beside=beside)
    complete = first is not None and redo is not None and redo.status == Call.Status.COMPLETED
    if first is not None:
        reviews.note_seen(call=first, user=request.user)
    context = {
        "call": call,
        "first": first,
        "redo": redo,
        "comparison": compare(first, redo) if complete and first and redo else None,
        "redos": list(redos_of(first, viewer=request.user)) if first else [],
        "is_own": call.trainee_id == request.user.pk,
        "buyer": call.brief["name"],
    }
    return render(request, "scoring/compare.html", context)
