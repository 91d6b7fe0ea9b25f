"""Practice by telephone, as pages: ask for the number, watch the call, hang up. They work without a script."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import get_script_prefix
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.people import consents
from accounts.people.models import Consent
from calls import phone, private_practice, services
from calls.api.views import hang_up
from calls.errors import PhoneNotAllowed
from calls.models import Call
from calls.practice import open_attempt
from calls.room import debrief_path, elapsed_ms, reasons, texts
from calls.transcripts import clock
from scenarios import catalogue
from tenants.context import current_organization
from tenants.errors import DomainError, InvalidInput

# Why nobody was reached, by the word that the call keeps.
UNREACHED = {
    "no_answer": gettext_lazy("Nobody answered."),
    "busy": gettext_lazy("The line was busy."),
    "voicemail": gettext_lazy("Only voicemail answered."),
    "cancelled": gettext_lazy("You hung up before anybody answered."),
}


class PhoneForm(forms.Form):
    number = forms.CharField(
        label=gettext_lazy("Your telephone number"),
        max_length=40,
        help_text=gettext_lazy("With its country, such as +34 600 123 456. It is used for this call and not kept."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    consent = forms.BooleanField(label=gettext_lazy("Call me at this number. An AI speaks there as the buyer."))
    private = forms.BooleanField(
        label=gettext_lazy("Practise in private"),
        help_text=gettext_lazy("Nobody else sees this call, and it does not count, unless you submit it afterwards."),
        required=False,
    )

    def __init__(self, *arguments: Any, may_be_private: bool, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if not may_be_private:
            del self.fields["private"]


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """The number to be called at. POST has the telephone ring and leads to the page of the call."""
    version = catalogue.published_version(scenario_id)
    organization = current_organization()
    if not organization.phone_calls_allowed:
        raise PhoneNotAllowed
    form = PhoneForm(request.POST if request.method == "POST" else None, may_be_private=private_practice.allowed())
    if request.method == "POST" and form.is_valid():
        private = form.cleaned_data.get("private", False)
        call = open_attempt(trainee=request.user, version=version, channel="voice", private=private)
        consent = consents.current(user=request.user, kind=Consent.Kind.RECORDING)
        try:
            phone.place(
                call=call,
                organization=organization,
                number=form.cleaned_data["number"],
                agreed=form.cleaned_data["consent"],
                recording_consent=bool(consent and consent.granted),
            )
        except InvalidInput as refused:
            form.add_error("number", str(refused.details.get("issue") or refused.message))
        except DomainError as refused:
            form.add_error(None, str(refused.message))
        else:
            return redirect("calls:phone", call_id=call.pk)
    context = {"form": form, "scenario": catalogue.practice_of(version)}
    return render(request, "calls/phone_ask.html", context, status=400 if form.errors else 200)


@never_cache
@require_safe
def watch(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """How the call stands; looks again every two seconds for as long as it goes on. What is said comes by the events socket.
    `?shown=` names what the page shows already: 204 while that is still so, or what is read aloud and where the keyboard
    stands would be lost every two seconds."""
    call = services.get_own(call_id, user=request.user)
    state = phone.state_of(call, now=timezone.now())
    if state == "none":
        return redirect("calls:room", call_id=call.pk)
    awaits_record = state == "over" and call.awaits_record
    shown = f"{state}-waits" if awaits_record else state
    if request.GET.get("shown") == shown:
        return HttpResponse(status=204)
    known = call.metadata["phone"]
    failed = UNREACHED.get(known.get("failed", "no_answer"), _("The call did not come about."))
    context = {
        "call": call,
        "state": state,
        "shown": shown,
        "awaits_record": awaits_record,
        "duration": clock(call.duration_ms or 0),
        "page": page_data(call),
        "ends": known.get("ends", ""),
        "failed": failed,
        "why_over": reasons(call.brief["name"]).get(f"reason_{call.end_reason}", ""),
        "debrief": debrief_path(call.pk),
        "scenario_id": call.scenario_version.scenario_id if call.scenario_version else None,
    }
    return render(request, "calls/phone.html", context)


def page_data(call: Call) -> dict[str, Any]:
    """For the page's `json_script`."""
    buyer = call.brief["name"]
    spoken = texts(buyer, call.channel)
    return {
        "language": call.language,
        "buyer": buyer,
        "events": f"{get_script_prefix()}ws/calls/{call.pk}/events/",
        "underway": call.status == Call.Status.IN_PROGRESS,
        "elapsedMs": elapsed_ms(call) if call.is_live else 0,
        "texts": {
            **{key: spoken[key] for key in ("you", "interrupted", "observerOne", "observerMany")},
            "speaking_assistant": spoken["speaking"],
            "speaking_user": _("You are speaking"),
        },
    }


@require_POST
def put_down(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Hang up, while it rings or while it is held; leads back to the page of the call."""
    call = services.get_own(call_id, user=request.user)
    if call.on_the_phone:
        hang_up(call)
    return redirect("calls:phone", call_id=call.pk)
