"""Does this call's score pass an item? Only what counts says so, a person's word before a judge's."""

from __future__ import annotations

from scoring.aggregate import BLOCKER_FLOOR
from scoring.models import Score


def verdict(score: Score | None, *, pass_mark: int | None) -> bool | None:
    """True, False, or None while nobody can say: no debrief yet, or it waits for a person. `pass_mark` None: the rubric's.

    A mark of the item's own is held against the whole interval, as the rubric's is: a judge whose interval lies across it
    leaves the decision to a person.
    """
    if score is None:
        return None
    if score.state == Score.State.NOT_GRADABLE:
        return False
    if score.state != Score.State.READY or score.overall_score is None or score.passed is None:
        return None
    if pass_mark is None:
        return score.passed
    run = score.counting_run
    assert run is not None
    # A failed blocker forbids passing, whatever the number.
    blocked = run.criteria.filter(kind="blocker", applicable=True, score__lt=BLOCKER_FLOOR).exists()
    interval = run.result.get("interval") or {"low": score.overall_score, "high": score.overall_score}
    if blocked or interval["high"] < pass_mark:
        return False
    return True if interval["low"] >= pass_mark else None
