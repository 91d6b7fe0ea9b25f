"""Streamed replies: the port, and the route from one vendor to the next.

A reply is words for a person who is waiting, so nothing is tried twice: where a vendor does not begin in time the next one is
asked. Once the first words are out the answer stays with who began it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import structlog

from integrations.errors import ModelRetired, ProviderError, ProviderNotConfigured, QuotaExhausted
from integrations.resilience import aguarded

from .base import Usage

logger = structlog.get_logger(__name__)
STOPPED = "stopped"
REFUSED = (401, 403)  # a key that is not taken now is not taken in a minute


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """`role`: "system", "user" or "assistant"."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for the first words, and between words after that."""

    first: float = 3.0
    between: float = 3.0


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply that was begun or asked for, and how that ended: "ok", an error's code, or "stopped" by whoever listened.
    `usage`: as the vendor told it; of one that was broken off, the most that it can have been."""

    vendor: str
    model: str
    outcome: str
    ms: int
    usage: Usage
    own_account: bool = False


class ChatModel(ABC):
    """`replies`: so far, once it is known what each used up; complete when the model is closed."""

    slug: ClassVar[str]
    model: str
    account: str  # whose breaker counts
    replies: Sequence[Reply] = ()

    @abstractmethod
    def stream(
        self, messages: Sequence[ChatMessage], *, max_output_tokens: int, patience: Patience
    ) -> AsyncGenerator[str]:
        """The reply's text as it is written. Raises a `ProviderError` when there is none, or when it breaks off."""

    @abstractmethod
    async def close(self) -> None: ...


class ChatRoute:
    """Models in the order in which they are asked, for one call. `tried`: who did not answer the last request, and why;
    `answered`: who did. Whose account or model was refused is not asked again."""

    def __init__(self, models: Sequence[ChatModel]) -> None:
        self._models = tuple(models)
        self._refused: set[str] = set()
        self.tried: list[tuple[str, str]] = []
        self.answered = ""

    def __bool__(self) -> bool:
        return bool(self._models)

    @property
    def replies(self) -> list[Reply]:
        return [reply for model in self._models for reply in model.replies]

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_output_tokens: int, patience: Patience
    ) -> AsyncGenerator[str]:
        """The reply of the first model that begins one. Raises the last one's `ProviderError` when none does."""
        self.tried, self.answered = [], ""
        last: ProviderError = ProviderNotConfigured("no language model is configured", provider="chat")
        for model in self._models:
            if model.slug in self._refused:
                continue
            words = model.stream(messages, max_output_tokens=max_output_tokens, patience=patience)
            try:
                first = await _first(model, words)
            except ProviderError as error:
                last = error
                if isinstance(error, QuotaExhausted | ModelRetired) or error.status in REFUSED:
                    self._refused.add(model.slug)
                self.tried.append((model.slug, error.code))
                logger.warning("a language model did not begin its reply", model=model.slug, code=error.code)
                continue
            self.answered = model.slug
            try:
                yield first
                async for more in words:
                    yield more
            finally:
                await words.aclose()
            return
        raise last

    async def close(self) -> None:
        for model in self._models:
            await model.close()


async def _first(model: ChatModel, words: AsyncGenerator[str]) -> str:
    """The first words, counted by the vendor's breaker."""
    try:
        async with aguarded(model.slug, account=model.account):
            return await anext(words)
    except BaseException:
        await words.aclose()
        raise
