"""A call held by Parley itself, heard and spoken by OpenAI and worded by a language model."""

from integrations.voice.openai_pipeline.provider import OpenAIProvider

__all__ = ["OpenAIProvider"]
