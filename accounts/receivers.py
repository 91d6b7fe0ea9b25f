"""What accounts does when something happens elsewhere: an organisation is opened for somebody, a password changes."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset
from django.dispatch import receiver
from django_tenants.utils import schema_context

from tenants.models import Organization
from tenants.signals import owner_named

from .models import Membership, User
from .people import tokens
from .roles import Role


@receiver(owner_named)
def make_owner(sender: Any, organization: Organization, email: str, **kwargs: Any) -> None:
    """Make the named person owner. Somebody new gets an account without a password: "forgot password" sets the first."""
    user = User.objects.filter(email__iexact=email).first() or User.objects.create_user(email)
    Membership.objects.update_or_create(organization=organization, user=user, defaults={"role": Role.OWNER})


@receiver([password_changed, password_reset])
def end_tokens(sender: Any, user: User, **kwargs: Any) -> None:
    """Who changes a password may fear that somebody else is in: tokens end with the other sessions, everywhere."""
    for organization in Organization.objects.active().filter(memberships__user=user):
        with schema_context(organization.schema_name):
            tokens.revoke_all(user=user, actor=user)
