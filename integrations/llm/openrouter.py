"""OpenRouter: OpenAI's wire at another address, in front of many vendors' models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from .base import Ask
from .chat import ChatMessage
from .openai import OpenAIChat, OpenAIModel


class OpenRouterModel(OpenAIModel):
    slug: ClassVar[str] = "openrouter"

    def request(self, ask: Ask) -> dict[str, Any]:
        return {
            "model": self.model,
            "messages": [{"role": "system", "content": ask.system}, {"role": "user", "content": ask.prompt}],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": ask.name, "strict": True, "schema": ask.schema},
            },
            "max_tokens": ask.max_output_tokens,
            # Only upstream vendors that understand the schema, instead of one that ignores it.
            "extra_body": {"provider": {"require_parameters": True}},
        }


class OpenRouterChat(OpenAIChat):
    slug: ClassVar[str] = "openrouter"
    system_role: ClassVar[str] = "system"

    def request(self, messages: Sequence[ChatMessage], max_output_tokens: int) -> dict[str, Any]:
        return {
            "model": self.model,
            "messages": [{"role": message.role, "content": message.text} for message in messages],
            "max_tokens": max_output_tokens,
            "stream_options": {"include_usage": True},
        }
