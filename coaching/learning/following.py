"""What learning does when something else happened: a call was scored, something was assigned, somebody joined a team."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from calls.models import Call
from scenarios.training.models import Assignment

from .enrolling import concerned_by, hold, out_of_step, outdated, reconcile, subject_of
from .models import Certificate, Enrolment
from .progress import recount

# How far back the sweep looks for calls that nobody told of.
MISSED_WITHIN = timedelta(hours=2)


@transaction.atomic
def follow_call(*, call_id: UUID) -> None:
    """Count the rounds anew that this call may have changed."""
    call = Call.objects.select_related("assignment").filter(pk=call_id).first()
    if call is None or call.assignment is None:
        return
    hold(call.trainee_id)
    kind, pk = subject_of(call.assignment)
    rows = Enrolment.objects.with_content().filter(user_id=call.trainee_id, **{f"{kind}_id": pk})
    for enrolment in rows.exclude(state=Enrolment.State.WITHDRAWN).filter(
        Q(closed_at__isnull=True) | Q(closed_at__gt=call.created_at), opened_at__lte=call.created_at
    ):
        recount(enrolment)


def follow_assignment(*, assignment_id: UUID) -> None:
    assignment = Assignment.objects.filter(pk=assignment_id).first()
    for user_id in sorted(concerned_by(assignment)) if assignment else ():
        reconcile(user_id=user_id)


def follow_person(*, user_id: UUID) -> None:
    reconcile(user_id=user_id)


def follow_track(*, track_id: UUID) -> None:
    """Whoever was asked and has not begun gets the version that was published."""
    for user_id in sorted(outdated().filter(track_id=track_id).values_list("user_id", flat=True)):
        reconcile(user_id=user_id)


def catch_up() -> None:
    """What nobody told of: new members, days that came, scores whose message was lost, judges that may certify by now."""
    for user_id in sorted(out_of_step()):
        reconcile(user_id=user_id)
    since = timezone.now() - MISSED_WITHIN
    calls = Call.objects.filter(assignment__isnull=False)
    for call_id in calls.filter(Q(ended_at__gte=since) | Q(score__updated_at__gte=since)).values_list("pk", flat=True):
        follow_call(call_id=call_id)
    waiting = Certificate.objects.filter(state=Certificate.State.WAITING).values("enrolment")
    for enrolment in Enrolment.objects.with_content().filter(pk__in=waiting):
        _recount_held(enrolment)


def rebuild() -> int:
    """Every round anew from its facts; returns how many."""
    rows = Enrolment.objects.with_content().exclude(state=Enrolment.State.WITHDRAWN).order_by(F("opened_at"))
    count = 0
    for enrolment in rows.iterator(chunk_size=200):
        _recount_held(enrolment)
        count += 1
    return count


@transaction.atomic
def _recount_held(enrolment: Enrolment) -> None:
    hold(enrolment.user_id)
    recount(Enrolment.objects.with_content().get(pk=enrolment.pk))
