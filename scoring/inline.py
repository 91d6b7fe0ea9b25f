"""The quick score for the moment of hanging up, if it can be had within its budget."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from typing import Any
from uuid import UUID

from django.conf import settings

from . import cases, runs
from .judges import panel
from .models import Score

POLL_SECONDS = 0.03
# The judge is pure; only it runs outside of the request's thread, so that the budget can be kept.
_judges = ThreadPoolExecutor(max_workers=2, thread_name_prefix="quick-score")


def quick_score_now(call_id: UUID) -> dict[str, Any] | None:
    """`{overall, summary}`, or None when it is not ready within `QUICK_SCORE_BUDGET_MS` (the event brings it then).

    The embedded judge is asked here and now; a language model's answer is waited for, since its task is under way.
    """
    until = time.monotonic() + settings.QUICK_SCORE_BUDGET_MS / 1000
    if (ready := _ready(call_id)) is not None:
        return ready
    if panel.order_for("quick")[0] == panel.EMBEDDED:
        call = runs.call_to_score(call_id)
        case = cases.case_of(call)
        if not cases.is_gradable(case):
            return None
        judging = _judges.submit(panel.judge, case, track="quick")
        try:
            judged = judging.result(timeout=max(until - time.monotonic(), 0))
        except TookTooLong:
            return _ready(call_id)
        runs.keep(call, case, "quick", judged)
        return _ready(call_id)
    while time.monotonic() < until:
        time.sleep(POLL_SECONDS)
        if (ready := _ready(call_id)) is not None:
            return ready
    return None


def _ready(call_id: UUID) -> dict[str, Any] | None:
    score = Score.objects.select_related("quick_run").filter(call_id=call_id).first()
    if score is None or score.quick_run is None:
        return None
    return {"overall": score.quick_run.overall_score, "summary": score.quick_run.result.get("headline", "")}
