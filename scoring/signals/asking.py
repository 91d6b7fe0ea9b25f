"""Signals of asking and listening."""

from __future__ import annotations

from scoring.metrics.questions import Question
from scoring.transcripts import Sentence, count_words

from .base import Finding, Reading, share

OPEN_TARGET = {"cold_call": 3, "discovery": 5, "objection_gauntlet": 3}
DEPTH_TARGET = {"cold_call": 1, "discovery": 2, "objection_gauntlet": 1}
CLOSED_CREDIT = 0.4  # a closed question about the right thing opens the door, but only a crack
MIN_HEARD_WORDS = 4
LISTENED_SHARE = 0.6  # taking up three of five things said is listening well


def _one_a_turn(questions: list[Question]) -> list[Question]:
    """The best question of each turn. Of several in one breath the buyer answers one."""
    best: dict[str, Question] = {}
    for question in questions:
        known = best.get(question.sentence.turn.id)
        if known is None or (question.kind == "open" and known.kind != "open"):
            best[question.sentence.turn.id] = question
    return list(best.values())


def _weighed(questions: list[Question]) -> float:
    return sum(1.0 if question.kind == "open" else CLOSED_CREDIT for question in questions)


def _sentences(questions: list[Question]) -> tuple[Sentence, ...]:
    ordered = sorted(questions, key=lambda question: question.kind != "open")
    return tuple(question.sentence for question in ordered)


def asked_open_questions(call: Reading) -> Finding:
    """Turns with an open question against a target by mode (cold call 3, discovery 5, gauntlet 3)."""
    found = _one_a_turn([question for question in call.questions if question.kind == "open"])
    value = share(len(found), OPEN_TARGET.get(call.mode, 4))
    return Finding("asked_open_questions", value, _sentences(found), facts={"count": len(found)})


def _about(call: Reading, concept: str) -> list[Question]:
    return [question for question in call.questions if call.lexicon.has(concept, question.sentence.folded)]


def asked_problem_questions(call: Reading) -> Finding:
    """Questions about what is hard, and those that made the buyer tell a hidden pain."""
    earning = {reveal.earned_by.id for reveal in call.metrics.reveals if reveal.earned_by}
    topical = _about(call, "problem_topic")
    for question in call.questions:
        if question.sentence.turn.id in earning and question not in topical:
            topical.append(question)
    topical = _one_a_turn(topical)
    value = share(_weighed(topical), DEPTH_TARGET.get(call.mode, 2))
    return Finding("asked_problem_questions", value, _sentences(topical), facts={"count": len(topical)})


def asked_impact_questions(call: Reading) -> Finding:
    """Questions about cost, consequence and importance. Their price is asked about, not ours."""
    found = _one_a_turn(
        [
            question
            for question in _about(call, "impact_topic")
            if not call.lexicon.has("next_step", question.sentence.folded)
        ]
    )
    count = sum(1.0 if question.kind == "open" else 0.8 for question in found)
    return Finding(
        "asked_impact_questions",
        share(count, DEPTH_TARGET.get(call.mode, 2)),
        _sentences(found),
        facts={"count": len(found)},
    )


def listened(call: Reading) -> Finding:
    """How many of the buyer's statements were taken up in the trainee's next words: repeated, summed up, or answered with
    understanding. Full credit from three in five; a call with fewer than two statements gives no occasion."""
    taken_up: list[Sentence] = []
    occasions = 0
    missed = None
    by_turn = {turn.id: [item for item in call.clean if item.turn.id == turn.id] for turn in call.mine}
    for before, after in zip(call.turns, call.turns[1:], strict=False):
        if before.by_trainee or not after.by_trainee or count_words(before.content) < MIN_HEARD_WORDS:
            continue
        occasions += 1
        heard = call.buyer_topics[before.id]
        hits = [
            item
            for item in by_turn.get(after.id, [])
            if call.lexicon.topics(item.folded) & heard
            or call.lexicon.has("paraphrase", item.folded)
            # "I understand." alone can be said to anything.
            or (item.words >= MIN_HEARD_WORDS and call.lexicon.has("empathy", item.folded))
        ]
        if hits:
            taken_up.append(next((item for item in hits if call.lexicon.has("paraphrase", item.folded)), hits[0]))
        elif missed is None:
            missed = after
    value = share(len(taken_up), LISTENED_SHARE * occasions)
    best = sorted(taken_up, key=lambda item: not call.lexicon.has("paraphrase", item.folded))
    return Finding(
        "listened",
        value,
        tuple(best),
        applicable=occasions >= 2,
        at=missed,
        facts={"count": len(taken_up), "occasions": occasions},
    )


def empathised(call: Reading) -> Finding:
    """Words of understanding: one for each five turns of the trainee, at least one, at most three."""
    found = call.having("empathy")
    target = max(1, min(3, len(call.mine) // 5))
    return Finding("empathised", share(len(found), target), tuple(found), facts={"count": len(found)})


def summarised(call: Reading) -> Finding:
    """A recap in the second half of the call; a paraphrase anywhere is worth 60."""
    half = call.mine[len(call.mine) // 2].seq if call.mine else 0
    recaps = [item for item in call.having("recap") if item.turn.seq >= half and item.words >= 5]
    if recaps:
        return Finding("summarised", 100, tuple(reversed(recaps)))
    echoes = [item for item in call.having("paraphrase", "recap") if item.words >= 5 and call.picks_up(item)]
    last = call.mine[-1] if call.mine else None
    return Finding("summarised", 60 if echoes else 0, tuple(echoes), at=last)
