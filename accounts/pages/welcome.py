"""The first visit, in three short steps that can each be skipped."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import profiles
from accounts.forms import ConsentForm, ExperienceForm, ProfileForm, refuse
from accounts.guards import person
from accounts.models import User
from accounts.people import consents
from accounts.people.models import Consent
from tenants.context import current_organization
from tenants.errors import DomainError

STEPS: tuple[tuple[Any, type[forms.Form]], ...] = (
    (gettext_lazy("About you"), ProfileForm),
    (gettext_lazy("Your goal"), ExperienceForm),
    (gettext_lazy("Your voice"), ConsentForm),
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, step: int = 1) -> HttpResponse:
    """Step 1 to 3. Every step saves what it asked; the last one ends the first visit."""
    if not 1 <= step <= len(STEPS):
        raise Http404
    user = person(request)
    title, form_class = STEPS[step - 1]
    form = form_class(request.POST if request.method == "POST" else None, initial=_known(user))
    if request.method == "POST":
        skipped = "skip" in request.POST
        if skipped or form.is_valid():
            try:
                _save(user, step, {} if skipped else form.cleaned_data)
            except DomainError as error:
                refuse(form, error)
            else:
                return redirect("accounts:welcome-step", step + 1) if step < len(STEPS) else redirect("home")
    context = {
        "form": form,
        "step": step,
        "steps": [name for name, _form in STEPS],
        "step_title": title,
        "progress": _("Step %(step)d of %(steps)d") % {"step": step, "steps": len(STEPS)},
        "consent_text": consents.recording_text(current_organization()),
    }
    return render(request, "accounts/welcome.html", context, status=400 if form.errors else 200)


def _known(user: User) -> dict[str, Any]:
    return {**user.onboarding_data, "full_name": user.full_name, "language": user.language, "timezone": user.timezone}


def _save(user: User, step: int, answers: dict[str, Any]) -> None:
    if step == 1:
        profiles.update_profile(user=user, changes=answers)
    elif step == 2:
        profiles.save_answers(user=user, answers=answers)
    else:
        if "granted" in answers:
            text = consents.recording_text(current_organization())
            consents.record(user=user, kind=Consent.Kind.RECORDING, granted=answers["granted"], text=text)
        profiles.complete_onboarding(user=user, answers={})
