"""The pages of learning, as who learns and who coaches sees them."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfReader

from accounts.people.models import Team, TeamMembership
from calls.assigned import open_assigned
from calls.models import Call
from coaching.learning import certificates
from coaching.learning.models import Certificate, Enrolment, Sitting
from coaching.learning.progress import add_sitting
from scenarios.training.calendars import today
from scenarios.training.files import keep
from scenarios.training.models import Assignment, Track, TrackFile
from scenarios.training.publishing import publish_track
from tests.cast import Cast
from tests.factories import make_run, make_scenario_version, make_score
from tests.training import KEYS, call_item, enrolment_for, hold_call, make_assignment, make_track

pytestmark = pytest.mark.django_db
RIGHT = {"q0": "0", "q1": ["0", "1"], "q2-0": "1", "q2-1": "2", "q2-2": "3"}


def page(client: Client, path: str, **data: Any) -> Any:
    return client.get(f"/org/acme/{path}", data)


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_nothing_is_assigned_yet(in_acme: Cast, ada_client: Client, bo_client: Client) -> None:
    assert "Nothing is assigned to you yet" in text_of(page(ada_client, "learn/"))
    assert "Nothing is assigned yet" in text_of(page(bo_client, "learn/team/"))


def test_the_mark_of_an_item_is_the_only_one_its_page_names(in_acme: Cast, ada_client: Client) -> None:
    version = make_scenario_version()
    assignment = make_assignment(to=in_acme.ada, of=make_track(call_item(version, pass_mark=61)))
    shown = text_of(page(ada_client, f"learn/{assignment.pk}/call/"))
    assert "passed from 61" in shown
    assert "Pass mark: 61 of 100" in shown
    assert "Pass mark: 70" not in shown


def test_the_room_and_the_debrief_name_the_mark_of_the_item(in_acme: Cast, ada_client: Client) -> None:
    version = make_scenario_version()
    assignment = make_assignment(to=in_acme.ada, of=make_track(call_item(version, pass_mark=61)))
    page(ada_client, "learn/")
    call = open_assigned(trainee=in_acme.ada, assignment_id=assignment.pk, channel=Call.Channel.TEXT)
    lobby = text_of(page(ada_client, f"calls/{call.pk}/"))
    assert "Pass mark: 61 of 100" in lobby
    assert "Pass mark: 70" not in lobby
    call.status, call.ended_at, call.duration_ms = Call.Status.COMPLETED, call.created_at, 60_000
    call.save()
    result = {"pass_mark": 61, "interval": {"low": 62, "high": 68}}
    make_score(call, deep=make_run(call, scores=dict.fromkeys(KEYS, 65), passed=True, result=result))
    debrief = text_of(page(ada_client, f"calls/{call.pk}/debrief/"))
    assert "The pass mark is 61." in debrief
    assert "ass mark is 70" not in debrief
    assert "Pass mark 70" not in debrief


def test_a_call_that_waits_takes_the_mark_that_is_asked_for_by_now(in_acme: Cast, ada_client: Client) -> None:
    version = make_scenario_version()
    assignment = make_assignment(to=in_acme.ada, of=make_track(call_item(version, pass_mark=61)))
    page(ada_client, "learn/")
    call = open_assigned(trainee=in_acme.ada, assignment_id=assignment.pk, channel=Call.Channel.TEXT)
    Call.objects.update(pass_mark=None)
    again = open_assigned(trainee=in_acme.ada, assignment_id=assignment.pk, channel=Call.Channel.TEXT)
    assert (again.pk, again.pass_mark, again.passes_from) == (call.pk, 61, 61)


def test_a_track_from_its_first_item_to_the_certificate(in_acme: Cast, ada_client: Client, open_gate: None) -> None:
    track = make_track(title="First calls")
    assignment = make_assignment(to=in_acme.ada, of=track, due_on=today() + timedelta(days=3))
    course = f"learn/{assignment.pk}/"
    assert "0 of 3 passed" in text_of(page(ada_client, "learn/"))
    shown = text_of(page(ada_client, course))
    assert "Opens when you have passed “Read this”." in shown
    assert page(ada_client, f"{course}call/").status_code == 409
    assert "<h2>Hello</h2>" in text_of(page(ada_client, f"{course}read/"))
    assert ada_client.post(f"/org/acme/{course}read/").status_code == 302
    ada_client.post(f"/org/acme/{course}read/")
    assert Sitting.objects.count() == 1
    incomplete = ada_client.post(f"/org/acme/{course}check/", {"q0": "0"})
    assert incomplete.status_code == 400
    assert "Give every line a place of its own." in text_of(incomplete)
    assert Sitting.objects.count() == 1
    ada_client.post(f"/org/acme/{course}check/", {**RIGHT, "q0": "1"})
    failed = text_of(page(ada_client, f"{course}check/"))
    assert "Not passed yet" in failed
    assert "Try again" in failed
    assert "questions." in text_of(page(ada_client, f"{course}check/", again=1))
    ada_client.post(f"/org/acme/{course}check/", RIGHT)
    assert "Passed" in text_of(page(ada_client, f"{course}check/"))
    ada_client.post(f"/org/acme/{course}check/", RIGHT)
    assert Sitting.objects.count() == 3  # what is passed is not sat again
    assert "passed from 70" in text_of(page(ada_client, f"{course}call/"))
    room = ada_client.post(f"/org/acme/{course}call/", {"channel": "text"})
    call = Call.objects.get()
    assert room["Location"].endswith(f"/calls/{call.pk}/")
    assert call.assignment_id == assignment.pk
    hold_call(assignment, by=in_acme.ada)
    certificate = Certificate.objects.get()
    assert "valid" in text_of(page(ada_client, "learn/"))
    assert certificate.holder in text_of(page(ada_client, f"certificates/{certificate.pk}/"))
    paper = page(ada_client, f"certificates/{certificate.pk}/certificate.pdf")
    words = PdfReader(BytesIO(paper.content)).pages[0].extract_text()
    assert "First calls" in words
    assert certificate.holder in words


def test_that_it_comes_round_again_is_said_beforehand(in_acme: Cast, ada_client: Client) -> None:
    assignment = make_assignment(to=in_acme.ada, of=make_track(), repeat_months=6)
    text = text_of(ada_client.get(f"/org/acme/learn/{assignment.pk}/"))
    assert "It comes round again 6 months after you have completed it." in text


def test_a_check_has_as_many_attempts_as_the_assignment_says(in_acme: Cast, ada_client: Client) -> None:
    from scenarios.training.questions import parse
    from tests.training import QUESTIONS

    track = make_track({"key": "check", "kind": "check", "title": "Know", "questions": parse(QUESTIONS)})
    assignment = make_assignment(to=in_acme.ada, of=track, attempts=1)
    address = f"/org/acme/learn/{assignment.pk}/check/"
    ada_client.post(address, {**RIGHT, "q0": "1", "q1": ["2"]})
    assert "You have used the only attempt" in text_of(ada_client.get(address))
    assert ada_client.post(address, RIGHT).status_code == 409
    assert Sitting.objects.count() == 1


def test_a_file_is_for_whom_the_reading_is_open(
    in_acme: Cast, ada_client: Client, bo_client: Client, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    track = make_track(publish=False)
    file = TrackFile(track=track, name="prices.txt")
    keep(file, SimpleUploadedFile("prices.txt", b"forty euros"))
    file.save()
    publish_track(track=track)
    assignment = make_assignment(to=in_acme.ada, of=Track.objects.get(pk=track.pk))
    address = f"learn/{assignment.pk}/read/files/{file.pk}/"
    assert "prices.txt" in text_of(page(ada_client, f"learn/{assignment.pk}/read/"))
    answer = page(ada_client, address)
    assert b"".join(answer.streaming_content) == b"forty euros"
    assert answer["Content-Disposition"].startswith("attachment")
    assert page(bo_client, address).status_code == 404


def test_others_do_not_see_my_track(in_acme: Cast, ada_client: Client) -> None:
    assignment = make_assignment(to=in_acme.val, of=make_track())
    assert page(ada_client, f"learn/{assignment.pk}/").status_code == 404


def test_trainees_neither_assign_nor_see_the_table(in_acme: Cast, ada_client: Client) -> None:
    for path in ("learn/team/", "learn/assign/", "learn/team/completion.csv"):
        assert page(ada_client, path).status_code == 403


def test_a_manager_assigns_by_form(in_acme: Cast, bo_client: Client) -> None:
    track, team = make_track(), Team.objects.get(name="North")
    address = "/org/acme/learn/assign/"
    wrong = bo_client.post(address, {"what": f"track:{track.pk}", "whom": f"team:{team.pk}", "due_on": "2020-01-01"})
    assert wrong.status_code == 400
    assert "That day is over." in text_of(wrong)
    done = bo_client.post(address, {"what": f"track:{track.pk}", "whom": f"team:{team.pk}"}, follow=True)
    assert f"“{track}” is assigned to North." in text_of(done)
    row = Assignment.objects.get()
    bo_client.post(f"{address}{row.pk}/do/", {"do": "change", "due_on": today() + timedelta(days=9)})
    row.refresh_from_db()
    assert row.due_on == today() + timedelta(days=9)
    bo_client.post(f"{address}{row.pk}/do/", {"do": "withdraw"})
    row.refresh_from_db()
    assert row.withdrawn_at


def test_a_manager_assigns_by_sheet_after_looking_at_it(in_acme: Cast, bo_client: Client) -> None:
    make_track(key="first")
    address = "/org/acme/learn/assign/sheet/"
    text = "team,track,due\nNorth,first,\nSouth,first,\n"
    looked = bo_client.post(address, {"file": SimpleUploadedFile("a.csv", text.encode())})
    assert "1 new assignment, 0 changed, 1 refused." in text_of(looked)
    assert "Would be assigned." in text_of(looked)
    led = bo_client.get(address)  # as after a press on the address that stands in the browser now
    assert (led.status_code, led["Location"]) == (302, "/org/acme/learn/assign/")
    assert not Assignment.objects.exists()
    assert "South" in bo_client.post(address, {"as": "csv", "text": text}).content.decode()
    bo_client.post(address, {"confirm": "1", "text": text})
    assert Assignment.objects.count() == 1
    assert bo_client.post(address, {"file": SimpleUploadedFile("a.csv", b"\x00\x01")}).status_code == 400
    assert bo_client.post(address, {}).status_code == 400


@pytest.mark.parametrize(("language", "head"), [("en", "team,track,due"), ("es", "equipo,itinerario,fecha límite")])
def test_the_example_of_a_sheet_can_be_sent_as_it_stands(
    in_acme: Cast, bo_client: Client, language: str, head: str
) -> None:
    assert page(bo_client, "learn/assign/").context["example"] == "team,track,due"
    make_track(key="first")
    in_acme.bo.language = language
    in_acme.bo.save()
    shown = page(bo_client, "learn/assign/")
    example = shown.context["example"]
    assert example in shown.content.decode()
    assert example.splitlines()[0] == head
    assert example.splitlines()[1].startswith("North,first,")
    bo_client.post("/org/acme/learn/assign/sheet/", {"confirm": "1", "text": example})
    assert Assignment.objects.get().due_on == today() + timedelta(days=28)


def test_the_table_is_of_own_teams_and_says_who_is_late(in_acme: Cast, bo_client: Client, cy_client: Client) -> None:
    make_assignment(to=in_acme.ada, of=make_track(title="Late one"), due_on=today() - timedelta(days=1))
    make_assignment(to=in_acme.val, of=make_track(title="Of another team"))
    enrolment_for(in_acme.ada).__class__.objects.filter(user=in_acme.ada).update(due_on=today() - timedelta(days=1))
    shown = text_of(page(bo_client, "learn/team/", state="late"))
    assert "Late one" in shown
    assert "Of another team" not in text_of(page(bo_client, "learn/team/"))
    assert "Of another team" in text_of(page(cy_client, "learn/team/"))
    sheet = page(bo_client, "learn/team/completion.csv").content.decode()
    assert "Late one" in sheet
    assert ",late," in sheet
    assert "Of another team" not in sheet


def test_who_has_not_begun_is_not_in_progress(in_acme: Cast, bo_client: Client) -> None:
    tried, late, untouched = (make_assignment(to=in_acme.ada, of=make_track(title=name)) for name in ("A", "B", "C"))
    Enrolment.objects.filter(assignment=late).update(due_on=today() - timedelta(days=1))
    enrolment = Enrolment.objects.get(assignment=tried)
    add_sitting(enrolment, enrolment.items[1], score=10, passed=False)
    answer = page(bo_client, "learn/team/")
    assert answer.context["counts"] == {"completed": 0, "open": 1, "late": 1, "not_begun": 1}
    for state, assignment in (("open", tried), ("late", late), ("not_begun", untouched)):
        rows = page(bo_client, "learn/team/", state=state).context["rows"]
        assert [row.assignment_id for row in rows] == [assignment.pk]
    sheet = page(bo_client, "learn/team/completion.csv").content.decode()
    assert {line.split(",")[2]: line.split(",")[4] for line in sheet.splitlines()[1:]} == {
        "A": "in progress",
        "B": "late",
        "C": "not begun",
    }


@pytest.mark.parametrize("people", [1, 4])
def test_the_table_asks_as_often_for_many_as_for_one(
    in_acme: Cast, bo_client: Client, django_assert_max_num_queries: Any, people: int
) -> None:
    team = Team.objects.get(name="North")
    for user in (in_acme.val, in_acme.cy, in_acme.dee)[: people - 1]:
        TeamMembership.objects.create(team=team, user=user)
    for _index in range(people):
        make_assignment(to=team, of=make_track())
    page(bo_client, "learn/team/")
    with django_assert_max_num_queries(28):
        assert page(bo_client, "learn/team/").status_code == 200


@pytest.mark.parametrize("tracks", [1, 5])
def test_my_tracks_ask_as_often_for_many_as_for_one(
    in_acme: Cast, ada_client: Client, django_assert_max_num_queries: Any, tracks: int
) -> None:
    for _index in range(tracks):
        make_assignment(to=in_acme.ada, of=make_track())
    page(ada_client, "learn/")
    with django_assert_max_num_queries(20):
        assert page(ada_client, "learn/").status_code == 200


def earned(cast: Cast) -> Certificate:
    assignment = make_assignment(to=cast.ada, of=make_track(call_item(make_scenario_version()), valid_months=12))
    hold_call(assignment, by=cast.ada)
    return Certificate.objects.get()


def test_a_certificate_waits_where_the_judge_may_not_certify(
    in_acme: Cast, ada_client: Client, bo_client: Client
) -> None:
    certificate = earned(in_acme)
    assert (certificate.state, certificate.gate) == (Certificate.State.WAITING, "never_counted")
    address = f"certificates/{certificate.pk}/"
    assert page(ada_client, f"{address}certificate.pdf").status_code == 404
    assert "Certificates that wait for you" in text_of(page(bo_client, "learn/team/"))
    ada_client.post(f"/org/acme/{address}do/", {"do": "confirm"})
    certificate.refresh_from_db()
    assert certificate.state == Certificate.State.WAITING
    bo_client.post(f"/org/acme/{address}do/", {"do": "confirm"})
    certificate.refresh_from_db()
    assert (certificate.is_valid, certificate.confirmed_by) == (True, in_acme.bo)
    assert certificate.expires_at is not None


def test_a_certificate_that_a_person_took_back_does_not_come_again(in_acme: Cast, open_gate: None) -> None:
    certificate = earned(in_acme)
    certificates.revoke(certificate=certificate, actor=in_acme.bo, reason="Somebody else spoke.")
    from coaching.learning import following

    following.rebuild()
    assert Certificate.objects.count() == 1
    assert not Certificate.objects.valid().exists()


def test_others_check_a_certificate_where_its_holder_lets_them(
    in_acme: Cast, ada_client: Client, bo_client: Client, client: Client, open_gate: None
) -> None:
    certificate = earned(in_acme)
    address = f"verify/{certificate.code}/"
    assert page(client, address).status_code == 404
    do = f"/org/acme/certificates/{certificate.pk}/do/"
    assert bo_client.post(do, {"do": "share"}).status_code == 403
    ada_client.post(do, {"do": "share"})
    shown = page(client, address)
    assert "This certificate is genuine and valid." in text_of(shown)
    assert certificate.holder in text_of(shown)
    assert in_acme.ada.email not in text_of(shown)
    bo_client.post(do, {"do": "revoke", "reason": ""})
    bo_client.post(do, {"do": "revoke", "reason": "By mistake"})
    assert "This certificate was revoked." in text_of(page(client, address))
    ada_client.post(do, {"do": "hide"})
    assert page(client, address).status_code == 404
