"""Fillers of the trainee: "um", "you know", "o sea"…"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scoring.lexicon import Lexicon
from scoring.transcripts import TranscriptTurn, count_words, fold


def count_fillers(turns: Sequence[TranscriptTurn], lexicon: Lexicon) -> Counter[str]:
    """How often each filler was said, by its plain form."""
    found: Counter[str] = Counter()
    for turn in turns:
        if turn.by_trainee:
            found.update(word.strip(" ,.") for word in lexicon.all("filler", fold(turn.content)))
    return found


def per_hundred_words(count: int, turns: Sequence[TranscriptTurn]) -> float | None:
    """Fillers per hundred words of the trainee, one decimal; None when nothing was said."""
    words = sum(count_words(turn.content) for turn in turns if turn.by_trainee)
    return round(100 * count / words, 1) if words else None
