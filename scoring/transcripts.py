"""What was said, as plain data: the input of metrics, evidence and judges. No ORM."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

Speaker = Literal["user", "assistant"]
TRAINEE: Speaker = "user"
BUYER: Speaker = "assistant"

# The judge reads a call dozens of times with one sentence left out: what is known of a text need not be found again.
REMEMBERED = 4096

# A sentence ends at ., ?, ! or … (with closing quotes), or at a line break. "3.5" stays whole: a space must
# follow. A question that Spanish opens in the middle ("Gracias, ¿qué tal…?") starts a sentence of its own.
_SENTENCE = re.compile(
    r"[^.?!…\n¿]*(?:[.?!…](?=\w)[^.?!…\n¿]*)*(?:[.?!…]+[\"'”’)]*|(?=¿)|\n|$)|¿[^.?!…\n]*(?:[?!.…]+|\n|$)"
)
# Some recognisers give no punctuation at all. A long turn without any is then cut where a question or a courtesy begins.
_UNMARKED_WORDS = 14
_UNMARKED_CUT = re.compile(
    r" (?=(?:how|what|why|when (?:do|does|did|is|are|would|could)|who (?:else|is|would)|"
    r"(?:can|could|shall|would|do|did|are|have) (?:we|you|i)|is (?:it|there|that)|tell me|thanks?|thank you|i understand|"
    r"that(?:'?s| is| makes) (?:fair|sense|a fair)|to recap|"
    r"como|por que|que (?:pasa|pasaria|tal|tipo|les?|consecuencias|tendria)|cuant[oa]s?|cual(?:es)?|quien|"
    r"le (?:parece|va bien|llamo)|podemos|podriamos|tiene (?:un|dos)|cuenteme|gracias|lo entiendo|"
    r"es (?:logico|comprensible)|para resumir)\b)"
)
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class TranscriptTurn:
    """One turn. `user` is the trainee, `assistant` the buyer; times are ms from the start of the call."""

    id: str
    seq: int
    role: Speaker
    content: str
    start_ms: int
    end_ms: int
    interrupted: bool = False
    trace: tuple[dict[str, Any], ...] = ()

    @property
    def by_trainee(self) -> bool:
        return self.role == TRAINEE

    @property
    def spoken_ms(self) -> int:
        return max(self.end_ms - self.start_ms, 0)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of a turn: `text == turn.content[start:end]`. `folded` is the same length, lower case, no accents."""

    turn: TranscriptTurn
    start: int
    end: int
    text: str
    folded: str

    @property
    def words(self) -> int:
        return count_words(self.text)


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    if char in "’‘ʼ´`":
        return "'"
    if char in "“”«»":
        return '"'
    if char in "–—−":
        return "-"
    base = unicodedata.normalize("NFKD", char)[:1].lower()
    return base if len(base) == 1 else char


@lru_cache(maxsize=REMEMBERED)
def fold(text: str) -> str:
    """Lower case without accents or typographic quotes, *the same length* as `text`, so that offsets carry over."""
    return "".join(_fold_char(char) for char in text)


def words_of(text: str) -> list[str]:
    return _WORD.findall(text)


@lru_cache(maxsize=REMEMBERED)
def count_words(text: str) -> int:
    return len(words_of(text))


def sentences_of(turn: TranscriptTurn) -> Iterator[Sentence]:
    """The sentences of a turn, trimmed of surrounding space; stretches without a word are left out."""
    for start, end in _stretches(turn.content):
        text = turn.content[start:end]
        yield Sentence(turn=turn, start=start, end=end, text=text, folded=fold(text))


@lru_cache(maxsize=REMEMBERED)
def _stretches(content: str) -> tuple[tuple[int, int], ...]:
    found = []
    for match in _SENTENCE.finditer(content):
        text = match.group().strip()
        if words_of(text):
            start = match.start() + match.group().index(text)
            found.append((start, start + len(text)))
    if len(found) == 1 and content[found[0][1] - 1].isalnum() and count_words(content) > _UNMARKED_WORDS:
        return _cut(content, *found[0])
    return tuple(found)


def _cut(content: str, start: int, end: int) -> tuple[tuple[int, int], ...]:
    """A long stretch without punctuation, cut where something new seems to begin."""
    places = [start, *(start + match.end() for match in _UNMARKED_CUT.finditer(fold(content[start:end]))), end]
    pairs = [(one, two) for one, two in itertools.pairwise(places) if words_of(content[one:two])]
    return tuple((one, one + len(content[one:two].rstrip())) for one, two in pairs)


def trainee_turns(turns: Sequence[TranscriptTurn]) -> list[TranscriptTurn]:
    return [turn for turn in turns if turn.by_trainee and turn.content.strip()]


def transcript_hash(turns: Sequence[TranscriptTurn]) -> str:
    """SHA-256 over what a judge is shown: order, speaker, words, times."""
    rows = [[turn.seq, turn.role, turn.content, turn.start_ms, turn.end_ms, turn.interrupted] for turn in turns]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
