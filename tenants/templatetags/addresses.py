"""Links that leave the organisation: `{% platform_url 'account_logout' %}` works on every page."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse

from tenants.context import org_path, strip_prefix
from tenants.models import Organization

register = template.Library()


@register.simple_tag
def platform_url(name: str, *args: Any, **kwargs: Any) -> str:
    """The path of a platform page, free of the organisation's prefix."""
    return strip_prefix(reverse(name, urlconf=settings.ROOT_URLCONF, args=args or None, kwargs=kwargs or None))


@register.simple_tag
def organization_url(organization: Organization, name: str, *args: Any, **kwargs: Any) -> str:
    """The path of an organisation's page from a platform page."""
    return org_path(organization, name, *args, **kwargs)
