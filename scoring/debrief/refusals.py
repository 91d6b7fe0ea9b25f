"""The quotes that a language model gave for a criterion and the trainee did not say there: why there is no credit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from scoring.evidence import Refusal, Span, find_quote, why_refused
from scoring.models import ScoreRun
from scoring.transcripts import TranscriptTurn

MOST = 4
LONGEST = 160


@dataclass(frozen=True, slots=True)
class RefusedQuote:
    """What the judge said was said, and why it proves nothing."""

    text: str
    why: str


def answers_of(run: ScoreRun) -> list[Mapping[str, Any]]:
    """The judge's own answers behind a run: one, or one for each reading, or those of the run that a person corrected."""
    judged = run.base_run or run
    readings = judged.manifest.get("readings")
    several = isinstance(readings, Mapping) and int(readings.get("had") or 0) > 1
    manifests = judged.readings.values_list("manifest", flat=True) if several else [judged.manifest]
    return [manifest["raw"] for manifest in manifests if isinstance(manifest.get("raw"), Mapping)]


def refused_quotes(
    answers: Iterable[Mapping[str, Any]],
    keys: Collection[str],
    turns: Sequence[TranscriptTurn],
    *,
    flags: Iterable[Mapping[str, Any]] = (),
) -> dict[str, tuple[RefusedQuote, ...]]:
    """By the key of a criterion, the quotes given for it that were refused, each once. `flags`: the words to the judge.

    A criterion of several parts is asked for part by part, as `criterion/part`; its quotes are theirs. Pure but for the
    wording.
    """
    by_seq = {turn.seq: turn.id for turn in turns}
    to_judge = list(flags)
    found: dict[str, dict[str, RefusedQuote]] = defaultdict(dict)
    for key, claim in _claims(answers, keys):
        quote = str(claim.get("quote") or "")
        turn_id = by_seq.get(claim.get("turn", 0), "")
        span = find_quote(quote, turns, turn_id=turn_id)
        if span is None:
            refusal = why_refused(quote, turns, turn_id=turn_id)
        elif _touches(span, to_judge):
            refusal = Refusal.TO_JUDGE
        else:
            continue
        found[key].setdefault(quote, RefusedQuote(quote[:LONGEST], reason_of(refusal)))
    return {key: tuple(quotes.values())[:MOST] for key, quotes in found.items()}


def _claims(answers: Iterable[Mapping[str, Any]], keys: Collection[str]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    for answer in answers:
        for item in answer.get("criteria") or []:
            key = str(item.get("key") or "").partition("/")[0]
            if key in keys:
                yield from ((key, claim) for claim in item.get("evidence") or [])


def _touches(span: Span, flags: Iterable[Mapping[str, Any]]) -> bool:
    return any(
        str(flag.get("turn_id")) == span.turn_id and span.start < int(flag["end"]) and int(flag["start"]) < span.end
        for flag in flags
    )


def reason_of(refusal: Refusal) -> str:
    return {
        Refusal.TOO_SHORT: _("too short to prove anything"),
        Refusal.AMBIGUOUS: _("said more than once, and not where the judge heard it"),
        Refusal.BUYER: _("the buyer said it"),
        Refusal.TO_JUDGE: _("said to the judge, not to the buyer"),
        Refusal.PARAPHRASED: _("not in these words"),
        Refusal.NOT_SAID: _("nobody said it"),
    }[refusal]
