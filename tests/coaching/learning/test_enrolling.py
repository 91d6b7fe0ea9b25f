"""Who is enrolled follows from what is assigned; versions, dates and rounds stay what they were when they began."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Membership
from accounts.people.models import Team, TeamMembership
from coaching.learning import following
from coaching.learning.enrolling import LATE_DAYS, out_of_step, reconcile
from coaching.learning.models import Certificate, Enrolment
from coaching.learning.progress import add_sitting
from scenarios.training.assigning import withdraw
from scenarios.training.calendars import today
from scenarios.training.models import TrackItem
from scenarios.training.publishing import publish_track
from tests.cast import Cast
from tests.factories import make_call, make_scenario_version
from tests.training import call_item, enrolment_for, hold_call, make_assignment, make_track

pytestmark = pytest.mark.django_db


def north() -> Team:
    return Team.objects.get(name="North")


def test_a_team_means_its_learners_and_not_who_manages_it(in_acme: Cast) -> None:
    make_assignment(to=north(), of=make_track())
    assert set(Enrolment.objects.values_list("user_id", flat=True)) == {in_acme.ada.pk}


def test_whoever_joins_later_is_asked_too(in_acme: Cast) -> None:
    make_assignment(to=north(), of=make_track())
    TeamMembership.objects.create(team=north(), user=in_acme.val)
    assert out_of_step() == {in_acme.val.pk}
    following.catch_up()
    assert enrolment_for(in_acme.val).state == Enrolment.State.OPEN
    assert out_of_step() == set()


def test_whoever_joins_after_the_day_has_two_weeks(in_acme: Cast) -> None:
    make_assignment(to=north(), of=make_track(), due_on=today() - timedelta(days=3))
    TeamMembership.objects.create(team=north(), user=in_acme.val)
    assert enrolment_for(in_acme.val).due_on == today() + timedelta(days=LATE_DAYS)


def test_whoever_leaves_is_asked_no_longer_and_finds_it_again(in_acme: Cast) -> None:
    make_assignment(to=north(), of=make_track())
    seat = TeamMembership.objects.get(team=north(), user=in_acme.ada)
    seat.delete()
    assert reconcile(user_id=in_acme.ada.pk) == []
    assert Enrolment.objects.get().state == Enrolment.State.WITHDRAWN
    TeamMembership.objects.create(team=north(), user=in_acme.ada)
    assert enrolment_for(in_acme.ada).state == Enrolment.State.OPEN
    assert Enrolment.objects.count() == 1


def test_nothing_is_asked_of_a_former_member(in_acme: Cast) -> None:
    make_assignment(to=in_acme.ada, of=make_track())
    Membership.objects.filter(organization=in_acme.acme, user=in_acme.ada).update(is_active=False)
    assert reconcile(user_id=in_acme.ada.pk) == []


def test_the_same_track_by_name_and_by_team_is_one_round(in_acme: Cast) -> None:
    track = make_track()
    soon, later = today() + timedelta(days=3), today() + timedelta(days=30)
    make_assignment(to=north(), of=track, due_on=later, attempts=2)
    own = make_assignment(to=in_acme.ada, of=track, due_on=soon, attempts=5)
    enrolment = enrolment_for(in_acme.ada)
    assert (enrolment.due_on, enrolment.attempts) == (soon, 5)
    withdraw(assignment=own, actor=in_acme.cy)
    reconcile(user_id=in_acme.ada.pk)
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.due_on, enrolment.attempts) == (Enrolment.State.OPEN, later, 2)


def test_who_has_begun_stays_on_the_version(in_acme: Cast) -> None:
    track = make_track()
    make_assignment(to=north(), of=track)
    enrolment = enrolment_for(in_acme.ada)
    add_sitting(enrolment, enrolment.items[0], passed=True)
    TrackItem.objects.create(track=track, position=9, key="more", kind="reading", title="More", text="More.")
    publish_track(track=track)
    TeamMembership.objects.create(team=north(), user=in_acme.val)
    following.catch_up()
    assert [len(enrolment_for(user).items) for user in (in_acme.ada, in_acme.val)] == [3, 4]


def test_who_has_not_begun_begins_with_the_version_of_that_day(in_acme: Cast) -> None:
    track = make_track()
    make_assignment(to=north(), of=track, due_on=today())
    TrackItem.objects.create(track=track, position=9, key="more", kind="reading", title="More", text="More.")
    publish_track(track=track)
    assert out_of_step() == {in_acme.ada.pk}
    following.follow_track(track_id=track.pk)
    enrolment = enrolment_for(in_acme.ada)
    assert (len(enrolment.items), enrolment.round, enrolment.due_on) == (4, 1, today())
    assert out_of_step() == set()


def test_a_call_that_was_opened_is_a_beginning(in_acme: Cast) -> None:
    track = make_track(call_item(make_scenario_version()))
    assignment = make_assignment(to=in_acme.ada, of=track)
    make_call(trainee=in_acme.ada, assignment=assignment, assignment_item="call", status="pending")
    TrackItem.objects.create(track=track, position=9, key="more", kind="reading", title="More", text="More.")
    publish_track(track=track)
    following.catch_up()
    assert len(enrolment_for(in_acme.ada).items) == 1


def test_publishing_a_track_tells_learning(
    in_acme: Cast, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    told: list[str] = []
    monkeypatch.setattr("coaching.learning.tasks.follow_track.delay", told.append)
    with django_capture_on_commit_callbacks(execute=True):
        track = make_track()
    assert told == [str(track.pk)]


def test_a_new_round_opens_when_the_time_has_come(in_acme: Cast, open_gate: None) -> None:
    track = make_track(call_item(make_scenario_version()))
    assignment = make_assignment(to=in_acme.ada, of=track, repeat_months=6, due_on=today())
    hold_call(assignment, by=in_acme.ada)
    reconcile(user_id=in_acme.ada.pk)
    first = Enrolment.objects.get()
    assert first.renews_at is not None
    assert Certificate.objects.get().expires_at == first.renews_at
    long_ago = timezone.now() - timedelta(days=200)
    Enrolment.objects.update(opened_at=long_ago, renews_at=timezone.now())
    first.progress_rows.update(passed_at=long_ago)
    first.refresh_from_db()
    Enrolment.objects.update(completed_at=long_ago)
    following.follow_person(user_id=in_acme.ada.pk)
    second = Enrolment.objects.live().with_content().get()
    assert (second.round, second.state, second.progress) == (2, Enrolment.State.OPEN, 0)
    assert second.due_on == today() + timedelta(days=30)
    assert Enrolment.objects.count() == 2


def test_the_sweep_alone_opens_the_next_round(in_acme: Cast, open_gate: None) -> None:
    """Nobody joins, nothing is assigned anew: only time goes by after the round was completed."""
    assignment = make_assignment(to=in_acme.ada, of=make_track(call_item(make_scenario_version())), repeat_months=6)
    hold_call(assignment, by=in_acme.ada)
    assert out_of_step() == {in_acme.ada.pk}
    following.catch_up()
    first = Enrolment.objects.get()
    assert first.renews_at == Certificate.objects.get().expires_at
    assert out_of_step() == set()
    long_ago = timezone.now() - timedelta(days=200)
    Enrolment.objects.update(opened_at=long_ago, completed_at=long_ago, renews_at=timezone.now())
    following.catch_up()
    assert [(row.round, row.state) for row in Enrolment.objects.live()] == [(2, Enrolment.State.OPEN)]
    assert out_of_step() == set()


def test_what_is_asked_once_is_not_looked_at_again(in_acme: Cast) -> None:
    assignment = make_assignment(to=in_acme.ada, of=make_track(call_item(make_scenario_version())))
    hold_call(assignment, by=in_acme.ada)
    assert Enrolment.objects.get().state == Enrolment.State.COMPLETED
    assert out_of_step() == set()


def test_an_archived_track_is_begun_by_nobody_and_finished_by_who_began(in_acme: Cast) -> None:
    track = make_track()
    make_assignment(to=north(), of=track)
    track.versions.update(status="archived")
    type(track).objects.update(status="archived")
    TeamMembership.objects.create(team=north(), user=in_acme.val)
    following.catch_up()
    assert set(Enrolment.objects.values_list("user_id", flat=True)) == {in_acme.ada.pk}
    assert enrolment_for(in_acme.ada).state == Enrolment.State.OPEN
