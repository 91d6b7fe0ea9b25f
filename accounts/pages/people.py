"""The people of the organisation, for who manages them: members, roles, invitations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.api.people import seats_by_user
from accounts.forms import InvitationForm, SheetForm, refuse
from accounts.guards import needs
from accounts.memberships import role_of
from accounts.models import Membership
from accounts.pages import by_sheet
from accounts.people import invitations, members, sheets
from accounts.people.models import Invitation, Team
from accounts.roles import Action, Role, may_grant
from tenants.context import current_organization
from tenants.errors import DomainError
from tenants.sheets import written

PER_PAGE = 50


def _grantable(request: HttpRequest) -> list[tuple[str, Any]]:
    granter = role_of(request.user, current_organization())
    return [(value, label) for value, label in reversed(Role.choices) if may_grant(granter, value)]


def _page(request: HttpRequest, *, status: int = 200, **forms: BaseForm) -> HttpResponse:
    roles = _grantable(request)
    wanted = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    found = members.members_of(current_organization())
    if wanted:
        found = found.filter(Q(user__full_name__icontains=wanted) | Q(user__email__icontains=wanted))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    seats = seats_by_user([membership.user_id for membership in page])
    rows = [
        {
            "membership": membership,
            "teams": seats.get(membership.user_id, []),
            "may_change": any(value == membership.role for value, _label in roles),
        }
        for membership in page
    ]
    context = {
        "page": page,
        "rows": rows,
        "roles": roles,
        "q": wanted,
        "invitations": Invitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True).select_related(
            "team"
        ),
        "form": InvitationForm(roles=roles),
        "sheet_form": SheetForm(),
        "example": example(),
        **forms,
    }
    return render(request, "accounts/people.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD"])
@needs(Action.MANAGE_PEOPLE)
def people(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@needs(Action.MANAGE_PEOPLE)
def invite(request: HttpRequest) -> HttpResponse:
    form = InvitationForm(request.POST, roles=_grantable(request))
    if form.is_valid():
        try:
            invitation = invitations.invite(actor=request.user, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": invitation.email})
            return redirect("accounts:people")
    return _page(request, status=400, form=form)


def example() -> str:
    """A sheet to copy, in the reader's language and with a team of their own where there is one."""
    team = Team.objects.order_by("name").first()
    head = [_("email"), _("role"), _("team")]
    rows = [head, ["ana@example.com", str(Role.TRAINEE.label), team.name if team else ""]]
    return written(rows).removeprefix("\ufeff").strip()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Action.MANAGE_PEOPLE)
def invite_by_sheet(request: HttpRequest) -> HttpResponse:
    """First what the sheet would do, line by line; then, on confirmation, it is done. `as=csv`: the report as a sheet.

    Whoever opens the address by itself, as it stands in the browser after a sheet, is led to where one is chosen."""
    if request.method != "POST":
        return redirect("accounts:people")
    return by_sheet.worked(
        request, run=sheets.run, actor=request.user, template="accounts/invite_sheet.html", page=_page
    )


@require_POST
@needs(Action.MANAGE_PEOPLE)
def change_invitation(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """`do`: `resend` or `revoke`."""
    invitation = Invitation.objects.filter(pk=invitation_id).first()
    if invitation is None:
        raise Http404
    try:
        if request.POST.get("do") == "resend":
            invitations.resend(invitation=invitation, actor=request.user)
            messages.success(request, _("A new link is on its way to %(email)s.") % {"email": invitation.email})
        else:
            invitations.revoke(invitation=invitation, actor=request.user)
            messages.success(request, _("The invitation is withdrawn; its link no longer works."))
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("accounts:people")


@require_POST
@needs(Action.MANAGE_PEOPLE)
def change_member(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """`do`: `role` (with `role`), `deactivate` or `reactivate`."""
    membership = Membership.objects.filter(pk=member_id, organization=current_organization()).first()
    if membership is None:
        raise Http404
    try:
        match request.POST.get("do"):
            case "role":
                members.change_role(membership=membership, role=request.POST.get("role", ""), actor=request.user)
                messages.success(request, _("The role is changed."))
            case "deactivate":
                members.deactivate(membership=membership, actor=request.user)
                messages.success(request, _("This person can no longer sign in here. Their work is kept."))
            case "reactivate":
                members.reactivate(membership=membership, actor=request.user)
                messages.success(request, _("This person is a member again."))
    except DomainError as error:
        messages.error(request, str(error.details.get("issue") or error.message))
    return redirect("accounts:people")
