"""What an organisation's identity service says about its people, and how far that reaches.

The service speaks for one organisation, and accounts belong to people who may be in several. So it decides who is a member
here, and next to nothing else:

- Somebody new is admitted where their address is below a domain of mail that the organisation proved to own
  (`Organization.email_domains`, set by the operators), or is a member already. Anybody else gets an invitation and decides.
- Accounts that it makes have no password and no confirmed address: their owner sets the first by mail.
- It renames and re-addresses only accounts it made itself and that no other organisation shares.
- Who is deleted there stops being a member here. The account, and what they did in other organisations, stays.

Messages come twice and in any order; what is older than what was heeded before changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from accounts.models import Membership, User
from accounts.profiles import EDITABLE, update_profile
from tenants.context import current_organization
from tenants.errors import Conflict, DomainError, InvalidInput
from tenants.models import Organization

from . import audit, invitations, members
from .models import IdentityLink, Invitation


@dataclass(frozen=True, slots=True)
class DirectoryPerson:
    """A person as the service describes them. `email_verified`: False only where the service says that it is not.
    `told_at`: when the message was written; None where it does not say."""

    external_id: str
    email: str = ""
    email_verified: bool = True
    full_name: str = ""
    avatar_url: str = ""
    told_at: datetime | None = None


@transaction.atomic
def person_created(*, person: DirectoryPerson) -> str:
    """Admit or invite; returns "admitted", "member", "invited", or why nothing happened."""
    link, is_news = _link(person)
    if not is_news:
        return "old news"
    if link.user is not None and link.deleted_at is None:
        return _rename(link, person)
    if link.invitation is not None and link.invitation.is_open and link.deleted_at is None:
        return "invited"
    try:
        email = invitations.checked_address(person.email)
    except InvalidInput:
        return "no address"
    if not person.email_verified:
        return "address not verified"
    return _admit(link, person, email)


@transaction.atomic
def person_updated(*, person: DirectoryPerson) -> str:
    """Change what is the service's to change. Somebody it never told of is taken as new: messages overtake each other."""
    link, is_news = _link(person)
    if not is_news:
        return "old news"
    if link.deleted_at is not None:
        return "gone"
    if link.user is None:
        return person_created(person=person)
    return _rename(link, person)


@transaction.atomic
def person_deleted(*, person: DirectoryPerson) -> str:
    """End the membership here. The last owner stays, and is told of in the outcome."""
    link, is_news = _link(person)
    if not is_news:
        return "old news"
    link.deleted_at = timezone.now()
    link.save(update_fields=["deleted_at"])
    if link.invitation is not None:
        invitations.withdraw(invitation=link.invitation)
    membership = _membership(link.user)
    if membership is None or not membership.is_active:
        return "no member"
    try:
        members.close(membership=membership)
    except Conflict:
        return "kept: the last owner"
    return "removed"


def forget(*, user: User) -> list[str]:
    """Take the person out of the links; returns their ids at the service. An old message does not bring them back."""
    links = IdentityLink.objects.filter(user=user)
    ids = list(links.values_list("external_id", flat=True))
    links.update(user=None, invitation=None, deleted_at=timezone.now(), told_at=timezone.now())
    return ids


def _link(person: DirectoryPerson) -> tuple[IdentityLink, bool]:
    """The row of this id, held until the end of the transaction; and whether the message is newer than what it knows."""
    IdentityLink.objects.get_or_create(external_id=person.external_id)
    link = (
        IdentityLink.objects.select_for_update(of=("self",))
        .select_related("user", "invitation")
        .get(external_id=person.external_id)
    )
    if link.user is None and link.invitation is not None and link.invitation.accepted_at is not None:
        link.user = User.objects.filter(email__iexact=link.invitation.email).first()
    if person.told_at is not None:
        if link.told_at is not None and person.told_at < link.told_at:
            return link, False
        link.told_at = person.told_at
    link.save(update_fields=["told_at", "user"])
    return link, True


def _admit(link: IdentityLink, person: DirectoryPerson, email: str) -> str:
    organization = current_organization()
    user = User.objects.filter(email__iexact=email).first()
    membership = _membership(user)
    is_member = membership is not None and membership.is_active
    if not is_member and not organization.owns_address(email):
        return _invite(link, email)
    link.deleted_at = None
    if user is None:
        user = User.objects.create_user(email)
        link.made_account = True
    link.user = user
    link.save(update_fields=["user", "made_account", "deleted_at"])
    if link.made_account:
        _rename(link, person)
    if is_member:
        return "member"
    members.admit(user=user)
    return "admitted"


def _invite(link: IdentityLink, email: str) -> str:
    """A stranger's address: they decide. Somebody who has an open invitation is not written to again."""
    try:
        link.invitation = invitations.open_invitation(email=email, role="trainee")
    except Conflict:
        link.invitation = Invitation.objects.filter(
            email__iexact=email, accepted_at__isnull=True, revoked_at__isnull=True
        ).first()
    link.user, link.deleted_at = None, None
    link.save(update_fields=["invitation", "user", "deleted_at"])
    return "invited"


def _rename(link: IdentityLink, person: DirectoryPerson) -> str:
    user = link.user
    assert user is not None
    organization = current_organization()
    shared = Membership.objects.filter(user=user, is_active=True).exclude(organization=organization).exists()
    if not link.made_account or shared or user.is_staff or user.is_superuser:
        return "not ours to change"
    told = {"full_name": person.full_name[:150], "avatar_url": person.avatar_url}
    for field, value in told.items():
        if field in EDITABLE and value and getattr(user, field) != value:
            try:
                update_profile(user=user, changes={field: value})
            except DomainError:
                continue  # a picture at an address we don't show: the account stays as it is
    return _move(user, person, organization)


def _move(user: User, person: DirectoryPerson, organization: Organization) -> str:
    """Another address, within the domains of mail that are the organisation's own."""
    email = person.email.strip().lower()
    if not email or email == user.email:
        return "updated"
    free = not User.objects.filter(email__iexact=email).exists()
    own = organization.owns_address(email) and organization.owns_address(user.email)
    if not (free and own and person.email_verified):
        return "updated, address kept"
    EmailAddress.objects.filter(user=user).delete()  # the new one is confirmed by its owner, like the first
    user.email = email
    user.save(update_fields=["email", "updated_at"])
    audit.record(None, "person.readdressed", user)
    return "updated"


def _membership(user: User | None) -> Membership | None:
    return Membership.objects.filter(user=user, organization=current_organization()).first() if user else None
