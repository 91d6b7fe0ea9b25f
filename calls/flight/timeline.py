"""The call's clock with its faults cut out: a moment of the call becomes the moment at which it would have come had
nothing gone wrong. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Span = tuple[int, int]


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans (from, to) in ms as an ascending list of spans that neither overlap nor touch; empty ones are gone."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


def without(at_ms: int, spans: Sequence[Span]) -> int:
    """`at_ms` less all that lies before it of `spans` (as from `merged`)."""
    return at_ms - sum(min(end, at_ms) - start for start, end in spans if start < at_ms)
