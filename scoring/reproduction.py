"""Can a stored run be made again? Byte for byte, as far as code decides it.

An embedded run is judged anew from the transcript and the rubric. A language model's answer is not repeatable, so its own
words, kept in the manifest, are fed through verification and arithmetic again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from . import cases
from .judges import panel
from .judges.base import Track
from .models import ScoreRun
from .results import flags_for, result_of
from .transcripts import transcript_hash


@dataclass(frozen=True, slots=True)
class Reproduction:
    """`same_input`: the words and the rubric are as they were. `same_result`: the canonical JSON is equal, byte for byte.
    `differences`: the top-level keys that are not."""

    same_input: bool
    same_result: bool
    differences: tuple[str, ...]


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def reproduce(run: ScoreRun) -> Reproduction:
    case = cases.case_of(run.call)
    judge = panel.recorded(run.judged_by)
    track: Track = "quick" if run.track == "quick" else "deep"
    judgement = judge.again(case, track=track, raw=run.manifest.get("raw") or {})
    result = json.loads(canonical(result_of(case, judgement, flags=flags_for(case))))
    differences = tuple(key for key in result if canonical(result[key]) != canonical(run.result.get(key)))
    same_input = transcript_hash(
        case.turns
    ) == run.transcript_hash and run.rubric_version.content_hash == run.manifest.get("rubric_hash")
    return Reproduction(same_input=same_input, same_result=not differences, differences=differences)
