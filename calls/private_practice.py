"""Practice that nobody but the trainee sees, until the trainee hands it in.

`Call.objects.shown_to(user)` hides such calls. They are in nobody's numbers either: a manager who knows the numbers of a team
would else know how often somebody practised in private.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.people import audit
from calls.models import Call
from tenants.context import current_organization
from tenants.errors import Conflict, InvalidInput


class PrivatePracticeNotAllowed(InvalidInput):
    default_message = _("Your organisation does not allow practice in private.")


class NothingToSubmit(Conflict):
    code = "NOTHING_TO_SUBMIT"
    default_message = _("Only a private call that has ended and was not submitted before can be submitted.")


class RedoNotSubmitted(Conflict):
    code = "REDO_NOT_SUBMITTED"
    default_message = _("A redo is for learning and never counts, so it cannot be submitted. Hold the call anew.")


def allowed() -> bool:
    """In the organisation at hand."""
    return current_organization().private_practice_allowed


def refuse_where_forbidden(private: bool) -> None:
    """Raises `PrivatePracticeNotAllowed` when somebody wants what the organisation does not have."""
    if private and not allowed():
        raise PrivatePracticeNotAllowed(details={"field": "private"})


def may_submit(call: Call) -> bool:
    return call.is_hidden and not call.is_redo and call.status == Call.Status.COMPLETED


@transaction.atomic
def submit(*, call: Call, actor: Any) -> Call:
    """From now on managers see this call, and it counts. Once and for good. Raises `RedoNotSubmitted`, `NothingToSubmit`."""
    if call.is_redo:
        raise RedoNotSubmitted
    submitted = Call.objects.filter(
        pk=call.pk, private=True, submitted_at__isnull=True, status=Call.Status.COMPLETED
    ).update(submitted_at=timezone.now())
    if submitted != 1:
        raise NothingToSubmit
    audit.record(actor, "call.submitted", call)
    call.refresh_from_db()
    return call
