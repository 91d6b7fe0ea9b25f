"""Links in mails: to the page behind a notice, and out of these mails without signing in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.core import signing

from accounts.models import User
from tenants.context import org_url
from tenants.models import Organization
from tenants.schemas import current_schema

SALT = "accounts.notices.unsubscribe"


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who wants no more mail, and about what: a kind, the digest, everything."""

    user: User
    what: str


def unsubscribe_url(organization: Organization, user_id: UUID, what: str) -> str:
    """Works for as long as the mail is kept: whoever finds an old one may still want out."""
    token = signing.dumps({"s": organization.schema_name, "u": str(user_id), "k": what}, salt=SALT)
    return org_url(organization, "accounts:unsubscribe", token)


def read_unsubscribe(token: str) -> Leaving | None:
    """What a link says, in the organisation at hand; None where it is forged, another's, or the person is gone."""
    try:
        data = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    if data.get("s") != current_schema():
        return None
    user = User.objects.filter(pk=data["u"], is_active=True).first()
    return Leaving(user=user, what=data["k"]) if user else None
