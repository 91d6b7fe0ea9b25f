"""Pages around a call: what to practise, what to know beforehand, and the room in which it is held."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_safe

from accounts.people import consents
from accounts.people.models import Consent
from calls import forks, phone, private_practice, services
from calls.direct import joined_by_browser
from calls.models import Call
from calls.practice import Filters, open_attempt, switch_channel
from calls.room import debrief_path, direct_sources, room_data
from scenarios import catalogue
from scenarios.models.personas import Difficulty
from scenarios.models.scenarios import Mode
from scenarios.models.versions import Language
from tenants.context import current_organization


@require_safe
def practice(request: HttpRequest) -> HttpResponse:
    """The published scenarios, narrowed by mode, difficulty and language; the reader's language to begin with."""
    filters = Filters.from_query(request.GET.dict(), language=request.LANGUAGE_CODE)
    everything = catalogue.published()
    if "language" not in request.GET and not any(item.language == filters.language for item in everything):
        filters = Filters.from_query({**request.GET.dict(), "language": ""}, language="")
    context = {
        "scenarios": [item for item in everything if filters.admit(item)],
        "any_published": bool(everything),
        "filters": filters,
        "modes": Mode.choices,
        "difficulties": Difficulty.choices,
        "languages": Language.choices,
    }
    return render(request, "calls/practice.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """What the trainee is told and scored on. POST `channel` (and `private`) makes the call and leads into its room."""
    version = catalogue.published_version(scenario_id)
    if request.method == "POST":
        channel = Call.Channel.TEXT if request.POST.get("channel") == Call.Channel.TEXT else Call.Channel.VOICE
        private = "private" in request.POST and private_practice.allowed()
        call = open_attempt(trainee=request.user, version=version, channel=channel, private=private)
        return redirect("calls:room", call_id=call.pk)
    context = {
        "scenario": catalogue.practice_of(version),
        "rubric": version.rubric_version.spec(),
        "by_phone": phone.account(current_organization()) is not None,
    }
    return render(request, "calls/prepare.html", context)


@never_cache
@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def room(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The call itself. Only who makes it enters; a call that is over leads to its debrief. POST `channel`: talk or type."""
    call = services.get_own(call_id, user=request.user)
    if not call.is_live:
        return redirect(debrief_path(call.pk))
    if call.on_the_phone:
        return redirect("calls:phone", call_id=call.pk)
    if request.method == "POST":
        switch_channel(call=call, channel=request.POST.get("channel", ""))
        return redirect("calls:room", call_id=call.pk)
    consent_text = consents.recording_text(current_organization())
    consent = consents.current(user=request.user, kind=Consent.Kind.RECORDING)
    scenario = call.scenario_version
    context = {
        "call": call,
        "said_before": forks.latest_shared(call) if call.is_redo else [],
        "buyer": call.brief,
        "situation": scenario.content if scenario else {},
        "rubric": call.rubric_version.spec(),
        "pass_mark": call.pass_mark,
        "consent_text": consent_text,
        "consent": consent,
        "minutes": call.time_limit_ms // 60_000,
        "room": room_data(
            call,
            consent_text=consent_text,
            consent=consent.granted if consent else None,
            web_call=joined_by_browser(call, current_organization()),
        ),
    }
    response = render(request, "calls/room.html", context)
    # Read by the content security policy.
    response._csp_update = direct_sources(current_organization())  # type: ignore[attr-defined]
    return response
