"""A language model for tests: gives what it was told to give, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integrations.llm.base import Answer, Ask, LanguageModel, Usage

ASK = Ask(
    system="You check that a connection works.",
    prompt="Answer with ready set to true.",
    schema={
        "type": "object",
        "properties": {"ready": {"type": "boolean"}},
        "required": ["ready"],
        "additionalProperties": False,
    },
    name="ready",
    temperature=0.2,
    max_output_tokens=1_000,
)
READY = {"ready": True}


class Told(LanguageModel):
    """`answers`: what it says or raises, one after another; at their end it is ready. `first`: called before each."""

    def __init__(
        self,
        *answers: Any,
        slug: str = "groq",
        model: str = "openai/gpt-oss-120b",
        usage: Usage | None = None,
        first: Callable[[], Any] | None = None,
    ) -> None:
        self.slug = slug  # type: ignore[misc]
        self.model = model
        self.asked: list[Ask] = []
        self._answers = list(answers)
        self._usage = usage or Usage(200, 100)
        self._first = first

    def answer(self, ask: Ask, *, timeout: float) -> Answer:
        self.asked.append(ask)
        if self._first is not None:
            self._first()
        given = self._answers.pop(0) if self._answers else READY
        if isinstance(given, Exception):
            raise given
        return Answer(dict(given), self.model, self._usage)
