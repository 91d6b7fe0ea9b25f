"""Sending a recording: in parts or whole, with breaks, and everything that is refused before and while it comes."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.people.models import AuditEvent
from calls.models import CallUpload
from calls.uploads import places
from scenarios.models import RubricVersion
from tests.cast import Cast, in_acme_again

from .sounds import dialogue

API = "/org/acme/api/v1/uploads/"
PART = "application/offset+octet-stream"
PROGRAM = b"MZ" + bytes(2000)

pytestmark = pytest.mark.usefixtures("rubric", "enqueued")


def announce(client: Client, size: int = 1000, **changes: Any) -> Any:
    body = {"file_name": "call.wav", "size_bytes": size, "language": "en", "consent": True, **changes}
    return in_acme_again(client.post(API, body, content_type="application/json"))


def patch(client: Client, upload_id: str, data: bytes, offset: int, **headers: str) -> Any:
    sent = {"Upload-Offset": str(offset), "Tus-Resumable": "1.0.0", **headers}
    return in_acme_again(client.patch(f"{API}{upload_id}/content/", data, content_type=PART, headers=sent))


def issue(response: Any) -> str:
    return str(response.json()["error"]["details"].get("issue"))


def upload_of(response: Any) -> CallUpload:
    return CallUpload.objects.get(pk=response.json()["id"])


def test_a_file_comes_in_parts_and_is_handed_to_a_worker(ada_client: Client, enqueued: list[Any]) -> None:
    content = dialogue()
    made = announce(ada_client, len(content), title="Second call", counterpart="Marta")
    assert made.status_code == 201
    assert made["Location"].endswith(f"{made.json()['id']}/content/")
    half = len(content) // 2
    first = patch(ada_client, made.json()["id"], content[:half], 0)
    assert (first.status_code, first["Upload-Offset"], first["Tus-Resumable"]) == (204, str(half), "1.0.0")
    assert upload_of(made).status == "receiving"
    told = in_acme_again(ada_client.head(f"{API}{made.json()['id']}/content/"))
    assert (told.status_code, told["Upload-Offset"], told["Upload-Length"]) == (200, str(half), str(len(content)))
    last = patch(ada_client, made.json()["id"], content[half:], half)
    assert last["Upload-Offset"] == str(len(content))
    upload = upload_of(made)
    assert (upload.status, upload.kind) == ("checking", "wav")
    assert places.original(upload.pk).read_bytes() == content
    assert enqueued == [upload.pk]


def test_a_part_that_was_written_and_not_counted_is_written_over(ada_client: Client) -> None:
    content = dialogue()
    made = announce(ada_client, len(content))
    patch(ada_client, made.json()["id"], content[:100], 0)
    with places.original(upload_of(made).pk).open("ab") as file:
        file.write(b"left by a process that died")
    patch(ada_client, made.json()["id"], content[100:], 100)
    assert places.original(upload_of(made).pk).read_bytes() == content


def test_a_part_that_does_not_follow_says_where_to_go_on(ada_client: Client) -> None:
    made = announce(ada_client, 5000)
    patch(ada_client, made.json()["id"], dialogue()[:400], 0)
    for offset in (0, 399, 401):
        answer = patch(ada_client, made.json()["id"], b"x" * 10, offset)
        assert (answer.status_code, answer["Upload-Offset"]) == (409, "400")


def test_more_than_was_announced_is_refused(ada_client: Client) -> None:
    made = announce(ada_client, 100)
    assert patch(ada_client, made.json()["id"], dialogue()[:101], 0).status_code == 413
    assert upload_of(made).received_bytes == 0


def test_a_part_beyond_the_limit_is_refused(ada_client: Client, settings: Any) -> None:
    settings.UPLOAD_PART_BYTES = 50
    made = announce(ada_client, 1000)
    assert patch(ada_client, made.json()["id"], dialogue()[:51], 0).status_code == 413


@pytest.mark.parametrize(
    ("headers", "content_type"),
    [
        ({}, PART),
        ({"Upload-Offset": "-1"}, PART),
        ({"Upload-Offset": "x"}, PART),
        ({"Upload-Offset": "0"}, "text/plain"),
    ],
)
def test_a_part_needs_its_headers(ada_client: Client, headers: dict[str, str], content_type: str) -> None:
    made = announce(ada_client)
    path = f"{API}{made.json()['id']}/content/"
    answer = in_acme_again(ada_client.patch(path, b"RIFF", content_type=content_type, headers=headers))
    assert answer.status_code == 400


def test_a_renamed_program_is_refused_with_its_first_bytes(ada_client: Client) -> None:
    made = announce(ada_client, 5_000_000, file_name="meeting.mp3")
    answer = patch(ada_client, made.json()["id"], PROGRAM, 0)
    assert (answer.status_code, issue(answer)) == (400, "not_audio")
    upload = upload_of(made)
    assert (upload.status, upload.problem) == ("refused", "not_audio")
    assert not places.original(upload.pk).exists()
    assert patch(ada_client, made.json()["id"], PROGRAM, len(PROGRAM)).status_code == 409


def test_an_empty_file_is_refused_before_it_is_sent(ada_client: Client) -> None:
    answer = announce(ada_client, 0)
    assert (answer.status_code, issue(answer)) == (400, "empty")
    form = {"audio": SimpleUploadedFile("call.wav", b""), "language": "en", "consent": "true"}
    answer = in_acme_again(ada_client.post(API, form))
    assert (answer.status_code, issue(answer)) == (400, "empty")
    assert not CallUpload.objects.exists()


def test_two_gigabytes_are_refused_before_they_are_sent(ada_client: Client) -> None:
    answer = announce(ada_client, 2 * 1024**3)
    assert (answer.status_code, answer.json()["error"]["code"], issue(answer)) == (
        413,
        "PAYLOAD_TOO_LARGE",
        "too_large",
    )
    assert not CallUpload.objects.exists()


def test_nothing_is_taken_without_everybodys_consent(ada_client: Client) -> None:
    for changes in ({"consent": False}, {"consent": None}):
        answer = announce(ada_client, **changes)
        assert answer.status_code == 400
    assert issue(announce(ada_client, consent=False)) == "no_consent"
    assert not CallUpload.objects.exists()


def test_what_was_agreed_to_is_kept_with_its_words(ada_client: Client, in_acme: Cast) -> None:
    upload = upload_of(announce(ada_client))
    assert "agreed" in upload.consent_text
    event = AuditEvent.objects.get(action="upload.consent_confirmed")
    assert (event.actor_id, event.target) == (in_acme.ada.pk, f"callupload:{upload.pk}")


def test_a_whole_file_comes_as_a_form(ada_client: Client, enqueued: list[Any]) -> None:
    content = dialogue()
    form = {"audio": SimpleUploadedFile("C:\\calls\\first call.wav", content), "language": "en", "consent": "true"}
    answer = in_acme_again(ada_client.post(API, form))
    assert answer.status_code == 201
    upload = upload_of(answer)
    assert (upload.status, upload.title, upload.size_bytes) == ("checking", "first call", len(content))
    assert enqueued == [upload.pk]


def test_the_same_key_makes_one_upload(ada_client: Client) -> None:
    body = {"file_name": "a.wav", "size_bytes": 10, "language": "en", "consent": True}
    answers = [
        in_acme_again(
            ada_client.post(API, body, content_type="application/json", headers={"Idempotency-Key": "once"})
        ).json()["id"]
        for _time in range(2)
    ]
    assert answers[0] == answers[1]
    assert CallUpload.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rubric_id": str(uuid4())}, "rubric_id"),
        ({"language": "es"}, "rubric_id"),
        ({"language": "de"}, "language"),
        ({"mode": "shouting"}, "mode"),
        ({"size_bytes": -1}, "size_bytes"),
        ({"file_name": None}, "file_name"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_announcement_names_the_field(ada_client: Client, changes: dict[str, Any], field: str) -> None:
    answer = announce(ada_client, **changes)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["field"] == field


def test_the_rubric_can_be_chosen(ada_client: Client, rubric: RubricVersion) -> None:
    assert upload_of(announce(ada_client, rubric_id=str(rubric.rubric_id))).rubric_version_id == rubric.pk


def test_only_its_owner_sends_an_upload_and_managers_see_it(
    ada_client: Client, bo_client: Client, cy_client: Client
) -> None:
    made = announce(ada_client)
    hidden = announce(ada_client, private=True)
    assert patch(bo_client, made.json()["id"], b"RIFF", 0).status_code == 404
    for client in (bo_client, cy_client):
        assert in_acme_again(client.get(f"{API}{made.json()['id']}/")).status_code == 200
        assert in_acme_again(client.get(f"{API}{hidden.json()['id']}/")).status_code == 404
        listed = in_acme_again(client.get(API)).json()["results"]
        assert [item["id"] for item in listed] == [made.json()["id"]]
    assert len(in_acme_again(ada_client.get(API)).json()["results"]) == 2
