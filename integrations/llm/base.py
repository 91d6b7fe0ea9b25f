"""Language models: the port. One verb: answer this in that shape."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import jsonschema

from integrations.errors import ProviderError, ProviderInvalidAnswer

ANSWERED = "ok"  # how a request ended that was answered; otherwise it is an error's code
_FENCE = re.compile(r"^\s*```[a-zA-Z]*\s*|\s*```\s*$")


@dataclass(frozen=True, slots=True)
class Ask:
    """`schema`: a JSON schema whose objects name every property as required and allow no others. `temperature` is left out
    where a model does not take one, and `seed`, which makes an answer more likely to come again, where it is None."""

    system: str
    prompt: str
    schema: Mapping[str, Any]
    name: str
    temperature: float
    max_output_tokens: int
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    input_tokens: int = 0
    output_tokens: int = 0

    def to_json(self) -> dict[str, int]:
        return {"input_tokens": self.input_tokens, "output_tokens": self.output_tokens}


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` fits the schema. `model` is what the vendor says answered."""

    data: dict[str, Any]
    model: str
    usage: Usage


@contextmanager
def billed(usage: Usage) -> Iterator[None]:
    """Inside, an answer is read that is paid for even where it turns out to be of no use: the error says how much."""
    try:
        yield
    except ProviderError as error:
        error.tokens = (usage.input_tokens, usage.output_tokens)
        raise


class LanguageModel(ABC):
    slug: ClassVar[str]
    model: str
    account: str = ""  # whose limits it uses up (`VendorKeys.account`)

    @abstractmethod
    def answer(self, ask: Ask, *, timeout: float) -> Answer:
        """One attempt, within `timeout` seconds. Raises `integrations.errors.ProviderError`; never retries by itself."""


def parse_answer(text: str | None, schema: Mapping[str, Any], *, provider: str) -> dict[str, Any]:
    """The JSON object in a model's text, checked against the schema.

    Markdown fences and words around the object are forgiven; anything else raises `ProviderInvalidAnswer`.
    """
    body = _FENCE.sub("", text or "").strip()
    if not body.startswith("{"):
        begin, end = body.find("{"), body.rfind("}")
        body = body[begin : end + 1] if 0 <= begin < end else ""
    try:
        data = json.loads(body)
        jsonschema.validate(data, schema)
    except (ValueError, RecursionError):
        raise ProviderInvalidAnswer("the answer is not JSON", provider=provider) from None
    except jsonschema.ValidationError as error:
        path = ".".join(str(part) for part in error.absolute_path) or "the answer"
        raise ProviderInvalidAnswer(f"{path} does not fit the schema ({error.validator})", provider=provider) from None
    if not isinstance(data, dict):
        raise ProviderInvalidAnswer("the answer is not an object", provider=provider)
    return data
