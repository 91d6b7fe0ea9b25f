"""Which encoder turns an organisation's passages and questions into vectors."""

from __future__ import annotations

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from integrations.embeddings import base
from integrations.embeddings.embedded import default_encoder
from integrations.errors import ProviderNotConfigured
from integrations.llm.registry import usable_keys
from tenants.errors import InvalidInput

from .models import Encoder

DIMENSIONS = {Encoder.EMBEDDED: 512, Encoder.OPENAI: 1536, Encoder.OPENROUTER: 1536}
# Imported when it is asked: its package takes a second to load, which no process that never asks it should spend.
REMOTE = "integrations.embeddings.openai.OpenAIEncoder"
# What a question may wait for its vector; without one it is answered by words alone.
QUESTION_SECONDS = 2.0
PASSAGES_SECONDS = 30.0
# From which evidence a passage is about a question; ours is set by the questions in tests/knowledge (docs/knowledge.md).
THRESHOLDS = {Encoder.EMBEDDED: 0.32, Encoder.OPENAI: 0.35, Encoder.OPENROUTER: 0.35}


def encoder_named(name: str, *, seconds: float = PASSAGES_SECONDS) -> base.Encoder:
    """Raises `ProviderNotConfigured` where the organisation has no key for it, or does not let that vendor see its texts."""
    if name == Encoder.EMBEDDED:
        return default_encoder()
    encoder: base.Encoder = import_string(REMOTE)(usable_keys(name), seconds=seconds)
    return encoder


def refuse_unusable(name: str) -> None:
    """Raises `InvalidInput` for an encoder that cannot be used here."""
    if name not in Encoder.values:
        raise InvalidInput(details={"field": "encoder"})
    try:
        encoder_named(name)
    except ProviderNotConfigured:
        message = _("There is no key for this service, or your organisation does not allow it.")
        raise InvalidInput(message, details={"field": "encoder", "issue": message}) from None
