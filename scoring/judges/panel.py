"""Who judges: the configured judge first, the others standing in, the embedded one last – it cannot be away."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings

from integrations.embeddings.embedded import default_encoder
from integrations.errors import ProviderError, ProviderNotConfigured
from integrations.llm.base import Answer, Ask, LanguageModel
from integrations.llm.registry import configured, language_model

from .base import Case, Judge, Judgement, Track
from .embedded import EmbeddedJudge
from .llm import LanguageModelJudge

logger = structlog.get_logger(__name__)

EMBEDDED = "embedded"
# The quick track wants the fast vendor first, the deep one the thorough one; each stands in for the other, and behind both
# whoever else has a key.
PREFERRED: dict[Track, list[str]] = {
    "quick": ["groq", "gemini", "openrouter", "openai"],
    "deep": ["gemini", "groq", "openrouter", "openai"],
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement, who gave it, and who was asked before: `[{judge, code, ms}]`."""

    judgement: Judgement
    judged_by: str
    tried: tuple[dict[str, Any], ...]
    ms: int


def order_for(track: Track) -> list[str]:
    """The judges' slugs in the order they are asked: what the setting names, else the track's model if it has a key; then the
    other models with a key; the embedded judge last. A setting of "embedded" asks nobody else."""
    chosen = settings.QUICK_SCORER if track == "quick" else settings.DEEP_SCORER
    if chosen == EMBEDDED:
        return [EMBEDDED]
    preferred = [chosen] if chosen else []
    preferred += PREFERRED[track]
    with_key = configured()
    return [*dict.fromkeys(slug for slug in preferred if slug in with_key), EMBEDDED]


def build(slug: str, *, seconds: float = 10.0) -> Judge:
    """The judge by name. `seconds`: what a language model may take, retries included."""
    if slug == EMBEDDED:
        return EmbeddedJudge(default_encoder())
    return LanguageModelJudge(language_model(slug), encoder=default_encoder(), seconds=seconds)


def recorded(slug: str) -> Judge:
    """The judge of an earlier run, to read its kept answer again; needs no key and asks nobody."""
    if slug == EMBEDDED:
        return EmbeddedJudge(default_encoder())
    return LanguageModelJudge(RecordedModel(slug), encoder=default_encoder(), seconds=0.0)


class RecordedModel(LanguageModel):
    """Stands for a model whose answer is already there."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.model = ""

    def answer(self, ask: Ask, *, timeout: float) -> Answer:
        raise ProviderNotConfigured("a record answers no questions", provider=self.slug)


def _seconds(track: Track) -> float:
    return float(settings.QUICK_SCORE_SECONDS if track == "quick" else settings.DEEP_SCORE_SECONDS)


def judge(case: Case, *, track: Track, judges: Sequence[Judge] | None = None) -> Judged:
    """The first judgement that can be had. Raises the last `ProviderError` when nobody answers."""
    tried: list[dict[str, Any]] = []
    last: ProviderError | None = None
    until = time.monotonic() + _seconds(track)
    for candidate in judges if judges is not None else _panel(track, until):
        began = time.monotonic()
        try:
            judgement = candidate.judge(case, track=track)
        except ProviderError as error:
            last = error
            tried.append({"judge": candidate.slug, "code": error.code, "ms": elapsed_ms(began)})
            logger.warning("a judge could not answer", judge=candidate.slug, code=error.code, track=track)
            continue
        return Judged(judgement, candidate.slug, tuple(tried), elapsed_ms(began))
    assert last is not None
    raise last


def elapsed_ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _panel(track: Track, until: float) -> Iterator[Judge]:
    """The judges one after another; each model gets an even share of the time that is left: none uses up another's."""
    order = order_for(track)
    models = [slug for slug in order if slug != EMBEDDED]
    for place, slug in enumerate(order):
        left = max(until - time.monotonic(), 0.0)
        yield build(slug, seconds=left / max(len(models) - place, 1))
