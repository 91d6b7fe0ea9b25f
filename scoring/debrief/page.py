"""One call's debrief, read from its rows in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from calls.models import Call, Recording, Turn
from scenarios.briefs import BriefInvalid, RubricSpec
from scenarios.models.personas import Objection as AuthoredObjection
from scoring.aggregate import Weighted
from scoring.models import CriterionResult, Score, ScoreRun, Track
from scoring.transcripts import count_words

from .contributions import Breakdown, breakdown
from .criteria import Quote, ShownCriterion, shown_criteria
from .figures import Figure, figures_of
from .path import ShownStage, shown_path
from .standing import Standing, standing_of
from .transcript import Mark, ShownTurn, notes_of, percent, segments_of

# The state of a call that is kept without a score.
KEPT = "kept"
# What a call must come with to be shown without a query for each.
SELECTED = (
    "trainee",
    "rubric_version",
    "recording",
    "score__quick_run",
    "score__deep_run",
    "score__human_run__made_by",
    "score__human_run__base_run",
)
# After this long a reader is told that scoring takes longer than it should.
PATIENCE = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class Point:
    """A strength (`advice`: the example) or an improvement (`advice`: what to say instead)."""

    point: str
    advice: str
    at_ms: int | None
    turn_id: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    at_ms: int
    is_strength: bool
    description: str
    quote: str
    turn_id: str
    percent: str


@dataclass(frozen=True, slots=True)
class ObjectionOutcome:
    kind: str
    quote: str
    outcome: str
    label: str
    at_ms: int
    turn_id: str


@dataclass(frozen=True, slots=True)
class Pain:
    """A hidden problem that came out."""

    text: str
    at_ms: int
    turn_id: str


@dataclass(slots=True)
class Debrief:
    """`state`: live, failed, voided, kept (without a score), not_gradable, pending, quick (only the quick score so far),
    needs_review or ready.

    `run` is the judgement that is shown, `counting` the one that counts: a person's, else the deep one, else the quick one.
    They are the same unless an older judgement was asked for. `breakdown` has a line for each of `criteria`. `flags` are
    words that were addressed to the judge instead of the buyer; `earlier` are debriefs that do not count any more.
    """

    call: Call
    state: str
    run: ScoreRun | None = None
    counting: ScoreRun | None = None
    quick: ScoreRun | None = None
    is_late: bool = False
    pass_mark: int | None = None
    summary: str = ""
    standing: Standing | None = None
    breakdown: Breakdown | None = None
    criteria: list[ShownCriterion] = field(default_factory=list)
    strengths: list[Point] = field(default_factory=list)
    improvements: list[Point] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    objections: list[ObjectionOutcome] = field(default_factory=list)
    pains: list[Pain] = field(default_factory=list)
    pains_missed: int = 0
    flags: list[Quote] = field(default_factory=list)
    earlier: list[ScoreRun] = field(default_factory=list)
    turns: list[ShownTurn] = field(default_factory=list)
    path: list[ShownStage] = field(default_factory=list)
    recording: Recording | None = None

    @property
    def is_waiting(self) -> bool:
        """Will more come by itself?"""
        return self.state in {"pending", "quick"} and not self.is_superseded

    @property
    def is_superseded(self) -> bool:
        """Is this a judgement that does not count (any more)?"""
        return self.run is not None and self.run != self.counting

    @property
    def adds_up(self) -> bool:
        """Do the lines give the score that the run has? Where they do not, the page does not pretend."""
        return self.run is not None and self.breakdown is not None and self.breakdown.rounded == self.run.overall_score

    @property
    def heaviest(self) -> ShownCriterion | None:
        """What brought most; None where nothing did, or where the heaviest is the only one."""
        return self._at(self.breakdown.heaviest) if self.breakdown and len(self.criteria) > 1 else None

    @property
    def costliest(self) -> ShownCriterion | None:
        """What cost most."""
        return self._at(self.breakdown.costliest) if self.breakdown and len(self.criteria) > 1 else None

    def _at(self, place: int | None) -> ShownCriterion | None:
        return None if place is None else self.criteria[place]

    @property
    def awaits_recording(self) -> bool:
        """Was the call recorded, and is the file still being made?"""
        call = self.call
        recent = call.ended_at is not None and timezone.now() - call.ended_at < PATIENCE
        return recent and call.recording_consent and call.channel == Call.Channel.VOICE and self.recording is None

    @property
    def version(self) -> str:
        """Changes whenever there is something new to see."""
        run = self.run.pk.hex[:8] if self.run else "none"
        return f"{self.state}-{run}-{'audio' if self.recording else 'silent'}"

    @property
    def recording_expired(self) -> bool:
        expires_at = self.recording.expires_at if self.recording else None
        return expires_at is not None and expires_at <= timezone.now()

    @property
    def duration_ms(self) -> int:
        return max(self.call.duration_ms or 0, max((turn.end_ms for turn in self.turns), default=0))


def state_of(call: Call) -> str:
    if call.is_live:
        return "live"
    if call.status == Call.Status.FAILED:
        return "failed"
    if call.voided_at:
        return "voided"
    score = getattr(call, "score", None)
    if score is None:
        return str(Score.State.PENDING) if call.to_score else KEPT
    return str(score.state)


def debrief_of(call: Call, *, run: ScoreRun | None = None) -> Debrief:
    """Everything the page shows. `call` comes with what `SELECTED` names; `run` is another judgement than what counts."""
    score = getattr(call, "score", None)
    counting = score.counting_run if score else None
    debrief = Debrief(
        call=call,
        state=state_of(call),
        run=run or counting,
        counting=counting,
        quick=score.quick_run if score else None,
        recording=getattr(call, "recording", None),
        pass_mark=call.passes_from,
    )
    debrief.is_late = debrief.is_waiting and call.ended_at is not None and timezone.now() - call.ended_at > PATIENCE
    turns = list(call.turns.order_by("seq"))
    criteria: list[CriterionResult] = []
    if debrief.run is not None:
        criteria = list(debrief.run.criteria.prefetch_related("evidence").order_by("position"))
        _read_run(debrief, debrief.run, criteria, turns)
        _read_result(debrief, debrief.run.result, turns)
        # Beside a judgement that counts no more, the one that took its place is neither earlier nor without effect.
        shown = [one.pk for one in (debrief.run, counting) if one is not None]
        others = call.score_runs.filter(track=Track.DEEP, group=None).exclude(pk__in=shown)
        debrief.earlier = list(others.only("call", "overall_score", "created_at", "judged_by"))
    debrief.turns = _shown_turns(turns, criteria, length_ms=_length(call, turns))
    if not call.is_live:  # where it could still go is not told while it goes on
        debrief.path = shown_path(call, turns, length_ms=_length(call, turns))
    return debrief


def _read_run(debrief: Debrief, run: ScoreRun, criteria: Sequence[CriterionResult], turns: Sequence[Turn]) -> None:
    """The number: what it means, what it is made of, and on which words each line rests."""
    call = debrief.call
    # A later version of the rubric may have been used to score the call again.
    version = call.rubric_version if run.rubric_version_id == call.rubric_version_id else run.rubric_version
    mark = run.result.get("pass_mark", version.content.get("pass_mark"))
    debrief.pass_mark = None if mark is None else int(mark)
    debrief.standing = standing_of(
        run,
        pass_mark=debrief.pass_mark,
        awaits_person=debrief.state == Score.State.NEEDS_REVIEW and not debrief.is_superseded,
    )
    debrief.breakdown = breakdown([Weighted(item.score, item.weight, item.applicable) for item in criteria])
    try:
        rubric: RubricSpec | None = version.spec()
    except BriefInvalid:
        rubric = None
    debrief.criteria = shown_criteria(run, criteria, debrief.breakdown.lines, rubric=rubric, turns=turns)


def _length(call: Call, turns: Sequence[Turn]) -> int:
    return max(call.duration_ms or 0, max((turn.end_ms for turn in turns), default=0), 1)


def _read_result(debrief: Debrief, result: Mapping[str, Any], turns: Sequence[Turn]) -> None:
    """Take over what a run found. Runs of every version are kept, so nothing in `result` is taken for granted."""
    length_ms = _length(debrief.call, turns)
    metrics = result.get("metrics") or {}
    is_quick = debrief.run is not None and debrief.run.track == Track.QUICK
    debrief.summary = str((result.get("headline") if is_quick else "") or result.get("summary") or "")
    debrief.strengths = _points(result.get("strengths"), "example", turns)
    debrief.improvements = _points(result.get("improvements"), "suggestion", turns)
    debrief.moments = [
        Moment(
            at_ms=int(item["timestamp_ms"]),
            is_strength=item.get("type") == "strength",
            description=str(item.get("description") or ""),
            quote=str(item.get("quote") or ""),
            turn_id=turn_at(turns, int(item["timestamp_ms"])),
            percent=percent(int(item["timestamp_ms"]), length_ms),
        )
        for item in sorted(result.get("key_moments") or [], key=lambda item: int(item["timestamp_ms"]))
    ]
    debrief.figures = figures_of(metrics)
    debrief.objections = [_objection(item) for item in (metrics.get("objections") or {}).get("items") or []]
    pains = metrics.get("pains") or {}
    # A problem that was not found stays hidden: the trainee may practise this situation again.
    people = [debrief.call.brief, *((debrief.call.brief.get("script") or {}).get("people") or {}).values()]
    texts = {pain["key"]: pain["pain"] for person in reversed(people) for pain in person.get("hidden_pains") or []}
    debrief.pains = [
        Pain(text=texts[item["key"]], at_ms=int(item.get("timestamp_ms") or 0), turn_id=str(item.get("turn_id") or ""))
        for item in pains.get("items") or []
        if item.get("key") in texts
    ]
    debrief.pains_missed = max(int(pains.get("total") or 0) - len(debrief.pains), 0)

    debrief.flags = said_to_the_judge(result, {str(turn.pk): turn.timestamp_ms for turn in turns})


def said_to_the_judge(result: Mapping[str, Any], starts: Mapping[str, int]) -> list[Quote]:
    """What a result says was left out because it spoke to the judge. `starts`: where each turn begins, in ms, by its id."""
    return [
        Quote(str(item.get("quote") or ""), starts[str(item["turn_id"])], str(item["turn_id"]))
        for item in result.get("flags") or []
        if str(item.get("turn_id")) in starts
    ]


def _points(items: Any, advice: str, turns: Sequence[Turn]) -> list[Point]:
    points = []
    for item in items or []:
        at_ms = item.get("timestamp_ms")
        points.append(
            Point(
                point=str(item.get("point") or ""),
                advice=str(item.get(advice) or ""),
                at_ms=None if at_ms is None else int(at_ms),
                turn_id="" if at_ms is None else turn_at(turns, int(at_ms)),
            )
        )
    return points


def turn_at(turns: Sequence[Turn], at_ms: int) -> str:
    """The id of the last turn that had begun by then; empty when nothing was said at all."""
    begun = [turn for turn in turns if turn.timestamp_ms <= at_ms]
    return str((begun[-1] if begun else turns[0]).pk) if turns else ""


def _objection(item: Mapping[str, Any]) -> ObjectionOutcome:
    outcome = str(item.get("outcome") or "unanswered")
    labels = {
        "resolved": _("settled"),
        "softened": _("softened"),
        "open": _("answered, not settled"),
        "hardened": _("made worse"),
        "unanswered": _("not answered"),
    }
    kind = str(item.get("kind") or "")
    return ObjectionOutcome(
        kind=str(AuthoredObjection.Kind(kind).label) if kind in AuthoredObjection.Kind.values else kind,
        quote=str(item.get("quote") or ""),
        outcome=outcome,
        label=labels.get(outcome, outcome),
        at_ms=int(item.get("timestamp_ms") or 0),
        turn_id=str(item.get("turn_id") or ""),
    )


def _shown_turns(turns: Sequence[Turn], criteria: Sequence[CriterionResult], *, length_ms: int) -> list[ShownTurn]:
    marks: dict[Any, list[Mark]] = defaultdict(list)
    for criterion in criteria:
        for item in criterion.evidence.all():
            marks[item.turn_id].append(Mark(item.start, item.end, criterion.name))
    return [
        ShownTurn(
            id=str(turn.pk),
            by_trainee=turn.role == Turn.Role.USER,
            start_ms=turn.timestamp_ms,
            end_ms=turn.end_ms,
            words=count_words(turn.content),
            segments=segments_of(turn.content, marks[turn.pk]),
            notes=notes_of(turn.trace),
            interrupted=turn.interrupted,
            start_percent=percent(turn.timestamp_ms, length_ms),
            width_percent=percent(max(turn.end_ms - turn.timestamp_ms, length_ms // 200), length_ms),
            speaker=turn.speaker,
        )
        for turn in turns
    ]
