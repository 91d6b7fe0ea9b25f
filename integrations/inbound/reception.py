"""From a request to a verified message: the order in which a webhook is looked at.

Size, signature over the raw bytes, JSON. Whoever cannot sign is told nothing: a vendor's address answers the same whether the
organisation has an account there, has none, or is not there at all.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

import structlog
from django.http import HttpRequest
from django_tenants.utils import tenant_context

from integrations import vendors
from integrations.inbound.base import PIECE, Body, InboundMessage, InboundRefused, InboundVendor
from integrations.vendors import VendorKeys
from tenants.models import Organization

logger = structlog.get_logger(__name__)
IN_MEMORY = 1024 * 1024


class TooLarge(Exception):
    """More than this vendor's messages ever are."""


@contextmanager
def body_of(request: HttpRequest, *, most: int) -> Iterator[Body]:
    """The raw body, kept on disk when it is large; works without a Content-Length. Raises `TooLarge`."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        size = 0
        while piece := request.read(PIECE):
            size += len(piece)
            if size > most:
                raise TooLarge
            file.write(piece)
        yield Body(cast("BinaryIO", file), size)


def keys_for(vendor: str, organization: Organization | None) -> VendorKeys:
    """The account that must have signed. Where there is none, keys that nobody has: refusing takes the same way."""
    keys = vendors.keys_of(vendor) if organization is not None else VendorKeys(vendor)
    if keys.webhook_secrets:
        return keys
    return VendorKeys(vendor, webhook_secrets=(secrets.token_urlsafe(32),), options=keys.options, own=keys.own)


def verified(request: HttpRequest, vendor: InboundVendor, body: Body) -> tuple[InboundMessage, VendorKeys]:
    """The message, past its signature. Raises `InboundRefused` or `InboundInvalid`."""
    organization: Organization | None = getattr(request, "organization", None)
    keys = keys_for(vendor.name, organization)
    try:
        vendor.verify(request.headers, body, keys)
    except InboundRefused as refused:
        schema = organization.schema_name if organization else "public"
        logger.warning("a webhook was refused", vendor=vendor.name, reason=refused.reason, schema=schema)
        raise
    return vendor.parse(request.headers, body), keys


@contextmanager
def addressee(message: InboundMessage, keys: VendorKeys, organization: Organization) -> Iterator[bool]:
    """Inside the organisation the message is for; False where that is nobody here.

    Vendors post everything of one account to one address. On an installation's account that holds calls of many
    organisations, the slug in our own variables says whose it is. An organisation's own account is its own: whatever its
    messages name, they stay with it.
    """
    named = message.organization
    if keys.own or not named or named == organization.slug:
        yield True
        return
    other = Organization.objects.active().filter(slug=named).first()
    if other is None:
        yield False
        return
    with tenant_context(other):
        yield not vendors.keys_of(keys.vendor).own
