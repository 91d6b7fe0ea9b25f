"""Counts anew how judges agree with people, where there are marks that were not counted yet."""

from __future__ import annotations

from scenarios.models import RubricVersion
from scoring.models import Calibration

from .agreement import Pair, agreement_of
from .marks import JudgeKey, Marks, gather


def recount() -> list[Calibration]:
    """A new row for each judge whose marks changed since its last count, in the organisation at hand.

    Counting twice is harmless: the same marks are recognised by their hash and give the same numbers.
    """
    known = {_key(row): row.inputs for row in Calibration.objects.current()}
    changed = {key: marks for key, marks in gather().items() if marks.pairs and known.get(key) != marks.inputs}
    versions = RubricVersion.objects.in_bulk({key.rubric_version_id for key in changed})
    return [_count(key, marks, versions[key.rubric_version_id]) for key, marks in sorted(changed.items())]


def _key(row: Calibration) -> JudgeKey:
    return JudgeKey(row.rubric_version_id, row.judged_by, row.model, row.prompt_version, row.language)


def _count(key: JudgeKey, marks: Marks, version: RubricVersion) -> Calibration:
    criteria = []
    for spec in version.spec().criteria:
        pairs: list[Pair] = marks.pairs.get(spec.key, [])
        criteria.append({"key": spec.key, "name": spec.name, "weight": spec.weight, **agreement_of(pairs).to_json()})
    return Calibration.objects.create(
        **key._asdict(),
        calls=len(marks.calls),
        reviews=marks.reviews,
        criteria=criteria,
        holds=all(item["state"] == "holds" for item in criteria),
        inputs=marks.inputs,
    )
