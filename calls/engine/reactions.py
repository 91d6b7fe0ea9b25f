"""What the buyer says when no objection, pain, fact or next step decides it, and what is added at the end."""

from __future__ import annotations

from calls.engine import objections, pains
from calls.engine.moment import Moment
from calls.engine.moods import minutes

OFF_TOPIC = 0.12
LOW_PATIENCE = 20
NEARLY_OVER = 0.8
ROOM_FOR_MORE = 38  # words; a reply that is longer already gets nothing added
TURNS_BETWEEN_OBJECTIONS = 2
DISCOVERY_OBJECTION_TURN = 5
TRUST_TO_ASK = 30
REST = 2  # turns between two questions of the buyer
ASKING_BACK = ("help", "proof", "setup", "price")


def react(moment: Moment) -> None:
    """Add the buyer's reaction to what was said."""
    fired = {entry.rule for entry in moment.trace}
    for rule, pool in (
        ("evaded_question", "evaded"),
        ("pushy", "pushy"),
        ("repeated_self", "repeated_self"),
        ("monologue", "monologue"),
        ("pitch_again", "pitch_again"),
        ("buzzwords", "buzzwords"),
        ("pitch_before_question", "pitch_first"),
        ("early_discount", "discount"),
        ("value_tied", "value_tied"),
        ("answered_question", "answered"),
        ("pitch_without_need", "pitch_plain"),
    ):
        if rule in fired:
            moment.say(pool)
            return
    if moment.heard.questions:
        _have_no_answer(moment)
        return
    for rule, pool in (("reflected", "reflected"), ("evidence", "evidence"), ("empathy", "empathy")):
        if rule in fired:
            moment.say(pool)
            return
    _small_things(moment)


def _have_no_answer(moment: Moment) -> None:
    heard = moment.heard
    if all(moment.matcher.meaning(question) == 0 for question in heard.questions):
        moment.note("listened")  # "So, what do you think?"
        moment.say("opinion")
    elif pains.was_about_told_pain(moment):
        moment.note("pain_told_again")
        moment.say("told_already")
    elif heard.real_questions and not heard.topics and moment.fits(heard.questions, _world(moment)) < OFF_TOPIC:
        moment.feel("off_topic")
        moment.say("off_topic")
    else:
        moment.note("fact_unknown")
        moment.say("unknown" if heard.real_questions else "yes_no")


def _small_things(moment: Moment) -> None:
    state, heard = moment.state, moment.heard
    if heard.did("small_talk"):
        moment.say("small_talk")
    if heard.did("permission") and state.turn <= 3:
        moment.say("permission")
    if not state.introduced and state.turn == 1 and heard.words < 12:
        moment.say("who")
    elif moment.parts and (state.reason_given or state.questions):
        return
    elif moment.brief.mode == "cold_call" and not (state.reason_given or state.questions) and state.turn <= 4:
        moment.say("whats_this")
    elif heard.did("price"):
        moment.say("price")
    elif _off_topic(moment):
        moment.feel("off_topic")
        moment.say("off_topic")
    else:
        moment.say("go_on")


def _off_topic(moment: Moment) -> bool:
    heard = moment.heard
    if heard.acts or heard.words < 6 or moment.state.turn < 2:
        return False
    return moment.fits(heard.comparable, _world(moment)) < OFF_TOPIC


def _world(moment: Moment) -> tuple[str, ...]:
    """What this call could be about."""
    brief = moment.brief
    world = (
        brief.goal,
        brief.next_step,
        brief.industry,
        *(objection.text for objection in brief.objections),
        *(hint for objection in brief.objections for hint in objection.resolve_hints),
        *(pain.pain for pain in brief.hidden_pains),
        *(hint for pain in brief.hidden_pains for hint in pain.reveal_hints),
        *brief.facts,
        *brief.facts.values(),
    )
    return tuple(text for text in world if text)


def raise_when_due(moment: Moment) -> bool:
    """Bring up the next objection when the mode and what was said make it due."""
    state, heard, mode = moment.state, moment.heard, moment.brief.mode
    following = objections.waiting(moment)
    if following is None or state.active or state.committed_turn:
        return False
    fired = {entry.rule for entry in moment.trace}
    provoked = heard.did("pitch", "price", "discount", "pushy") and "value_tied" not in fired
    settled = [item.settled_turn for item in state.objections.values() if item.settled_turn]
    rested = not settled or state.turn - max(settled) >= TURNS_BETWEEN_OBJECTIONS
    if mode == "objection_gauntlet":
        due = True
    elif fired & {"pain_revealed", "objection_resolved", "answered_question"}:
        due = False
    elif mode == "cold_call":
        due = (state.reason_given or provoked or state.turn >= 3) and (rested or provoked)
    else:
        due = (provoked and state.turn >= 3) or (state.turn >= DISCOVERY_OBJECTION_TURN and rested)
    if due:
        objections.bring_up(moment, following)
    return due


def ask_back(moment: Moment) -> None:
    """Now and then the buyer wants to know something too."""
    state = moment.state
    if state.active or state.committed_turn or state.trust < TRUST_TO_ASK or too_long(moment):
        return
    fired = {entry.rule for entry in moment.trace}
    wanted = ""
    if "pain_revealed" in fired and pains.told(moment) == len(moment.brief.hidden_pains):
        wanted = "help"
    elif fired & {"value_tied", "evidence"}:
        wanted = next((kind for kind in ASKING_BACK[1:] if kind not in state.asked_back), "")
    if wanted and wanted not in state.asked_back and state.turn - max(state.asked_back.values(), default=-9) >= REST:
        state.asked_back[wanted] = state.turn
        state.pending = wanted
        moment.note("asked_back", wanted)
        moment.say(f"ask.{wanted}")


def too_long(moment: Moment) -> bool:
    return sum(len(part.split()) for part in moment.parts) > ROOM_FOR_MORE


def warn(moment: Moment) -> None:
    """Say it once before leaving: no patience left, or no time."""
    state = moment.state
    if state.committed_turn or moment.hang_up:
        return
    limit = minutes(moment.brief.personality, moment.brief.mode) * 60_000
    if not state.warned_time and moment.at_ms >= NEARLY_OVER * limit:
        state.warned_time = True
        moment.note("time_low")
        moment.say("time_warning")
    elif not state.warned_patience and state.patience <= LOW_PATIENCE:
        state.warned_patience = True
        moment.note("patience_low")
        if not too_long(moment):
            moment.say("small_patience")
