"""The embedded judge's words: strengths, improvements, key moments, a summary; every example is a quote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from scoring.bands import band
from scoring.signals import MEASURED, Finding, Reading
from scoring.signals.base import MISCONDUCT
from scoring.transcripts import Sentence, TranscriptTurn, sentences_of
from scoring.wording import Wording

from .base import Improvement, KeyMoment, Strength

MOST, LEAST = 5, 3
GOOD, PARTLY = 60, 30
FINE = 80  # from here on an improvement is a refinement
MAX_MOMENTS = 8
MAX_QUOTE = 200  # characters
LONG_MONOLOGUE = 120


class Feedback:
    """Words for one call. `importance`: how much of the overall score hangs on each signal. `wrong`: the trainee's sentences
    that a document contradicts: no strength is shown by them."""

    def __init__(
        self,
        reading: Reading,
        findings: Mapping[str, Finding],
        words: Wording,
        importance: Mapping[str, float],
        *,
        wrong: Sequence[Sentence] = (),
    ) -> None:
        self._call = reading
        self._words = words
        self._importance = importance
        self._applicable = [item for item in findings.values() if item.applicable]
        self._wrong = {(sentence.turn.id, sentence.start) for sentence in wrong}

    def strengths(self) -> tuple[Strength, ...]:
        """Three to five, the most telling first; fewer only where the call shows fewer that can be quoted."""
        shown: list[Strength] = []
        for item in self._ranked_strengths():
            line = self._words.signals[item.name]
            point = (
                line.good.format(**item.facts) if item.value >= GOOD else self._words.say("partly", label=line.label)
            )
            sentence = self._sound(item)[0]
            shown.append(Strength(point=point, example=sentence.text, timestamp_ms=sentence.turn.start_ms))
        return tuple(shown)

    def _sound(self, item: Finding) -> list[Sentence]:
        return [one for one in item.sentences if (one.turn.id, one.start) not in self._wrong]

    def _ranked_strengths(self) -> list[Finding]:
        quotable = [item for item in self._applicable if item.value > 0 and self._sound(item)]
        good = sorted((item for item in quotable if item.value >= GOOD), key=self._gain, reverse=True)
        if len(good) >= LEAST:
            return good[:MOST]
        begun = sorted((item for item in quotable if item.value < GOOD), key=lambda item: -item.value)
        return (good + begun)[:LEAST]

    def improvements(self) -> tuple[Improvement, ...]:
        """Three to five, the one worth most points first."""
        shown: list[Improvement] = []
        for item in self._ranked_improvements():
            line = self._words.signals[item.name]
            advice = line.advice.format(**item.facts)
            point = line.gap.format(**item.facts)
            if PARTLY <= item.value < FINE:
                point = self._words.say("partly", label=line.label)
            elif item.value >= FINE:
                point = self._words.say("further", label=line.label)
            shown.append(Improvement(point=point, suggestion=advice, timestamp_ms=self._moment(item)))
        return tuple(shown)

    def _ranked_improvements(self) -> list[Finding]:
        lacking = [item for item in self._applicable if item.value < FINE]
        ranked = sorted(lacking, key=self._loss, reverse=True)
        if len(ranked) >= LEAST:
            return ranked[:MOST]
        rest = sorted((item for item in self._applicable if item.value >= FINE), key=lambda item: item.value)
        return (ranked + [item for item in rest if item.name not in MEASURED])[:LEAST]

    def _gain(self, item: Finding) -> tuple[float, int]:
        # A measured signal is a fact, not an achievement: it comes after what the trainee did on purpose.
        return (item.value * self._importance.get(item.name, 1.0) * (0.3 if item.name in MEASURED else 1.0), item.value)

    def _loss(self, item: Finding) -> tuple[float, int]:
        return ((100 - item.value) * self._importance.get(item.name, 0.5), 100 - item.value)

    def _moment(self, item: Finding) -> int:
        """Where the signal was missed, else where it was weak, else the middle of the call."""
        if item.at is not None:
            return item.at.start_ms
        if item.sentences:
            return item.sentences[0].turn.start_ms
        return self._call.mine[len(self._call.mine) // 2].start_ms if self._call.mine else 0

    def key_moments(self) -> tuple[KeyMoment, ...]:
        """Where the call turned, in order; at most eight, mishaps and milestones before manners."""
        moments = [*self._milestones(), *self._mishaps()]
        unique = {(moment.timestamp_ms, moment.description): moment for moment in moments}
        kept = list(unique.values())[:MAX_MOMENTS]
        return tuple(sorted(kept, key=lambda moment: (moment.timestamp_ms, moment.type, moment.description)))

    def _milestones(self) -> list[KeyMoment]:
        say, metrics = self._words.say, self._call.metrics
        found: list[KeyMoment] = []
        step = metrics.next_step
        if step.state == "agreed" and step.sentence:
            turn = step.sentence.turn
            found.append(KeyMoment(turn.start_ms, "strength", say("next_step_agreed"), _cut(step.sentence.text)))
        elif self._call.turns:
            last = self._call.mine[-1] if self._call.mine else self._call.turns[-1]
            quote = _cut(step.sentence.text) if step.sentence else self._telling(last)
            at = step.sentence.turn if step.sentence else last
            key = "next_step_proposed" if step.sentence else "no_next_step"
            found.append(KeyMoment(at.start_ms, "improvement", say(key), quote))
        for reveal in metrics.reveals:
            if reveal.earned_by:
                quote = self._telling(reveal.earned_by)
                found.append(KeyMoment(reveal.earned_by.start_ms, "strength", say("pain_revealed"), quote))
        for item in metrics.objections:
            if item.outcome == "open":
                continue
            at = item.answers[-1] if item.answers else item.raised
            kind: Literal["strength", "improvement"] = (
                "strength" if item.outcome in {"resolved", "softened"} else "improvement"
            )
            found.append(KeyMoment(at.start_ms, kind, say(f"objection_{item.outcome}"), self._telling(at)))
        return found

    def _mishaps(self) -> list[KeyMoment]:
        found: list[KeyMoment] = []
        for kind in MISCONDUCT:
            for item in self._call.sentences:
                if self._call.lexicon.has(kind, item.folded):
                    found.append(KeyMoment(item.turn.start_ms, "improvement", self._words.say(kind), _cut(item.text)))
                    break
        for flag in self._call.flagged[:1]:
            found.append(KeyMoment(flag.turn.start_ms, "improvement", self._words.say("instruction"), _cut(flag.text)))
        stretch = self._call.metrics.monologue
        if stretch and stretch.words > LONG_MONOLOGUE:
            turn = next(turn for turn in self._call.turns if turn.id == stretch.turn_id)
            said = self._words.say("monologue", words=stretch.words)
            found.append(KeyMoment(turn.start_ms, "improvement", said, _cut(turn.content)))
        return found

    def _telling(self, turn: TranscriptTurn) -> str:
        """The sentence of a turn that says most: its question, else its longest."""
        asked = [item.sentence for item in self._call.metrics.questions if item.sentence.turn.id == turn.id]
        sentences = asked or list(sentences_of(turn))
        return _cut(max(sentences, key=lambda item: item.words).text) if sentences else _cut(turn.content)

    def summary(self, overall: int) -> str:
        """Two sentences: how it went, what carried it, what to practise next."""
        best = [item for item in self._ranked_strengths() if item.value >= GOOD][:2]
        labels = self._words.say("and").join(self._words.signals[item.name].label.lower() for item in best)
        facts = {"band": self._band(overall), "next": self._next()}
        if not labels:
            return self._words.say("summary_no_best", **facts)
        return self._words.say("summary", best=labels, **facts)

    def headline(self, overall: int) -> str:
        """One line for the moment after hanging up."""
        return self._words.say("summary_quick", band=self._band(overall), next=self._next())

    def _band(self, overall: int) -> str:
        return self._words.say(f"band_{band(overall)}")

    def _next(self) -> str:
        ranked = self._ranked_improvements()
        return self._words.signals[ranked[0].name].label.lower() if ranked else ""


def _cut(text: str) -> str:
    """The beginning of a long text up to a whole word: still the speaker's own words."""
    return text if len(text) <= MAX_QUOTE else text[: MAX_QUOTE + 1].rsplit(" ", 1)[0]
