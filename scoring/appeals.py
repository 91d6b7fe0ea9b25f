"""A trainee contests the mark for one criterion; a second person, who has not judged it, marks it unseen and decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.people import audit
from calls.events import announce
from calls.models import Call, Turn
from tenants.context import current_organization
from tenants.errors import Conflict, InvalidInput, NotFound
from tenants.models import Organization

from . import reviews, runs
from .models import Appeal, Review, ScoreRun
from .referees import counting_run_of, refuse_first_judge, refuse_trainee

MOST_CHARACTERS = 1000
BATCH = 50


class AppealNotFound(NotFound):
    default_message = gettext_lazy("There is no such appeal.")


class NothingToContest(Conflict):
    code = "NOTHING_TO_CONTEST"
    default_message = gettext_lazy("This call does not count, so there is nothing to contest.")


class NotSubmitted(Conflict):
    code = "CALL_NOT_SUBMITTED"
    default_message = gettext_lazy("This call is private. Submit it first: whoever decides has to hear it.")


class ContestedBefore(Conflict):
    code = "CONTESTED_BEFORE"
    default_message = gettext_lazy("You have contested this criterion already. A criterion can be contested once.")


class WindowClosed(Conflict):
    code = "APPEAL_WINDOW_CLOSED"
    default_message = gettext_lazy("The time to contest this score is over.")


class AppealTaken(Conflict):
    code = "APPEAL_TAKEN"
    default_message = gettext_lazy("Somebody else is deciding on this.")


class AppealDecided(Conflict):
    code = "APPEAL_DECIDED"
    default_message = gettext_lazy("This was decided already, and a decision is final.")


class MarkFirst(Conflict):
    code = "MARK_FIRST"
    default_message = gettext_lazy("Mark the criterion yourself before you see the contested mark.")


@dataclass(frozen=True, slots=True)
class Passage:
    """The words that an appeal is about: of a turn of the trainee's, all of it or the characters start:end."""

    turn_id: UUID
    start: int | None = None
    end: int | None = None


def closes_at(run: ScoreRun, *, here: Organization | None = None) -> datetime:
    """Until when the marks of this run may be contested. `here`: the organisation, where it is at hand."""
    days = (here or current_organization()).appeal_window_days
    return run.created_at + timedelta(days=settings.APPEAL_WINDOW_DAYS if days is None else days)


def answer_hours(*, here: Organization | None = None) -> int:
    """Within how many hours a contested mark is to be decided: as the organisation has it, else the installation."""
    hours = (here or current_organization()).appeal_answer_hours
    return int(settings.APPEAL_ANSWER_HOURS) if hours is None else hours


def refuse_uncontestable(call: Call) -> None:
    """Raises `NotSubmitted`, `NothingToContest`: for calls that nobody else may hear, or that are in no number."""
    if call.is_hidden:
        raise NotSubmitted
    if call.status != Call.Status.COMPLETED or call.voided_at or call.is_redo:
        raise NothingToContest


def contest(*, call: Call, criterion: str, reason: str, passage: Passage | None = None) -> Appeal:
    """The trainee of the call says that a mark is wrong. Whose call it is, is asked before.

    Raises `InvalidInput`, `NotSubmitted`, `NothingToContest`, `NotScoredYet`, `WindowClosed`, `ContestedBefore`.
    """
    refuse_uncontestable(call)
    run = counting_run_of(call)
    reason = reason.strip()
    if not reason:
        raise InvalidInput(details={"field": "reason", "issue": _("Say why the mark is wrong.")})
    if len(reason) > MOST_CHARACTERS:
        raise InvalidInput(details={"field": "reason", "issue": _("At most 1000 characters.")})
    marked = run.criteria.filter(key=criterion).first()
    if marked is None:
        raise InvalidInput(details={"field": "criterion", "issue": _("The rubric has no such criterion.")})
    if Appeal.objects.filter(call=call, criterion=criterion).exists():
        raise ContestedBefore
    if timezone.now() > closes_at(run):
        raise WindowClosed(details={"closed_at": closes_at(run).isoformat()})
    fields = _passage(call, passage) if passage else {}
    try:
        with transaction.atomic():
            appeal = Appeal.objects.create(
                call=call,
                run=run,
                criterion=criterion,
                criterion_name=marked.name,
                mark=marked.score,
                reason=reason,
                opened_by_id=call.trainee_id,
                due_at=timezone.now() + timedelta(hours=answer_hours()),
                **fields,
            )
            audit.record(call.trainee, "appeal.opened", appeal, call=str(call.pk), criterion=criterion)
            _tell(appeal, "appeal:opened")
    except IntegrityError:  # the same request, twice at once
        raise ContestedBefore from None
    return appeal


def _passage(call: Call, passage: Passage) -> dict[str, Any]:
    turn = Turn.objects.filter(call=call, pk=passage.turn_id, role=Turn.Role.USER).first()
    if turn is None:
        raise InvalidInput(details={"field": "turn_id", "issue": _("The trainee said nothing there.")})
    start = 0 if passage.start is None else passage.start
    end = len(turn.content) if passage.end is None else passage.end
    if not 0 <= start < end <= len(turn.content):
        raise InvalidInput(details={"field": "end", "issue": _("That passage is not within what was said.")})
    return {"turn": turn, "start": start, "end": end, "quote": turn.content[start:end]}


def mark(*, appeal: Appeal, reviewer: Any, mark: Any, note: str = "") -> Review:
    """The second person's own mark for the contested criterion; with it the appeal is theirs to decide.

    An appeal that somebody took and left until it was overdue may be taken over. That the reviewer coaches the trainee is
    asked before. Raises `ConflictOfInterest`, `AppealDecided`, `AppealTaken`, `AlreadyReviewed`, `InvalidInput`.
    """
    refuse_trainee(appeal.call, reviewer)
    refuse_first_judge(appeal, reviewer)
    spec = next(item for item in appeal.run.rubric_version.spec().criteria if item.key == appeal.criterion)
    checked = reviews.checked_mark(mark, spec)
    with transaction.atomic():
        locked = _undecided(appeal)
        if locked.taken_by_id == reviewer.pk:
            raise reviews.AlreadyReviewed
        if locked.state == Appeal.State.TAKEN and not locked.is_overdue:
            raise AppealTaken
        review = Review.objects.create(
            call=locked.call,
            rubric_version_id=appeal.run.rubric_version_id,
            reviewer=reviewer,
            appeal=locked,
            blind=not reviews.has_seen(call=locked.call, user=reviewer),
            marks={} if checked is None else {locked.criterion: checked},
            note=note.strip()[:MOST_CHARACTERS],
            run=locked.run,
            submitted_at=timezone.now(),
        )
        reviews.note_seen(call=locked.call, user=reviewer)
        locked.state = Appeal.State.TAKEN
        locked.taken_by = reviewer
        locked.taken_at = timezone.now()
        locked.save(update_fields=["state", "taken_by", "taken_at"])
        audit.record(reviewer, "appeal.taken", locked, call=str(locked.call_id), blind=review.blind)
    return review


def decide(*, appeal: Appeal, reviewer: Any, overturn: bool, reason: str) -> Appeal:
    """The mark stands, or the reviewer's own takes its place and makes a new score. The trainee is told why.

    Raises `InvalidInput` without a reason and where both marks are the same, `MarkFirst`, `AppealTaken`, `AppealDecided`.
    """
    reason = reason.strip()[:MOST_CHARACTERS]
    if not reason:
        raise InvalidInput(details={"field": "reason", "issue": _("Say why. The trainee reads it.")})
    with transaction.atomic():
        locked = _undecided(appeal)
        if locked.state == Appeal.State.OPEN:
            raise MarkFirst
        if locked.taken_by_id != reviewer.pk:
            raise AppealTaken
        review = Review.objects.get(appeal=locked, reviewer=reviewer)
        locked.state = Appeal.State.STANDS
        if overturn:
            _overturn(locked, review, reason)
        locked.decision = reason
        locked.decided_at = review.decided_at = timezone.now()
        locked.save()
        review.outcome = Review.Outcome.OVERRIDDEN if overturn else Review.Outcome.KEPT
        review.save(update_fields=["outcome", "decided_at"])
        audit.record(reviewer, "appeal.decided", locked, state=locked.state, was=locked.mark, now=locked.new_mark)
        _tell(locked, "appeal:decided")
    return locked


def _overturn(appeal: Appeal, review: Review, reason: str) -> None:
    run = counting_run_of(appeal.call)
    present = run.criteria.filter(key=appeal.criterion).first()
    own: int | None = review.marks.get(appeal.criterion)
    if present is not None and own == (present.score if present.applicable else None):
        raise InvalidInput(
            details={"field": "overturn", "issue": _("Your mark is the same as the contested one, so it stands.")}
        )
    appeal.human_run = runs.record_human(
        appeal.call, by=review.reviewer, reason=reason, criteria={appeal.criterion: own}, base_run=run
    )
    appeal.state = Appeal.State.OVERTURNED
    appeal.new_mark = own


def _undecided(appeal: Appeal) -> Appeal:
    """The appeal as it is now, held until the transaction ends. Raises `AppealDecided`."""
    locked = Appeal.objects.select_for_update(of=("self",)).select_related("call", "run").get(pk=appeal.pk)
    if locked.is_decided:
        raise AppealDecided
    return locked


def note_overdue() -> list[UUID]:
    """Appeals whose answer is overdue and nobody was reminded of. Noted as reminded; the caller reminds."""
    now = timezone.now()
    overdue = Appeal.objects.undecided().filter(due_at__lt=now, reminded_at=None)
    found = []
    for appeal_id in overdue.values_list("pk", flat=True)[:BATCH]:
        # Two sweeps at once: one of them changes the row.
        if Appeal.objects.filter(pk=appeal_id, reminded_at=None).update(reminded_at=now):
            found.append(appeal_id)
    return found


def _tell(appeal: Appeal, event: str) -> None:
    data: dict[str, Any] = {
        "appeal_id": str(appeal.pk),
        "criterion": appeal.criterion,
        "state": appeal.state,
        "due_at": appeal.due_at,
    }
    if appeal.is_decided:  # until then, who is going to decide may be listening
        data |= {"mark": appeal.mark, "new_mark": appeal.new_mark}
    announce(appeal.call_id, event, data)
