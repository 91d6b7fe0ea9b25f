"""Authoring tracks in the admin: forms, files, preview, publishing; programs that ship; assignments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.people.models import Team
from scenarios.publishing import archive
from scenarios.training.calendars import today
from scenarios.training.models import Assignment, Program, ProgramTrack, Track, TrackFile
from scenarios.training.publishing import publish_program
from tests.cast import Cast
from tests.factories import make_scenario_version
from tests.training import QUESTIONS, make_assignment, make_track

pytestmark = pytest.mark.django_db
ADMIN = "/org/acme/admin/training"


def form(*items: dict[str, Any], **values: Any) -> dict[str, Any]:
    data = {"title": "First steps", "language": "en", "in_order": "on", "certificate": "on", **values}
    for prefix, rows in (("items", items), ("files", values.pop("files", ()))):
        data |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
        data |= {f"{prefix}-{index}-{name}": value for index, row in enumerate(rows) for name, value in row.items()}
    return data


READING = {"kind": "reading", "title": "Read this", "text": "# Hello", "position": 0}
CHECK = {"kind": "check", "title": "Know this", "questions": QUESTIONS, "position": 1, "pass_mark": 70}


def test_a_track_is_written_previewed_and_published(
    in_acme: Cast, cy_client: Client, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    version = make_scenario_version()
    call = {"kind": "scenario", "scenario": version.scenario_id, "position": 2, "attempt_limit": 3}
    file = {"upload": SimpleUploadedFile("prices.txt", b"forty"), "name": ""}
    assert cy_client.get(f"{ADMIN}/track/add/").status_code == 200
    answer = cy_client.post(f"{ADMIN}/track/add/", form(READING, CHECK, call, files=(file,)), follow=True)
    assert answer.status_code == 200
    track = Track.objects.get()
    assert [item.key for item in track.items.all()] == ["read-this", "know-this", *[track.items.last().key]]
    assert track.key == "first-steps"
    assert (TrackFile.objects.get().name, TrackFile.objects.get().size_bytes) == ("prices.txt", 5)
    preview = cy_client.get(f"{ADMIN}/track/{track.pk}/preview/").content.decode()
    assert "<h2>Hello</h2>" in preview
    assert "3 questions" in preview
    assert "prices.txt" in preview
    cy_client.post(f"{ADMIN}/track/{track.pk}/publish/")
    track.refresh_from_db()
    assert track.newest_published().number == 1
    assert cy_client.get(f"{ADMIN}/track/{track.pk}/change/").status_code == 200
    assert cy_client.get(f"{ADMIN}/track/").status_code == 200
    cy_client.post(f"{ADMIN}/track/{track.pk}/duplicate/")
    assert set(Track.objects.values_list("key", flat=True)) == {"first-steps", "copy-of-first-steps"}


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ({**CHECK, "questions": "What?\n- a\n- b"}, "Mark the right options"),
        ({"kind": "scenario", "position": 0, "module": "x"}, "Choose the scenario."),
        ({**READING, "title": ""}, "Give it a title."),
        ({**READING, "pass_mark": "101"}, "less than or equal to 100"),
    ],
    ids=["questions", "scenario", "title", "mark"],
)
def test_a_mistake_is_said_beside_its_field(
    in_acme: Cast, cy_client: Client, item: dict[str, Any], problem: str
) -> None:
    answer = cy_client.post(f"{ADMIN}/track/add/", form(item))
    assert answer.status_code == 200
    assert problem in answer.content.decode()
    assert not Track.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.exe", b"MZ", "Files of this kind are not taken."),
        ("a.pdf", b"<html>", "This is no .pdf file."),
        ("a.txt", b"", "The file is empty."),
    ],
    ids=["kind", "disguised", "empty"],
)
def test_a_file_that_is_not_taken_is_refused(
    in_acme: Cast, cy_client: Client, name: str, content: bytes, problem: str
) -> None:
    file = {"upload": SimpleUploadedFile(name, content), "name": "x"}
    answer = cy_client.post(f"{ADMIN}/track/add/", form(READING, files=(file,)))
    assert problem in answer.content.decode()
    assert not TrackFile.objects.exists()


def test_a_track_that_is_not_ready_says_why(in_acme: Cast, cy_client: Client) -> None:
    track = make_track({"key": "x", "kind": "scenario"}, publish=False)
    preview = cy_client.get(f"{ADMIN}/track/{track.pk}/preview/").content.decode()
    assert "Choose the scenario of item x." in preview
    cy_client.post(f"{ADMIN}/track/{track.pk}/publish/")
    assert not track.versions.exists()


def test_a_program_that_ships_is_copied_by_a_button(in_acme: Cast, cy_client: Client) -> None:
    page = cy_client.get(f"{ADMIN}/program/shipped/").content.decode()
    assert "First weeks in sales" in page
    cy_client.post(f"{ADMIN}/program/shipped/", {"key": "first-weeks"})
    program = Program.objects.get()
    assert [step.track.key for step in program.tracks.all()] == ["first-calls", "hard-talks"]
    preview = cy_client.get(f"{ADMIN}/program/{program.pk}/preview/").content.decode()
    assert "Publish the track “First calls” first." in preview
    assert cy_client.get(f"{ADMIN}/program/{program.pk}/change/").status_code == 200
    again = cy_client.post(f"{ADMIN}/program/shipped/", {"key": "first-weeks"}, follow=True)
    assert "is here already" in again.content.decode()


def test_an_assignment_is_made_changed_and_withdrawn(in_acme: Cast, cy_client: Client) -> None:
    track, team = make_track(), Team.objects.get(name="North")
    wrong = cy_client.post(f"{ADMIN}/assignment/add/", {"track": track.pk, "team": team.pk, "due_on": "2020-01-01"})
    assert "That day is over." in wrong.content.decode()
    assert "one of both" in cy_client.post(f"{ADMIN}/assignment/add/", {"track": track.pk}).content.decode()
    for attempts in ("", 4):
        done = cy_client.post(f"{ADMIN}/assignment/add/", {"track": track.pk, "team": team.pk, "attempts": attempts})
        assert done.status_code == 302
    row = Assignment.objects.get()
    assert (row.attempts, row.assigned_by) == (4, in_acme.cy)
    day = today() + timedelta(days=4)
    cy_client.post(f"{ADMIN}/assignment/{row.pk}/change/", {"due_on": day, "attempts": "", "repeat_months": 12})
    row.refresh_from_db()
    assert (row.due_on, row.attempts, row.repeat_months) == (day, None, 12)
    cy_client.post(f"{ADMIN}/assignment/", {"action": "withdraw_selected", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.withdrawn_at
    assert cy_client.get(f"{ADMIN}/assignment/").status_code == 200


def test_only_what_is_published_is_offered_to_be_assigned(in_acme: Cast, cy_client: Client) -> None:
    make_track(title="Ready to go")
    draft = make_track(title="Still a draft", publish=False)
    page = cy_client.get(f"{ADMIN}/assignment/add/").content.decode()
    assert "Ready to go" in page
    assert "Still a draft" not in page
    assert 'type="date"' in page
    sent = {"track": draft.pk, "user": in_acme.ada.pk}
    assert "was never published" in cy_client.post(f"{ADMIN}/assignment/add/", sent).content.decode()


def test_the_lists_ask_as_often_for_many_as_for_one(
    in_acme: Cast, cy_client: Client, django_assert_max_num_queries: Any
) -> None:
    for _index in range(5):
        make_assignment(to=in_acme.ada, of=make_track())
    for name in ("track", "assignment"):
        with django_assert_max_num_queries(22):
            cy_client.get(f"{ADMIN}/{name}/")


def test_a_program_is_assigned_in_the_admin_like_a_track(in_acme: Cast, cy_client: Client) -> None:
    program, team = Program.objects.create(title="First weeks"), Team.objects.get(name="North")
    tracks = [make_track(title=title) for title in ("One", "Two")]
    for position, track in enumerate(tracks):
        ProgramTrack.objects.create(program=program, track=track, position=position)
    address, asked = f"{ADMIN}/assignment/add/", {"program": program.pk, "team": team.pk, "repeat_months": 12}
    assert "was never published" in cy_client.post(address, asked).content.decode()
    publish_program(program=program)
    both = cy_client.post(address, {**asked, "track": tracks[0].pk})
    assert "one of them" in both.content.decode()
    assert not Assignment.objects.exists()
    assert cy_client.post(address, asked).status_code == 302
    rows = Assignment.objects.order_by("created_at")
    assert [(row.track, row.program, row.repeat_months) for row in rows] == [(track, program, 12) for track in tracks]
    assert rows[1].after == rows[0]
    assert "First weeks" in cy_client.get(f"{ADMIN}/assignment/?program__id__exact={program.pk}").content.decode()


def test_a_track_of_a_program_that_is_archived_is_refused_beside_the_program(in_acme: Cast, cy_client: Client) -> None:
    program, team = Program.objects.create(title="First weeks"), Team.objects.get(name="North")
    ProgramTrack.objects.create(program=program, track=make_track(title="One"))
    publish_program(program=program)
    ProgramTrack.objects.all().delete()
    archive(item=Track.objects.get())
    answer = cy_client.post(f"{ADMIN}/assignment/add/", {"program": program.pk, "team": team.pk})
    assert "“One” is archived." in answer.content.decode()
    assert not Assignment.objects.exists()
