"""Which vendor speaks. One readable line per vendor; an instance per process."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from integrations.voice.base import VoiceProvider

PROVIDERS = {
    "embedded": "integrations.voice.embedded.EmbeddedProvider",
    "elevenlabs": "integrations.voice.elevenlabs.provider.ElevenLabsProvider",
    "vapi": "integrations.voice.vapi.VapiProvider",
    "openai": "integrations.voice.openai_pipeline.OpenAIProvider",
}

# Those that keep a record of every conversation, which can be asked for afterwards (`fetch_record`).
KEEPS_RECORDS = frozenset({"elevenlabs", "vapi"})


def default_name() -> str:
    """What `VOICE_PROVIDER` names, else the embedded engine. Raises `ImproperlyConfigured` for a name nobody knows."""
    name = settings.VOICE_PROVIDER or "embedded"
    if name not in PROVIDERS:
        known = ", ".join(sorted(PROVIDERS))
        raise ImproperlyConfigured(f"VOICE_PROVIDER is {name!r}; Parley knows {known}.")
    return name


@lru_cache
def provider(name: str) -> VoiceProvider:
    """The vendor's adapter. Raises `ImproperlyConfigured`."""
    if name not in PROVIDERS:
        raise ImproperlyConfigured(f"There is no voice provider {name!r}.")
    made = import_string(PROVIDERS[name])()
    assert isinstance(made, VoiceProvider)
    return made
