"""The buyer: a deterministic persona that listens, feels, answers and leaves. No model, no clock, no chance.

The same brief and the same turns give the same replies on every machine; `state()` after any turn is all it takes to go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from calls.engine import closing, feelings, moods, objections, pains, reactions
from calls.engine.directive import Directive, Guard, SaidSoFar, directive_for
from calls.engine.intents import Heard, Reader
from calls.engine.lexicon import lexicon
from calls.engine.matching import Matcher
from calls.engine.moment import Moment
from calls.engine.replies import HangUp, Reply
from calls.engine.state import CallState
from calls.engine.wording import Phrases
from integrations.embeddings.base import Encoder
from scenarios.briefs import PersonaBrief

# Said less often than what `stock_lines` puts first, about in the order of a call.
LATER_POOLS = (
    *("answered", "evaded", "value_tied", "evidence", "empathy", "reflected", "resolved", "hardened", "yes_no"),
    *("ask.help", "ask.proof", "ask.price", "ask.setup", "fact_again", "buzzwords", "monologue", "small_patience"),
    *("close_open_objection", "close_first_objection", "close_no_pain", "close_low_trust", "close_low_interest"),
    *("soft_yes", "accept", "accept_time", "accept_no_time", "after_accept", "pitch_plain", "withheld_yes_no"),
    *(
        "small_talk",
        "opinion",
        "told_already",
        "who",
        "current",
        "role",
        "company",
        "decision",
        "budget",
        "timing",
        "price",
    ),
    *("unclear", "repeat", "backchannel", "off_topic", "repeated_self", "dismissed", "discount", "pushy", "told_all"),
    *("patience_out", "bye.won", "bye.follow_up", "bye.undecided", "bye.lost", "silence.1", "silence.2", "silence.3"),
)
SILENCE_MS = (7_000, 15_000, 23_000)  # of silence since the trainee last spoke: ask, ask again, hang up
UNCLEAR_IN_A_ROW = 3
RUDE_TWICE = 2
FAREWELL_WORDS = 30


class Buyer:
    """One buyer in one call."""

    def __init__(self, brief: PersonaBrief, *, encoder: Encoder, state: Mapping[str, Any] | None = None) -> None:
        """`state`: what `state()` gave earlier, to go on from there. Raises ValueError for a foreign format."""
        words = lexicon(brief.language)
        self._brief = brief
        self._matcher = Matcher(encoder, words.stopwords)
        self._reader = Reader(words, self._matcher)
        self._phrases = Phrases(brief)
        if state:
            self._state = CallState.from_json(state)
        else:
            mood = moods.at_first(brief.personality, brief.difficulty, brief.mode)
            self._state = CallState(patience=mood.patience, trust=mood.trust, interest=mood.interest)
        self._heard = self._reader.read("")

    @property
    def brief(self) -> PersonaBrief:
        return self._brief

    @property
    def standing(self) -> CallState:
        """What this buyer remembers and feels right now."""
        return self._state

    @property
    def heard(self) -> Heard:
        """The last turn of the seller, as it was understood."""
        return self._heard

    @property
    def matcher(self) -> Matcher:
        """How this buyer compares meanings; it remembers what it has read."""
        return self._matcher

    def state(self) -> dict[str, Any]:
        """Everything this buyer remembers, as JSON."""
        return self._state.to_json()

    def open(self, words: str = "") -> Reply:
        """The buyer's first words: `words`, or else what their author wrote. Encodes what the author wrote, so that the first
        answer need not wait for that."""
        self._matcher.prepare(self._written())
        moment = self._moment(self._reader.read(""), 0)
        trait = moment.phrases.trait
        moment.note("opened", personality=trait(self._brief.personality), difficulty=trait(self._brief.difficulty))
        if opening := words.strip() or self._brief.first_message.strip():
            moment.quote(opening)
        else:
            moment.say(f"opening.{self._brief.mode}")
        return moment.reply()

    def hear(self, text: str, *, at_ms: int) -> Reply:
        """The answer to one turn of the seller. `at_ms`: when it ended, on the call's clock. Takes any text."""
        self._state.turn += 1
        self._state.silences = 0
        self._heard = self._reader.read(text)
        moment = self._moment(self._heard, at_ms)
        if self._state.ended_reason:
            moment.note("hung_up")
            moment.say("ended")
            moment.leave(self._state.ended_reason, self._state.ended_outcome)
            return moment.reply()
        if not (self._mishap(moment) or self._after_agreement(moment) or self._farewell(moment)):
            self._converse(moment)
        self._give_up(moment)
        reactions.warn(moment)
        if not moment.trace:
            moment.note("listened")
        return moment.reply()

    def silence(self, *, silent_ms: int) -> Reply | None:
        """What the buyer says into `silent_ms` of silence since the trainee last spoke; None while that is natural."""
        state = self._state
        if state.ended_reason or state.silences >= len(SILENCE_MS) or silent_ms < SILENCE_MS[state.silences]:
            return None
        state.silences += 1
        moment = self._moment(self._reader.read(""), 0)
        moment.feel("silence", count=silent_ms // 1000)
        moment.say(f"silence.{state.silences}")
        if state.silences == len(SILENCE_MS):
            moment.leave("silence", closing.outcome(moment))
        return moment.reply()

    def line(self, pool: str, **values: object) -> str:
        """The next line of a pool, to be said beside a reply."""
        moment = self._moment(self._heard, 0)
        moment.say(pool, **values)
        return moment.parts[0]

    def every(self, pool: str) -> tuple[str, ...]:
        """All lines of a pool as this buyer would say them; `{next}` is left as it stands."""
        return self._phrases.every(pool)

    def why(self, rule: str, **values: object) -> str:
        """A sentence for a trace, in the language of the call."""
        return self._phrases.why(rule, **values)

    def directive(
        self, reply: Reply, *, heard: str, before: Sequence[SaidSoFar], instructions: str = ""
    ) -> Directive | None:
        """What a language model is told to word this reply, just given; None: it is said as it stands. `instructions`: of the
        stage that the call is in."""
        return directive_for(
            self._brief, state=self._state, reply=reply, heard=heard, before=before, instructions=instructions
        )

    def guard(self, directive: Directive) -> Guard:
        return Guard(directive, self._matcher)

    def stock_lines(self) -> tuple[str, ...]:
        """Lines this buyer is likely to say, the likeliest first: worth synthesising ahead."""
        brief, phrases = self._brief, self._phrases
        lines = [brief.first_message or phrases.line(f"opening.{brief.mode}", 0)]
        for pool in (
            "permission",
            "whats_this",
            "raise_first",
            "raise",
            "concern",
            "acknowledged",
            "reveal",
            "fact",
            "go_on",
        ):
            lines.extend(phrases.every(pool))
        for objection in brief.objections:
            lines.extend((objection.text, objection.concern, objection.resolved_text, objection.hardened_text))
        lines.extend(pain.reveal_text for pain in brief.hidden_pains)
        lines.extend(brief.facts.values())
        for pool in ("ignored", "partly", "withheld_trust", "too_general", "unknown", "pitch_first", "pitch_again"):
            lines.extend(phrases.every(pool))
        for pool in LATER_POOLS:
            lines.extend(phrases.every(pool))
        spoken = (line.removesuffix("{line}").strip() for line in lines)
        return tuple(dict.fromkeys(line for line in spoken if line))

    def _written(self) -> tuple[str, ...]:
        """Everything that turns will be compared with."""
        brief = self._brief
        texts = [
            *lexicon(brief.language).pitch_examples,
            *brief.facts,
            *brief.facts.values(),
            brief.goal,
            brief.next_step,
        ]
        for objection in brief.objections:
            texts.extend((*objection.resolve_hints, *objection.harden_hints, objection.text, objection.concern))
        for pain in brief.hidden_pains:
            texts.extend((*pain.reveal_hints, pain.pain, pain.reveal_text))
        return tuple(text for text in texts if text)

    def _moment(self, heard: Heard, at_ms: int) -> Moment:
        return Moment(
            brief=self._brief,
            state=self._state,
            heard=heard,
            matcher=self._matcher,
            phrases=self._phrases,
            at_ms=at_ms,
        )

    def _mishap(self, moment: Moment) -> bool:
        """Noise, another language, a request to repeat, an insult, or an attempt to break the role."""
        state, heard = moment.state, moment.heard
        if heard.unclear:
            state.unclear_run += 1
            many = state.unclear_run >= UNCLEAR_IN_A_ROW
            if heard.words and not many:  # "mhm", "okay": a sign of life, nothing to hold against anybody
                moment.note("listened")
                moment.say("backchannel")
            else:
                moment.feel("unclear")
                moment.say("unclear.many" if many else "unclear")
            return True
        state.unclear_run = 0
        if heard.did("rude"):
            state.rudeness += 1
            moment.feel("rude")
            if state.rudeness >= RUDE_TWICE or state.patience == 0:
                moment.say("rude_end")
                moment.leave("rude", "lost")
            else:
                moment.say("rude_warning")
            return True
        if heard.did("injection"):
            moment.feel("injection")
            moment.say("injection")
            return True
        if heard.foreign:
            moment.note("foreign")
            moment.say("foreign")
            return True
        if heard.did("repeat") and heard.words <= 12 and state.last_line:
            moment.note("repeated")
            line = state.last_line
            for again in self._phrases.every("repeat"):
                line = line.removeprefix(again.removesuffix("{line}"))
            moment.say("repeat", line=line)
            return True
        return False

    def _after_agreement(self, moment: Moment) -> bool:
        """The next step stands: a last question may be answered, then the buyer says goodbye."""
        state = moment.state
        if not state.committed_turn:
            return False
        first_after = state.turn - state.committed_turn == 1
        if (
            first_after
            and moment.heard.real_questions
            and (pains.answer_about_fact(moment) or pains.answer_by_topic(moment))
        ):
            return True
        moment.note("goodbye")
        moment.say("bye.won" if moment.heard.did("farewell") else "after_accept")
        moment.leave("next_step_agreed", "won")
        return True

    def _farewell(self, moment: Moment) -> bool:
        heard = moment.heard
        if not heard.did("farewell") or heard.did("next_step") or heard.questions:
            return False
        if moment.state.turn == 1 or heard.words > FAREWELL_WORDS:
            return False
        closing.say_goodbye(moment)
        return True

    def _converse(self, moment: Moment) -> None:
        """The ordinary turn: feel it, then answer what matters most."""
        on_table = objections.active(moment)
        worth = objections.answers(moment, on_table) if on_table else 0
        feelings.feel_turn(moment, answering=bool(worth))
        if on_table is not None:
            half_and_why = worth < objections.FULL and moment.heard.did("explore") and moment.heard.real_questions
            if worth and not half_and_why:
                objections.credit(moment, on_table, worth)
                self._after_settling(moment)
                return
            if self._objection_stands(moment):
                return
        elif objections.preempt(moment):
            self._after_settling(moment)
            return
        if moment.heard.did("next_step"):
            closing.answer_to_next_step(moment)
            return
        if moment.brief.mode == "objection_gauntlet" and moment.state.turn == 1:
            reactions.raise_when_due(moment)  # no small talk: the first one follows the first words
            return
        if not self._answer_question(moment):
            reactions.react(moment)
        if not reactions.raise_when_due(moment):
            reactions.ask_back(moment)

    def _answer_question(self, moment: Moment) -> bool:
        return pains.answer_about_pain(moment) or pains.answer_about_fact(moment) or pains.answer_by_topic(moment)

    def _after_settling(self, moment: Moment) -> None:
        """An objection was answered: what else was in the same turn, and what comes next."""
        if moment.state.active:
            return
        heard = moment.heard
        if heard.did("next_step") and (heard.did("time_named") or heard.social_questions):
            closing.answer_to_next_step(moment)
        elif not pains.answer_about_pain(moment, only_new=True):
            reactions.raise_when_due(moment)

    def _objection_stands(self, moment: Moment) -> bool:
        """An objection is on the table and was not answered. True when the reply is about it."""
        heard, objection = moment.heard, objections.active(moment)
        if objection is None:
            return False
        if worse := objections.worsens(moment, objection):
            objections.harden(moment, objection, worse)
            return True
        if heard.questions:
            if objections.explores(moment, objection):
                objections.explain(moment, objection)
                return True
            if heard.real_questions or not heard.did("pitch", "next_step"):
                return False
        if heard.did("next_step"):
            return False
        if heard.did("empathy", "reflection"):
            objections.acknowledge(moment, objection)
            return True
        if heard.did("permission", "small_talk") and heard.words < 20:
            return False
        if heard.did("pitch"):
            objections.harden(moment, objection, "pitch")
            return True
        objections.ignore(moment, objection)
        return True

    def _give_up(self, moment: Moment) -> None:
        """Leave when patience or time is used up, unless the buyer already is leaving or has agreed."""
        state = moment.state
        if moment.hang_up or state.committed_turn:
            return
        if state.patience <= 0:
            moment.note("patience_ran_out")
            moment.parts.clear()
            moment.say("patience_out")
            moment.leave("patience_ran_out", "lost")
        elif moment.at_ms >= moods.minutes(self._brief.personality, self._brief.mode) * 60_000:
            moment.note("time_up")
            moment.parts.clear()
            moment.say("time_up")
            moment.leave("time_up", closing.outcome(moment))


__all__ = ["Buyer", "HangUp", "Reply"]
