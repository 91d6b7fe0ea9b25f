"""Signals of handling objections. A call without an objection gives no occasion to show them."""

from __future__ import annotations

from scenarios.briefs import Objection as Authored
from scoring.metrics.objections import Objection, explores
from scoring.transcripts import Sentence, TranscriptTurn

from .base import Finding, Reading, share

OUTCOME_CREDIT = {"resolved": 100, "softened": 75, "hardened": 0, "unanswered": 0}
# An answer the buyer did not comment on earns by how near it comes to what would settle the concern: cosine 0.3 earns
# nothing, 0.6 earns the most there is for an open objection.
NEAR, FAR, OPEN_MOST = 0.6, 0.3, 60


def _turn_sentences(call: Reading, turns: list[TranscriptTurn]) -> list[Sentence]:
    ids = {turn.id for turn in turns}
    return [item for item in call.clean if item.turn.id in ids]


def _share_of(call: Reading, name: str, done: list[Objection], sentences: list[Sentence]) -> Finding:
    total = len(call.objections)
    missed = next((item for item in call.objections if item not in done), None)
    return Finding(
        name,
        share(len(done), total),
        tuple(sentences),
        applicable=total > 0,
        at=missed.raised if missed else None,
        facts={"count": len(done), "total": total, "objection": missed.raised.content if missed else ""},
    )


def acknowledged_objection(call: Reading) -> Finding:
    """The share of objections that were met with understanding before anything else."""
    done, sentences = [], []
    for item in call.objections:
        found = call.having("acknowledge", "empathy", among=_turn_sentences(call, item.answers))
        if found:
            done.append(item)
            sentences.append(found[0])
    return _share_of(call, "acknowledged_objection", done, sentences)


def explored_objection(call: Reading) -> Finding:
    """The share of objections after which the trainee asked what lies behind them."""
    asked = {
        (question.sentence.turn.id, question.sentence.start)
        for question in call.questions
        if explores(question.sentence, call.lexicon)
    }
    done, sentences = [], []
    for item in call.objections:
        found = [one for one in _turn_sentences(call, item.answers) if (one.turn.id, one.start) in asked]
        if found:
            done.append(item)
            sentences.append(found[0])
    return _share_of(call, "explored_objection", done, sentences)


def answered_objection(call: Reading) -> Finding:
    """The mean over all objections: settled 100, softened 75, up to 60 for an answer to the point, 0 if it made things worse.

    Only an objection that the trainee answered in words that can be quoted earns anything.
    """
    authored = {item.key: item for item in (call.brief.objections if call.brief else ())}
    earned, sentences, worst = 0, [], None
    for item in call.objections:
        answers = [one for one in _turn_sentences(call, item.answers) if one.words >= 4]
        credit = 0
        if answers:
            nearest, answer = _nearest(call, answers, authored.get(item.key))
            credit = OUTCOME_CREDIT.get(item.outcome, share(nearest - FAR, NEAR - FAR) * OPEN_MOST // 100)
            if credit:
                sentences.append(answer)
        earned += credit
        if credit < 60 and worst is None:
            worst = item
    total = len(call.objections)
    settled = sum(1 for item in call.objections if item.outcome in {"resolved", "softened"})
    return Finding(
        "answered_objection",
        share(earned, 100 * total),
        tuple(sentences),
        applicable=total > 0,
        at=worst.raised if worst else None,
        facts={"count": settled, "total": total, "objection": worst.raised.content if worst else ""},
    )


def _nearest(call: Reading, answers: list[Sentence], authored: Authored | None) -> tuple[float, Sentence]:
    """How near the best sentence comes to what settles the objection, less where it is nearer to what hardens it."""
    if authored is None or not authored.resolve_hints:
        return NEAR * 0.75, max(answers, key=lambda item: item.words)
    scored = []
    for item in answers:
        good = call.likeness(item.text, authored.resolve_hints)
        bad = call.likeness(item.text, authored.harden_hints)
        scored.append((good if good >= bad else 0.0, item))
    return max(scored, key=lambda pair: (pair[0], -pair[1].turn.seq, -pair[1].start))
