"""Assigning: what is refused, what is merged, who may; and the same by sheet."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from accounts.people.models import Team, TeamMembership
from coaching.learning.models import Enrolment
from scenarios.models import Scenario, Status
from scenarios.publishing import archive
from scenarios.training import sheets
from scenarios.training.assigning import Terms, assign, assignments_seen_by, change, withdraw
from scenarios.training.calendars import end_of, in_months, today
from scenarios.training.models import Assignment, Program, ProgramTrack, Track
from scenarios.training.publishing import publish_program
from scenarios.validation import NotReady
from tenants.errors import Conflict, DomainError, InvalidInput, PermissionRefused
from tenants.models import Organization
from tenants.sheets import decoded
from tests.cast import Cast
from tests.factories import make_scenario_version
from tests.training import call_item, make_track

pytestmark = pytest.mark.django_db
LATER = timedelta(days=5)


def north() -> Team:
    return Team.objects.get(name="North")


def test_the_same_thing_for_the_same_target_is_one_assignment(in_acme: Cast) -> None:
    track = make_track()
    first = assign(subject=track, target=north(), terms=Terms(today() + LATER, 3), actor=in_acme.cy)
    second = assign(subject=track, target=north(), terms=Terms(today() + 2 * LATER), actor=in_acme.cy)
    assert (first.created, second.created) == (True, False)
    row = Assignment.objects.get()
    assert (row.due_on, row.attempts) == (today() + 2 * LATER, None)


def test_what_was_withdrawn_can_be_assigned_anew(in_acme: Cast) -> None:
    track = make_track()
    first = assign(subject=track, target=in_acme.ada, terms=Terms(), actor=in_acme.bo)
    withdraw(assignment=first.assignments[0], actor=in_acme.bo)
    withdraw(assignment=first.assignments[0], actor=in_acme.bo)
    assert assign(subject=track, target=in_acme.ada, terms=Terms(), actor=in_acme.bo).created
    with pytest.raises(Conflict):
        change(assignment=first.assignments[0], values={"due_on": None}, actor=in_acme.bo)


def test_what_nobody_could_do_is_refused(in_acme: Cast) -> None:
    track, draft = make_track(), make_track(publish=False)
    empty = Team.objects.create(name="Empty")
    managers = Team.objects.create(name="Only managers")
    TeamMembership.objects.create(team=managers, user=in_acme.bo, is_manager=True)
    gone = make_track()
    archive(item=gone)
    refused = [
        (track, north(), Terms(today() - timedelta(days=1)), "due_on"),
        (track, empty, Terms(), "team_id"),
        (track, managers, Terms(), "team_id"),
        (draft, north(), Terms(), "track_id"),
        (gone, north(), Terms(), "track_id"),
        (track, in_acme.gil, Terms(), "user_id"),
        (track, north(), Terms(attempts=0), "attempts"),
        (track, north(), Terms(repeat_months=99), "repeat_months"),
    ]
    for subject, target, terms, field in refused:
        with pytest.raises(InvalidInput) as error:
            assign(subject=subject, target=target, terms=terms, actor=in_acme.cy)
        assert error.value.details["field"] == field
    assert not Assignment.objects.exists()


def test_managers_assign_to_their_own_people(in_acme: Cast) -> None:
    track, south = make_track(), Team.objects.create(name="South")
    TeamMembership.objects.create(team=south, user=in_acme.val)
    assign(subject=track, target=in_acme.ada, terms=Terms(), actor=in_acme.bo)
    for target in (south, in_acme.val):
        with pytest.raises(PermissionRefused):
            assign(subject=track, target=target, terms=Terms(), actor=in_acme.bo)
    with pytest.raises(PermissionRefused):
        assign(subject=track, target=in_acme.ada, terms=Terms(), actor=in_acme.ada)
    theirs = assign(subject=track, target=south, terms=Terms(), actor=in_acme.cy).assignments[0]
    assert theirs not in assignments_seen_by(in_acme.bo)
    assert theirs in assignments_seen_by(in_acme.val)
    with pytest.raises(PermissionRefused):
        withdraw(assignment=theirs, actor=in_acme.bo)


def test_a_program_is_its_tracks_one_after_the_other(in_acme: Cast) -> None:
    program = Program.objects.create(title="All of it")
    with pytest.raises(NotReady, match="The program is empty"):
        publish_program(program=program)
    for position, track in enumerate((make_track(), make_track())):
        ProgramTrack.objects.create(program=program, track=track, position=position)
    publish_program(program=program)
    program.refresh_from_db()
    rows = assign(subject=program, target=north(), terms=Terms(), actor=in_acme.cy).assignments
    assert [row.after for row in rows] == [None, rows[0]]


def test_a_day_ends_in_the_organisations_zone(in_acme: Cast) -> None:
    Organization.objects.filter(pk=in_acme.acme.pk).update(timezone="Pacific/Auckland")
    from django.db import connection

    connection.set_schema(in_acme.acme.schema_name)
    assert end_of(today()).utcoffset() in {timedelta(hours=12), timedelta(hours=13)}


def test_months_end_where_the_month_ends() -> None:
    from datetime import UTC, datetime

    assert in_months(datetime(2027, 1, 31, 9, tzinfo=UTC), 1) == datetime(2027, 2, 28, 9, tzinfo=UTC)
    assert in_months(datetime(2026, 12, 15, tzinfo=UTC), 12) == datetime(2027, 12, 15, tzinfo=UTC)


def test_a_scenario_of_a_track_in_use_is_not_archived(in_acme: Cast) -> None:
    version = make_scenario_version()
    track = make_track(call_item(version))
    with pytest.raises(Conflict, match=track.title):
        archive(item=version.scenario)
    archive(item=track)
    archive(item=version.scenario)
    assert Scenario.objects.get(pk=version.scenario_id).status == Status.ARCHIVED


def test_dissolving_a_team_withdraws_what_it_was_asked(in_acme: Cast) -> None:
    assign(subject=make_track(), target=north(), terms=Terms(), actor=in_acme.cy)
    north().delete()
    assert Assignment.objects.get().withdrawn_at is not None


HEAD = "team,track,due\n"


def run(text: str, cast: Cast, *, dry_run: bool = False) -> sheets.Report:
    with translation.override("en"):
        return sheets.run(text, actor=cast.cy, dry_run=dry_run)


def test_a_sheet_assigns_line_by_line_and_a_dry_run_nothing(in_acme: Cast) -> None:
    track = make_track(key="first")
    lines = [
        f";North;first;{today() + LATER};3",
        f"ada@CAST.test;;{track.title};;",
        ";South;first;;",
        ";North;nothing;;",
    ]
    text = "\n".join(["email;team;track;due;attempts", *lines])
    dry = run(text, in_acme, dry_run=True)
    assert (dry.new, dry.refused) == (2, 2)
    assert dry.lines[0].message == "Would be assigned."
    assert not Assignment.objects.exists()
    report = run(text, in_acme)
    assert [line.outcome for line in report.lines] == ["new", "new", "refused", "refused"]
    assert [line.number for line in report.lines] == [2, 3, 4, 5]
    assert report.lines[2].message == "There is no team “South”."
    assert Assignment.objects.count() == 2
    assert run(text, in_acme).changed == 2
    assert run(text, in_acme, dry_run=True).lines[0].message.startswith("Is assigned already; would get")


@pytest.mark.parametrize(
    "raw",
    [
        "﻿correo,itinerario,fecha\nada@cast.test,presentación,31/12/2030".encode(),
        "correo,itinerario,fecha\nada@cast.test,presentación,31/12/2030".encode("latin-1"),
        "﻿correo\titinerario\tfecha\r\nada@cast.test\tpresentación\t31/12/2030\r\n".encode("utf-16"),
    ],
    ids=["utf-8 with a mark", "latin-1", "utf-16 with tabs"],
)
def test_a_sheet_may_come_from_any_spreadsheet(in_acme: Cast, raw: bytes) -> None:
    make_track(title="presentación")
    assert run(decoded(raw), in_acme).new == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no line below"),
        ("a,b\n1,2", "There is no column “a”"),
        ("email,due\na@b.c,", "first line must name"),
        (HEAD, "no line below"),
        ("team,track,track\nNorth,x,y", "twice"),
        (HEAD + "North,x,\n" * 1001, "at most 1000 lines"),
        (HEAD + '"North,x', "cannot be read"),
        ("team\x00,track", "no text file"),
    ],
    ids=["empty", "columns", "no track", "head only", "twice", "too long", "quote", "binary"],
)
def test_a_sheet_that_cannot_be_read_is_refused_whole(in_acme: Cast, text: str, problem: str) -> None:
    with pytest.raises(DomainError, match=problem):
        run(text, in_acme)


def test_a_report_holds_no_formulas(in_acme: Cast) -> None:
    report = run(HEAD + "=HYPERLINK(1),@x,+1\n", in_acme)
    assert report.lines[0].outcome == "refused"
    cells = report.as_csv().splitlines()[1]
    assert "'=HYPERLINK(1)" in cells
    assert "'@x" in cells


def test_a_person_who_is_asked_begins_at_once(in_acme: Cast, django_capture_on_commit_callbacks: object) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assign(subject=make_track(), target=in_acme.ada, terms=Terms(), actor=in_acme.bo)
    assert Enrolment.objects.get().user_id == in_acme.ada.pk
    assert Track.objects.get().assignments.count() == 1
