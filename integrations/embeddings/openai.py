"""Vectors from OpenAI, or from OpenRouter, which speaks the same wire: `text-embedding-3-small`, 1536 numbers a text."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from openai.types import CreateEmbeddingResponse

from integrations import openai_sdk
from integrations.budgets import governor
from integrations.budgets.governor import Ticket
from integrations.errors import ProviderError, ProviderInvalidAnswer
from integrations.llm.base import ANSWERED, Usage
from integrations.llm.ledger import Entry, record
from integrations.llm.prices import cost_of, most_tokens
from integrations.llm.purpose import purpose
from integrations.resilience import call_provider
from integrations.vendors import VendorKeys
from tenants.schemas import in_public

from .base import Vectors

TASK = "embed"
MODELS = {"openai": "text-embedding-3-small", "openrouter": "openai/text-embedding-3-small"}
AT_ONCE = 128  # texts in a request
MOST_CHARACTERS = 8000  # of one text; the model reads 8191 tokens
BLANK = " "  # an empty text is refused by the vendor


class OpenAIEncoder:
    """`seconds`: for one request, with its retries. Raises a `ProviderError` where there is no answer of use."""

    dimensions = 1536

    def __init__(self, keys: VendorKeys, *, seconds: float = 30.0) -> None:
        self.model = MODELS[keys.vendor]
        self._keys = keys
        self._seconds = seconds

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`. Rows (len(texts), 1536), float32. Equal to a few last bits whatever stands beside a text."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        batches = [texts[at : at + AT_ONCE] for at in range(0, len(texts), AT_ONCE)]
        return np.concatenate([self._batch(batch) for batch in batches])

    def _batch(self, texts: Sequence[str]) -> Vectors:
        sent = [_sendable(text) for text in texts]
        most = Usage(most_tokens(sum(map(len, sent))), 0)
        ticket = (
            Ticket()
            if in_public()
            else governor.reserve(cost_of(self.model, most).usd, teams=purpose().teams, provider=self._keys.vendor)
        )
        try:
            return call_provider(
                self._keys.vendor,
                lambda left: self._request(sent, most, ticket, left or self._seconds),
                seconds=self._seconds,
                account=self._keys.account,
            )
        finally:
            governor.settle(ticket)

    def _request(self, texts: list[str], most: Usage, ticket: Ticket, seconds: float) -> Vectors:
        began = time.monotonic()
        usage, outcome = Usage(), ANSWERED
        try:
            answer = self._ask(texts, seconds)
            counted = answer.usage
            usage = Usage(counted.prompt_tokens, 0) if counted else most
            return self._rows(answer, len(texts))
        except ProviderError as error:
            outcome = error.code
            raise
        finally:
            entry = Entry(
                task=TASK,
                vendor=self._keys.vendor,
                asked=self.model,
                outcome=outcome,
                ms=round((time.monotonic() - began) * 1000),
                usage=usage,
                own_account=bool(self._keys.account),
            )
            record(entry, ticket=ticket)

    def _ask(self, texts: list[str], seconds: float) -> CreateEmbeddingResponse:
        try:
            return openai_sdk.client(self._keys).embeddings.create(
                model=self.model, input=texts, encoding_format="float", timeout=seconds
            )
        except openai_sdk.SDK_ERRORS as error:
            raise openai_sdk.translated(error, provider=self._keys.vendor) from None

    def _rows(self, answer: CreateEmbeddingResponse, expected: int) -> Vectors:
        data = sorted(getattr(answer, "data", None) or [], key=lambda item: item.index)
        if len(data) != expected or any(len(item.embedding) != self.dimensions for item in data):
            raise ProviderInvalidAnswer("not one vector of the right length for each text", provider=self._keys.vendor)
        rows = np.asarray([item.embedding for item in data], dtype=np.float32)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not (lengths > 0).all():
            raise ProviderInvalidAnswer("a vector without a direction", provider=self._keys.vendor)
        return rows / lengths


def _sendable(text: str) -> str:
    return text.strip()[:MOST_CHARACTERS].encode("utf-8", "replace").decode() or BLANK
