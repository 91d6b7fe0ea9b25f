"""API tokens: issued for oneself, shown once, revoked by oneself or by who manages people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tenants.errors import InvalidInput

from . import audit
from .models import ApiToken

SCOPES = ("*", "read")


@transaction.atomic
def issue(*, user: Any, name: str = "", scopes: Iterable[str] = ("*",)) -> tuple[ApiToken, str]:
    """A new token and its secret, which is not kept. Raises `InvalidInput` for a scope that does not exist."""
    wanted = list(dict.fromkeys(scopes)) or ["*"]
    if unknown := [scope for scope in wanted if scope not in SCOPES]:
        issue_text = _("Unknown scope: %(scope)s. Known: %(known)s.") % {
            "scope": unknown[0],
            "known": ", ".join(SCOPES),
        }
        raise InvalidInput(details={"field": "scopes", "issue": issue_text})
    token, secret = ApiToken.issue(user=user, name=name.strip()[:120], scopes=wanted)
    audit.record(user, "token.issued", token, scopes=wanted)
    return token, secret


@transaction.atomic
def revoke(*, token: ApiToken, actor: Any) -> None:
    """End a token at once. Twice is harmless."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
        audit.record(actor, "token.revoked", token, owner=str(token.user_id))


@transaction.atomic
def revoke_all(*, user: Any, actor: Any) -> int:
    """End every token of a person in this organisation; returns how many."""
    count = ApiToken.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=timezone.now())
    if count:
        audit.record(actor, "token.all_revoked", user, count=count)
    return count
