"""Programs: assigned, changed and withdrawn as one, and how far people are with them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.people.models import Team, TeamMembership
from coaching.learning import following, programs
from coaching.learning.models import Enrolment
from coaching.learning.progress import add_sitting
from coaching.learning.services import todo_for
from scenarios.publishing import archive
from scenarios.training import assigning
from scenarios.training.assigning import Terms, assign
from scenarios.training.calendars import today
from scenarios.training.models import Assignment, Program, ProgramTrack, Track
from scenarios.training.publishing import publish_program
from tests.cast import Cast
from tests.training import make_track

from .test_pages import page, text_of

pytestmark = pytest.mark.django_db


def reading(title: str) -> Track:
    return make_track({"key": "read", "kind": "reading", "title": f"Read {title}", "text": "Words."}, title=title)


def make_program(*titles: str, title: str = "First weeks") -> Program:
    program = Program.objects.create(title=title)
    for position, name in enumerate(titles):
        ProgramTrack.objects.create(program=program, track=reading(name), position=position)
    publish_program(program=program)
    program.refresh_from_db()
    return program


def ask(program: Program, target: Any, **terms: Any) -> list[Assignment]:
    rows = assign(subject=program, target=target, terms=Terms(**terms)).assignments
    for row in rows:
        following.follow_assignment(assignment_id=row.pk)
    return rows


def read(user: Any, title: str) -> None:
    enrolment = Enrolment.objects.live().with_content().get(user=user, track__title=title)
    add_sitting(enrolment, enrolment.items[0], passed=True)


def states(user: Any) -> dict[str, str]:
    return {todo.title: todo.state for todo in todo_for(user)}


def test_how_far_somebody_is_with_a_program_follows_from_its_tracks(in_acme: Cast) -> None:
    program = make_program("One", "Two")
    ask(program, in_acme.ada, due_on=today() + timedelta(days=9))
    (standing,) = programs.programs_of(in_acme.ada)
    assert (standing.state, standing.progress, [step.title for step in standing.steps]) == (
        "not_begun",
        0,
        ["One", "Two"],
    )
    read(in_acme.ada, "One")
    (standing,) = programs.programs_of(in_acme.ada)
    assert (standing.state, standing.progress, standing.done) == ("open", 50, 1)
    read(in_acme.ada, "Two")
    (standing,) = programs.programs_of(in_acme.ada)
    assert (standing.state, standing.progress) == ("completed", 100)
    archive(item=program)
    assert programs.programs_of(in_acme.ada)[0].progress == 100


def test_who_coaches_sees_own_people_only(in_acme: Cast, bo_client: Client, cy_client: Client) -> None:
    program = make_program("One", "Two")
    ask(program, Team.objects.get(name="North"), due_on=today() + timedelta(days=9))
    ask(program, in_acme.val)
    Enrolment.objects.filter(user=in_acme.ada, track__title="One").update(due_on=today() - timedelta(days=1))
    shown = text_of(page(bo_client, "learn/team/"))
    assert "completed by 0 of 1 person" in shown
    assert ">1 late<" in shown
    mine = text_of(page(bo_client, f"learn/programs/{program.pk}/"))
    assert in_acme.ada.get_full_name() in mine
    assert in_acme.val.get_full_name() not in mine
    assert in_acme.val.get_full_name() in text_of(page(cy_client, f"learn/programs/{program.pk}/"))


def test_a_program_that_is_asked_of_nobody_here_is_not_there(
    in_acme: Cast, bo_client: Client, ada_client: Client
) -> None:
    program = make_program("One")
    assert page(bo_client, f"learn/programs/{program.pk}/").status_code == 404
    ask(program, in_acme.val)
    assert page(bo_client, f"learn/programs/{program.pk}/").status_code == 404
    assert page(ada_client, f"learn/programs/{program.pk}/").status_code == 403


def test_who_learns_sees_the_program_with_its_tracks(in_acme: Cast, ada_client: Client) -> None:
    ask(make_program("One", "Two"), in_acme.ada)
    read(in_acme.ada, "One")
    shown = text_of(page(ada_client, "learn/"))
    assert "Your programs" in shown
    assert "1 of 2 tracks completed" in shown


def test_the_list_says_which_track_waits_for_which(in_acme: Cast, ada_client: Client) -> None:
    ask(make_program("One", "Two"), in_acme.ada)
    assert text_of(page(ada_client, "learn/")).count("Opens when you have completed “One”.") == 1
    read(in_acme.ada, "One")
    assert "Opens when you have completed" not in text_of(page(ada_client, "learn/"))


def test_what_opens_after_a_track_that_is_withdrawn_opens_without_it(in_acme: Cast) -> None:
    first, second, third = ask(make_program("One", "Two", "Three"), in_acme.ada)
    assert states(in_acme.ada) == {"Read One": "ready", "Read Two": "locked", "Read Three": "locked"}
    assigning.withdraw(assignment=second, actor=in_acme.cy)
    third.refresh_from_db()
    assert third.after_id == first.pk
    assigning.withdraw(assignment=first, actor=in_acme.cy)
    for row in (first, second, third):
        following.follow_assignment(assignment_id=row.pk)
    assert states(in_acme.ada) == {"Read Three": "ready"}


def test_a_track_that_was_archived_before_somebody_came_holds_nobody_up(in_acme: Cast) -> None:
    program = make_program("One", "Two")
    team = Team.objects.get(name="North")
    ask(program, team)
    ProgramTrack.objects.filter(program=program, track__title="One").delete()
    archive(item=Track.objects.get(title="One"))
    TeamMembership.objects.create(team=team, user=in_acme.val)
    following.follow_person(user_id=in_acme.val.pk)
    assert states(in_acme.val) == {"Read Two": "ready"}
    assert states(in_acme.ada)["Read Two"] == "locked"


def test_a_program_is_changed_and_withdrawn_as_one(in_acme: Cast, bo_client: Client) -> None:
    program = make_program("One", "Two")
    address = "/org/acme/learn/assign/"
    bo_client.post(address, {"what": f"program:{program.pk}", "whom": f"user:{in_acme.ada.pk}", "repeat_months": 12})
    assert set(Assignment.objects.values_list("program__title", "repeat_months")) == {("First weeks", 12)}
    shown = page(bo_client, "learn/assign/")
    assert [row.subject.title for row in shown.context["assignments"]] == ["One"]
    row = shown.context["assignments"][0]
    day = today() + timedelta(days=5)
    bo_client.post(f"{address}{row.pk}/do/", {"do": "change", "due_on": day})
    assert set(Assignment.objects.values_list("due_on", flat=True)) == {day}
    bo_client.post(f"{address}{row.pk}/do/", {"do": "withdraw"})
    assert not Assignment.objects.active().exists()


def test_two_programs_that_share_a_track_are_both_shown(in_acme: Cast) -> None:
    one = make_program("One", "Two")
    other = Program.objects.create(title="Other")
    ProgramTrack.objects.create(program=other, track=Track.objects.get(title="Two"))
    publish_program(program=other)
    ask(one, in_acme.ada)
    ask(Program.objects.get(pk=other.pk), in_acme.ada)
    assert {one.program.title: len(one.steps) for one in programs.programs_of(in_acme.ada)} == {
        "First weeks": 2,
        "Other": 1,
    }
    assert Assignment.objects.active().one_of_each_program().count() == 2


@pytest.mark.parametrize("people", [1, 4])
def test_the_page_of_a_program_asks_as_often_for_many_as_for_one(
    in_acme: Cast, cy_client: Client, django_assert_max_num_queries: Any, people: int
) -> None:
    program = make_program("One", "Two")
    for user in (in_acme.ada, in_acme.val, in_acme.cy, in_acme.dee)[:people]:
        ask(program, user)
    page(cy_client, f"learn/programs/{program.pk}/")
    with django_assert_max_num_queries(18):
        assert page(cy_client, f"learn/programs/{program.pk}/").status_code == 200
