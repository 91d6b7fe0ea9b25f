"""The pages around uploaded calls, and what the API says of speakers, rules and drafts."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from calls.models import Call, CallUpload, UploadRule
from calls.uploads import making
from scenarios.models import Rubric, Scenario
from tests.cast import Cast, in_acme_again
from tests.factories import make_rubric_version, make_upload

PAGES = "/org/acme/uploads/"
API = "/org/acme/api/v1/uploads/"
ROLES = {"A": "assistant", "B": "user", "C": "left_out"}

pytestmark = pytest.mark.usefixtures("enqueued")


@pytest.fixture(autouse=True)
def unscored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "announce_completed", lambda call_id: None)


def text_of(client: Client, path: str, **data: str) -> str:
    response = in_acme_again(client.get(path, data))
    assert response.status_code == 200, path
    return str(response.content.decode())


def do(client: Client, upload: CallUpload, what: str) -> Any:
    return in_acme_again(client.post(f"{PAGES}{upload.pk}/do/", {"what": what}))


def test_the_first_visit_says_what_to_do(in_acme: Cast, ada_client: Client) -> None:
    Rubric.objects.update(status="archived")
    page = text_of(ada_client, PAGES)
    assert "no published rubric" in page
    make_rubric_version()
    page = text_of(ada_client, PAGES)
    assert "Everybody who can be heard" in page
    assert "No real call yet" in page
    assert "What becomes of uploaded calls" not in page


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("receiving", "Choose the same file to go on"),
        ("checking", "Looking at the recording"),
        ("transcribing", "Writing down what is said"),
        ("speakers", "Who is who?"),
        ("ignored", "was not kept"),
        ("refused", "was not taken"),
        ("failed", "Try again"),
    ],
)
def test_each_state_shows_itself(in_acme: Cast, ada_client: Client, status: str, shown: str) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True, status=status, problem="no_speech")
    for path in (f"{PAGES}{upload.pk}/", f"{PAGES}{upload.pk}/body/"):
        assert shown in text_of(ada_client, path)


def test_the_owner_says_who_is_who_and_comes_to_the_call(in_acme: Cast, ada_client: Client) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True)
    form = {"speaker-A": "assistant", "speaker-B": "user", "speaker-C": "left_out", "piece-0": "A", "piece-1": "B"}
    answer = in_acme_again(ada_client.post(f"{PAGES}{upload.pk}/speakers/", form))
    assert answer["Location"] == f"{PAGES}{upload.pk}/"
    call = Call.objects.get(upload=upload)
    page = text_of(ada_client, f"{PAGES}{upload.pk}/")
    assert f"/org/acme/calls/{call.pk}/debrief/" in page
    debrief = text_of(ada_client, f"/org/acme/calls/{call.pk}/debrief/")
    assert "Your real call with" in debrief
    assert "uploaded" in text_of(ada_client, "/org/acme/history/")


def test_one_side_alone_is_said_on_the_page(in_acme: Cast, ada_client: Client) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True)
    form = {"speaker-A": "user", "speaker-B": "user"}
    answer = in_acme_again(ada_client.post(f"{PAGES}{upload.pk}/speakers/", form, follow=True))
    assert "needs somebody on each side" in answer.content.decode()


@pytest.mark.parametrize("number", ["999999999", "9" * 5000], ids=["none such", "too long"])
def test_a_piece_that_is_not_there_is_said_on_the_page(in_acme: Cast, ada_client: Client, number: str) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True)
    form = f"speaker-A=assistant&speaker-B=user&piece-{number}=A"
    kind = "application/x-www-form-urlencoded"
    answer = in_acme_again(ada_client.post(f"{PAGES}{upload.pk}/speakers/", form, kind, follow=True))
    assert answer.status_code == 200
    assert not Call.objects.filter(upload=upload).exists()


def test_a_kept_call_says_so_and_is_scored_on_request(in_acme: Cast, ada_client: Client, bo_client: Client) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True, action="save")
    call = making.confirm(upload=upload, roles=ROLES, changes={})
    assert "Kept without a score" in text_of(ada_client, f"/org/acme/calls/{call.pk}/debrief/")
    assert "kept without a score" in text_of(ada_client, "/org/acme/history/")
    assert do(bo_client, upload, "score").status_code == 302
    call.refresh_from_db()
    assert call.to_score


def test_the_sound_can_be_sought(in_acme: Cast, ada_client: Client, gil_client: Client) -> None:
    name = default_storage.save("recordings/upload-x.mp3", ContentFile(b"0123456789"))
    upload = make_upload(owner=in_acme.ada, sound={"file_name": name, "size_bytes": 10})
    path = f"{PAGES}{upload.pk}/sound.mp3"
    answer = in_acme_again(ada_client.get(path, headers={"range": "bytes=2-4"}))
    assert (answer.status_code, answer.content, answer["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    assert in_acme_again(gil_client.get(path)).status_code == 404


def test_who_may_do_what(in_acme: Cast, ada_client: Client, bo_client: Client, cy_client: Client) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True)
    assert do(bo_client, upload, "withdraw").status_code == 403
    assert do(bo_client, upload, "draft").status_code == 403
    assert do(ada_client, upload, "nonsense").status_code == 403
    form = {"speaker-A": "assistant", "speaker-B": "user"}
    assert in_acme_again(bo_client.post(f"{PAGES}{upload.pk}/speakers/", form)).status_code == 404
    assert "still has to say" in text_of(bo_client, f"{PAGES}{upload.pk}/")
    assert do(cy_client, upload, "withdraw").status_code == 302
    upload.refresh_from_db()
    assert upload.problem == "withdrawn"
    for path in ("rules/",):
        assert in_acme_again(bo_client.get(PAGES + path)).status_code == 403
        assert in_acme_again(bo_client.get(API + path)).status_code == 403


def test_an_author_makes_a_scenario_of_it(in_acme: Cast, cy_client: Client, ada_client: Client) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True)
    making.confirm(upload=upload, roles=ROLES, changes={})
    assert "Make a scenario" not in text_of(ada_client, f"{PAGES}{upload.pk}/")
    assert "Make a scenario" in text_of(cy_client, f"{PAGES}{upload.pk}/")
    answer = do(cy_client, upload, "draft")
    scenario = Scenario.objects.get(title="From a real call")
    assert str(scenario.pk) in answer["Location"]
    again = in_acme_again(cy_client.post(f"{API}{upload.pk}/scenario/"))
    assert again.status_code == 201
    assert Scenario.objects.filter(pk=again.json()["scenario_id"]).exists()


def test_rules_are_added_moved_and_deleted(in_acme: Cast, cy_client: Client) -> None:
    assert "No rules yet" in text_of(cy_client, PAGES + "rules/")
    for form in ({"action": "ignore", "shorter_than_s": "60"}, {"action": "save", "language": "es"}):
        assert in_acme_again(cy_client.post(PAGES + "rules/", form)).status_code == 302
    first, second = UploadRule.objects.all()
    in_acme_again(cy_client.post(f"{PAGES}rules/{second.pk}/", {"do": "up"}))
    assert [rule.pk for rule in UploadRule.objects.all()] == [second.pk, first.pk]
    in_acme_again(cy_client.post(f"{PAGES}rules/{second.pk}/", {"do": "delete"}))
    assert [(rule.pk, rule.position) for rule in UploadRule.objects.all()] == [(first.pk, 0)]
    impossible = {"action": "save", "shorter_than_s": "10", "longer_than_s": "20"}
    assert "No call is longer" in in_acme_again(cy_client.post(PAGES + "rules/", impossible)).content.decode()


def test_rules_over_the_api(in_acme: Cast, cy_client: Client) -> None:
    body = {"action": "ignore", "shorter_than_s": 30}
    made = in_acme_again(cy_client.post(API + "rules/", body, content_type="application/json"))
    assert made.status_code == 201
    assert [rule["id"] for rule in in_acme_again(cy_client.get(API + "rules/")).json()["rules"]] == [made.json()["id"]]
    unknown = in_acme_again(
        cy_client.post(API + "rules/", body | {"team_id": str(uuid4())}, content_type="application/json")
    )
    assert unknown.status_code == 400
    assert in_acme_again(cy_client.delete(f"{API}rules/{made.json()['id']}/")).status_code == 204
    assert not UploadRule.objects.exists()


def test_speakers_retry_and_deletion_over_the_api(in_acme: Cast, ada_client: Client, enqueued: list[Any]) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True)
    pieces = in_acme_again(ada_client.get(f"{API}{upload.pk}/segments/")).json()["segments"]
    assert [piece["speaker"] for piece in pieces] == ["A", "B"] * 3 + ["A"]
    body = {"speakers": ROLES, "segments": [{"position": 0, "speaker": "C"}]}
    answer = in_acme_again(ada_client.post(f"{API}{upload.pk}/speakers/", body, content_type="application/json"))
    assert (answer.status_code, answer.json()["channel"], answer.json()["persona_id"]) == (201, "upload", None)
    failed = make_upload(owner=in_acme.ada, status="failed", problem="speech_service", sound={"file_name": "x"})
    again = in_acme_again(ada_client.post(f"{API}{failed.pk}/retry/"))
    assert (again.json()["status"], enqueued) == ("transcribing", [failed.pk])
    assert in_acme_again(ada_client.post(f"{API}{failed.pk}/retry/")).status_code == 409
    assert in_acme_again(ada_client.delete(f"{API}{upload.pk}/")).status_code == 204
    assert not Call.objects.filter(pk=answer.json()["id"]).exists()


def test_a_call_cannot_be_begun_as_an_upload(in_acme: Cast, ada_client: Client) -> None:
    body = {"scenario_id": str(uuid4()), "channel": "upload"}
    answer = in_acme_again(ada_client.post("/org/acme/api/v1/calls/", body, content_type="application/json"))
    assert answer.json()["error"]["details"]["field"] == "channel"


@pytest.mark.parametrize("path", [PAGES, API])
def test_queries_do_not_grow_with_uploads(
    in_acme: Cast, bo_client: Client, path: str, django_assert_max_num_queries: Any
) -> None:
    def add(number: int) -> None:
        for _number in range(number):
            upload = make_upload(owner=in_acme.ada, segments=True)
            making.confirm(upload=upload, roles=ROLES, changes={})

    def count() -> int:
        with django_assert_max_num_queries(100) as seen:
            assert in_acme_again(bo_client.get(path)).status_code == 200
        return len(seen)

    add(1)
    count()
    few = count()
    add(6)
    assert count() == few


def test_queries_do_not_grow_with_what_was_heard(
    in_acme: Cast, ada_client: Client, django_assert_max_num_queries: Any
) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True)

    def count() -> int:
        with django_assert_max_num_queries(100) as seen:
            text_of(ada_client, f"{PAGES}{upload.pk}/")
        return len(seen)

    count()
    few = count()
    for position in range(100, 160):
        upload.segments.create(position=position, speaker="A", start_ms=position, end_ms=position + 1, text="More.")
    assert count() == few
