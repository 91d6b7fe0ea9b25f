"""What accounts does when an organisation is opened for somebody."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from tenants.models import Organization
from tenants.signals import owner_named

from .models import Membership, User
from .roles import Role


@receiver(owner_named)
def make_owner(sender: Any, organization: Organization, email: str, **kwargs: Any) -> None:
    """Make the named person owner. Somebody new gets an account without a password: "forgot password" sets the first."""
    user = User.objects.filter(email__iexact=email).first() or User.objects.create_user(email)
    Membership.objects.update_or_create(organization=organization, user=user, defaults={"role": Role.OWNER})
