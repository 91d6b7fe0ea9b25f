"""A coach's own marks for a call: handed in before the judge's are shown, then laid beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.people import audit
from calls.models import Call
from scenarios.briefs import CriterionSpec, RubricSpec
from tenants.errors import Conflict, InvalidInput

from . import runs
from .models import Review, Score, ScoreRun, ScoreSeen
from .referees import counting_run_of

MOST_CHARACTERS = 1000


class AlreadyReviewed(Conflict):
    code = "ALREADY_REVIEWED"
    default_message = gettext_lazy("You have handed in your marks for this call already; they do not change.")


class NotReviewedYet(Conflict):
    code = "NOT_REVIEWED_YET"
    default_message = gettext_lazy("Hand in your own marks first.")


class AlreadyDecided(Conflict):
    code = "ALREADY_DECIDED"
    default_message = gettext_lazy("You have decided on this score already.")


class ScoreMoved(Conflict):
    code = "SCORE_CHANGED"
    default_message = gettext_lazy("The score changed in the meantime. Look at it again before you decide.")


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion, as the reviewer and the run that counts see it; None: it did not come up."""

    key: str
    name: str
    own: int | None
    judged: int | None
    rationale: str

    @property
    def difference(self) -> int | None:
        """The reviewer's mark less the other; None where one of the two saw no occasion for it."""
        return None if self.own is None or self.judged is None else self.own - self.judged

    @property
    def differs(self) -> bool:
        return self.own != self.judged


def note_seen(*, call: Call, user: Any) -> None:
    """From now on this person's marks for the call are not blind. Nothing is noted of the trainee, who judges nothing."""
    if call.trainee_id != user.pk:
        ScoreSeen.objects.bulk_create([ScoreSeen(call=call, user=user)], ignore_conflicts=True)


def has_seen(*, call: Call, user: Any) -> bool:
    """Has this person seen what the judge said of the call?"""
    return ScoreSeen.objects.filter(call=call, user=user).exists()


def review_of(*, call: Call, reviewer: Any, run: ScoreRun) -> Review | None:
    """What this person handed in for the call on the rubric of that run."""
    reviews = Review.objects.submitted().filter(call=call, reviewer=reviewer, rubric_version=run.rubric_version_id)
    return reviews.filter(appeal=None).first()


def checked_marks(marks: Mapping[str, Any], rubric: RubricSpec) -> dict[str, int]:
    """The marks of a whole rubric; None, for a criterion that did not come up, is left out. Raises `InvalidInput` naming the
    first criterion that is unknown, missing or out of range."""
    specs = {item.key: item for item in rubric.criteria}
    for key in marks:
        if key not in specs:
            raise InvalidInput(details={"field": f"marks.{key}", "issue": _("The rubric has no such criterion.")})
    checked = {}
    for key, spec in specs.items():
        if key not in marks:
            raise InvalidInput(details={"field": f"marks.{key}", "issue": _("This criterion has no mark.")})
        mark = checked_mark(marks[key], spec)
        if mark is not None:
            checked[key] = mark
    return checked


def checked_mark(mark: Any, spec: CriterionSpec) -> int | None:
    """One mark. Raises `InvalidInput` when it is no whole number from 0 to 100, or None for what always applies."""
    field = f"marks.{spec.key}"
    if mark is None and spec.must_come_up:
        raise InvalidInput(details={"field": field, "issue": _("This criterion always applies, so it needs a mark.")})
    if mark is not None and (isinstance(mark, bool) or not isinstance(mark, int) or not 0 <= mark <= 100):
        raise InvalidInput(details={"field": field, "issue": _("A mark is a whole number from 0 to 100.")})
    return mark


def submit(*, call: Call, reviewer: Any, marks: Mapping[str, Any], note: str = "") -> Review:
    """Hand in one's own marks. From then on the reviewer sees the judge's.

    Who may do so is asked before (`referees.call_to_judge`). Raises `NotScoredYet`, `AlreadyReviewed`, `InvalidInput`.
    """
    run = counting_run_of(call)
    checked = checked_marks(marks, run.rubric_version.spec())
    with transaction.atomic():
        identity = {"call": call, "reviewer": reviewer, "rubric_version_id": run.rubric_version_id, "appeal": None}
        row, _created = Review.objects.get_or_create(**identity)
        review = Review.objects.select_for_update().get(pk=row.pk)
        if review.is_submitted:
            raise AlreadyReviewed
        review.blind = not has_seen(call=call, user=reviewer)
        review.marks = checked
        review.note = note.strip()[:MOST_CHARACTERS]
        review.run = run
        review.submitted_at = timezone.now()
        review.save()
        note_seen(call=call, user=reviewer)
        audit.record(reviewer, "review.submitted", call, blind=review.blind)
    return review


def laid_beside(marks: Mapping[str, int], run: ScoreRun) -> list[Line]:
    """A reviewer's marks beside a run's, in the order of the rubric. One query."""
    return [
        Line(
            key=row.key,
            name=row.name,
            own=marks.get(row.key),
            judged=row.score if row.applicable else None,
            rationale=row.rationale,
        )
        for row in run.criteria.all()
    ]


def override(*, review: Review, reason: str, run_id: UUID) -> ScoreRun:
    """Let the reviewer's marks be the score; the run they replace (`run_id`, as the reviewer saw it) stays.

    Raises `InvalidInput` without a reason and where nothing would change, `AlreadyDecided`, `ScoreMoved`.
    """
    with transaction.atomic():
        locked, run = _to_decide(review, run_id)
        if not any(line.differs for line in laid_beside(locked.marks, run)):
            raise InvalidInput(
                details={"field": "reason", "issue": _("Your marks are the same as the score. Keep the score instead.")}
            )
        made = _record(locked, run, reason, {row.key: locked.marks.get(row.key) for row in run.criteria.all()})
        _close(locked, Review.Outcome.OVERRIDDEN, run)
        audit.record(
            locked.reviewer,
            "score.overridden",
            locked.call,
            run=str(made.pk),
            was=run.overall_score,
            now=made.overall_score,
            reason=made.reason,
        )
    return made


def keep(*, review: Review, reason: str, run_id: UUID) -> ScoreRun:
    """Let the score stand. Where it waited for a person's decision, that takes a reason, and the person's run says so.

    Raises `InvalidInput` without a reason where one is needed, `AlreadyDecided`, `ScoreMoved`.
    """
    with transaction.atomic():
        locked, run = _to_decide(review, run_id)
        if Score.objects.filter(call_id=locked.call_id, state=Score.State.NEEDS_REVIEW).exists():
            marks = {row.key: row.score if row.applicable else None for row in run.criteria.all()}
            counts = _record(locked, run, reason, marks)
        else:
            counts = run
        _close(locked, Review.Outcome.KEPT, run)
        audit.record(locked.reviewer, "score.kept", locked.call, run=str(counts.pk), reason=reason.strip())
    return counts


def _to_decide(review: Review, run_id: UUID) -> tuple[Review, ScoreRun]:
    """The review and the run that counts, both held until the transaction ends."""
    # The score first: whoever lets a run count takes that lock first, too.
    Score.objects.select_for_update().get(call_id=review.call_id)
    locked = Review.objects.select_for_update(of=("self",)).select_related("call", "reviewer").get(pk=review.pk)
    if not locked.is_submitted:
        raise NotReviewedYet
    if locked.outcome:
        raise AlreadyDecided
    run = counting_run_of(locked.call)
    if run.pk != run_id or run.rubric_version_id != locked.rubric_version_id:
        raise ScoreMoved
    return locked, run


def _record(review: Review, run: ScoreRun, reason: str, marks: dict[str, int | None]) -> ScoreRun:
    if not reason.strip():
        raise InvalidInput(details={"field": "reason", "issue": _("Say why.")})
    return runs.record_human(
        review.call, by=review.reviewer, reason=reason.strip()[:MOST_CHARACTERS], criteria=marks, base_run=run
    )


def _close(review: Review, outcome: Review.Outcome, run: ScoreRun) -> None:
    """`run`: what the reviewer decided about."""
    review.outcome = outcome
    review.run = run
    review.decided_at = timezone.now()
    review.save(update_fields=["outcome", "run", "decided_at"])
