"""What must be right before Parley starts; `manage.py check` names the setting and the remedy."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register


@register()
def settings_make_sense(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if len(settings.SECRET_KEY) < 32:
        found.append(
            Error(
                "SECRET_KEY is missing or shorter than 32 characters.",
                hint="Set it in the environment.",
                id="parley.E001",
            )
        )
    if urlsplit(settings.SITE_URL).scheme not in {"http", "https"}:
        found.append(Error("SITE_URL must start with http:// or https://.", id="parley.E002"))
    for name in ("VOICE_PROVIDER", "QUICK_SCORER", "DEEP_SCORER"):
        chosen = getattr(settings, name)
        if chosen and chosen != "embedded" and not settings.VENDOR_KEYS.get(chosen, ""):
            found.append(
                Error(
                    f"{name}={chosen}, but {chosen.upper()}_API_KEY is not set.",
                    hint=f"Set the key, or {name}=embedded, or leave {name} empty.",
                    id="parley.E003",
                )
            )
    if not settings.DEBUG and settings.DEMO:
        found.append(Warning("PARLEY_DEMO is on: accounts with a known password may exist.", id="parley.W001"))
    return found


@register("database")
def no_transaction_pooling(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """PgBouncer in transaction mode mixes search paths of organisations; refuse its usual port."""
    if str(settings.DATABASES["default"].get("PORT")) == "6432":
        return [
            Error(
                "DATABASE_URL points at port 6432, where PgBouncer usually listens.",
                hint="Connect to PostgreSQL itself or to a pooler in session mode on another port: transaction pooling "
                "lets one organisation read another's rows.",
                id="parley.E004",
            )
        ]
    return []
