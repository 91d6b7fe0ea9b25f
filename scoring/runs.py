"""Score runs: made once per call, track and input, kept for ever; `Score` points at the ones that count."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils import timezone

from calls.events import announce
from calls.models import Call
from integrations.llm.purpose import on_behalf_of
from scenarios.models import RubricVersion
from tenants.schemas import current_schema

from . import cases, grading, overrides, quotes
from .changes import score_changed
from .criteria import criteria_of
from .evidence import Span
from .judges import panel
from .judges.base import Case, Judgement, Track
from .models import HUMAN, CriterionResult, Evidence, Score, ScoreRun
from .models import Track as RunTrack
from .results import flags_for, result_of
from .transcripts import transcript_hash

logger = structlog.get_logger(__name__)

CODE_VERSION = "6"  # of the arithmetic and the embedded rules: raise it when the same call would score differently


def score_call(
    *,
    call_id: UUID,
    track: Track,
    again: bool = False,
    rubric_version: RubricVersion | None = None,
    reason: str = "",
) -> ScoreRun | None:
    """Judge a call on one track and let the run count. Returns None for a call too short to grade, or deleted since.

    The same inputs are judged once: a second task for the same call finds the first one's run. `again` asks the judge anew
    (a re-score); the old run stays. `rubric_version`: judge by this one instead of the one that the call was held under.
    `reason`: why it is scored again, kept with the run. No transaction is open while a judge thinks.
    """
    try:
        call = call_to_score(call_id)
    except Call.DoesNotExist:
        logger.info("a call to be scored is gone", call=str(call_id), track=track)
        return None
    if rubric_version is not None:
        call.rubric_version = rubric_version  # for this judgement only; the row keeps its own
    case = cases.case_of(call)
    if not cases.is_gradable(case):
        _not_gradable(call)
        return None
    inputs = _inputs(call, case, track, panel.order_for(track))
    if not again and (known := _known_run(call, track, inputs)):
        return _let_count(expect_score(call_id=call_id), known)
    with on_behalf_of(call.trainee_id, reference=str(call.pk)):
        judged = panel.judge(case, track=track, seeds=_seeds(call, track, inputs))
    return keep(call, case, track, judged, again=again, reason=reason)


def call_to_score(call_id: UUID) -> Call:
    return Call.objects.select_related("rubric_version").get(pk=call_id)


def keep(
    call: Call, case: Case, track: Track, judged: panel.Judged, *, again: bool = False, reason: str = ""
) -> ScoreRun:
    """Store a judgement as a run and let it count; unless another task has stored one on the same inputs."""
    order = panel.order_for(track)
    inputs = _inputs(call, case, track, order)
    flags, readings = flags_for(case), judged.judgement.readings
    result = result_of(
        case,
        judged.judgement,
        flags=flags,
        graded=grading.is_graded(call, track),
        too_few=_too_few(call, track, judged),
    )
    single = [result_of(case, one, flags=flags) for one in readings]
    score = expect_score(call_id=call.pk)
    with transaction.atomic():
        # Holding the score's row: one task at a time decides whether a run is still missing.
        Score.objects.select_for_update().get(pk=score.pk)
        run = None if again else _known_run(call, track, inputs)
        if run is None:
            manifest = _manifest(call, case, track, judged, inputs, order)
            run = _store(call, track, judged, judged.judgement, manifest, result, reason=reason)
            for place, (seed, one) in enumerate(zip(judged.seeds, readings, strict=bool(readings))):
                own = manifest | _own(one) | {"graded": False, "reading": place + 1, "seed": seed}
                _store(call, track, judged, one, own, single[place], group=run)
            quotes.add(run, language=case.language, count=judged.judgement.quotes, readings=len(readings) or 1)
        return _let_count(score, run)


def _store(
    call: Call,
    track: Track,
    judged: panel.Judged,
    judgement: Judgement,
    manifest: dict[str, Any],
    result: dict[str, Any],
    *,
    group: ScoreRun | None = None,
    reason: str = "",
) -> ScoreRun:
    run = ScoreRun.objects.create(
        call=call,
        track=track,
        rubric_version_id=call.rubric_version_id,
        overall_score=result["overall_score"],
        band=result["band"],
        passed=result["passed"],
        judged_by=judged.judged_by,
        model=judgement.model,
        prompt_version=judgement.prompt_version,
        transcript_hash=manifest["transcript_hash"],
        manifest=manifest,
        result=result,
        group=group,
        reason=reason,
    )
    _store_criteria(run, result)
    return run


def record_human(
    call: Call,
    *,
    by: Any,
    reason: str,
    criteria: overrides.Marks,
    base_run: ScoreRun,
    evidence: Mapping[str, Sequence[Span]] | None = None,
) -> ScoreRun:
    """A person's score, as a run beside the one that it corrects, which stays. From now on it counts.

    `criteria`: a mark from 0 to 100 by criterion's key, None for one that did not apply; what is not marked stays as in
    `base_run`. `evidence`: the trainee's words that a mark rests on. Who may do this is the caller's to ask. Raises
    `MarksInvalid`, and `ValueError` for a run of another call.
    """
    if base_run.call_id != call.pk:
        raise ValueError("the run that is corrected is one of another call")
    spans = dict(evidence or {})
    rubric = cases.asked_of(call, base_run.rubric_version.spec())
    case = cases.case_of(call)
    overrides.refuse_bad_marks(criteria, reason=reason, rubric=rubric, spans=spans, turns=case.turns)
    result = overrides.overridden(
        base_run.result, criteria_of(base_run), marks=criteria, reason=reason, rubric=rubric, spans=spans
    )
    score = expect_score(call_id=call.pk)
    with transaction.atomic():
        run = ScoreRun.objects.create(
            call=call,
            track=RunTrack.HUMAN,
            rubric_version_id=base_run.rubric_version_id,
            overall_score=result["overall_score"],
            band=result["band"],
            passed=result["passed"],
            judged_by=HUMAN,
            base_run=base_run,
            made_by=by,
            reason=reason.strip(),
            transcript_hash=transcript_hash(case.turns),
            manifest={
                "transcript_hash": transcript_hash(case.turns),
                "rubric_version_id": str(base_run.rubric_version_id),
                "rubric_hash": base_run.rubric_version.content_hash,
                "judged_by": HUMAN,
                "corrects": str(base_run.pk),
                "raw": {
                    "marks": dict(criteria),
                    "evidence": {key: [span.to_json() for span in quoted] for key, quoted in spans.items()},
                },
                "code_version": CODE_VERSION,
            },
            result=result,
        )
        _store_criteria(run, result)
        return _let_count(score, run)


def _inputs(call: Call, case: Case, track: Track, order: list[str]) -> str:
    """One hash over all that decides a run: words, rubric, who is asked, what went wrong technically."""
    parts: list[Any] = [transcript_hash(case.turns), str(call.rubric_version_id), track, case.mode, order, CODE_VERSION]
    if grading.is_graded(call, track):
        parts.append({"graded": grading.readings_wanted(call, track)})
    if case.faults:
        parts.append([item.to_json() for item in case.faults])
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _known_run(call: Call, track: Track, inputs: str) -> ScoreRun | None:
    runs = ScoreRun.objects.standing().filter(call=call, track=track, manifest__inputs=inputs)
    return runs.order_by("-created_at").first()


def _seeds(call: Call, track: Track, inputs: str) -> tuple[int, ...]:
    """One seed of 31 bits for each reading that is wanted. The inputs decide them, and how often they were judged before."""
    before = ScoreRun.objects.standing().filter(call=call, track=track).count()
    return tuple(
        int.from_bytes(hashlib.sha256(f"{inputs}:{before}:{reading}".encode()).digest()[:4]) >> 1
        for reading in range(grading.readings_wanted(call, track))
    )


def _manifest(
    call: Call, case: Case, track: Track, judged: panel.Judged, inputs: str, order: list[str]
) -> dict[str, Any]:
    """What went into a run. Where readings were combined, their answers are kept with each of them (`group`)."""
    judgement = judged.judgement
    return {
        "inputs": inputs,
        "transcript_hash": transcript_hash(case.turns),
        "rubric_version_id": str(call.rubric_version_id),
        "rubric_hash": call.rubric_version.content_hash,
        "judged_by": judged.judged_by,
        "asked": order,
        "tried": list(judged.tried),
        "stand_in": judged.judged_by != order[0],
        **_own(judgement),
        "graded": grading.is_graded(call, track),
        "seed": judged.seeds[0],
        "readings": {
            "wanted": grading.readings_wanted(call, track),
            "had": _had(judged),
            **({"too_few": True} if _too_few(call, track, judged) else {}),
        },
        "code_version": CODE_VERSION,
        "ms": judged.ms,
    }


def _had(judged: panel.Judged) -> int:
    return len(judged.judgement.readings) or 1


def _too_few(call: Call, track: Track, judged: panel.Judged) -> bool:
    return grading.too_few(call, track, had=_had(judged), steady=judged.steady)


def _own(judgement: Judgement) -> dict[str, Any]:
    return {
        "model": judgement.model,
        "prompt_version": judgement.prompt_version,
        "settings": dict(judgement.settings),
        "usage": dict(judgement.usage),
        "quotes": judgement.quotes.to_json(),
        "raw": {} if judgement.readings else dict(judgement.raw),
    }


def _store_criteria(run: ScoreRun, result: dict[str, Any]) -> None:
    rows = CriterionResult.objects.bulk_create(
        CriterionResult(
            run=run,
            position=position,
            key=item["key"],
            name=item["name"],
            kind=item.get("kind", ""),
            weight=item["weight"],
            score=item["score"],
            applicable=item["applicable"],
            verified=item["verified"],
            rationale=item["rationale"],
        )
        for position, item in enumerate(result["criteria"])
    )
    Evidence.objects.bulk_create(
        Evidence(criterion=row, turn_id=span["turn_id"], start=span["start"], end=span["end"], quote=span["quote"])
        for row, item in zip(rows, result["criteria"], strict=True)
        for span in item["evidence"]
    )


def _let_count(score: Score, run: ScoreRun) -> ScoreRun:
    """Point the score at a run and tell it, unless it counts already, or a better or a later one does."""
    with transaction.atomic():
        score = Score.objects.select_for_update().get(pk=score.pk)
        current = getattr(score, f"{run.track}_run")
        if current is not None and (current.created_at >= run.created_at or _is_lesser(run, current)):
            return run
        setattr(score, f"{run.track}_run", run)
        counts = score.counting_run or run
        score.state = _state(score)
        score.overall_score, score.band = counts.overall_score, counts.band
        # The quick score is a first impression: nobody passes or fails by it.
        score.passed = None if counts.track == RunTrack.QUICK else counts.passed
        score.save()
        announce(score.call_id, *_event(score, run))
        transaction.on_commit(
            partial(score_changed.send_robust, sender=Score, schema_name=current_schema(), call_id=score.call_id)
        )
    return run


def _state(score: Score) -> str:
    """A person's word is final; a debrief that could not decide waits for one."""
    if score.human_run:
        return Score.State.READY
    if score.deep_run:
        return Score.State.NEEDS_REVIEW if score.deep_run.passed is None else Score.State.READY
    return Score.State.QUICK


def _is_lesser(run: ScoreRun, current: ScoreRun) -> bool:
    """A stand-in's run does not push out the run of the judge it stood in for, on the same words and rubric."""
    return (
        bool(run.manifest.get("stand_in"))
        and not current.manifest.get("stand_in")
        and run.transcript_hash == current.transcript_hash
        and run.rubric_version_id == current.rubric_version_id
    )


def _event(score: Score, run: ScoreRun) -> tuple[str, dict[str, Any]]:
    if run.track == "quick":
        return "score:ready", {
            "state": score.state,
            "run_id": str(run.pk),
            "overall": run.overall_score,
            "summary": run.result.get("headline", ""),
            "band": run.band,
            "judged_by": run.judged_by,
        }
    counts = score.counting_run or run
    return "feedback:ready", {
        "state": score.state,
        "run_id": str(counts.pk),
        "overall_score": counts.overall_score,
        "band": counts.band,
        "passed": counts.passed,
        "judged_by": counts.judged_by,
    }


def _not_gradable(call: Call) -> None:
    """Say so, once."""
    expect_score(call_id=call.pk)
    with transaction.atomic():
        changed = (
            Score.objects.filter(call=call, quick_run=None, deep_run=None)
            .exclude(state=Score.State.NOT_GRADABLE)
            .update(state=Score.State.NOT_GRADABLE)
        )
        if changed:
            announce(call.pk, "feedback:ready", {"state": Score.State.NOT_GRADABLE})
            transaction.on_commit(
                partial(score_changed.send_robust, sender=Score, schema_name=current_schema(), call_id=call.pk)
            )


def expect_score(*, call_id: UUID) -> Score:
    """The score-to-be of a call that has just ended."""
    return Score.objects.get_or_create(call_id=call_id)[0]


def note_attempt(*, call_id: UUID) -> None:
    """A track was sent to its queue once more. One statement, which the ORM has no words for: somebody waits for it."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO scoring_score (call_id, state, band, attempts, created_at, updated_at)"
            " VALUES (%s, %s, '', 1, %s, %s) ON CONFLICT (call_id)"
            " DO UPDATE SET attempts = scoring_score.attempts + 1, updated_at = EXCLUDED.updated_at",
            [call_id, Score.State.PENDING.value, now, now],
        )
