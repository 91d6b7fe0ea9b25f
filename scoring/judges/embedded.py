"""The judge that needs no key: rules and sentence embeddings, the same verdict for the same call every time.

It is honest about being one: `slug` is "embedded" and pages say so. Each criterion is the mean of the signals its rubric
names (docs/scoring.md lists them); a criterion that names none is read by the two signals nearest in meaning, with low
confidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from integrations.embeddings.base import Encoder
from scenarios.briefs import CriterionSpec, RubricSpec
from scoring.aggregate import Weighted, clamp, weighted_mean
from scoring.evidence import MIN_QUOTE_WORDS, Span
from scoring.signals import MEASURED, SIGNALS, Finding, Reading
from scoring.signals.base import MISCONDUCT
from scoring.transcripts import Sentence, TranscriptTurn
from scoring.wording import Wording, wording

from .base import Case, CriterionVerdict, Judgement, Track
from .feedback import GOOD, PARTLY, Feedback

VERSION = "embedded-1"
MAX_SPANS = 4
MAX_LEFT_OUT = 60  # sentences
NEAREST = 2
YES = 50  # a yes-or-no criterion is met when each of its signals reaches this


class EmbeddedJudge:
    """Both tracks; the quick one takes tens of milliseconds for a ten-minute call once the encoder is warm."""

    slug = "embedded"

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def judge(self, case: Case, *, track: Track) -> Judgement:
        reading = self._read(case, case.turns)
        findings = {name: signal(reading) for name, signal in SIGNALS.items()}
        words = wording(case.language)
        chosen = {item.key: self._signals_for(item, words) for item in case.rubric.criteria}
        names = {key: value[0] for key, value in chosen.items()}
        verdicts = tuple(
            self._verdict(item, [findings[name] for name in names[item.key]], chosen[item.key][1], words)
            for item in case.rubric.criteria
        )
        overall = clamp(weighted_mean(weights_of(case.rubric, verdicts)))
        feedback = Feedback(reading, findings, words, _importance(case.rubric, names))
        return Judgement(
            criteria=verdicts,
            strengths=feedback.strengths(),
            improvements=feedback.improvements(),
            key_moments=feedback.key_moments(),
            summary=feedback.summary(overall),
            headline=feedback.headline(overall),
            # The quick track has no time to score the call dozens of times over.
            extremes=self._extremes(case, reading, findings, names) if track == "deep" else (overall, overall),
            raw={"signals": {name: item.value if item.applicable else None for name, item in findings.items()}},
            model=VERSION,
        )

    def again(self, case: Case, *, track: Track, raw: Mapping[str, Any]) -> Judgement:
        """Judging again *is* the reproduction: nothing here is left to chance."""
        return self.judge(case, track=track)

    def _read(self, case: Case, turns: Sequence[TranscriptTurn]) -> Reading:
        return Reading.of(
            turns,
            language=case.language,
            mode=case.mode,
            spoken=case.spoken,
            encoder=self._encoder,
            brief=case.brief,
            faults=case.faults,
        )

    def _signals_for(self, criterion: CriterionSpec, words: Wording) -> tuple[list[str], bool]:
        """The criterion's signals and whether they were named (True) or found by meaning (False)."""
        named = [name for name in dict.fromkeys(criterion.signals) if name in SIGNALS]
        if named:
            return named, True
        candidates = list(SIGNALS)
        texts = [f"{words.signals[name].label}. {words.signals[name].good}" for name in candidates]
        vectors = self._encoder.encode([f"{criterion.name}. {criterion.definition}", *texts])
        nearness = vectors[1:] @ vectors[0]
        ranked = sorted(range(len(candidates)), key=lambda index: (-round(float(nearness[index]), 6), index))
        return [candidates[index] for index in ranked[:NEAREST]], False

    def _verdict(
        self, criterion: CriterionSpec, findings: Sequence[Finding], named: bool, words: Wording
    ) -> CriterionVerdict:
        score, spans, applicable = rate(criterion, findings)
        return CriterionVerdict(
            key=criterion.key,
            score=score,
            spans=spans,
            applicable=applicable,
            rationale=_rationale(criterion, findings, named, spans, score, words),
            confidence="normal" if named else "low",
        )

    def _extremes(
        self, case: Case, reading: Reading, findings: dict[str, Finding], names: dict[str, list[str]]
    ) -> tuple[float, float]:
        """The lowest and highest score with any one sentence that counted left out, as if it had been misheard."""
        used = sorted({name for many in names.values() for name in many})
        counted = [one for name in used if findings[name].value for one in findings[name].sentences]
        counted += reading.having(*MISCONDUCT, among=reading.sentences)
        unique = {(one.turn.seq, one.start): one for one in counted}
        scores = []
        for _place, left_out in sorted(unique.items())[:MAX_LEFT_OUT]:
            other = self._read(case, _without(case.turns, left_out))
            found = {name: SIGNALS[name](other) for name in used}
            parts = []
            for criterion in case.rubric.criteria:
                score, _spans, applicable = rate(criterion, [found[name] for name in names[criterion.key]])
                parts.append(Weighted(score, criterion.weight, applicable))
            scores.append(float(weighted_mean(parts)))
        return (min(scores), max(scores)) if scores else (0.0, 0.0)


def rate(criterion: CriterionSpec, findings: Sequence[Finding]) -> tuple[int, tuple[Span, ...], bool]:
    """(score, spans, applicable): the mean of the signals that had an occasion; no credit without words to quote."""
    counted = [item for item in findings if item.applicable]
    if not counted:
        return 0, (), False
    # Signals are whole numbers, so the half-up mean is exact.
    score = (2 * sum(item.value for item in counted) + len(counted)) // (2 * len(counted))
    if criterion.kind != "rated":
        # "Agreed on a next step" is not met by proposing one: a yes needs every signal.
        score = 100 if all(item.value >= YES for item in counted) else 0
    if not score:
        return 0, (), True
    spans = _spans(counted)
    return (score, spans, True) if spans else (0, (), True)


def _spans(findings: Sequence[Finding]) -> tuple[Span, ...]:
    """The best sentence of each signal, then the second best; samples of measured signals only if there is nothing else."""
    telling = sorted(
        (item for item in findings if item.value and item.name not in MEASURED), key=lambda item: -item.value
    )
    sources = telling or [item for item in findings if item.value]
    spans: list[Span] = []
    for rank in range(MAX_SPANS):
        for item in sources:
            if rank < len(item.sentences) and item.sentences[rank].words >= MIN_QUOTE_WORDS:
                span = span_of(item.sentences[rank])
                if span not in spans:
                    spans.append(span)
    return tuple(spans[:MAX_SPANS])


def _without(turns: Sequence[TranscriptTurn], sentence: Sentence) -> list[TranscriptTurn]:
    """The turns with one sentence blanked out; times stay."""
    blank = sentence.turn.content[: sentence.start] + sentence.turn.content[sentence.end :]
    return [replace(turn, content=blank) if turn.id == sentence.turn.id else turn for turn in turns]


def span_of(sentence: Sentence) -> Span:
    return Span(turn_id=sentence.turn.id, start=sentence.start, end=sentence.end, quote=sentence.text)


def weights_of(rubric: RubricSpec, verdicts: Sequence[CriterionVerdict]) -> list[Weighted]:
    """The verdicts as contributions, in the rubric's order. A criterion without a verdict did not apply."""
    by_key = {item.key: item for item in verdicts}
    return [
        Weighted(verdict.score, item.weight, verdict.applicable, item.kind == "blocker")
        for item in rubric.criteria
        if (verdict := by_key.get(item.key))
    ]


def _importance(rubric: RubricSpec, names: dict[str, list[str]]) -> dict[str, float]:
    """How much of the overall score hangs on each signal: its criteria's weights, shared among their signals."""
    importance: dict[str, float] = {}
    for criterion in rubric.criteria:
        signals = names[criterion.key]
        for name in signals:
            importance[name] = importance.get(name, 0.0) + criterion.weight / len(signals)
    return importance


def _rationale(
    criterion: CriterionSpec,
    findings: Sequence[Finding],
    named: bool,
    spans: Sequence[Span],
    score: int,
    words: Wording,
) -> str:
    counted = [item for item in findings if item.applicable]
    if not counted:
        return words.say("no_occasion")
    parts: list[str] = []
    if criterion.kind == "blocker" and score < YES:
        parts.append(words.say("blocked"))
    if not named:
        labels = ", ".join(words.signals[item.name].label for item in counted)
        parts.append(words.say("by_meaning", label=labels))
    ordered = sorted(counted, key=lambda item: -item.value)
    parts += [words.signals[item.name].good.format(**item.facts) for item in ordered if item.value >= GOOD]
    parts += [
        words.say("partly", label=words.signals[item.name].label) for item in ordered if PARTLY <= item.value < GOOD
    ]
    parts += [words.signals[item.name].gap.format(**item.facts) for item in reversed(ordered) if item.value < PARTLY]
    if not spans and score == 0 and any(item.value for item in counted):
        parts.append(words.say("nothing_quotable"))
    return " ".join(parts)
