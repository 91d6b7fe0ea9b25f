"""Which language models there are, and which of them have a key."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from integrations.errors import ProviderNotConfigured

from .base import LanguageModel

MODELS = {
    "groq": "integrations.llm.groq.GroqModel",
    "gemini": "integrations.llm.gemini.GeminiModel",
}


def configured() -> list[str]:
    """The slugs of the models that have a key, in the order of `MODELS`."""
    return [slug for slug in MODELS if settings.VENDOR_KEYS.get(slug)]


def model_name(slug: str) -> str:
    return str({"groq": settings.GROQ_MODEL, "gemini": settings.GEMINI_MODEL}.get(slug, ""))


def language_model(slug: str) -> LanguageModel:
    """The adapter. Raises `ProviderNotConfigured` for an unknown name or a missing key."""
    if slug not in MODELS:
        raise ProviderNotConfigured("there is no such language model", provider=slug)
    key = settings.VENDOR_KEYS.get(slug, "")
    if not key:
        raise ProviderNotConfigured("no key is set", provider=slug)
    # The SDK's module is loaded only where its vendor is used: google-genai alone takes a second.
    model: LanguageModel = import_string(MODELS[slug])(
        api_key=key, model=model_name(slug), base_url=settings.VENDOR_BASE_URLS.get(slug, "")
    )
    return model
