"""Can a stored run be made again? Byte for byte, as far as code decides it.

An embedded run is judged anew from the transcript and the rubric. A language model's answer is not repeatable, so its own
words, kept in the manifest, are fed through verification and arithmetic again; several readings are put together again. A
person's run is the run it corrects with the person's marks.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from . import cases, grading, overrides
from .criteria import criteria_of
from .evidence import Span
from .judges import embedded, panel
from .judges.base import Case, Track
from .models import HUMAN, ScoreRun
from .readings import combine
from .results import flags_for, result_of
from .runs import CODE_VERSION
from .transcripts import transcript_hash


@dataclass(frozen=True, slots=True)
class Reproduction:
    """`same_input`: the words and the rubric are as they were. `same_result`: the canonical JSON is equal, byte for byte.
    `differences`: the top-level keys that are not. `other_rules`: the version of the rules that the run was made by, where
    today's are others and may give something else; empty where they are the same."""

    same_input: bool
    same_result: bool
    differences: tuple[str, ...]
    other_rules: str = ""


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def reproduce(run: ScoreRun) -> Reproduction:
    case = replace(cases.case_of(run.call), rubric=cases.asked_of(run.call, run.rubric_version.spec()))
    made = _by_person(run) if run.judged_by == HUMAN else _by_judge(run, case)
    result = json.loads(canonical(made))
    differences = tuple(
        key
        for key in dict.fromkeys([*result, *run.result])
        if key not in result or key not in run.result or canonical(result[key]) != canonical(run.result[key])
    )
    same_input = transcript_hash(
        case.turns
    ) == run.transcript_hash and run.rubric_version.content_hash == run.manifest.get("rubric_hash")
    return Reproduction(
        same_input=same_input, same_result=not differences, differences=differences, other_rules=_other_rules(run)
    )


def _other_rules(run: ScoreRun) -> str:
    if run.judged_by == panel.EMBEDDED and run.model and run.model != embedded.VERSION:
        return run.model
    version = str(run.manifest.get("code_version") or "")
    return version if version != CODE_VERSION else ""


def _by_judge(run: ScoreRun, case: Case) -> dict[str, Any]:
    judge = panel.recorded(run.judged_by)
    track: Track = "quick" if run.track == "quick" else "deep"
    kept = [reading.manifest.get("raw") or {} for reading in run.readings.order_by("manifest__reading")]
    if kept:
        judgement = combine(case.rubric, [judge.again(case, track=track, raw=raw) for raw in kept])
    else:
        judgement = judge.again(case, track=track, raw=run.manifest.get("raw") or {})
    # Runs from before calls were graded by their interval say nothing of it.
    return result_of(
        case,
        judgement,
        flags=flags_for(case),
        graded=bool(run.manifest.get("graded")),
        too_few=grading.was_too_few(run.manifest),
    )


def _by_person(run: ScoreRun) -> dict[str, Any]:
    base, raw = run.base_run, run.manifest["raw"]
    if base is None:  # the database keeps a corrected run for as long as its correction
        return {}
    return overrides.overridden(
        base.result,
        criteria_of(base),
        marks=raw["marks"],
        reason=run.reason,
        rubric=cases.asked_of(run.call, run.rubric_version.spec()),
        spans={key: [Span(**span) for span in spans] for key, spans in raw["evidence"].items()},
    )
