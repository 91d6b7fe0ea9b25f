"""The right to be forgotten. People are deactivated and made anonymous, never deleted: rows in many schemas point at them."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from axes.models import AccessAttempt
from django.db import transaction
from django.utils.translation import gettext as _

from tenants.errors import InvalidInput
from tenants.guards import erasing
from tenants.models import Organization

from .models import Membership, User
from .people import audit, consents, members
from .people.models import ApiToken, AuditEvent, Consent, IdempotentResponse, Invitation, TeamMembership
from .signals import person_erased

CLOSED_DOMAIN = "closed.invalid"  # reserved by RFC 2606: no mail can ever arrive there


@transaction.atomic
def erase_person(*, user: User, organization: Organization, confirm: str) -> dict[str, Any]:
    """Take a person out of the organisation at hand; with the last one the account is closed and made anonymous.

    Returns `{left, account_closed}`. Raises `InvalidInput` where `confirm` is not the person's address, `Conflict` for the
    last owner.
    """
    if confirm.strip().lower() != user.email.lower():
        raise InvalidInput(details={"field": "confirm", "issue": _("Write your e-mail address to confirm.")})
    user = User.objects.select_for_update().get(pk=user.pk)
    membership = Membership.objects.get(user=user, organization=organization)
    members.deactivate(membership=membership, actor=user)
    TeamMembership.objects.filter(user=user).delete()
    ApiToken.objects.filter(user=user).delete()
    IdempotentResponse.objects.filter(user=user).delete()
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
