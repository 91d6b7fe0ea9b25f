"""Somebody's own page: details, security, consent, tokens, data."""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import get_adapter as get_social_adapter
from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.renderers import JSONRenderer

from accounts import erasure, portability, profiles
from accounts.forms import ConsentForm, LeaveForm, ProfileForm, TokenForm, refuse
from accounts.guards import person
from accounts.memberships import role_of
from accounts.people import consents, tokens
from accounts.people.models import ApiToken, Consent, TeamMembership
from accounts.roles import Role
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
        "mfa_enabled": is_mfa_enabled(user),
        "has_providers": bool(get_social_adapter().list_providers(request)),
        "consent": consents.current(user=user, kind=Consent.Kind.RECORDING),
        "consent_text": consents.recording_text(current_organization()),
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


@never_cache
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    organization = current_organization()
    document = portability.export_person(user=person(request), organization=organization)
    body = JSONRenderer().render(document, accepted_media_type="application/json; indent=2")
    headers = {"Content-Disposition": f'attachment; filename="{organization.slug}-my-data.json"'}
    return HttpResponse(body, content_type="application/json", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            erasure.erase_person(
                user=person(request), organization=current_organization(), confirm=form.cleaned_data["confirm"]
            )
        except DomainError as error:
            refuse(form, error)
        else:
            return redirect("/")
    return render(request, "accounts/leave.html", {"form": form}, status=400 if form.errors else 200)
