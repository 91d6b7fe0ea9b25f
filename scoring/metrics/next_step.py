"""The next step: was one proposed, with a day or an hour, and did the buyer agree?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scoring.lexicon import Lexicon
from scoring.transcripts import Sentence, TranscriptTurn, fold, sentences_of

from .objections import traced
from .questions import question_kind

State = Literal["none", "proposed", "agreed"]


@dataclass(frozen=True, slots=True)
class NextStep:
    """`sentence`: the proposal that counts (the agreed one, else the last). `timed`: it names a day or an hour."""

    state: State = "none"
    sentence: Sentence | None = None
    timed: bool = False


def find_next_step(turns: Sequence[TranscriptTurn], lexicon: Lexicon) -> NextStep:
    """A proposal is agreed when the buyer's next words agree and do not decline."""
    result = NextStep()
    for index, turn in enumerate(turns):
        if not turn.by_trainee:
            continue
        sentences = list(sentences_of(turn))
        proposals = [sentence for sentence in sentences if lexicon.has("next_step", sentence.folded)]
        reply = next((later for later in turns[index + 1 :] if not later.by_trainee), None)
        if reply is not None and traced(reply, "committed") and not proposals:
            # The buyer said yes, so something was proposed: what was asked in that turn.
            proposals = [sentence for sentence in sentences if question_kind(sentence, lexicon)]
        if not proposals:
            continue
        # "Shall we try it together? I could come on Thursday at six." – the time may stand in a sentence of its own.
        timed = any(lexicon.has("specific_time", sentence.folded) for sentence in sentences)
        with_time = [sentence for sentence in proposals if lexicon.has("specific_time", sentence.folded)]
        sentence = (with_time or proposals)[-1]
        if reply is not None and (_agrees(reply, lexicon) or _repeats_time(turn, reply, lexicon)):
            result = NextStep("agreed", sentence, timed or lexicon.has("specific_time", fold(reply.content)))
        elif result.state != "agreed":
            result = NextStep("proposed", sentence, timed)
    return result


def _repeats_time(proposal: TranscriptTurn, reply: TranscriptTurn, lexicon: Lexicon) -> bool:
    """ "Thursday at eight. Send it to me." – who says the proposed day or hour again, and no "no" with it, agrees."""
    if lexicon.has("buyer_declines", fold(reply.content)):
        return False
    proposed = set(lexicon.all("specific_time", fold(proposal.content)))
    return any(
        proposed.intersection(lexicon.all("specific_time", sentence.folded))
        and not lexicon.has("negation", sentence.folded)
        and question_kind(sentence, lexicon) is None
        for sentence in sentences_of(reply)
    )


def _agrees(reply: TranscriptTurn, lexicon: Lexicon) -> bool:
    said = fold(reply.content)
    if lexicon.has("buyer_declines", said) or traced(reply, "close_too_early"):
        return False
    return lexicon.has("buyer_agrees", said) or bool(traced(reply, "committed"))
