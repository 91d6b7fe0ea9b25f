"""Practice that nobody but the trainee sees, until the trainee hands it in.

`Call.objects.shown_to(user)` hides such calls. They are in nobody's numbers either: a manager who knows the numbers of a team
would else know how often somebody practised in private.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.people import audit
from calls.models import Call
from calls.signals import call_submitted
from tenants.context import current_organization
from tenants.errors import Conflict, InvalidInput
from tenants.schemas import current_schema


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


class UnreviewedNotSubmitted(Conflict):
    code = "SCENARIO_NOT_REVIEWED"
    default_message = _("Nobody has reviewed this scenario, so calls on it do not count. Practise one of the library.")


def may_submit(call: Call) -> bool:
    submittable = call.is_hidden and not call.is_redo and call.status == Call.Status.COMPLETED
    return submittable and not on_unreviewed(call)


def on_unreviewed(call: Call) -> bool:
    """Was it held on a scenario that was never published: one that somebody made for themselves?"""
    version = call.scenario_version
    return version is not None and version.status == "archived" and version.scenario.published_revision is None


@transaction.atomic
def submit(*, call: Call, actor: Any) -> Call:
    """From now on managers see this call, and it counts. Once and for good. Raises `RedoNotSubmitted`,
    `UnreviewedNotSubmitted`, `NothingToSubmit`."""
    if call.is_redo:
        raise RedoNotSubmitted
    if on_unreviewed(call):
        raise UnreviewedNotSubmitted
    submitted = Call.objects.filter(
        pk=call.pk, private=True, submitted_at__isnull=True, status=Call.Status.COMPLETED
    ).update(submitted_at=timezone.now())
    if submitted != 1:
        raise NothingToSubmit
    audit.record(actor, "call.submitted", call)
    transaction.on_commit(
        partial(call_submitted.send_robust, sender=Call, schema_name=current_schema(), call_id=call.pk)
    )
    call.refresh_from_db()
    return call
