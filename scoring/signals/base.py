"""What the embedded judge looks for: a signal reads a call and says how much of it there was, and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from calls.flight.faults import FaultWindow
from integrations.embeddings.base import Encoder
from scenarios.briefs import PersonaBrief
from scoring.injection.detector import Flag, flagged_in, without_words_to_judges
from scoring.lexicon import Lexicon, lexicon
from scoring.metrics import CallMetrics, measure
from scoring.metrics.objections import Objection
from scoring.metrics.questions import Question
from scoring.prose import is_string_of_words
from scoring.transcripts import Sentence, TranscriptTurn, sentences_of

# Below this much talk the measured signals (pace, balance…) earn only their share. The same thing said takes a tenth fewer
# words in Spanish (0.92 of the English over the paired calls in scoring/gates).
MIN_WORDS = {"en": 60, "es": 55}
VOLLEY = 3  # questions in one turn
MISCONDUCT = ("abuse", "pressure", "dismissive", "overpromise")


@dataclass(frozen=True, slots=True)
class Finding:
    """How much of a signal a call holds.

    value: 0–100. sentences: the trainee's words that carry it, best first. applicable: False where the call gave no occasion.
    at: where it was missed (for the improvement's timestamp). facts: numbers for the wording. ceiling: what no rated
    criterion that looks at this can exceed, whatever else speaks for it. against: the trainee's words that are wrong, and
    that nothing else may praise.
    """

    name: str
    value: int
    sentences: tuple[Sentence, ...] = ()
    applicable: bool = True
    at: TranscriptTurn | None = None
    facts: dict[str, str | int] = field(default_factory=dict)
    ceiling: int = 100
    against: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class Reading:
    """A call as the signals see it."""

    turns: tuple[TranscriptTurn, ...]
    metrics: CallMetrics
    mode: str
    brief: PersonaBrief | None
    encoder: Encoder
    outcome: str = ""

    @classmethod
    def of(
        cls,
        turns: Sequence[TranscriptTurn],
        *,
        language: str,
        mode: str,
        spoken: bool,
        encoder: Encoder,
        brief: PersonaBrief | None = None,
        faults: Sequence[FaultWindow] = (),
    ) -> Reading:
        ordered = tuple(sorted(turns, key=lambda turn: turn.seq))
        # Words to the judge are no words of the call: they make nobody talk more, ask more or ramble more.
        heard = without_words_to_judges(ordered)
        metrics = measure(heard, language=language, spoken=spoken, brief=brief, faults=faults)
        return cls(turns=ordered, metrics=metrics, mode=mode, brief=brief, encoder=encoder)

    @cached_property
    def lexicon(self) -> Lexicon:
        return lexicon(self.metrics.language)

    @cached_property
    def mine(self) -> list[TranscriptTurn]:
        return [turn for turn in self.turns if turn.by_trainee and turn.content.strip()]

    @cached_property
    def flagged(self) -> list[Flag]:
        """Words addressed to the judge ("give me 100"). They never count as evidence of anything."""
        return flagged_in(self.turns)

    @cached_property
    def sentences(self) -> list[Sentence]:
        """The trainee's sentences in order, without those to the judge, without word-for-word repeats, and without strings of
        words that are no sentence."""
        seen = {(sentence.turn.id, sentence.start) for sentence in self.flagged}
        wordings: set[str] = set()
        kept: list[Sentence] = []
        for turn in self.mine:
            for sentence in sentences_of(turn):
                wording = " ".join(sentence.folded.split()).strip(".,!? ")
                if (
                    (turn.id, sentence.start) not in seen
                    and wording not in wordings
                    and not is_string_of_words(sentence.folded)
                ):
                    wordings.add(wording)
                    kept.append(sentence)
        return kept

    @cached_property
    def clean(self) -> list[Sentence]:
        """Sentences that could stand as evidence: nothing pushy, rude or boastful in them."""
        return [item for item in self.sentences if not any(self.lexicon.has(kind, item.folded) for kind in MISCONDUCT)]

    @cached_property
    def questions(self) -> list[Question]:
        allowed = {(item.turn.id, item.start) for item in self.clean}
        asked = [item for item in self.metrics.questions if (item.sentence.turn.id, item.sentence.start) in allowed]
        return answerable(asked)

    @cached_property
    def proposal(self) -> Sentence | None:
        """The sentence that proposes the next step, if it could stand as evidence. It is looked up by its place: what is
        measured was read without the words to judges, so its turns are not those of `clean`."""
        found = self.metrics.next_step.sentence
        if found is None:
            return None
        return next((item for item in self.clean if (item.turn.id, item.start) == (found.turn.id, found.start)), None)

    @cached_property
    def objections(self) -> list[Objection]:
        return list(self.metrics.objections)

    @cached_property
    def words(self) -> int:
        """The trainee's words, what was said again counted once: who repeats a sentence has said no more."""
        return min(self.metrics.words[0], sum(item.words for item in self.sentences))

    def having(self, *concepts: str, among: Iterable[Sentence] | None = None) -> list[Sentence]:
        """Clean sentences in which any of the concepts is found."""
        pool = self.clean if among is None else among
        return [item for item in pool if any(self.lexicon.has(concept, item.folded) for concept in concepts)]

    def opening(self, turns: int) -> list[Sentence]:
        first = {turn.id for turn in self.mine[:turns]}
        return [item for item in self.clean if item.turn.id in first]

    def said_before(self, sentence: Sentence) -> frozenset[str]:
        """What the buyer had talked about before this sentence."""
        heard: frozenset[str] = frozenset()
        for turn in self.turns:
            if turn.seq >= sentence.turn.seq:
                break
            if not turn.by_trainee:
                heard |= self.buyer_topics[turn.id]
        return heard

    @cached_property
    def buyer_topics(self) -> dict[str, frozenset[str]]:
        from_buyer = [turn for turn in self.turns if not turn.by_trainee]
        return {
            turn.id: frozenset().union(*(self.lexicon.topics(item.folded) for item in sentences_of(turn)))
            for turn in from_buyer
        }

    def picks_up(self, sentence: Sentence) -> bool:
        """Does the sentence take up something the buyer said?"""
        return bool(self.lexicon.topics(sentence.folded) & self.said_before(sentence))

    def likeness(self, text: str, others: Sequence[str]) -> float:
        """The highest cosine similarity of `text` to one of `others`; 0 without others."""
        if not others:
            return 0.0
        vectors = self.encoder.encode([text, *others])
        return float((vectors[1:] @ vectors[0]).max())

    def sample(self) -> tuple[Sentence, ...]:
        """A typical sentence of the trainee, to stand for what is measured over the whole call; a clean one if there is."""
        proper = [item for item in self.clean if 5 <= item.words <= 30] or [
            item for item in self.clean if item.words >= 2
        ]
        if proper:
            return (proper[len(proper) // 2],)
        rest = [item for item in self.sentences if item.words >= 2 and not self.lexicon.has("abuse", item.folded)]
        faults = {id(item): sum(self.lexicon.has(kind, item.folded) for kind in MISCONDUCT) for item in rest}
        return tuple(sorted(rest, key=lambda item: (faults[id(item)], -item.words))[:1])


def answerable(questions: Sequence[Question]) -> list[Question]:
    """Those that a buyer can answer: of a volley in one breath the last one."""
    by_turn: dict[str, list[Question]] = {}
    for question in questions:
        by_turn.setdefault(question.sentence.turn.id, []).append(question)
    return [item for asked in by_turn.values() for item in (asked[-1:] if len(asked) >= VOLLEY else asked)]


def share(part: float, whole: float) -> int:
    """`part` of `whole` as 0–100, rounded half up."""
    if whole <= 0:
        return 0
    return max(0, min(100, int(100 * part / whole + 0.5)))


def falling(value: float, *, good: float, bad: float) -> int:
    """100 at `good` or better, 0 at `bad` or worse, a straight line between."""
    return share(bad - value, bad - good) if bad > good else share(value - bad, good - bad)
