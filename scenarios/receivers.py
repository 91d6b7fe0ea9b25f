"""What scenarios does when something happens in a layer below."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from tenants.models import Organization
from tenants.signals import organization_opened

from .library import install_presets


@receiver(organization_opened)
def copy_presets(sender: Any, organization: Organization, **kwargs: Any) -> None:
    """A new organisation begins with something to practise."""
    install_presets(organization=organization)
