"""How a turn of the seller lands: which mood rules it sets off, before the buyer finds words."""

from __future__ import annotations

from calls.engine import pains
from calls.engine.intents import MONOLOGUE_WORDS
from calls.engine.moment import Moment, short
from calls.engine.text import plain

SAME_WORDS = 0.85
QUESTIONS_IN_A_ROW = 4
TAG_WORDS = 4  # "Right?" and "Sounds good?" ask nothing
SOME_ANSWER_WORDS = 8
OPENING_PITCH_WORDS = 70  # one sentence on what one does belongs into an opening
EARN_IT_MS = 30_000  # a cold call has this long to say why it is made
INTEREST_FOR_DISCOUNT = 55
HEARD_IT = 0.25  # how near a summary must come to something the buyer said


def feel_turn(moment: Moment, *, answering: bool) -> None:
    """Set off the rules of this turn. `answering`: it answers the open objection, so it is no pitch."""
    _opening(moment)
    _manners(moment)
    _kindness(moment)
    asked = _questions(moment)
    _reason_due(moment)
    if asked and not moment.heard.pitch_sentences:
        moment.state.pitch_run = 0
    tied = pains.tied_to_a_pain(moment)
    if tied:
        moment.feel("value_tied")
    answered = _pending(moment, tied=tied)
    heard = moment.heard
    if heard.did("evidence") and not answering and not tied and moment.state.turn > 1:
        moment.feel("evidence", what=short(max(heard.statements or heard.sentences, key=len)))
    if heard.pitch_sentences and not (tied or answering or answered):
        _pitch(moment, asked=asked)
    if heard.did("discount") and not answering and moment.state.interest < INTEREST_FOR_DISCOUNT:
        moment.feel("early_discount")
    moment.state.last_heard = heard.plain


def _opening(moment: Moment) -> None:
    state, heard = moment.state, moment.heard
    if heard.did("introduction") and not state.introduced:
        state.introduced = True
        moment.feel("introduced")
    if heard.did("reason") and not state.reason_given:
        state.reason_given = True
        moment.feel("reason_given")
    if heard.did("permission") and state.turn <= 2:
        moment.feel("asked_permission")


def _reason_due(moment: Moment) -> None:
    state = moment.state
    late = state.turn >= 3 or (state.turn >= 2 and moment.at_ms > EARN_IT_MS)
    if moment.brief.mode == "cold_call" and late and not state.reason_given and not state.questions:
        moment.feel("no_reason_yet")


def _manners(moment: Moment) -> None:
    state, heard = moment.state, moment.heard
    if heard.words > MONOLOGUE_WORDS:
        moment.feel("monologue", count=heard.words)
    if heard.did("pushy"):
        moment.feel("pushy", what=short(heard.text))
    if heard.did("dismissal") and state.active:
        moment.feel("dismissed")
    if heard.did("buzzwords"):
        moment.feel("buzzwords")
    if heard.did("small_talk") and not heard.did("farewell") and state.felt.get("small_talk", 0) < 3:
        moment.feel("small_talk")
    if _same_again(moment):
        moment.feel("repeated_self")


def _same_again(moment: Moment) -> bool:
    now, before = set(moment.heard.plain.split()), set(moment.state.last_heard.split())
    if len(now) < 5 or len(before) < 5:
        return False
    return len(now & before) / len(now | before) >= SAME_WORDS


def _kindness(moment: Moment) -> None:
    heard = moment.heard
    if heard.did("empathy"):
        moment.feel("empathy")
    if heard.did("reflection") and moment.fits(heard.comparable, _told(moment)) >= HEARD_IT:
        moment.feel("reflected")


def _told(moment: Moment) -> tuple[str, ...]:
    """What the buyer has said of themselves so far, for a summary to be about."""
    state, brief = moment.state, moment.brief
    raised = [
        item for item in brief.objections if item.key in state.objections and state.objections[item.key].raised_turn
    ]
    return (
        *(text for item in raised for text in (item.text, item.concern)),
        *(text for pain in brief.hidden_pains if pain.key in state.pains for text in (pain.pain, pain.reveal_text)),
        *(brief.facts[topic] for topic in state.facts if topic in brief.facts),
    )


def _questions(moment: Moment) -> bool:
    """Whether the seller asked about the buyer; asking for a minute or a meeting is not that."""
    state, heard = moment.state, moment.heard
    counted = heard.real_questions or tuple(
        question for question in heard.yes_no_questions if len(plain(question).split()) >= TAG_WORDS
    )
    if not counted:
        if heard.statements:
            state.question_run = 0
        return False
    state.questions += 1
    gave = heard.did("empathy", "reflection", "evidence", "pitch") or heard.words > 30
    state.question_run = 1 if gave else state.question_run + 1
    what = short(counted[0])
    if "impact" in heard.topics:
        moment.feel("impact_question", what=what)
    elif "problem" in heard.topics:
        moment.feel("problem_question", what=what)
    elif heard.open_questions:
        moment.feel("open_question", what=what)
    if state.question_run >= QUESTIONS_IN_A_ROW:
        moment.feel("interrogation", count=state.question_run)
    return True


def _pitch(moment: Moment, *, asked: bool) -> None:
    state, heard = moment.state, moment.heard
    short_opening = state.turn == 1 and heard.pitch_sentences <= 2 and heard.words <= OPENING_PITCH_WORDS
    if short_opening and not heard.did("buzzwords", "pushy"):
        return
    state.pitches += 1
    if state.questions == 0:
        moment.feel("pitch_before_question", count=state.pitches)
    elif state.pitch_run:
        moment.feel("pitch_again", count=state.pitch_run + 1)
    elif moment.brief.hidden_pains and not state.pains:
        moment.feel("pitch_without_need")
    state.pitch_run = 0 if asked else state.pitch_run + 1


def _pending(moment: Moment, *, tied: bool) -> bool:
    """Whether the question the buyer asked back was answered; without a try it counts as evaded."""
    state, heard = moment.state, moment.heard
    wanted, state.pending = state.pending, ""
    if not wanted:
        return False
    answered = {
        "help": tied or sum(len(item.split()) for item in heard.statements) >= SOME_ANSWER_WORDS,
        "proof": heard.did("evidence") or heard.has_number,
        "price": heard.did("price") or heard.has_number,
        "setup": heard.has_duration or heard.has_number,
    }[wanted]
    moment.feel("answered_question" if answered else "evaded_question", wanted)
    return answered
