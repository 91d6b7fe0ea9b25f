"""Objections and what came of them; pains and what earned them.

Read from the words first, so that every voice vendor's calls are judged alike. The embedded buyer's own trace can confirm
an outcome but never makes one by itself: without an answer by the trainee nothing is resolved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rapidfuzz import fuzz

from scenarios.briefs import OBJECTION_KINDS, PersonaBrief
from scoring.lexicon import Lexicon
from scoring.transcripts import Sentence, TranscriptTurn, count_words, fold, sentences_of

from .questions import question_kind

Outcome = Literal["resolved", "softened", "open", "hardened", "unanswered"]
SAME_LINE = 82  # of 100: the buyer's wording varies by a word or two around the authored line
MIN_LINE_CHARS = 12
MIN_ANSWER_WORDS = 6
BEGUN = 0.5  # of an authored line: who has heard so much of it knows what it is about


@dataclass(slots=True)
class Objection:
    """One objection of the buyer, each time it came up, and the trainee's answers to it."""

    key: str
    kind: str
    raised: TranscriptTurn
    answers: list[TranscriptTurn] = field(default_factory=list)
    acknowledged: bool = False
    explored: bool = False
    outcome: Outcome = "unanswered"

    @property
    def answer_ms(self) -> int | None:
        """ms from the end of the objection to the first answer; None when unanswered."""
        return max(self.answers[0].start_ms - self.raised.end_ms, 0) if self.answers else None

    def to_json(self, *, lost_ms: int = 0) -> dict[str, Any]:
        """`lost_ms`: what a technical fault took of the time until the answer."""
        return {
            "key": self.key,
            "kind": self.kind,
            "turn_id": self.raised.id,
            "timestamp_ms": self.raised.start_ms,
            "quote": self.raised.content,
            "answer_turn_ids": [turn.id for turn in self.answers],
            "answer_ms": None if self.answer_ms is None else max(self.answer_ms - lost_ms, 0),
            "acknowledged": self.acknowledged,
            "explored": self.explored,
            "outcome": self.outcome,
        }


@dataclass(frozen=True, slots=True)
class Reveal:
    """A hidden pain told by the buyer (`turn`) and the trainee's turn just before, which earned it."""

    key: str
    turn: TranscriptTurn
    earned_by: TranscriptTurn | None


def same_line(authored: str, said: str) -> bool:
    """Is the authored line in what was said, give or take a word?"""
    line, heard = fold(authored).strip(), fold(said)
    if len(line) < MIN_LINE_CHARS or len(heard) < len(line) * 0.6:
        return False
    return fuzz.partial_ratio(line, heard, score_cutoff=SAME_LINE) >= SAME_LINE


def traced(turn: TranscriptTurn, rule: str) -> set[str]:
    """The subjects of the trace entries of a rule of the embedded buyer ("objection_resolved" → {"budget"})."""
    return {str(entry.get("subject", "")) for entry in turn.trace if entry.get("rule") == rule}


def was_heard(line: str, turn: TranscriptTurn) -> bool:
    """Did the authored line, or the buyer's own words for it, get said before the turn was cut off? The trace knows only what
    the buyer was going to say."""
    if not turn.interrupted or count_words(turn.content) >= count_words(line):
        return True
    return same_line(line[: max(MIN_LINE_CHARS, round(len(line) * BEGUN))], turn.content)


def objections_in(turns: Sequence[TranscriptTurn], brief: PersonaBrief | None, lexicon: Lexicon) -> list[Objection]:
    """In the order they were first raised. Without authored objections, by what kinds of objection sound like."""
    found: dict[str, Objection] = {}
    for index, turn in enumerate(turns):
        if turn.by_trainee:
            continue
        before = {key: item for key, item in found.items() if item.answers}
        for key, kind in _raised(turn, brief, lexicon):
            found.setdefault(key, Objection(key=key, kind=kind, raised=turn))
        answers = _answers_after(turns, index)
        for key, _kind in _raised(turn, brief, lexicon):
            _take_answers(found[key], answers, lexicon)
        _settle(before, turn, brief, lexicon)
    return list(found.values())


def _raised(turn: TranscriptTurn, brief: PersonaBrief | None, lexicon: Lexicon) -> list[tuple[str, str]]:
    authored = brief.objections if brief else ()
    named = [(item.key, item.kind) for item in authored if same_line(item.text, turn.content)]
    if named:
        return named
    if raised := traced(turn, "objection_raised"):
        return [(item.key, item.kind) for item in authored if item.key in raised and was_heard(item.text, turn)]
    if authored or lexicon.has("buyer_softens", fold(turn.content)):
        return []
    folded = fold(turn.content)
    return [(kind, kind) for kind in OBJECTION_KINDS if lexicon.has(f"objection_{kind}", folded)][:1]


def _answers_after(turns: Sequence[TranscriptTurn], index: int) -> list[TranscriptTurn]:
    answers: list[TranscriptTurn] = []
    for turn in turns[index + 1 :]:
        if not turn.by_trainee:
            break
        answers.append(turn)
    return answers


def _take_answers(item: Objection, answers: list[TranscriptTurn], lexicon: Lexicon) -> None:
    for answer in answers:
        folded = fold(answer.content)
        item.acknowledged |= lexicon.has("acknowledge", folded) or lexicon.has("empathy", folded)
        item.explored |= any(
            question_kind(sentence, lexicon)
            and explores(sentence, lexicon)
            and not lexicon.has("next_step", sentence.folded)
            for sentence in sentences_of(answer)
        )
        item.answers.append(answer)
        if item.outcome == "unanswered" and count_words(answer.content) >= MIN_ANSWER_WORDS:
            item.outcome = "open"


def explores(question: Sentence, lexicon: Lexicon) -> bool:
    """Can the question bring out what lies behind an objection? "You want it?" asks for a yes."""
    return not lexicon.has("asks_to_buy", question.folded)


def _settle(waiting: dict[str, Objection], reply: TranscriptTurn, brief: PersonaBrief | None, lexicon: Lexicon) -> None:
    """What the buyer's reply says about the objections that were answered before it."""
    lines = {item.key: item for item in (brief.objections if brief else ())}
    folded = fold(reply.content)
    for key, item in waiting.items():
        if item.outcome == "resolved":
            continue
        authored = lines.get(key)
        just_answered = item.answers[-1].seq == reply.seq - 1
        if (authored and authored.resolved_text and same_line(authored.resolved_text, reply.content)) or (
            key in traced(reply, "objection_resolved")
        ):
            item.outcome = "resolved"
        elif (
            (authored and authored.hardened_text and same_line(authored.hardened_text, reply.content))
            or key in traced(reply, "objection_hardened")
            or (just_answered and lexicon.has("buyer_hardens", folded))
        ):
            item.outcome = "hardened"
        elif (just_answered and item.outcome == "open" and lexicon.has("buyer_softens", folded)) or (
            key in traced(reply, "objection_softened")
        ):
            item.outcome = "softened"


def reveals_in(turns: Sequence[TranscriptTurn], brief: PersonaBrief | None) -> list[Reveal]:
    """The hidden pains that came out, in order."""
    found: dict[str, Reveal] = {}
    last_trainee: TranscriptTurn | None = None
    for turn in turns:
        if turn.by_trainee:
            last_trainee = turn
            continue
        for pain in brief.hidden_pains if brief else ():
            told = same_line(pain.reveal_text, turn.content) or (
                pain.key in traced(turn, "pain_revealed") and was_heard(pain.reveal_text, turn)
            )
            if told and pain.key not in found:
                found[pain.key] = Reveal(key=pain.key, turn=turn, earned_by=last_trainee)
    return list(found.values())
