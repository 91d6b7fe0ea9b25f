"""Evidence is checked by code: a quote counts only where the trainee really said it.

A judge names a turn and quotes it. The quote is looked up in the transcript, forgiving only what no listener could tell
apart: case, accents, typographic quotes, runs of space, punctuation – and, in a long quote, a slip of a letter or two. What
is stored is the transcript's own text, `content[start:end]`, never the judge's. A paraphrase is not evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from .transcripts import TranscriptTurn, count_words, fold

MIN_QUOTE_WORDS = 2
MAX_QUOTE_CHARS = 400
# A copying slip ("thats" for "that's") keeps a 40-letter quote above this; another wording does not.
MIN_LIKENESS = 95.0
MIN_FUZZY_CHARS = 24
# Above this, other words for something that was said; below, something that was not.
PARAPHRASE_LIKENESS = 70.0
_EDGES = " \t\r\n\"'.,;:!?¡¿…-()[]"
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Span:
    """`quote == content[start:end]` of the trainee's turn `turn_id`."""

    turn_id: str
    start: int
    end: int
    quote: str

    def to_json(self) -> dict[str, object]:
        return {"turn_id": self.turn_id, "start": self.start, "end": self.end, "quote": self.quote}


class Refusal(StrEnum):
    """Why a quote is no evidence."""

    TOO_SHORT = "too_short"  # or empty, or longer than any quote
    AMBIGUOUS = "ambiguous"  # said in several turns, none of them the one that was named
    BUYER = "buyer"  # the buyer's words
    TO_JUDGE = "to_judge"  # the trainee's, but spoken to a judge
    PARAPHRASED = "paraphrased"
    NOT_SAID = "not_said"


def is_verbatim(span: Span, turns: Sequence[TranscriptTurn]) -> bool:
    """Is this span exactly what the trainee said there?"""
    return any(
        turn.id == span.turn_id
        and turn.by_trainee
        and 0 <= span.start < span.end <= len(turn.content)
        and turn.content[span.start : span.end] == span.quote
        for turn in turns
    )


def find_quote(quote: str, turns: Sequence[TranscriptTurn], *, turn_id: str = "") -> Span | None:
    """Where the trainee said `quote`, or None.

    The named turn is tried first; a judge that miscounted turns is corrected only when exactly one other turn of the
    trainee holds the words. Quotes of fewer than two words prove nothing unless they are the whole turn.
    """
    needle = _SPACE.sub(" ", fold(quote)).strip(_EDGES)
    if not needle or len(needle) > MAX_QUOTE_CHARS:
        return None
    candidates = [turn for turn in turns if turn.by_trainee]
    named = [turn for turn in candidates if turn.id == turn_id]
    others = [turn for turn in candidates if turn.id != turn_id]
    for locate in (_exactly, _nearly):
        for turn in named:
            if span := locate(needle, turn):
                return span
        found = [span for turn in others if (span := locate(needle, turn))]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def why_refused(quote: str, turns: Sequence[TranscriptTurn], *, turn_id: str = "") -> Refusal:
    """Why `find_quote` found nothing; ask only then."""
    needle = _SPACE.sub(" ", fold(quote)).strip(_EDGES)
    if not needle or len(needle) > MAX_QUOTE_CHARS or count_words(needle) < MIN_QUOTE_WORDS:
        return Refusal.TOO_SHORT
    mine = [turn for turn in turns if turn.by_trainee]
    if sum(1 for turn in mine if turn.id != turn_id and (_exactly(needle, turn) or _nearly(needle, turn))) > 1:
        return Refusal.AMBIGUOUS
    if any(_exactly(needle, turn) or _nearly(needle, turn) for turn in turns if not turn.by_trainee):
        return Refusal.BUYER
    if any(fuzz.token_set_ratio(needle, fold(turn.content)) >= PARAPHRASE_LIKENESS for turn in mine):
        return Refusal.PARAPHRASED
    return Refusal.NOT_SAID


def verified(quotes: Iterable[tuple[str, str]], turns: Sequence[TranscriptTurn], *, limit: int = 5) -> list[Span]:
    """The spans of those `(turn_id, quote)` that hold, without repeats, at most `limit`."""
    spans: list[Span] = []
    for turn_id, quote in quotes:
        span = find_quote(quote, turns, turn_id=turn_id)
        if span is not None and span not in spans:
            spans.append(span)
    return spans[:limit]


def _exactly(needle: str, turn: TranscriptTurn) -> Span | None:
    pattern = r"\s+".join(re.escape(part) for part in needle.split(" "))
    match = re.search(rf"(?<!\w){pattern}(?!\w)", fold(turn.content))
    return _span(turn, *match.span()) if match else None


def _nearly(needle: str, turn: TranscriptTurn) -> Span | None:
    if len(needle) < MIN_FUZZY_CHARS or len(turn.content) < len(needle) - 2:
        return None
    folded = fold(turn.content)
    found = fuzz.partial_ratio_alignment(needle, folded, score_cutoff=MIN_LIKENESS - 8)  # whole words are judged below
    if found is None:
        return None
    start, end = found.dest_start, found.dest_end
    while start > 0 and _in_word(folded[start - 1]):
        start -= 1
    while end < len(folded) and _in_word(folded[end]):
        end += 1
    if fuzz.ratio(needle, folded[start:end].strip(_EDGES)) < MIN_LIKENESS:
        return None
    while start < end and folded[start] in _EDGES:
        start += 1
    while end > start and folded[end - 1] in _EDGES:
        end -= 1
    return _span(turn, start, end)


def _in_word(char: str) -> bool:
    return char.isalnum() or char in "'-"


def _span(turn: TranscriptTurn, start: int, end: int) -> Span | None:
    quote = turn.content[start:end]
    whole_turn = quote.strip(_EDGES) == turn.content.strip(_EDGES)
    if count_words(quote) < MIN_QUOTE_WORDS and not (whole_turn and quote):
        return None
    return Span(turn_id=turn.id, start=start, end=end, quote=quote)
