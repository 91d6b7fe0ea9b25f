"""The page that an invitation leads to."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import EmailAddress, Login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.forms import JoinForm
from accounts.landing import organization_landing
from accounts.models import User
from accounts.people import invitations
from accounts.people.models import Invitation
from tenants.context import current_organization

PASSWORD_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"  # noqa: S105  (a class)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Accept an invitation: signed in as the invited person with one button, else by signing in or by a new account.

    The secret came by mail, so whoever holds it owns the address. Unknown and withdrawn links are a plain 404.
    """
    invitation = invitations.find(secret)
    context = {"invitation": invitation, "expired": not invitation.is_open}
    if not invitation.is_open:
        return render(request, "accounts/join.html", context, status=410)
    account = User.objects.filter(email__iexact=invitation.email).first()
    if isinstance(request.user, User):
        if request.user != account:
            return render(request, "accounts/join.html", {**context, "wrong_person": True}, status=403)
        if request.method == "POST":
            return _accept(request, invitation, request.user)
        return render(request, "accounts/join.html", {**context, "signed_in": True})
    if account is not None and account.has_usable_password():
        return render(request, "accounts/join.html", {**context, "sign_in_first": True})
    form = JoinForm(request.POST if request.method == "POST" else None, email=invitation.email)
    if request.method == "POST" and form.is_valid():
        return _open_account(request, invitation, form, account)
    return render(request, "accounts/join.html", {**context, "form": form}, status=400 if form.errors else 200)


def _accept(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    membership = invitations.accept(invitation=invitation, user=user)
    messages.success(request, _("Welcome to %(name)s.") % {"name": current_organization().name})
    return redirect(organization_landing(membership))


def _open_account(request: HttpRequest, invitation: Invitation, form: JoinForm, account: User | None) -> HttpResponse:
    """A verified account with the chosen password, a seat in the organisation, and a session."""
    with transaction.atomic():
        user = account or User.objects.create_user(invitation.email)
        if account is None and current_organization().language != request.LANGUAGE_CODE:
            user.language = request.LANGUAGE_CODE  # the welcome goes on in the words of this page
        user.full_name = form.cleaned_data["full_name"]
        get_adapter(request).set_password(user, form.cleaned_data["password"])
        user.save()
        EmailAddress.objects.update_or_create(
            user=user, email=invitation.email, defaults={"verified": True, "primary": True}
        )
        membership = invitations.accept(invitation=invitation, user=user)
    user.backend = PASSWORD_BACKEND
    login = Login(user=user, email=invitation.email, redirect_url=organization_landing(membership))
    return perform_login(request, login) or redirect(settings.LOGIN_URL)


join.organization_public = True  # type: ignore[attr-defined]  # guards itself by the secret
