"""Who judges: the configured judge first, the others standing in, the embedded one last – it cannot be away."""

from __future__ import annotations

import contextvars
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.db import connection

from integrations.embeddings.embedded import default_encoder
from integrations.errors import ProviderError, ProviderNotConfigured
from integrations.llm import gateway
from integrations.llm.base import Answer, Ask, LanguageModel
from integrations.llm.registry import load
from scoring.prompts import registry
from scoring.readings import combine
from tenants.context import current_organization, organization_context
from tenants.schemas import in_public

from .base import Case, Judge, Judgement, Track
from .carried import PREFIX, CarriedJudge
from .embedded import EmbeddedJudge
from .llm import LanguageModelJudge

logger = structlog.get_logger(__name__)

EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement, who gave it, and who was asked before: `[{judge, code, ms}]`. `seeds`: of the readings that were had.
    `steady`: would the judge say the same again?"""

    judgement: Judgement
    judged_by: str
    tried: tuple[dict[str, Any], ...]
    ms: int
    seeds: tuple[int | None, ...] = (None,)
    steady: bool = True


def order_for(track: Track) -> list[str]:
    """The judges' slugs in the order they are asked: what the setting names, then the track's other vendors that have a key
    and that the organisation allows, for a debrief the quick score's after them; the embedded judge last. A setting of
    "embedded" asks nobody else."""
    chosen = settings.QUICK_SCORER if track == "quick" else settings.DEEP_SCORER
    if chosen == EMBEDDED:
        return [EMBEDDED]
    order = gateway.order_for(track, first=chosen)
    if track == "deep" and settings.QUICK_SCORER != EMBEDDED:
        order += gateway.order_for("quick", first=settings.QUICK_SCORER)
    return [*dict.fromkeys(order), EMBEDDED]


def build(slug: str, *, seconds: float = 10.0) -> Judge:
    """The judge by name. `seconds`: what a language model may take, retries included."""
    if slug == EMBEDDED:
        return EmbeddedJudge(default_encoder())
    return LanguageModelJudge(slug, encoder=default_encoder(), seconds=seconds, prompt_for=registry.active)


def recorded(slug: str) -> Judge:
    """The judge of an earlier run, to read its kept answer again; needs no key and asks nobody."""
    if slug == EMBEDDED:
        return EmbeddedJudge(default_encoder())
    if slug.startswith(PREFIX):
        return CarriedJudge(slug, encoder=default_encoder())
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


def judge(
    case: Case, *, track: Track, judges: Sequence[Judge] | None = None, seeds: Sequence[int | None] = (None,)
) -> Judged:
    """The first judgement that can be had. Raises the last `ProviderError` when nobody answers.

    `seeds`: one for each reading that is wanted. A judge that varies reads the call that often, all within the track's time,
    and the readings are made into one judgement; one that does not read again leaves the others to count.
    """
    tried: list[dict[str, Any]] = []
    last: ProviderError | None = None
    order = order_for(track) if judges is None else []
    if order:
        load(slug for slug in order if slug != EMBEDDED)
        default_encoder()
    until = time.monotonic() + _seconds(track)
    for candidate in judges if judges is not None else _panel(order, until):
        began = time.monotonic()
        try:
            judgement = candidate.judge(case, track=track, seed=seeds[0])
        except ProviderError as error:
            last = error
            tried.append({"judge": candidate.slug, "code": error.code, "ms": elapsed_ms(began)})
            logger.warning("a judge could not answer", judge=candidate.slug, code=error.code, track=track)
            continue
        readings = [(seeds[0], judgement)]
        if len(seeds) > 1 and not candidate.steady:
            # The first share of the time is used up: who reads on has all that is left.
            reader = (
                candidate if judges is not None else build(candidate.slug, seconds=max(until - time.monotonic(), 0.0))
            )
            readings += _read_on(reader, case, track, seeds[1:])
        if len(readings) > 1:
            judgement = combine(case.rubric, [one for _seed, one in readings])
        return Judged(
            judgement,
            candidate.slug,
            tuple(tried),
            elapsed_ms(began),
            seeds=tuple(seed for seed, _one in readings),
            steady=candidate.steady,
        )
    assert last is not None
    raise last


def _read_on(
    reader: Judge, case: Case, track: Track, seeds: Sequence[int | None]
) -> list[tuple[int | None, Judgement]]:
    """The further readings that could be had, side by side where `GRADED_RUNS_AT_ONCE` allows more than one."""
    organization = None if in_public() else current_organization()

    def reading(seed: int | None, *, apart: bool) -> Judgement | None:
        try:
            with organization_context(organization) if apart and organization else nullcontext():
                return reader.judge(case, track=track, seed=seed)
        except ProviderError as error:
            logger.warning("a further reading failed", judge=reader.slug, code=error.code, track=track)
            return None
        finally:
            if apart:
                connection.close()

    at_once = min(int(settings.GRADED_RUNS_AT_ONCE), len(seeds))
    if at_once < 2:
        answers = [reading(seed, apart=False) for seed in seeds]
    else:
        with ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="readings") as pool:
            tasks = [
                pool.submit(contextvars.copy_context().run, lambda seed=seed: reading(seed, apart=True))
                for seed in seeds
            ]
            answers = [task.result() for task in tasks]
    return [(seed, answer) for seed, answer in zip(seeds, answers, strict=True) if answer is not None]


def elapsed_ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _panel(order: Sequence[str], until: float) -> Iterator[Judge]:
    """The judges one after another; each model gets its share of the time that is left: none uses up all of it."""
    models = [slug for slug in order if slug != EMBEDDED]
    for place, slug in enumerate(order):
        left = max(until - time.monotonic(), 0.0)
        yield build(slug, seconds=gateway.share_of(left, len(models) - place))
