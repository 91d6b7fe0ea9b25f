"""Questions: how many, open or closed, and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from scoring.lexicon import Lexicon
from scoring.transcripts import Sentence, TranscriptTurn, sentences_of

Kind = Literal["open", "closed"]
MAX_UNMARKED_WORDS = 30  # speech recognition drops question marks; a longer sentence without one is a statement

LEAD_IN_CHARS = 25  # "Thanks, that helps. So tell me…": an invitation comes early in its sentence


@dataclass(frozen=True, slots=True)
class Question:
    sentence: Sentence
    kind: Kind


def question_kind(sentence: Sentence, lexicon: Lexicon) -> Kind | None:
    """Open ("how do you…", "tell me about…"), closed ("do you…", "when…"), or None for what asks nothing.

    A tag ("right?") asks nothing. Without a question mark a sentence counts if it begins the way questions do.
    """
    folded = sentence.folded.strip()
    marked = folded.rstrip("\"') ").endswith("?")
    if lexicon.has("tag_question", folded if marked else folded + "?"):
        return None
    if not marked and not lexicon.has("question_opening", folded):
        # "Tell me about your week." has no question mark and needs none.
        invitation = lexicon.rules["invitation"].search(folded)
        return "open" if invitation is not None and invitation.start() <= LEAD_IN_CHARS else None
    if not marked and sentence.words > MAX_UNMARKED_WORDS:
        return None
    opens = lexicon.has("open_question", folded) or lexicon.has("invitation", folded)
    return "open" if opens and not lexicon.has("closed_start", folded) else "closed"


def questions_in(turns: Sequence[TranscriptTurn], lexicon: Lexicon) -> Iterator[Question]:
    """The trainee's questions in order. The same words asked again do not count twice."""
    asked: set[str] = set()
    for turn in turns:
        if not turn.by_trainee:
            continue
        for sentence in sentences_of(turn):
            kind = question_kind(sentence, lexicon)
            wording = " ".join(sentence.folded.split()).strip("¿?.,! ")
            if kind is not None and wording not in asked:
                asked.add(wording)
                yield Question(sentence=sentence, kind=kind)
