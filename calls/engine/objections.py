"""Objections: when one comes up, and what settles it, softens it or makes it worse."""

from __future__ import annotations

from calls.engine import pains
from calls.engine.moment import Moment, short
from calls.engine.state import ObjectionState
from scenarios.briefs import Objection

ANSWERS = 0.42  # an answer that fits one of the author's examples
ANSWERS_UNASKED = 0.55  # the same for an objection nobody has raised yet
HARDENS = 0.46
KIND = 0.12  # a seller who shows understanding, or asks, is forgiven more
SALESY = 0.16  # a pitch, or pressure, must fit this much better to pass for an answer
ABOUT_IT = 0.34  # on the subject of the objection, at least
ANSWER_WORDS = 6  # "Eight is a lot." answers nothing
VERBATIM = 0.8  # ... unless it is what the author wrote, as good as word for word
CAREFUL, PROVEN = 0.08, 0.06  # added to the fit: the worry was understood first, something can be checked
STRONG = {"easy": 0.42, "medium": 0.57, "hard": 0.62}  # a full answer from here on, half of one below
FULL, HALF = 2, 1  # credit of a good answer and of half of one
CLEARLY = 0.18  # "what went wrong?" is about the objection, unless it fits a pain this much better
IGNORED_ONCE_MORE = 2


def active(moment: Moment) -> Objection | None:
    """The objection on the table."""
    return next((item for item in moment.brief.objections if item.key == moment.state.active), None)


def of(moment: Moment, objection: Objection) -> ObjectionState:
    return moment.state.objections.setdefault(objection.key, ObjectionState())


def waiting(moment: Moment) -> Objection | None:
    """The next objection that has not been raised."""
    return next((item for item in moment.brief.objections if of(moment, item).status == "waiting"), None)


def settled(moment: Moment) -> int:
    return sum(of(moment, item).status == "resolved" for item in moment.brief.objections)


def bring_up(moment: Moment, objection: Objection, *, lead: str = "") -> None:
    """The buyer says it. Only one objection is on the table at a time."""
    own = of(moment, objection)
    first = not any(item.raised_turn for item in moment.state.objections.values())
    own.status, own.raised_turn = "raised", moment.state.turn
    moment.state.active = objection.key
    moment.note("objection_raised", objection.key, what=short(objection.text))
    moment.say(lead or ("raise_first" if first else "raise"))
    moment.quote(objection.text)


def _fit(moment: Moment, objection: Objection) -> float:
    """How well this turn fits what settles the objection; where the author wrote a question, a question may."""
    heard = moment.heard
    short_ones = tuple(piece for piece in heard.proposals if len(piece.split()) < ANSWER_WORDS)
    said = moment.fits(tuple(piece for piece in heard.proposals if piece not in short_ones), objection.resolve_hints)
    verbatim = moment.fits(short_ones, objection.resolve_hints)
    if verbatim >= VERBATIM:
        said = max(said, verbatim)
    questions = tuple(hint for hint in objection.resolve_hints if "?" in hint)
    if not questions or heard.did("explore"):
        return said
    asked = moment.fits(heard.questions, questions)
    return max(said, asked) if asked >= ANSWERS_UNASKED else said


def answers(moment: Moment, objection: Objection) -> int:
    """How much of an answer this turn is: FULL, HALF or 0."""
    heard, own = moment.heard, of(moment, objection)
    fit = _fit(moment, objection)
    worse = moment.fits(heard.proposals, objection.harden_hints)
    salesy = heard.did("pitch", "pushy", "dismissal", "buzzwords") and not heard.did("evidence", "empathy")
    if fit >= ANSWERS + (SALESY if salesy else 0) and fit > worse:
        careful = own.acknowledged or own.status == "explored" or heard.did("empathy", "reflection")
        strength = fit + CAREFUL * careful + PROVEN * heard.did("evidence")
        if moment.brief.difficulty == "hard" and not careful:
            return HALF  # a hard buyer wants to be understood before being answered
        return FULL if strength >= STRONG[moment.brief.difficulty] else HALF
    about = (objection.text, objection.concern)
    if heard.did("evidence") and worse < HARDENS and moment.fits(heard.statements, about) >= ABOUT_IT:
        return FULL if moment.brief.difficulty == "easy" else HALF
    return 0


def worsens(moment: Moment, objection: Objection) -> str:
    """What about this turn makes the objection harder: "hint" (its author said so), pushy, dismissal, discount, or ""."""
    heard = moment.heard
    kind = heard.did("empathy") or (heard.did("explore") and heard.real_questions)
    if moment.fits(heard.proposals, objection.harden_hints) >= HARDENS + (KIND if kind else 0):
        return "hint"
    if heard.did("discount") and objection.kind != "price":
        return "discount"
    return next((act for act in ("pushy", "dismissal") if heard.did(act)), "")


def explores(moment: Moment, objection: Objection) -> bool:
    """Whether this turn asks what is behind the objection, rather than about something else that hurts."""
    heard = moment.heard
    if not heard.questions:
        return False
    about = moment.fits(heard.real_questions, (objection.text, objection.concern))
    asks_why = heard.did("explore") or (bool(heard.open_questions) and "problem" in heard.topics)
    if not asks_why and about < ABOUT_IT:
        return False
    pain, near = pains.nearest(moment)
    needed = pains.near_enough(moment) + (CLEARLY if heard.did("explore") else 0)
    return pain is None or pain.key in moment.state.pains or near < needed or near <= about


def preempt(moment: Moment) -> bool:
    """Credit an answer to an objection that nobody has raised yet."""
    if moment.state.turn == 1:
        return False
    for objection in moment.brief.objections:
        own = of(moment, objection)
        if own.status != "waiting":
            continue
        fit = moment.fits(moment.heard.statements, objection.resolve_hints)
        if fit >= ANSWERS_UNASKED and fit > moment.fits(moment.heard.proposals, objection.harden_hints):
            own.credit += FULL
            if own.credit >= FULL * objection.required:
                own.status, own.settled_turn = "resolved", moment.state.turn
                moment.feel("objection_preempted", objection.key, what=short(objection.text))
                moment.say("preempted")
                return True
    return False


def credit(moment: Moment, objection: Objection, worth: int) -> None:
    """An answer came: settle the objection, or ask for the rest."""
    own = of(moment, objection)
    own.credit += worth
    own.ignored = 0
    if own.credit >= FULL * objection.required:
        own.status, own.settled_turn = "resolved", moment.state.turn
        moment.state.active = ""
        moment.feel("objection_resolved", objection.key, what=short(objection.text))
        if objection.resolved_text:
            moment.quote(objection.resolved_text)
        else:
            moment.say("resolved")
        return
    first = own.status != "explored"
    own.status = "explored"
    moment.feel("objection_softened", objection.key, what=short(objection.text))
    moment.say("partly")
    if first:
        moment.quote(objection.concern)


def harden(moment: Moment, objection: Objection, because: str) -> None:
    own = of(moment, objection)
    first = own.status != "hardened"
    own.status = "hardened"
    own.credit = max(-FULL, own.credit - HALF)
    moment.feel("objection_hardened", objection.key, what=short(objection.text))
    if first and because == "hint" and objection.hardened_text:
        moment.quote(objection.hardened_text)
    elif because in {"pushy", "discount"}:
        moment.say(because)
    else:
        moment.say("dismissed" if because == "dismissal" else "hardened")


def explain(moment: Moment, objection: Objection) -> None:
    """They asked what is behind it; the first time the buyer tells."""
    own = of(moment, objection)
    if own.status == "explored" and own.acknowledged:
        moment.say("explained_nothing" if moment.state.lines.get("explained_nothing", 0) == 0 else "acknowledged")
        moment.note("objection_explored", objection.key)
        return
    again = own.status == "explored"
    own.status, own.acknowledged, own.ignored = "explored", True, 0
    moment.feel("objection_explored", objection.key)
    moment.say("fact_again" if again else "concern")
    moment.quote(objection.concern)


def acknowledge(moment: Moment, objection: Objection) -> None:
    own = of(moment, objection)
    if not own.acknowledged:
        own.acknowledged = True
        moment.feel("objection_acknowledged", objection.key)
    else:
        moment.note("objection_acknowledged", objection.key)
    moment.say("acknowledged")


def ignore(moment: Moment, objection: Objection) -> None:
    """Something was said, but not to the point."""
    own = of(moment, objection)
    own.ignored += 1
    moment.feel("objection_ignored", objection.key, what=short(objection.text))
    moment.say("ignored")
    if own.ignored == 1:
        moment.quote(objection.text)
    elif own.ignored == IGNORED_ONCE_MORE and own.status != "explored":
        moment.quote(objection.concern)
    else:
        moment.say("small_patience")
