"""A certificate: for its holder, for who coaches them, and for anybody the holder gives its address to."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.guards import person
from tenants.context import current_organization, org_url
from tenants.errors import DomainError

from . import certificates, paper
from .models import Certificate


def public_address(certificate: Certificate) -> str:
    return org_url(current_organization(), "learning:verify", certificate.code)


@never_cache
@require_safe
def certificate(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    found = certificates.get_seen(certificate_id, user=person(request))
    context = {
        "certificate": found,
        "is_own": found.user_id == person(request).pk,
        "may_decide": certificates.may_decide(person(request), found),
        "public_address": public_address(found),
    }
    return render(request, "learning/certificate.html", context)


@never_cache
@require_safe
def pdf(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """The certificate to print. One that waits or was revoked cannot be printed: 404."""
    found = certificates.get_seen(certificate_id, user=person(request))
    if found.state != Certificate.State.ISSUED:
        raise Http404
    address = public_address(found) if found.public else ""
    body = paper.as_pdf(found, organization=current_organization().name, address=address)
    headers = {"Content-Disposition": f'attachment; filename="certificate-{found.pk}.pdf"'}
    return HttpResponse(body, content_type="application/pdf", headers=headers)


@require_POST
def act(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """`do`: `share`, `hide` (the holder); `confirm`, `revoke` with `reason` (who coaches)."""
    found = certificates.get_seen(certificate_id, user=person(request))
    verb = request.POST.get("do", "")
    try:
        if verb in {"share", "hide"}:
            if found.user_id != person(request).pk:
                raise PermissionDenied
            certificates.share(certificate=found, public=verb == "share")
            messages.success(
                request,
                _("Anybody with the address sees it now.") if verb == "share" else _("Nobody else sees it now."),
            )
        elif verb == "confirm":
            certificates.confirm(certificate=found, actor=person(request))
            messages.success(request, _("The certificate is issued."))
        elif verb == "revoke":
            certificates.revoke(certificate=found, actor=person(request), reason=request.POST.get("reason", ""))
            messages.success(request, _("The certificate is revoked."))
    except DomainError as refused:
        messages.error(request, str(refused.message))
    return redirect("learning:certificate", certificate_id=found.pk)


@never_cache
@login_not_required
@require_safe
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Is this certificate genuine? Name, track and dates, where the holder lets them be seen; else nothing is here."""
    found = certificates.verified(code)
    if found is None:
        raise Http404
    context = {"certificate": found, "issued_by": current_organization().name}
    response = render(request, "learning/verify.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


# Its address is its key: whoever was given it may be anybody.
verify.organization_public = True  # type: ignore[attr-defined]
