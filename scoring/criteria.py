"""A run's criteria, read back from its rows."""

from __future__ import annotations

from typing import Any

from .models import ScoreRun


def criteria_of(run: ScoreRun) -> list[dict[str, Any]]:
    """In the shape of `result["criteria"]`. What has no columns (parts, confidence) comes from there. Two queries."""
    kinds = {item.key: item.kind for item in run.rubric_version.spec().criteria}
    kept = {item["key"]: item for item in run.result.get("criteria") or []}
    return [
        {
            "key": row.key,
            "name": row.name,
            "kind": kinds.get(row.key, "rated"),
            "weight": row.weight,
            "score": row.score,
            "applicable": row.applicable,
            "verified": row.verified,
            "confidence": kept.get(row.key, {}).get("confidence", "normal"),
            "rationale": row.rationale,
            "evidence": [
                {"turn_id": str(one.turn_id), "start": one.start, "end": one.end, "quote": one.quote}
                for one in row.evidence.all()
            ],
            **({"parts": kept[row.key]["parts"]} if "parts" in kept.get(row.key, {}) else {}),
        }
        for row in run.criteria.prefetch_related("evidence").order_by("position")
    ]
