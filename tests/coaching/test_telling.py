"""Who hears of what is to be learned, once, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.notices.models import Notice
from accounts.notices.wording import words_of
from coaching.learning.models import Certificate, Enrolment
from coaching.telling import services, tasks
from scenarios.training.calendars import today
from scenarios.training.models import Assignment
from tests.cast import Cast
from tests.training import enrolment_for, make_assignment, make_track


@pytest.fixture
def assignment(in_acme: Cast) -> Assignment:
    return make_assignment(to=in_acme.ada, of=make_track(title="First week"), assigned_by=in_acme.bo)


def told(user: Any) -> list[tuple[str, str]]:
    rows = Notice.objects.filter(user=user).order_by("created_at")
    return [(notice.kind, words_of(notice).title) for notice in rows]


def test_what_is_assigned_is_told_once(in_acme: Cast, assignment: Assignment) -> None:
    assert services.of_rounds() == 1
    assert services.of_rounds() == 0
    assert told(in_acme.ada) == [("assigned", "New for you: First week")]
    notice = Notice.objects.get()
    assert notice.path == f"/learn/{assignment.pk}/"
    assert words_of(notice).lines == ["Bo assigned it to you."]


def test_a_second_round_says_that_it_is_one(in_acme: Cast, assignment: Assignment) -> None:
    Enrolment.objects.update(round=2)
    services.of_rounds()
    assert words_of(Notice.objects.get()).lines[0] == "This is round 2: it is repeated from time to time."


def test_what_was_opened_long_ago_is_no_news(in_acme: Cast, assignment: Assignment) -> None:
    Enrolment.objects.update(opened_at=timezone.now() - services.NEWS - timedelta(hours=1))
    assert services.of_rounds() == 0


def test_a_day_that_comes_and_one_that_is_over_are_told_once_each(in_acme: Cast, assignment: Assignment) -> None:
    services.of_rounds()
    Enrolment.objects.update(due_on=today() + timedelta(days=3))
    assert services.of_rounds() == 0
    Enrolment.objects.update(due_on=today() + timedelta(days=2))
    tasks.sweep()
    tasks.sweep()
    Enrolment.objects.update(due_on=today() - timedelta(days=1))
    tasks.sweep()
    tasks.sweep()
    assert [kind for kind, _title in told(in_acme.ada)] == ["assigned", "due_soon", "overdue"]
    Enrolment.objects.update(due_on=today() + timedelta(days=1))
    assert services.of_rounds() == 1, "another day is another reminder"


def test_nobody_is_reminded_of_what_is_done(in_acme: Cast, assignment: Assignment) -> None:
    Enrolment.objects.update(state=Enrolment.State.COMPLETED, due_on=today())
    assert services.of_rounds() == 0


@pytest.mark.parametrize("rounds", [1, 4], ids=["one", "four"])
def test_looking_again_costs_the_same_however_many_there_are(
    in_acme: Cast, rounds: int, django_assert_num_queries: Any
) -> None:
    for _number in range(rounds):
        make_assignment(to=in_acme.ada, of=make_track(), due_on=today())
    services.of_rounds()
    with django_assert_num_queries(6):  # rounds and what was told of them, three times
        assert services.of_rounds() == 0


def test_who_assigned_and_who_coaches_hear_that_it_is_done(in_acme: Cast, assignment: Assignment) -> None:
    enrolment = enrolment_for(in_acme.ada)
    services.of_completion(enrolment.pk)
    assert told(in_acme.bo) == []
    Enrolment.objects.update(state=Enrolment.State.COMPLETED)
    Assignment.objects.update(assigned_by=in_acme.cy)
    services.of_completion(enrolment.pk)
    services.of_completion(enrolment.pk)
    for coach in (in_acme.bo, in_acme.cy):
        assert told(coach) == [("assignment_completed", "Ada has finished “First week”")]


def test_a_certificate_is_told_when_it_comes_ends_soon_and_goes(in_acme: Cast, assignment: Assignment) -> None:
    enrolment = enrolment_for(in_acme.ada)
    now = timezone.now()
    certificate = Certificate.objects.create(
        user=in_acme.ada,
        enrolment=enrolment,
        track_version=enrolment.track_version,
        holder="Ada",
        title="First week",
        language="en",
        state=Certificate.State.WAITING,
        completed_at=now,
    )
    services.of_certificate(certificate.pk)
    assert told(in_acme.ada) == []
    Certificate.objects.update(
        state=Certificate.State.ISSUED, issued_at=now, expires_at=now + timedelta(days=services.EXPIRING_DAYS + 1)
    )
    services.of_certificate(certificate.pk)
    assert services.of_expiring_certificates() == 0
    soon = now + timedelta(days=services.EXPIRING_DAYS - 1)
    Certificate.objects.update(expires_at=soon)
    assert services.of_expiring_certificates() == 0, "it was issued a moment ago"
    Certificate.objects.update(issued_at=now - timedelta(days=300))
    Enrolment.objects.update(renews_at=soon)
    assert services.of_expiring_certificates() == 1
    assert services.of_expiring_certificates() == 0
    expiring = words_of(Notice.objects.get(kind="certificate_expiring"))
    assert [line.split(" on ")[0].split(" until ")[0] for line in expiring.lines] == [
        "It is valid",
        "The next round opens",
    ]
    Certificate.objects.update(
        state=Certificate.State.REVOKED, revoked_at=now, revoke_reason="By mistake.", revoked_by=in_acme.cy
    )
    services.of_certificate(certificate.pk)
    assert [kind for kind, _title in told(in_acme.ada)] == [
        "certificate_issued",
        "certificate_expiring",
        "certificate_revoked",
    ]
