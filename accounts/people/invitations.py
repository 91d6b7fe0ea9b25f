"""Invitations by e-mail: the secret in the mail proves the address, so whoever follows the link owns it."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.memberships import role_of
from accounts.models import Membership, User
from accounts.roles import may_grant
from tenants.context import current_organization
from tenants.errors import Conflict, InvalidInput, NotFound, PermissionRefused

from . import audit, members
from .models import Invitation, Team, TeamMembership, hash_secret
from .tasks import send_invitation_from

MOST_ADDRESS_CHARACTERS = 254  # as the column, and as mail has it


@transaction.atomic
def invite(*, email: str, role: str, actor: Any, team: Team | None = None) -> Invitation:
    """Invite somebody; the mail goes out after commit.

    Raises `InvalidInput` for a bad address or role, `PermissionRefused` where the actor may not grant the role, `Conflict`
    where the person is a member or has an open invitation.
    """
    role = members.known_role(role)
    _need_grant(actor, role)
    return open_invitation(email=email, role=role, actor=actor, team=team)


@transaction.atomic
def open_invitation(*, email: str, role: str, actor: Any = None, team: Team | None = None) -> Invitation:
    """The same without asking who invites: for the organisation's own identity service. Raises as `invite` does."""
    organization = current_organization()
    email = checked_address(email)
    if Membership.objects.active().filter(organization=organization, user__email__iexact=email).exists():
        raise Conflict(_("This person is a member already."), details={"field": "email"})
    Invitation.objects.filter(
        email__iexact=email, accepted_at__isnull=True, revoked_at__isnull=True, expires_at__lte=timezone.now()
    ).update(revoked_at=timezone.now())
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                email=email,
                role=role,
                team=team,
                # Nobody knows this one: the secret that works is made when the mail is written.
                secret_hash=hash_secret(secrets.token_urlsafe(32)),
                invited_by=actor,
                expires_at=timezone.now() + Invitation.LIFETIME,
            )
    except IntegrityError:
        message = _("This person has an open invitation. Send it again or withdraw it.")
        raise Conflict(message, details={"field": "email"}) from None
    audit.record(actor, "invitation.created", invitation, email=email, role=str(role))
    _deliver_after_commit(invitation)
    return invitation


@transaction.atomic
def resend(*, invitation: Invitation, actor: Any) -> Invitation:
    """Send a new link and start its two weeks again; the old link stops working. Raises `Conflict` for a closed one."""
    _need_grant(actor, invitation.role)
    if invitation.accepted_at or invitation.revoked_at:
        raise Conflict(_("This invitation is closed."))
    invitation.expires_at = timezone.now() + Invitation.LIFETIME
    invitation.save(update_fields=["expires_at"])
    audit.record(actor, "invitation.resent", invitation, email=invitation.email)
    _deliver_after_commit(invitation)
    return invitation


@transaction.atomic
def revoke(*, invitation: Invitation, actor: Any) -> None:
    """Withdraw an invitation. Twice is harmless; raises `Conflict` where it was accepted."""
    _need_grant(actor, invitation.role)
    if (
        not withdraw(invitation=invitation, actor=actor)
        and Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=False).exists()
    ):
        raise Conflict(_("This invitation was accepted. Remove the member instead."))


def withdraw(*, invitation: Invitation, actor: Any = None) -> bool:
    """Close an open invitation without asking who does; True where it was open."""
    closed = Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True)
    if not closed.update(revoked_at=timezone.now()):
        return False
    audit.record(actor, "invitation.revoked", invitation, email=invitation.email)
    return True


def checked_address(email: str) -> str:
    """The address in one spelling. Raises `InvalidInput`."""
    email = email.strip().lower()
    try:
        validate_email(email)
        MaxLengthValidator(MOST_ADDRESS_CHARACTERS)(email)
    except ValidationError:
        raise InvalidInput(details={"field": "email", "issue": _("Enter an e-mail address.")}) from None
    return email


def find(secret: str) -> Invitation:
    """The invitation that a link belongs to, whatever its state. Raises `NotFound`."""
    invitation = Invitation.objects.select_related("team").filter(secret_hash=hash_secret(secret)).first()
    if invitation is None or invitation.revoked_at is not None:
        raise NotFound()
    return invitation


@transaction.atomic
def accept(*, invitation: Invitation, user: User) -> Membership:
    """Make `user` a member. An active member keeps their role; a former one comes back in the invited role.

    Raises `PermissionRefused` where the invitation is for another address, `Conflict` where it expired or was used.
    """
    if user.email.lower() != invitation.email.lower():
        raise PermissionRefused(
            _("This invitation is for %(email)s. Sign in with that address.") % {"email": invitation.email}
        )
    now = timezone.now()
    taken = Invitation.objects.filter(
        pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now
    ).update(accepted_at=now)
    if not taken:
        raise Conflict(_("This invitation has expired or was used. Ask for a new one."))
    organization = current_organization()
    membership, created = Membership.objects.get_or_create(
        organization=organization, user=user, defaults={"role": invitation.role}
    )
    if not created and not membership.is_active:
        membership.role, membership.is_active = invitation.role, True
        membership.save(update_fields=["role", "is_active", "updated_at"])
    user.__dict__.pop("_roles_by_organization", None)  # it was looked up when the person was still a stranger
    if invitation.team is not None:
        TeamMembership.objects.get_or_create(team=invitation.team, user=user)
    audit.record(user, "invitation.accepted", invitation, role=membership.role)
    return membership


def _deliver_after_commit(invitation: Invitation) -> None:
    send = partial(send_invitation_from, current_organization().schema_name, str(invitation.pk))
    # A queue that is down is logged and costs the mail, which can be sent again, not the invitation.
    transaction.on_commit(send, robust=True)


def _need_grant(actor: Any, role: str) -> None:
    if not may_grant(role_of(actor, current_organization()), role):
        raise PermissionRefused(_("You may not give this role."))
