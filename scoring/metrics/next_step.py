"""The next step: was one proposed, with a day or an hour, and did the buyer agree?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scenarios.briefs import OBJECTION_KINDS
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
        if reply is not None and (_agrees(turn, reply, lexicon) or _repeats_time(turn, reply, lexicon)):
            result = NextStep("agreed", sentence, timed or lexicon.has("specific_time", fold(reply.content)))
        elif result.state != "agreed":
            result = NextStep("proposed", sentence, timed)
    return result


def _repeats_time(proposal: TranscriptTurn, reply: TranscriptTurn, lexicon: Lexicon) -> bool:
    """ "Thursday at eight. Send it to me." – who says the proposed day or hour again, and no "no" with it, agrees."""
    said = fold(reply.content)
    if lexicon.has("buyer_declines", said) or lexicon.has("buyer_conditions", said):
        return False
    proposed = set(lexicon.all("specific_time", fold(proposal.content)))
    return any(
        proposed.intersection(lexicon.all("specific_time", sentence.folded))
        and not lexicon.has("negation", sentence.folded)
        and not lexicon.has("buyer_is_away", sentence.folded)
        and question_kind(sentence, lexicon) is None
        for sentence in sentences_of(reply)
    )


def _agrees(proposal: TranscriptTurn, reply: TranscriptTurn, lexicon: Lexicon) -> bool:
    """A yes that nothing after it takes back.

    None is "fine, but I don't see what for", "all right, and what would that solve?", "yes, if you tell me what it costs",
    nor "send me an email" from somebody who was asked for more than that and named no time; nor "sure, call me next
    quarter", unless a call back was offered.
    """
    said = fold(reply.content)
    if lexicon.has("buyer_declines", said) or traced(reply, "close_too_early"):
        return False
    if traced(reply, "committed"):
        return True
    if lexicon.has("buyer_conditions", said):
        return False
    sentences = list(sentences_of(reply))
    timed = any(
        lexicon.has("specific_time", sentence.folded) and not lexicon.has("negation", sentence.folded)
        for sentence in sentences
    )
    proposed = fold(proposal.content)
    if not timed and _puts_off(said, proposed, lexicon):
        return False
    if lexicon.has("buyer_postpones", said) and not lexicon.has("offers_call", proposed):
        return False
    return any(_says_yes(sentences[index:], lexicon) for index in range(len(sentences)))


def _puts_off(said: str, proposed: str, lexicon: Lexicon) -> bool:
    """ "Send me the summary" takes up what was offered in these words; "send me an email" instead of a contract does not."""
    offered = lexicon.topics(proposed)
    return any(not offered & lexicon.topics(words) for words in lexicon.all("buyer_puts_off", said))


def _says_yes(sentences: Sequence[Sentence], lexicon: Lexicon) -> bool:
    """Does the first sentence say yes, and do those after it let it stand?"""
    first, later = sentences[0], sentences[1:]
    contrast = lexicon.rules["contrast"].search(first.folded)
    if contrast is None:
        objection = later[0].folded.strip() if later else ""
        opening = lexicon.rules["contrast"].match(objection)
        holds = opening is None or not _takes_back(objection[opening.end() :], lexicon)
        return holds and _is_yes(first.folded, later, lexicon)
    before, after = first.folded[: contrast.start()], first.folded[contrast.end() :]
    # "It's a lot of money, but all right."
    return (_is_yes(before, later, lexicon) and not _takes_back(after, lexicon)) or _is_yes(after, later, lexicon)


def _is_yes(words: str, later: Sequence[Sentence], lexicon: Lexicon) -> bool:
    """Firm ("let's do that"), or a bare "okay" that no question follows except about the next step itself."""
    if "?" in words:
        return False
    if lexicon.has("buyer_agrees", words) and not lexicon.has("negation", words):
        return True
    if not lexicon.has("buyer_yes", words.strip()) or lexicon.has("buyer_notes", words):
        return False
    return all("?" not in sentence.text or lexicon.has("arranging", sentence.folded) for sentence in later)


def _takes_back(rest: str, lexicon: Lexicon) -> bool:
    """What comes after "but": a condition ("only half an hour") keeps the yes, a doubt or an objection does not."""
    return (
        "?" in rest
        or any(lexicon.has(concept, rest) for concept in ("negation", "buyer_puts_off"))
        or any(lexicon.has(f"objection_{kind}", rest) for kind in OBJECTION_KINDS)
    )
