"""Links that leave the organisation: `{% platform_url 'account_logout' %}` works on every page."""

from __future__ import annotations

from typing import Any

from django import template

from tenants import languages
from tenants.context import org_path, platform_path
from tenants.models import Organization

register = template.Library()


@register.simple_tag
def platform_url(name: str, *args: Any, **kwargs: Any) -> str:
    """See `tenants.context.platform_path`."""
    return platform_path(name, *args, **kwargs)


@register.simple_tag
def organization_url(organization: Organization, name: str, *args: Any, **kwargs: Any) -> str:
    """The path of an organisation's page from a platform page."""
    return org_path(organization, name, *args, **kwargs)


@register.simple_tag
def local_url(name: str, *args: Any) -> str:
    """See `tenants.languages.local_url`."""
    return languages.local_url(name, *args)
