"""Hidden pains and plain facts: what a question brings out of the buyer."""

from __future__ import annotations

from calls.engine.lexicon import any_match, lexicon
from calls.engine.moment import Moment, short
from calls.engine.moods import NEAR_ENOUGH, TRUST_TO_TELL
from calls.engine.text import plain
from scenarios.briefs import HiddenPain

FACT_FITS = 0.42
SPECIFIC_FACT_FITS = 0.36  # "how many …" asks for a fact, whichever comes nearest
FACTS_FIRST = 0.05  # a question that fits both is a question for the fact
PLAIN_FACTS_FIRST = 0.15  # the more so when nobody asked what hurts
NOT_HURTING = 0.05
YES_NO_NEARER = 0.1
VAGUE = 0.08  # "What do you mean?" fits a little of everything
TOLD_NEARER = 0.08  # what was told already is only told again to a question that clearly is about it
TIED = 0.36  # an offer that speaks of a pain already told
BROAD_QUESTIONS = {"easy": 1, "medium": 2}  # so many broad questions bring out a pain after all


def told(moment: Moment) -> int:
    return len(moment.state.pains)


def _untold(moment: Moment) -> list[HiddenPain]:
    return [pain for pain in moment.brief.hidden_pains if pain.key not in moment.state.pains]


def nearest(moment: Moment) -> tuple[HiddenPain | None, float]:
    """The pain that the questions of this turn come nearest to; on a tie one that is still untold."""
    scored = [
        (moment.fits(moment.heard.questions, pain.reveal_hints), pain.key not in moment.state.pains, -index, pain)
        for index, pain in enumerate(moment.brief.hidden_pains)
    ]
    if not scored:
        return None, 0.0
    score, _, _, pain = max(scored, key=lambda item: item[:3])
    return pain, score


def near_enough(moment: Moment) -> float:
    """How well a question must fit: one that asks what hurts or what follows from it need not fit so well."""
    vague = all(moment.matcher.meaning(question) < 2 for question in moment.heard.questions)
    return (
        NEAR_ENOUGH[moment.brief.difficulty]
        + (0 if is_about_trouble(moment) else NOT_HURTING)
        + (VAGUE if vague else 0)
    )


def is_about_trouble(moment: Moment) -> bool:
    """Whether the turn asks what goes wrong or what follows from it."""
    return bool(moment.heard.topics & {"problem", "impact"})


def answer_about_pain(moment: Moment, *, only_new: bool = False) -> bool:
    """Tell a pain to the right question, dodge a nearly right one, stay vague on a broad one."""
    heard, difficulty = moment.heard, moment.brief.difficulty
    pain, score = nearest(moment)
    if not heard.questions or (only_new and pain is not None and pain.key in moment.state.pains):
        return False
    needed = near_enough(moment)
    if pain is not None and score >= needed:
        if _fact_score(moment)[0] + (FACTS_FIRST if is_about_trouble(moment) else PLAIN_FACTS_FIRST) > score:
            return False
        if pain.key in moment.state.pains:
            return score >= needed + TOLD_NEARER and _tell_again(moment, pain)
        need = TRUST_TO_TELL[difficulty]
        if moment.state.trust < need:
            moment.note("pain_withheld_trust", pain.key, have=moment.state.trust, need=need)
            moment.say("withheld_trust")
            return True
        real = moment.fits(heard.real_questions, pain.reveal_hints) >= needed
        if not real and (difficulty != "easy" or score < needed + YES_NO_NEARER):
            moment.note("pain_withheld_yes_no", pain.key)
            moment.say("withheld_yes_no")
            return True
        reveal(moment, pain)
        return True
    if only_new:
        return False
    untold = _untold(moment)
    if not untold and told(moment) and heard.real_questions and "problem" in heard.topics and not best_fact(moment):
        moment.note("pain_told_again")
        moment.say("told_all")
        return True
    if untold and heard.real_questions and "problem" in heard.topics and not best_fact(moment):
        pain = pain if pain in untold else untold[0]
        moment.state.general_asks += 1
        enough = BROAD_QUESTIONS.get(difficulty)
        if (
            enough is not None
            and moment.state.general_asks >= enough
            and moment.state.trust >= TRUST_TO_TELL[difficulty]
        ):
            moment.state.general_asks = 0
            reveal(moment, pain)
            return True
        moment.note("too_general", pain.key)
        moment.say("too_general")
        return True
    return False


def was_about_told_pain(moment: Moment) -> bool:
    """Whether a question came near what the buyer has told already."""
    pain, score = nearest(moment)
    return pain is not None and pain.key in moment.state.pains and score >= near_enough(moment)


def _tell_again(moment: Moment, pain: HiddenPain) -> bool:
    """Once more in the same words, and after that only a reminder."""
    counter = f"pain.{pain.key}"
    before = moment.state.facts.get(counter, 0)
    moment.state.facts[counter] = before + 1
    moment.note("pain_told_again", pain.key)
    if before:
        moment.say("told_already")
    else:
        moment.say("fact_again")
        moment.quote(pain.reveal_text)
    return True


def reveal(moment: Moment, pain: HiddenPain) -> None:
    moment.state.pains[pain.key] = moment.state.turn
    moment.feel("pain_revealed", pain.key)
    moment.say("reveal")
    moment.quote(pain.reveal_text)


def tied_to_a_pain(moment: Moment) -> bool:
    """Whether what is offered speaks of a pain the buyer has told."""
    heard = moment.heard
    if not heard.statements or not heard.did("pitch", "evidence", "reflection", "next_step"):
        return False
    known = tuple(
        text
        for pain in moment.brief.hidden_pains
        if pain.key in moment.state.pains
        for text in (pain.pain, pain.reveal_text)
    )
    return moment.fits(heard.statements, known) >= TIED


def best_fact(moment: Moment) -> str:
    """The topic of the fact that was asked for, or ""."""
    score, topic = _fact_score(moment)
    needed = SPECIFIC_FACT_FITS if moment.heard.specific_questions else FACT_FITS
    return topic if score >= needed else ""


def _fact_score(moment: Moment) -> tuple[float, str]:
    best, topic = 0.0, ""
    for candidate, answer in moment.brief.facts.items():
        score = moment.fits(moment.heard.questions, (candidate, answer))
        if score > best:
            best, topic = score, candidate
    return best, topic


def answer_about_fact(moment: Moment) -> bool:
    """Facts are told in the author's words, whoever asks however often, so they never contradict each other."""
    if not moment.heard.questions:
        return False
    topic = best_fact(moment)
    if topic:
        _tell(moment, topic)
    return bool(topic)


def _tell(moment: Moment, topic: str) -> None:
    before = moment.state.facts.get(topic, 0)
    moment.state.facts[topic] = before + 1
    moment.note("fact_told", topic, what=short(topic))
    moment.say("fact_again" if before else "fact")
    moment.quote(moment.brief.facts[topic])


def answer_by_topic(moment: Moment) -> bool:
    """A question on a common subject: the author's fact on it, or else what any buyer can say of themselves."""
    patterns = lexicon(moment.brief.language).topics
    for topic in ("current", "role", "company", "decision", "budget", "timing"):
        if topic not in moment.heard.topics or not moment.heard.questions:
            continue
        known = next((name for name in moment.brief.facts if any_match(patterns[topic], plain(name))), "")
        if known:
            _tell(moment, known)
            return True
        if topic != "current" or moment.brief.competitor:
            moment.note("fact_told", topic, what=moment.phrases.topic(topic))
            moment.say(topic)
            return True
    return False
