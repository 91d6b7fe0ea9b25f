"""The judge that needs no key: rules and sentence embeddings, the same verdict for the same call every time.

It is honest about being one: `slug` is "embedded" and pages say so. Each criterion is the mean of the signals its rubric
names (docs/scoring.md lists them); a criterion that names none is read by the two signals nearest in meaning, with low
confidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from integrations.embeddings.base import Encoder
from scenarios.briefs import CriterionPart, CriterionSpec, RubricSpec
from scoring.aggregate import Weighted, clamp, weighted_mean
from scoring.evidence import MIN_QUOTE_WORDS, Span
from scoring.signals import MEASURED, OF_OBJECTIONS, SIGNALS, Finding, Reading
from scoring.signals.base import MISCONDUCT
from scoring.transcripts import Sentence, TranscriptTurn
from scoring.wording import Wording, wording

from .base import Case, CriterionVerdict, Judgement, PartVerdict, Track
from .feedback import GOOD, PARTLY, Feedback
from .grounding import grounded
from .kinds import MAX_SPANS, YES, is_yes_or_no, of_parts, points, settled, unique

VERSION = "embedded-5"
MAX_LEFT_OUT = 60  # sentences
NEAREST = 2


@dataclass(frozen=True, slots=True)
class Look:
    """What the judge looks at for a criterion, or for one `part` of it: signals, and whether the author named them."""

    signals: tuple[str, ...]
    named: bool
    part: CriterionPart | None = None


Plan = dict[str, tuple[Look, ...]]  # by the criterion's key


class EmbeddedJudge:
    """Both tracks; the quick one takes tens of milliseconds for a ten-minute call once the encoder is warm."""

    slug = "embedded"
    steady = True

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def judge(self, case: Case, *, track: Track, seed: int | None = None) -> Judgement:
        reading = self._read(case, case.turns)
        signals = {name: signal(reading) for name, signal in SIGNALS.items()}
        findings = signals | documents(case.rubric, reading)
        words = wording(case.language)
        plan = {item.key: self._looks(item, words) for item in case.rubric.criteria}
        verdicts = tuple(self._verdict(item, plan[item.key], findings, words) for item in case.rubric.criteria)
        overall = clamp(weighted_mean(weights_of(case.rubric, verdicts)))
        wrong = [sentence for item in findings.values() for sentence in item.against]
        feedback = Feedback(reading, signals, words, _importance(case.rubric, plan), wrong=wrong)
        return Judgement(
            criteria=verdicts,
            strengths=feedback.strengths(),
            improvements=feedback.improvements(),
            key_moments=feedback.key_moments(),
            summary=feedback.summary(overall),
            headline=feedback.headline(overall),
            # The quick track has no time to score the call dozens of times over.
            extremes=self._extremes(case, reading, findings, plan) if track == "deep" else (overall, overall),
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

    def _looks(self, criterion: CriterionSpec, words: Wording) -> tuple[Look, ...]:
        if criterion.kind == "grounded":
            return (Look((document_of(criterion),), named=True),)
        if criterion.kind == "compound":
            # A part that names no signal is found by its own words: those of the whole would find all parts the same ones.
            return tuple(
                Look(*self._signals_for(part.signals, f"{criterion.name}. {part.text}", words), part)
                for part in criterion.parts
            )
        return (Look(*self._signals_for(criterion.signals, f"{criterion.name}. {criterion.definition}", words)),)

    def _signals_for(self, chosen: Sequence[str], text: str, words: Wording) -> tuple[tuple[str, ...], bool]:
        """The signals and whether they were named (True) or found by meaning (False)."""
        named = tuple(name for name in dict.fromkeys(chosen) if name in SIGNALS)
        if named:
            return named, True
        candidates = list(SIGNALS)
        texts = [f"{words.signals[name].label}. {words.signals[name].good}" for name in candidates]
        vectors = self._encoder.encode([text, *texts])
        nearness = vectors[1:] @ vectors[0]
        ranked = sorted(range(len(candidates)), key=lambda index: (-round(float(nearness[index]), 6), index))
        return tuple(candidates[index] for index in ranked[:NEAREST]), False

    def _verdict(
        self, criterion: CriterionSpec, looks: Sequence[Look], findings: Mapping[str, Finding], words: Wording
    ) -> CriterionVerdict:
        verdict = rate(criterion, looks, findings)
        return replace(
            verdict,
            rationale=_rationale(criterion, verdict, looks, findings, words),
            confidence="normal" if all(look.named for look in looks) else "low",
        )

    def _extremes(
        self, case: Case, reading: Reading, findings: Mapping[str, Finding], plan: Plan
    ) -> tuple[float, float]:
        """The lowest and highest score with any one sentence that counted left out, as if it had been misheard."""
        used = sorted({name for looks in plan.values() for look in looks for name in look.signals})
        counted = [one for name in used if findings[name].value for one in findings[name].sentences]
        counted += reading.having(*MISCONDUCT, among=reading.sentences)
        places = {(one.turn.seq, one.start): one for one in counted}
        scores = []
        for _place, left_out in sorted(places.items())[:MAX_LEFT_OUT]:
            other = self._read(case, _without(case.turns, left_out))
            found = {name: SIGNALS[name](other) for name in used if name in SIGNALS} | documents(case.rubric, other)
            verdicts = [rate(item, plan[item.key], found) for item in case.rubric.criteria]
            scores.append(float(weighted_mean(weights_of(case.rubric, verdicts))))
        return (min(scores), max(scores)) if scores else (0.0, 0.0)


def document_of(criterion: CriterionSpec) -> str:
    """The name of the finding that a criterion's own document gives."""
    return f"document:{criterion.key}"


def documents(rubric: RubricSpec, reading: Reading) -> dict[str, Finding]:
    """How far the call agrees with the document of each criterion that has one."""
    return {
        document_of(item): grounded(document_of(item), reading, item.source)
        for item in rubric.criteria
        if item.kind == "grounded"
    }


def rate(criterion: CriterionSpec, looks: Sequence[Look], findings: Mapping[str, Finding]) -> CriterionVerdict:
    """The verdict without its words: by kind, from the signals that had an occasion; no credit without words to quote."""
    if criterion.kind == "compound":
        parts = [_part(criterion, look, _counted(look, findings)) for look in looks]
        return settled(criterion, of_parts(criterion, parts))
    score, spans, applicable = _rated(criterion, [one for look in looks for one in _counted(look, findings)])
    return settled(criterion, CriterionVerdict(key=criterion.key, score=score, spans=spans, applicable=applicable))


def _counted(look: Look, findings: Mapping[str, Finding]) -> list[Finding]:
    """The findings that had an occasion. Where an author asks how objections were handled, what else they name for it (a
    proof given) says something of it only when there was an objection."""
    found = [findings[name] for name in look.signals]
    objecting = [one for one in found if one.name in OF_OBJECTIONS]
    if look.named and objecting and not any(one.applicable for one in objecting):
        return []
    return [one for one in found if one.applicable]


def _part(criterion: CriterionSpec, look: Look, counted: Sequence[Finding]) -> PartVerdict:
    assert look.part is not None
    score, spans, applicable = _rated(criterion, counted)
    return PartVerdict(look.part.key, look.part.text, score, spans, applicable)


def _rated(criterion: CriterionSpec, counted: Sequence[Finding]) -> tuple[int, tuple[Span, ...], bool]:
    if not counted:
        return 0, (), False
    score = points(criterion, [item.value for item in counted])
    if not is_yes_or_no(criterion):
        score = _held_down(score, counted)
    spans = _spans(counted) if score else ()
    return (score if spans else 0), spans, True


def _held_down(score: int, findings: Sequence[Finding]) -> int:
    """What a rated criterion keeps of its mean. Where several things are measured over the whole call, one bad habit spoils
    the others: half the score is the worst of them. And nothing makes up for bad manners."""
    measured = [item.value for item in findings if item.name in MEASURED]
    if len(measured) > 1:
        score = (score + min(score, *measured) + 1) // 2
    return min(score, *(item.ceiling for item in findings), 100)


def _spans(findings: Sequence[Finding]) -> tuple[Span, ...]:
    """The best sentence of each signal, then the second best; samples of measured signals only if there is nothing else."""
    telling = sorted(
        (item for item in findings if item.value and item.name not in MEASURED), key=lambda item: -item.value
    )
    sources = telling or [item for item in findings if item.value]
    return unique(
        span_of(item.sentences[rank])
        for rank in range(MAX_SPANS)
        for item in sources
        if rank < len(item.sentences) and item.sentences[rank].words >= MIN_QUOTE_WORDS
    )


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


def _importance(rubric: RubricSpec, plan: Plan) -> dict[str, float]:
    """How much of the overall score hangs on each signal: its criteria's weights, shared among their parts and signals."""
    importance: dict[str, float] = {}
    for criterion in rubric.criteria:
        looks = plan[criterion.key]
        for look in looks:
            for name in look.signals:
                share = criterion.weight / len(looks) / len(look.signals)
                importance[name] = importance.get(name, 0.0) + share
    return importance


def _rationale(
    criterion: CriterionSpec,
    verdict: CriterionVerdict,
    looks: Sequence[Look],
    findings: Mapping[str, Finding],
    words: Wording,
) -> str:
    counted = [item for look in looks for item in _counted(look, findings)]
    if not counted:
        return words.say("must_come_up" if criterion.must_come_up else "no_occasion")
    if criterion.kind == "grounded":
        return _about_document(counted[0], verdict, words)
    lines: list[str] = []
    if criterion.kind == "blocker" and verdict.score < YES:
        lines.append(words.say("blocked"))
    if criterion.kind == "binary" and 0 < verdict.score < 100:
        lines.append(words.say("half_met", points=verdict.score))
    if criterion.kind == "compound":
        met = [part for part in verdict.parts if part.applicable]
        lines.append(words.say("parts_met", met=sum(1 for part in met if part.score == 100), parts=len(met)))
    if unnamed := [item.name for look in looks if not look.named for item in _counted(look, findings)]:
        labels = ", ".join(words.signals[name].label for name in dict.fromkeys(unnamed))
        lines.append(words.say("by_meaning", label=labels))
    ordered = sorted({item.name: item for item in counted}.values(), key=lambda item: -item.value)
    lines += [words.signals[item.name].good.format(**item.facts) for item in ordered if item.value >= GOOD]
    lines += [
        words.say("partly", label=words.signals[item.name].label) for item in ordered if PARTLY <= item.value < GOOD
    ]
    lines += [words.signals[item.name].gap.format(**item.facts) for item in reversed(ordered) if item.value < PARTLY]
    if not verdict.spans and verdict.score == 0 and any(item.value for item in counted):
        lines.append(words.say("nothing_quotable"))
    return " ".join(lines)


def _about_document(finding: Finding, verdict: CriterionVerdict, words: Wording) -> str:
    lines = [words.say("document", right=finding.facts["right"], claims=finding.facts["claims"])]
    if finding.facts["said"]:
        lines.append(words.say("contradicts", said=finding.facts["said"], written=finding.facts["written"]))
    if not verdict.spans and verdict.score == 0 and finding.value:
        lines.append(words.say("nothing_quotable"))
    return " ".join(lines)
