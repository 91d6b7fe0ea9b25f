"""The next step: was one proposed, with a day or an hour, and did the buyer agree?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scoring.lexicon import Lexicon
from scoring.transcripts import Sentence, TranscriptTurn, fold, sentences_of

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
        proposals = [sentence for sentence in sentences_of(turn) if lexicon.has("next_step", sentence.folded)]
        if not proposals:
            continue
        timed = [sentence for sentence in proposals if lexicon.has("specific_time", sentence.folded)]
        sentence = (timed or proposals)[-1]
        reply = next((later for later in turns[index + 1 :] if not later.by_trainee), None)
        said = fold(reply.content) if reply else ""
        if said and lexicon.has("buyer_agrees", said) and not lexicon.has("buyer_declines", said):
            result = NextStep("agreed", sentence, bool(timed) or lexicon.has("specific_time", said))
        elif result.state != "agreed":
            result = NextStep("proposed", sentence, bool(timed))
    return result
