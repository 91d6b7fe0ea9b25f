"""Who belongs to the organisation, and as what. Every change goes through here and leaves a trace.

Memberships are in `public`; teams, tokens and the audit trail in the organisation's schema, which must be active.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.memberships import role_of
from accounts.models import Membership, MembershipQuerySet, User
from accounts.roles import ROLE_ALIASES, Role, may_grant
from tenants.context import current_organization
from tenants.errors import Conflict, InvalidInput, PermissionRefused
from tenants.models import Organization

from . import audit, tokens


def members_of(organization: Organization) -> MembershipQuerySet:
    """Everybody who is or was a member, with the person, in the order of a list."""
    return (
        Membership.objects.filter(organization=organization)
        .select_related("user")
        .order_by("-is_active", "user__full_name", "user__email")
    )


def known_role(role: str) -> Role:
    """The role by its name or alias (`trainer`, `client`). Raises `InvalidInput`."""
    name = ROLE_ALIASES.get(role, role)
    if name not in Role.values:
        raise InvalidInput(details={"field": "role", "issue": _("Unknown role.")})
    return Role(name)


@transaction.atomic
def change(*, membership: Membership, actor: Any, role: str | None = None, is_active: bool | None = None) -> Membership:
    """Both in one step, for forms and the API; None leaves as it is. Raises what the single verbs raise."""
    if role is not None:
        membership = change_role(membership=membership, role=role, actor=actor)
    if is_active is not None:
        verb = reactivate if is_active else deactivate
        membership = verb(membership=membership, actor=actor)
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: str, actor: Any) -> Membership:
    """Give a member another role.

    Raises `PermissionRefused` where the actor may not grant the old or the new role, `Conflict` for the last owner.
    """
    new = known_role(role)
    membership = _locked(membership)
    _need_power_over(actor, membership, new)
    if membership.role == new:
        return membership
    if membership.role == Role.OWNER:
        _refuse_last_owner(membership)
    old, membership.role = membership.role, new
    membership.save(update_fields=["role", "updated_at"])
    audit.record(actor, "membership.role_changed", membership, user=str(membership.user_id), old=old, new=str(new))
    return membership


@transaction.atomic
def deactivate(*, membership: Membership, actor: Any) -> Membership:
    """Close the organisation to a member, tokens included; the work stays. Oneself may always leave.

    Raises `PermissionRefused` and, for the last owner, `Conflict`.
    """
    membership = _locked(membership)
    if membership.user_id != actor.pk:
        _need_power_over(actor, membership)
    return _close(membership, actor)


@transaction.atomic
def close(*, membership: Membership) -> Membership:
    """The same, as the organisation's own identity service says. Raises `Conflict` for the last owner."""
    return _close(_locked(membership), None)


@transaction.atomic
def admit(*, user: User) -> Membership:
    """Make somebody a trainee, a former member too, as the organisation's own identity service says."""
    membership, made = Membership.objects.get_or_create(organization=current_organization(), user=user)
    if made or not membership.is_active:
        membership.role, membership.is_active = Role.TRAINEE, True
        membership.save(update_fields=["role", "is_active", "updated_at"])
        audit.record(None, "membership.admitted", membership, user=str(user.pk), role=membership.role)
    return membership


@transaction.atomic
def reactivate(*, membership: Membership, actor: Any) -> Membership:
    """Let a former member in again, in the role they had. Raises `PermissionRefused`."""
    membership = _locked(membership)
    _need_power_over(actor, membership)
    if not membership.is_active:
        membership.is_active = True
        membership.save(update_fields=["is_active", "updated_at"])
        audit.record(actor, "membership.reactivated", membership, user=str(membership.user_id))
    return membership


def _close(membership: Membership, actor: Any) -> Membership:
    if not membership.is_active:
        return membership
    if membership.role == Role.OWNER:
        _refuse_last_owner(membership)
    membership.is_active = False
    membership.save(update_fields=["is_active", "updated_at"])
    tokens.revoke_all(user=membership.user, actor=actor)
    audit.record(actor, "membership.deactivated", membership, user=str(membership.user_id))
    return membership


def _locked(membership: Membership) -> Membership:
    # One change of an organisation's people at a time, so that two owners cannot remove each other at the same moment.
    Organization.objects.select_for_update(no_key=True).get(pk=membership.organization_id)
    return Membership.objects.select_related("user", "organization").get(pk=membership.pk)


def _need_power_over(actor: Any, membership: Membership, *roles: str) -> None:
    granter = role_of(actor, membership.organization)
    if not all(may_grant(granter, role) for role in (membership.role, *roles)):
        raise PermissionRefused(_("Only an owner can make, change or remove an owner; only admins manage people."))


def refuse_last_owner(*, membership: Membership) -> None:
    """Raises `Conflict` where nobody else owns the organisation."""
    if membership.role == Role.OWNER and membership.is_active:
        _refuse_last_owner(membership)


def _refuse_last_owner(membership: Membership) -> None:
    owners = Membership.objects.active().filter(organization=membership.organization, role=Role.OWNER)
    if not owners.exclude(pk=membership.pk).exists():
        raise Conflict(_("The last owner cannot leave or change role. Make somebody else owner first."))
