"""What the seller did with one turn: questions, acts and topics, told by phrase patterns and a few examples."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from calls.engine.lexicon import Lexicon, any_match
from calls.engine.matching import Matcher
from calls.engine.text import LONGEST, plain, sentences

LIKE_A_PITCH = 0.5
MONOLOGUE_WORDS = 85
# What only a statement can do: "What did the audit say?" is no evidence, "What are you worried about?" waves nothing away.
STATED_ACTS = frozenset({"evidence", "dismissal", "discount", "reason", "pushy"})
# A question that is only manners or a proposal, and so none about the buyer.
SOCIAL_ACTS = ("small_talk", "permission", "repeat")
SHORT_WORDS = 2  # sentences of fewer words mean too little to be compared


@dataclass(frozen=True, slots=True)
class Heard:
    """One turn of the seller, understood."""

    text: str
    plain: str
    words: int
    sentences: tuple[str, ...]
    open_questions: tuple[str, ...] = ()
    specific_questions: tuple[str, ...] = ()
    yes_no_questions: tuple[str, ...] = ()
    social_questions: tuple[str, ...] = ()
    acts: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    pitch_sentences: int = 0
    unclear: bool = False
    foreign: bool = False
    has_number: bool = False
    has_duration: bool = False

    @property
    def questions(self) -> tuple[str, ...]:
        """Questions about the buyer; not "how are you?", "do you have a minute?" or "shall we meet?"."""
        return self.open_questions + self.specific_questions + self.yes_no_questions

    @property
    def real_questions(self) -> tuple[str, ...]:
        """Questions that cannot be answered with yes or no."""
        return self.open_questions + self.specific_questions

    @property
    def statements(self) -> tuple[str, ...]:
        asked = {*self.questions, *self.social_questions}
        return tuple(sentence for sentence in self.sentences if sentence not in asked)

    @property
    def comparable(self) -> tuple[str, ...]:
        """What is compared with an author's hints: each sentence of some length, and neighbours together."""
        return self._comparable(self.sentences)

    @property
    def proposals(self) -> tuple[str, ...]:
        """The same without open questions: what can be an answer or a blunder. "Could we start small?" can."""
        asked = set(self.real_questions)
        return self._comparable(tuple(sentence for sentence in self.sentences if sentence not in asked))

    @staticmethod
    def _comparable(pieces: tuple[str, ...]) -> tuple[str, ...]:
        longer = tuple(piece for piece in pieces if len(plain(piece).split()) > SHORT_WORDS)
        pairs = tuple(f"{first} {second}" for first, second in itertools.pairwise(longer))
        return longer[:12] + pairs[:8] or pieces[:1]

    def did(self, *acts: str) -> bool:
        return not self.acts.isdisjoint(acts)


class Reader:
    """Reads turns in one language."""

    def __init__(self, lexicon: Lexicon, matcher: Matcher) -> None:
        self._lexicon = lexicon
        self._matcher = matcher

    def read(self, text: str) -> Heard:
        """Never raises, whatever the text."""
        text = " ".join(text[:LONGEST].split())
        flat = plain(text)
        words = flat.split()
        if not words or all(word in self._lexicon.fillers for word in words):
            agreed = any_match(self._lexicon.acts["agreement"], flat)
            return Heard(
                text=text,
                plain=flat,
                words=len(words),
                sentences=sentences(text),
                acts=frozenset({"agreement"}) if agreed else frozenset(),
                unclear=not agreed,
            )
        pieces = sentences(text)
        # A lost question mark is put back: questions are compared with questions.
        pieces = tuple(
            f"{piece.rstrip('.!… ')}?" if "?" not in piece and self._kind(piece) else piece for piece in pieces
        )
        kinds = {piece: self._kind(piece) for piece in pieces}
        stated = [piece for piece in pieces if kinds[piece] not in {"open", "specific"}]
        acts = {
            act
            for act, patterns in self._lexicon.acts.items()
            if act != "pitch"
            and any(any_match(patterns, plain(piece)) for piece in (stated if act in STATED_ACTS else pieces))
        }
        pitches = sum(self._is_pitch(piece) for piece in pieces if not kinds[piece])
        if pitches:
            acts.add("pitch")
        return Heard(
            text=text,
            plain=flat,
            words=len(words),
            sentences=pieces,
            open_questions=tuple(piece for piece in pieces if kinds[piece] == "open"),
            specific_questions=tuple(piece for piece in pieces if kinds[piece] == "specific"),
            yes_no_questions=tuple(piece for piece in pieces if kinds[piece] == "yes_no"),
            social_questions=tuple(piece for piece in pieces if kinds[piece] == "social"),
            acts=frozenset(acts),
            topics=frozenset(t for t, patterns in self._lexicon.topics.items() if any_match(patterns, flat)),
            pitch_sentences=pitches,
            foreign=self._is_foreign(words),
            has_number=any_match(self._lexicon.numbers, flat),
            has_duration=any_match(self._lexicon.durations, flat),
        )

    def _kind(self, sentence: str) -> str:
        """open, specific, yes_no, social, or "" for a statement. Recognisers often lose the question mark."""
        marked, flat = "?" in sentence, plain(sentence)
        if not marked and any_match(self._lexicon.not_questions, flat):
            return ""
        kind = self._form(sentence, marked=marked)
        if kind and any(any_match(self._lexicon.acts[act], flat) for act in SOCIAL_ACTS):
            return "social"
        if kind == "yes_no" and (
            len(flat.split()) <= SHORT_WORDS
            or any(any_match(self._lexicon.acts[act], flat) for act in ("next_step", "greeting"))
        ):
            return "social"
        return kind

    def _form(self, sentence: str, *, marked: bool) -> str:
        candidates = [sentence]
        if marked and "," in sentence:
            candidates.append(sentence.rsplit(",", 1)[1])  # "When they are late, what happens?"
        for kind, patterns in self._lexicon.questions.items():
            if (marked or kind in self._lexicon.bare_questions) and any(
                any_match(patterns, plain(candidate)) for candidate in candidates
            ):
                return kind
        return "yes_no" if marked else ""

    def _is_pitch(self, sentence: str) -> bool:
        flat = plain(sentence)
        if len(flat.split()) < 5:
            return False
        if any_match(self._lexicon.acts["pitch"], flat) or any_match(self._lexicon.acts["buzzwords"], flat):
            return True
        return self._matcher.best([sentence], self._lexicon.pitch_examples).score >= LIKE_A_PITCH

    def _is_foreign(self, words: list[str]) -> bool:
        """Whether this is the other language rather than this one, by the commonest words of both."""
        foreign = sum(word in self._lexicon.foreign for word in words)
        own = sum(word in self._lexicon.own for word in words)
        return len(words) >= 4 and foreign >= 2 and foreign > 2 * own
