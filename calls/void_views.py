"""A coach's word on whether an attempt counts."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.guards import needs
from accounts.memberships import role_of
from accounts.roles import Action
from calls import services, voids
from calls.errors import CallNotFound
from calls.room import debrief_path
from tenants.context import current_organization
from tenants.errors import DomainError


@require_POST
@needs(Action.SEE_TEAM)
def decide(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """POST `counts` (yes or no) and `reason`. Nobody decides on an attempt of their own."""
    call = services.get_visible(call_id, user=request.user, role=role_of(request.user, current_organization()))
    if call.trainee_id == request.user.pk:
        raise CallNotFound
    change = voids.count_after_all if request.POST.get("counts") == "yes" else voids.void_by_hand
    try:
        change(call_id=call_id, actor=request.user, reason=request.POST.get("reason", ""))
    except DomainError as error:
        messages.error(request, str(error.details.get("issue") or error.message))
    else:
        messages.success(request, _("Your decision is kept, with its reason."))
    return redirect(debrief_path(call_id))
