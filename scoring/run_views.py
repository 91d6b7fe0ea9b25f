"""All judgements of a call on one page, and what lies between two of them."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .referees import NotScoredYet
from .reviews import note_seen
from .run_history import diff, pair, runs_of
from .transparency import record_of
from .views import visible_call


@never_cache
@require_safe
def history(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The runs of a call, newest first. `first` and `second` name the two that are compared; else those that tell most."""
    call = visible_call(request, call_id)
    if call.is_live:
        return redirect("calls:room" if call.trainee_id == request.user.pk else "scoring:debrief", call_id=call.pk)
    first, second = _asked(request, "first"), _asked(request, "second")
    note_seen(call=call, user=request.user)
    shown = runs_of(call)
    known = {one.run.pk for run in shown for one in (run, *run.readings)}
    if {item for item in (first, second) if item} - known:
        raise Http404
    chosen = pair(shown, first=first, second=second)
    context = {
        "call": call,
        "is_own": call.trainee_id == request.user.pk,
        "runs": shown,
        "chosen": chosen,
        "diff": diff(*chosen) if chosen else None,
        "same": first is not None and first == second,
    }
    return render(request, "scoring/runs.html", context)


@never_cache
@require_safe
def transparency(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """How the score that counts came about, to read and to print; the same as JSON is at the API."""
    call = visible_call(request, call_id)
    if call.is_live:
        return redirect("calls:room" if call.trainee_id == request.user.pk else "scoring:debrief", call_id=call.pk)
    note_seen(call=call, user=request.user)
    try:
        record = record_of(call)
    except NotScoredYet:
        record = None
    context = {"call": call, "is_own": call.trainee_id == request.user.pk, "record": record}
    return render(request, "scoring/transparency.html", context)


def _asked(request: HttpRequest, name: str) -> UUID | None:
    try:
        return UUID(request.GET[name]) if request.GET.get(name) else None
    except ValueError:
        raise Http404 from None
