"""The right to be forgotten. People are deactivated and made anonymous, never deleted: rows in many schemas point at them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tenants.context import current_organization
from tenants.errors import Conflict, InvalidInput, NotFound
from tenants.guards import erasing
from tenants.models import Organization

from .models import Membership, User
from .people import audit, consents, exports, members
from .people.models import ApiToken, AuditEvent, Consent, ErasureRequest, IdempotentResponse, Invitation, TeamMembership
from .signals import person_erased

logger = structlog.get_logger(__name__)
CLOSED_DOMAIN = "closed.invalid"  # reserved by RFC 2606: no mail can ever arrive there


def effect(*, user: User, organization: Organization) -> dict[str, Any]:
    """What leaving would do: `{account_closes}`, true where this is the person's last organisation."""
    others = Membership.objects.filter(user=user, is_active=True).exclude(organization=organization)
    return {"account_closes": not others.exists()}


@transaction.atomic
def request_erasure(*, user: User, organization: Organization, confirm: str) -> ErasureRequest | None:
    """Note that somebody wants to be forgotten in the organisation at hand; None where that was done at once, because the
    installation gives no time to change one's mind. Asked twice, the first date stays.

    Raises `InvalidInput` where `confirm` is not the person's address, `Conflict` for the last owner.
    """
    need_own_address(user, confirm)
    days = settings.ERASURE_GRACE_DAYS
    if days <= 0:
        erase_person(user=user, organization=organization, confirm=confirm)
        return None
    members.refuse_last_owner(membership=Membership.objects.get(user=user, organization=organization))
    request, made = ErasureRequest.objects.get_or_create(
        user=user, defaults={"erase_at": timezone.now() + timedelta(days=days)}
    )
    if made:
        audit.record(user, "erasure.requested", user, erase_at=request.erase_at.isoformat())
    return request


def pending_request(*, user: User) -> ErasureRequest | None:
    return ErasureRequest.objects.filter(user=user).first()


@transaction.atomic
def cancel_erasure(*, user: User) -> None:
    """Stay after all. Raises `NotFound` where nothing was asked for."""
    if not ErasureRequest.objects.filter(user=user).delete()[0]:
        raise NotFound()
    audit.record(user, "erasure.cancelled", user)


def erase_due() -> int:
    """Forget everybody whose date has come; returns how many. One that is refused (the last owner by now) waits."""
    organization = current_organization()
    done = 0
    for request in ErasureRequest.objects.filter(erase_at__lte=timezone.now()).select_related("user"):
        try:
            erase_person(user=request.user, organization=organization, confirm=request.user.email)
        except Conflict:
            logger.warning("an erasure waits: nobody else owns the organisation", schema=organization.schema_name)
        else:
            done += 1
    return done


@transaction.atomic
def erase_person(*, user: User, organization: Organization, confirm: str) -> dict[str, Any]:
    """Take a person out of the organisation at hand; with the last one the account is closed and made anonymous.

    Returns `{left, account_closed}`. Raises `InvalidInput` where `confirm` is not the person's address, `Conflict` for the
    last owner.
    """
    need_own_address(user, confirm)
    user = User.objects.select_for_update().get(pk=user.pk)
    membership = Membership.objects.get(user=user, organization=organization)
    members.deactivate(membership=membership, actor=user)
    TeamMembership.objects.filter(user=user).delete()
    ApiToken.objects.filter(user=user).delete()
    IdempotentResponse.objects.filter(user=user).delete()
    ErasureRequest.objects.filter(user=user).delete()
    exports.forget(user=user)
    Invitation.objects.filter(email__iexact=user.email).delete()
    for kind in Consent.Kind.values:
        consents.withdraw(user=user, kind=kind)
    # The trail stays, its rows naming an id that will lead nowhere; an address in it would not be anonymous.
    with erasing():
        for event in AuditEvent.objects.filter(data__email__iexact=user.email):
            AuditEvent.objects.filter(pk=event.pk).update(data={**event.data, "email": "erased"})
    person_erased.send(sender=User, user=user, organization=organization)
    closed = not Membership.objects.filter(user=user, is_active=True).exists()
    if closed:
        _close_account(user)
    audit.record(None, "person.erased", user, account_closed=closed)
    return {"left": organization.slug, "account_closed": closed}


def need_own_address(user: User, confirm: str) -> None:
    """Raises `InvalidInput` unless `confirm` is the person's address, written by hand so that it is no accident."""
    if confirm.strip().lower() != user.email.lower():
        raise InvalidInput(details={"field": "confirm", "issue": _("Write your e-mail address to confirm.")})


def _close_account(user: User) -> None:
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    AccessAttempt.objects.filter(username=user.email.lower()).delete()
    user.email = f"{user.pk}@{CLOSED_DOMAIN}"
    user.full_name = user.avatar_url = user.timezone = user.language = ""
    user.external_id = None
    user.onboarding_data = {}
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()  # ends every session, too
    user.save()
