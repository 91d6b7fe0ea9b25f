"""Which language models there are, and which of them have a key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.utils.module_loading import import_string

from integrations.errors import ProviderNotConfigured
from integrations.vendors import VendorKeys, keys_of, keys_of_all
from tenants.context import current_organization
from tenants.models import Organization
from tenants.schemas import in_public

from .base import LanguageModel
from .chat import ChatModel, ChatRoute

MODELS = {
    "groq": "integrations.llm.groq.GroqModel",
    "gemini": "integrations.llm.gemini.GeminiModel",
    "openrouter": "integrations.llm.openrouter.OpenRouterModel",
    "openai": "integrations.llm.openai.OpenAIModel",
}
# Who streams replies, in the order in which they are asked.
CHAT_MODELS = {
    "openrouter": "integrations.llm.openrouter.OpenRouterChat",
    "openai": "integrations.llm.openai.OpenAIChat",
}


def configured() -> list[str]:
    """The slugs of the models that have a key, the organisation's own or the installation's, and that the organisation at
    hand lets see what was said; in the order of `MODELS`."""
    allowed = [] if in_public() else current_organization().allowed_ai_providers
    return [slug for slug, keys in keys_of_all(MODELS).items() if keys.usable and (not allowed or slug in allowed)]


def model_name(slug: str) -> str:
    return str(getattr(settings, f"{slug.upper()}_MODEL", ""))


def usable_keys(slug: str) -> VendorKeys:
    """The account to ask a vendor with. Raises `ProviderNotConfigured` where there is no key, or where the organisation does
    not let this vendor see what was said."""
    if slug not in configured():
        raise ProviderNotConfigured("no key is set, or the organisation does not allow it", provider=slug)
    return keys_of(slug)


def load(slugs: Iterable[str]) -> None:
    """Have these vendors' libraries ready before anybody's time runs: the first load of one takes up to a second."""
    for slug in slugs:
        import_string(MODELS[slug])


def language_model(slug: str, *, keys: VendorKeys | None = None, name: str = "") -> LanguageModel:
    """The adapter. `keys`: the account, else the organisation's or the installation's. `name`: the model, else the account's
    choice or the setting's. Raises `ProviderNotConfigured` for an unknown vendor or a missing key."""
    if slug not in MODELS:
        raise ProviderNotConfigured("there is no such language model", provider=slug)
    keys = keys or keys_of(slug)
    if not keys.usable:
        raise ProviderNotConfigured("no key is set", provider=slug)
    # The SDK's module is loaded only where its vendor is used: google-genai alone takes a second.
    model: LanguageModel = import_string(MODELS[slug])(
        api_key=keys.api_key, model=name or keys.options.get("model") or model_name(slug), base_url=keys.base_url
    )
    model.account = keys.account
    return model


def chat_accounts(organization: Organization) -> tuple[VendorKeys, ...]:
    """The accounts that the current organisation may have replies worded with. One query."""
    allowed = organization.allowed_ai_providers
    names = [name for name in CHAT_MODELS if not allowed or name in allowed]
    return tuple(keys for keys in keys_of_all(names).values() if keys.usable)


def chat_route(accounts: Sequence[VendorKeys]) -> ChatRoute:
    """The route over these accounts' models, in the order of `CHAT_MODELS`. Made for one call, in its event loop."""
    by_vendor = {keys.vendor: keys for keys in accounts if keys.usable}
    models: list[ChatModel] = [
        import_string(path)(keys=by_vendor[slug], model=by_vendor[slug].options.get("model") or model_name(slug))
        for slug, path in CHAT_MODELS.items()
        if slug in by_vendor
    ]
    return ChatRoute(models)
