"""Who judges: the configured judge first, the others standing in, the embedded one last – it cannot be away."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings

from integrations.embeddings.embedded import default_encoder
from integrations.errors import ProviderError

from .base import Case, Judge, Judgement, Track
from .embedded import EmbeddedJudge

logger = structlog.get_logger(__name__)

EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement, who gave it, and who was asked before: `[{judge, code, ms}]`."""

    judgement: Judgement
    judged_by: str
    tried: tuple[dict[str, Any], ...]
    ms: int


def order_for(track: Track) -> list[str]:
    """The judges' slugs in the order they are asked."""
    return [EMBEDDED]


def build(slug: str) -> Judge:
    return EmbeddedJudge(default_encoder())


def judge(case: Case, *, track: Track, judges: Sequence[Judge] | None = None) -> Judged:
    """The first judgement that can be had. Raises the last `ProviderError` when nobody answers."""
    tried: list[dict[str, Any]] = []
    last: ProviderError | None = None
    for candidate in judges if judges is not None else [build(slug) for slug in order_for(track)]:
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


def primary(track: Track) -> str:
    """Who is meant to judge this track, by settings and keys."""
    chosen = settings.QUICK_SCORER if track == "quick" else settings.DEEP_SCORER
    return str(chosen or order_for(track)[0])
