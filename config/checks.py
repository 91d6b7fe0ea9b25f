"""What must be right before Parley starts; `manage.py check` names the setting and the remedy."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured

from integrations.llm.registry import MODELS
from integrations.voice.registry import default_name
from tenants.api.throttles import parse_rate


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
    for task, order in settings.LLM_ORDERS.items():
        if unknown := [name for name in order if name not in MODELS]:
            hint = f"Vendors of language models: {', '.join(MODELS)}."
            message = f"LLM_ORDER_{task.upper()} names {', '.join(unknown)}."
            found.append(Error(message, hint=hint, id="parley.E010"))
    try:
        default_name()
    except ImproperlyConfigured as error:
        hint = "Leave VOICE_PROVIDER empty for the embedded engine."
        found.append(Error(str(error), hint=hint, id="parley.E009"))
    if settings.VENDOR_KEYS.get("elevenlabs") and not settings.VENDOR_OPTIONS["elevenlabs"].get("agent_id"):
        message = "ELEVENLABS_API_KEY is set, ELEVENLABS_AGENT_ID is not: no call can go through ElevenLabs."
        found.append(Warning(message, hint="Name the agent that plays the buyers (docs/voices.md).", id="parley.W006"))
    if not settings.DEBUG and settings.DEMO:
        found.append(Warning("PARLEY_DEMO is on: accounts with a known password may exist.", id="parley.W001"))
    return found


@register()
def sign_in_makes_sense(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Keys, identity providers and limits that would fail only when somebody needs them."""
    found: list[CheckMessage] = []
    for position, key in enumerate(settings.FIELD_ENCRYPTION_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            message = f"Key {position} of FIELD_ENCRYPTION_KEYS is not a key."
            hint = "Make one: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
            found.append(Error(message, hint=hint, id="parley.E005"))
    providers: Any = settings.SOCIALACCOUNT_PROVIDERS
    for app in providers.get("openid_connect", {}).get("APPS", []):
        address = urlsplit(app["settings"].get("server_url", ""))
        if address.scheme not in {"http", "https"} or not address.netloc:
            hint = "The address below which /.well-known/openid-configuration is found."
            found.append(
                Error("OIDC_CLIENT_ID is set, OIDC_SERVER_URL is not an address.", hint=hint, id="parley.E006")
            )
    for name, rate in settings.THROTTLE_RATES.items():
        try:
            parse_rate(rate)
        except ValueError as error:
            found.append(Error(f"RATE_{name.upper()}: {error}.", id="parley.E007"))
    if settings.API_TOKEN_LIFETIME_DAYS < 1:
        found.append(Error("API_TOKEN_LIFETIME_DAYS must be 1 or more.", id="parley.E008"))
    return found


@register(Tags.security, deploy=True)
def fit_for_production(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Asked by `manage.py check --deploy` only: what works on one machine but should not face the world."""
    found: list[CheckMessage] = []
    if not settings.FIELD_ENCRYPTION_KEYS:
        message = "FIELD_ENCRYPTION_KEYS is empty: secrets are encrypted with a key made from SECRET_KEY."
        hint = "Set keys of their own, or a change of SECRET_KEY makes authenticator apps unreadable."
        found.append(Warning(message, hint=hint, id="parley.W002"))
    if "*" in settings.ALLOWED_HOSTS:
        message = "ALLOWED_HOSTS lets every host name in: links in mails could be made to point elsewhere."
        found.append(Warning(message, hint="Name your own hosts.", id="parley.W003"))
    if settings.EMAIL_BACKEND.endswith((".console.EmailBackend", ".dummy.EmailBackend")):
        message = "Mail goes to the console: nobody can confirm an address or reset a password."
        found.append(Warning(message, hint="Set EMAIL_URL or RESEND_API_KEY.", id="parley.W004"))
    if not settings.SITE_URL.startswith("https://"):
        found.append(Warning("SITE_URL is not https: microphones and passkeys need it.", id="parley.W005"))
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
