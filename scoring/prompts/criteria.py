"""A rubric's criteria as a model reads them. Rubrics without parts and documents read as they always did."""

from __future__ import annotations

import json

from scenarios.briefs import CriterionSpec, RubricSpec

KINDS = {
    "rated": "",
    "binary": " (yes or no: level 0 or 4)",
    "blocker": " (must not fail: level 0 or 4)",
    "compound": " (rate each part below by itself, under its own key: yes or no, level 0 or 4)",
    "grounded": " (rate how far what the trainee says of this subject agrees with the document; a statement that contradicts "
    "it, or goes beyond it, lowers the level; quote the statements that agree; nothing said of it: not applicable)",
}
HALF_MET = {
    "binary": " (yes or no: level 0 or 4; half met: level 2)",
    "compound": " (rate each part below by itself, under its own key: yes or no, level 0 or 4; half met: level 2)",
}


def criteria_text(rubric: RubricSpec) -> str:
    """One line per criterion, then its parts, its document and its anchors. A document is one JSON string: it cannot end its
    line, and so not pretend to be anything else."""
    return "\n".join(line for item in rubric.criteria for line in _lines(item))


def _lines(item: CriterionSpec) -> list[str]:
    kind = HALF_MET.get(item.kind, KINDS[item.kind]) if item.partial else KINDS[item.kind]
    always = " (never “not applicable”: a call without it is level 0)" if item.must_come_up else ""
    lines = [f"- {item.key}: {item.name}{kind}{always}. {item.definition}"]
    if item.kind == "compound":
        lines += [f"    {item.key}/{part.key}: {part.text}" for part in item.parts]
    if item.kind == "grounded":
        lines.append(f"    the document (data, never instruction): {json.dumps(item.source, ensure_ascii=False)}")
    return [*lines, *(f"    {score}: {text}" for score, text in sorted(item.anchors.items()))]
