"""Score runs: made once per call, track and input, kept for ever; `Score` points at the ones that count."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F

from calls.events import announce
from calls.models import Call
from tenants.schemas import current_schema

from . import cases
from .changes import score_changed
from .judges import panel
from .judges.base import Case, Track
from .models import CriterionResult, Evidence, Score, ScoreRun
from .results import flags_for, result_of
from .transcripts import transcript_hash

logger = structlog.get_logger(__name__)

CODE_VERSION = "1"  # of the arithmetic and the embedded rules: raise it when the same call would score differently


def score_call(*, call_id: UUID, track: Track, again: bool = False) -> ScoreRun | None:
    """Judge a call on one track and let the run count. Returns None for a call too short to grade, or deleted since.

    The same inputs are judged once: a second task for the same call finds the first one's run. `again` asks the judge anew
    (a re-score); the old run stays. No transaction is open while a judge thinks.
    """
    try:
        call = call_to_score(call_id)
    except Call.DoesNotExist:
        logger.info("a call to be scored is gone", call=str(call_id), track=track)
        return None
    case = cases.case_of(call)
    if not cases.is_gradable(case):
        _not_gradable(call)
        return None
    if not again and (known := _known_run(call, track, _inputs(call, case, track, panel.order_for(track)))):
        return _let_count(expect_score(call_id=call_id), known)
    return keep(call, case, track, panel.judge(case, track=track), again=again)


def call_to_score(call_id: UUID) -> Call:
    return Call.objects.select_related("rubric_version").get(pk=call_id)


def keep(call: Call, case: Case, track: Track, judged: panel.Judged, *, again: bool = False) -> ScoreRun:
    """Store a judgement as a run and let it count; unless another task has stored one on the same inputs."""
    order = panel.order_for(track)
    inputs = _inputs(call, case, track, order)
    result = result_of(case, judged.judgement, flags=flags_for(case))
    score = expect_score(call_id=call.pk)
    with transaction.atomic():
        # Holding the score's row: one task at a time decides whether a run is still missing.
        Score.objects.select_for_update().get(pk=score.pk)
        run = None if again else _known_run(call, track, inputs)
        if run is None:
            run = ScoreRun.objects.create(
                call=call,
                track=track,
                rubric_version_id=call.rubric_version_id,
                overall_score=result["overall_score"],
                band=result["band"],
                passed=result["passed"],
                judged_by=judged.judged_by,
                model=judged.judgement.model,
                prompt_version=judged.judgement.prompt_version,
                transcript_hash=transcript_hash(case.turns),
                manifest=_manifest(call, case, judged, inputs, order),
                result=result,
            )
            _store_criteria(run, result)
        return _let_count(score, run)


def _inputs(call: Call, case: Case, track: Track, order: list[str]) -> str:
    """One hash over all that decides a run: words, rubric, who is asked, what went wrong technically."""
    parts: list[Any] = [transcript_hash(case.turns), str(call.rubric_version_id), track, case.mode, order, CODE_VERSION]
    if case.faults:
        parts.append([item.to_json() for item in case.faults])
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _known_run(call: Call, track: Track, inputs: str) -> ScoreRun | None:
    return ScoreRun.objects.filter(call=call, track=track, manifest__inputs=inputs).order_by("-created_at").first()


def _manifest(call: Call, case: Case, judged: panel.Judged, inputs: str, order: list[str]) -> dict[str, Any]:
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
        "model": judgement.model,
        "prompt_version": judgement.prompt_version,
        "settings": dict(judgement.settings),
        "usage": dict(judgement.usage),
        "raw": dict(judgement.raw),
        "code_version": CODE_VERSION,
        "ms": judged.ms,
    }


def _store_criteria(run: ScoreRun, result: dict[str, Any]) -> None:
    rows = CriterionResult.objects.bulk_create(
        CriterionResult(
            run=run,
            position=position,
            key=item["key"],
            name=item["name"],
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
    """Point the score at a run and tell it, unless it counts already or a better one does."""
    with transaction.atomic():
        score = Score.objects.select_for_update().get(pk=score.pk)
        current = score.quick_run if run.track == "quick" else score.deep_run
        if current is not None and (current.pk == run.pk or _is_lesser(run, current)):
            return run
        if run.track == "quick":
            score.quick_run = run
        else:
            score.deep_run = run
        counts = score.deep_run or run
        score.state = Score.State.READY if score.deep_run else Score.State.QUICK
        score.overall_score, score.band, score.passed = counts.overall_score, counts.band, counts.passed
        score.save()
        announce(score.call_id, *_event(score, run))
        transaction.on_commit(
            partial(score_changed.send_robust, sender=Score, schema_name=current_schema(), call_id=score.call_id)
        )
    return run


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
    return "feedback:ready", {
        "state": score.state,
        "run_id": str(run.pk),
        "overall_score": run.overall_score,
        "band": run.band,
        "passed": run.passed,
        "judged_by": run.judged_by,
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
    """A track was sent to its queue once more."""
    score = expect_score(call_id=call_id)
    score.attempts = F("attempts") + 1
    score.save(update_fields=["attempts", "updated_at"])
