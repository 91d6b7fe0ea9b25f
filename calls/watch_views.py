"""Pages for those who coach: which calls are being held right now, and listening in on one of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.guards import person
from accounts.memberships import may, role_of
from accounts.models import User
from accounts.roles import Action
from calls import observers, presence, services
from calls.models import Call
from calls.room import debrief_path, elapsed_ms
from calls.transcripts import clock
from calls.voice.elsewhere import lets_listen
from tenants.context import current_organization


def calls_now(request: HttpRequest) -> Any:
    """The calls of others that this person may know of. 404 for those who coach nobody."""
    organization = current_organization()
    if not may(request.user, organization, Action.SEE_TEAM):
        raise Http404
    return presence.active_calls(request.user, role_of(request.user, organization))


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Who is in a call right now; the page asks again every few seconds."""
    calls = calls_now(request).select_related("trainee").prefetch_related("observers__user")
    rows = [
        {
            "call": call,
            "elapsed": clock(elapsed_ms(call)),
            "observers": list(
                dict.fromkeys(item.user.get_full_name() for item in call.observers.all() if item.left_at is None)
            ),
        }
        for call in calls
    ]
    context = {"rows": rows, "may_set_policy": may(request.user, current_organization(), Action.MANAGE_ORGANIZATION)}
    return render(request, "calls/live.html", context)


@never_cache
@require_safe
def live_count(request: HttpRequest) -> HttpResponse:
    """`{"calls": n}` for the number in the menu."""
    return JsonResponse({"calls": calls_now(request).count()})


@never_cache
@require_safe
def observe(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Listen in on a call. One that is over leads to its debrief; 404 unless one may."""
    organization = current_organization()
    user = person(request)
    role = role_of(user, organization)
    call = services.get_visible(call_id, user=user, role=role)
    if not call.is_live:
        return redirect(debrief_path(call.pk))
    call = observers.find_open(call_id, user=user, role=role, organization=organization)
    context = {
        "call": call,
        "buyer": call.brief,
        "trainee": call.trainee,
        "unheard": call.transport in Call.PAST_US and not lets_listen(call),
        "page": page_data(call, call.trainee),
    }
    return render(request, "calls/observe.html", context)


def page_data(call: Call, trainee: User) -> dict[str, Any]:
    """For the page's `json_script`."""
    name = trainee.get_full_name()
    return {
        "callId": str(call.pk),
        "language": call.language,
        "elapsedMs": elapsed_ms(call),
        "underway": call.status == Call.Status.IN_PROGRESS,
        "trainee": name,
        "buyer": call.brief["name"],
        "urls": {
            "listen": f"{get_script_prefix()}ws/calls/{call.pk}/listen/",
            "debrief": debrief_path(call.pk),
            "live": reverse("calls:live"),
        },
        "texts": {
            "interrupted": _("cut off"),
            "waiting": _("%(name)s has not begun to speak yet.") % {"name": name},
            "listening": _("You are listening in. %(name)s can see that.") % {"name": name},
            "reconnecting": _("The connection was lost. Reconnecting…"),
            "over": _("The call is over."),
            "refused": _("You cannot listen in on this call any more."),
            "mute": _("Mute"),
            "unmute": _("Unmute"),
        },
    }
