"""The next step: what it takes to earn it, and how the buyer leaves."""

from __future__ import annotations

from calls.engine import objections, pains
from calls.engine.moment import Moment
from calls.engine.moods import TO_COMMIT

PATIENCE_FOR_EMAIL = 25
LIKED = 42  # trust from which an open end is undecided rather than lost


def answer_to_next_step(moment: Moment) -> None:
    """The seller asked for the next step."""
    state, need = moment.state, TO_COMMIT[moment.brief.difficulty]
    open_one = objections.active(moment)
    if open_one is not None:
        refuse(moment, "open_objection", "close_open_objection")
        moment.quote(open_one.text if state.closes_refused == 1 else open_one.concern)
        return
    enough = min(need["objections"], len(moment.brief.objections))
    if moment.brief.mode == "objection_gauntlet":
        enough = len(moment.brief.objections) if moment.brief.difficulty != "easy" else max(enough, 2)
    next_one = objections.waiting(moment)
    if objections.settled(moment) < enough and next_one is not None:
        refuse(moment, "more_objections", "")
        objections.bring_up(moment, next_one, lead="close_first_objection")
        return
    if (
        pains.told(moment) < min(need["pains"], len(moment.brief.hidden_pains))
        and moment.brief.mode != "objection_gauntlet"
    ):
        refuse(moment, "no_pain", "close_no_pain")
        return
    if state.trust < need["trust"]:
        refuse(moment, "low_trust", "close_low_trust", have=state.trust, need=need["trust"])
        offer_less(moment)
        return
    if state.interest < need["interest"]:
        refuse(moment, "low_interest", "close_low_interest", have=state.interest, need=need["interest"])
        offer_less(moment)
        return
    commit(moment)


def refuse(moment: Moment, reason: str, line: str, **values: object) -> None:
    again = moment.state.closes_refused > 0 and moment.state.felt.get("close_too_early", 0) > 0
    moment.state.closes_refused += 1
    rule = "close_refused_again" if again else "close_too_early"
    moment.feel(rule, reason, what=moment.phrases.reason(reason, **values))
    if line:
        moment.say(line)


def offer_less(moment: Moment) -> None:
    """Not a commitment, but not a no either."""
    if moment.state.patience >= PATIENCE_FOR_EMAIL and not moment.state.soft_yes:
        moment.state.soft_yes = True
        moment.note("soft_yes")
        moment.say("soft_yes")


def commit(moment: Moment) -> None:
    moment.state.committed_turn = moment.state.turn
    moment.note("committed", objections=objections.settled(moment), pains=pains.told(moment))
    moment.say("accept")
    moment.say("accept_time" if moment.heard.did("time_named") else "accept_no_time")


def outcome(moment: Moment) -> str:
    """won, follow_up, undecided or lost, as things stand."""
    if moment.state.committed_turn:
        return "won"
    if moment.state.soft_yes:
        return "follow_up"
    return "undecided" if moment.state.trust >= LIKED else "lost"


def say_goodbye(moment: Moment, reason: str = "goodbye") -> None:
    result = outcome(moment)
    moment.note("goodbye")
    moment.say(f"bye.{result}")
    moment.leave("next_step_agreed" if result == "won" else reason, result)
