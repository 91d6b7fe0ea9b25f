"""Somebody's own page: details, security, consent, tokens, data."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.socialaccount.adapter import get_adapter as get_social_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.forms import BaseForm
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import erasure, profiles, tasks
from accounts.forms import ConsentForm, LeaveForm, ProfileForm, TokenForm, refuse
from accounts.guards import person
from accounts.memberships import role_of
from accounts.models import User
from accounts.people import consents, exports, tokens
from accounts.people.models import ApiToken, Consent, TeamMembership
from accounts.roles import Role
from accounts.sign_in import has_second_factor, verify_again
from accounts.speaking import speak_to
from tenants.context import current_organization
from tenants.errors import DomainError


def _page(request: HttpRequest, *, status: int = 200, secret: str = "", **forms: BaseForm) -> HttpResponse:
    user = person(request)
    context = {
        "form": forms.get("form")
        or ProfileForm(initial={name: getattr(user, name) for name in ProfileForm.base_fields}),
        "role_label": dict(Role.choices).get(role_of(user, current_organization()) or "", ""),
        "token_form": forms.get("token_form") or TokenForm(),
        "tokens": ApiToken.objects.filter(user=user, revoked_at__isnull=True),
        "new_secret": secret,
        "seats": TeamMembership.objects.filter(user=user).select_related("team").order_by("team__name"),
        "mfa_enabled": has_second_factor(user),
        "has_providers": bool(get_social_adapter().list_providers(request)),
        "consent": consents.current(user=user, kind=Consent.Kind.RECORDING),
        "consent_text": consents.recording_text(current_organization()),
        "export": _export(user),
        "erasure": erasure.pending_request(user=user),
    }
    return render(request, "accounts/profile.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    form = ProfileForm(request.POST)
    if form.is_valid():
        try:
            profiles.update_profile(user=person(request), changes=form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            speak_to(request, person(request), current_organization())  # in the language that was just chosen
            messages.success(request, _("Your details are saved."))
            return redirect("accounts:profile")
    return _page(request, status=400, form=form)


@never_cache
@require_POST
def make_token(request: HttpRequest) -> HttpResponse:
    """Answers with the page itself, not a redirect: the secret is shown once and kept nowhere."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, status=400, token_form=form)
    _token, secret = tokens.issue(
        user=person(request), name=form.cleaned_data["name"], scopes=[form.cleaned_data["scope"]]
    )
    return _page(request, secret=secret)


@require_POST
def revoke_token(request: HttpRequest, token_id: UUID) -> HttpResponse:
    token = ApiToken.objects.filter(pk=token_id, user=person(request)).first()
    if token is None:
        raise Http404
    tokens.revoke(token=token, actor=request.user)
    messages.success(request, _("The token no longer works."))
    return redirect("accounts:profile")


@require_POST
def answer_consent(request: HttpRequest) -> HttpResponse:
    form = ConsentForm(request.POST)
    if form.is_valid():
        consents.record(
            user=person(request),
            kind=Consent.Kind.RECORDING,
            granted=form.cleaned_data["granted"],
            text=consents.recording_text(current_organization()),
        )
        messages.success(request, _("Your answer is saved. It counts from your next call."))
    else:
        messages.error(request, _("Choose yes or no."))
    return redirect("accounts:profile")


def _export(user: User) -> dict[str, Any] | None:
    """The newest copy of one's data: how far it is, and the link once it is there."""
    made = exports.newest(user=user)
    if made is None:
        return None
    path = reverse("accounts:export-file", args=[made.pk])
    return {"row": made, "url": f"{path}?token={exports.sign(made)}"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponse:
    """POST has a copy of one's data made; GET is the part of the page that says how far it is."""
    if request.method == "POST":
        tasks.make_soon(exports.request_export(user=person(request)))
        return redirect("accounts:profile")
    return render(request, "accounts/parts/export.html", {"export": _export(person(request))})


@login_not_required
@never_cache
@require_safe
def export_file(request: HttpRequest, export_id: UUID) -> HttpResponse | FileResponse:
    """The ZIP, by signed link."""
    made = exports.by_token(export_id=export_id, token=request.GET.get("token", ""))
    if made is None:
        raise Http404
    name = f"{current_organization().slug}-my-data.zip"
    return FileResponse(
        default_storage.open(made.file_name), as_attachment=True, filename=name, content_type="application/zip"
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Ask to be forgotten, or take it back (`stay`)."""
    user, organization = person(request), current_organization()
    if request.method == "POST" and "stay" in request.POST:
        erasure.cancel_erasure(user=user)
        messages.success(request, _("You stay. Nothing will be deleted."))
        return redirect("accounts:profile")
    form = LeaveForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            return _leave(request, form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
    context = {
        "form": form,
        "erasure": erasure.pending_request(user=user),
        "grace_days": settings.ERASURE_GRACE_DAYS,
        **erasure.effect(user=user, organization=organization),
    }
    return render(request, "accounts/leave.html", context, status=400 if form.errors else 200)


def _leave(request: HttpRequest, data: dict[str, str]) -> HttpResponse:
    user = person(request)
    erasure.need_own_address(user, data["confirm"])
    verify_again(request, user=user, password=data.get("password", ""), code=data.get("code", ""))
    asked = erasure.request_erasure(user=user, organization=current_organization(), confirm=data["confirm"])
    if asked is None:
        return redirect("/")
    tasks.tell_soon(asked)
    return redirect("accounts:profile")
