"""Calls over REST: the way through, and what bad input gets."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django_tenants.utils import schema_context

from accounts.people.models import ApiToken
from calls import services
from calls.models import Call, Recording
from calls.signals import quick_score_wanted
from tests.cast import Cast
from tests.factories import make_call, make_persona_version, make_scenario_version, make_turns

API = "/org/acme/api/v1"


def post(client: Client, path: str, body: Any = None, **headers: str) -> Any:
    return client.post(API + path, body if body is not None else {}, content_type="application/json", headers=headers)


@pytest.fixture
def call(in_acme: Cast) -> Call:
    return make_call(trainee=in_acme.ada, status="pending")


def test_a_call_is_made_once_per_key(in_acme: Cast, ada_client: Client) -> None:
    version = make_scenario_version()
    body = {"scenario_id": str(version.scenario_id), "channel": "text"}
    first = post(ada_client, "/calls/", body, **{"Idempotency-Key": "k1"})
    again = post(ada_client, "/calls/", body, **{"Idempotency-Key": "k1"})
    other = post(ada_client, "/calls/", body | {"channel": "voice"}, **{"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 409)
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["status"] == "pending"
    assert first.json()["persona"]["name"] == "Marta Ruiz"
    assert "penalties" not in first.content.decode()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "scenario_id"),
        ({"scenario_id": "x"}, "scenario_id"),
        ({"persona_id": str(uuid4())}, "mode"),
        ({"persona_id": str(uuid4()), "mode": "shouting"}, "mode"),
        ({"scenario_id": str(uuid4()), "persona_id": str(uuid4()), "mode": "discovery"}, "scenario_id"),
        ({"scenario_id": str(uuid4()), "mode": "discovery"}, "mode"),
        ({"scenario_id": str(uuid4()), "chanel": "text"}, "chanel"),
        ({"scenario_id": str(uuid4()), "channel": "smoke"}, "channel"),
    ],
)
def test_a_bad_call_is_refused_naming_the_field(
    in_acme: Cast, ada_client: Client, body: dict[str, Any], field: str
) -> None:
    answer = post(ada_client, "/calls/", body)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["field"] == field
    with schema_context(in_acme.acme.schema_name):
        assert not Call.objects.exists()


@pytest.mark.parametrize("raw", ["[]", "null", "NaN", '{"a":1,"a":2}', "{", '"x"', "9" * 5000])
def test_what_is_no_object_is_a_400(in_acme: Cast, ada_client: Client, raw: str) -> None:
    answer = ada_client.post(f"{API}/calls/", raw, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "VALIDATION_ERROR"


def test_somebody_elses_scenario_is_not_there(in_acme: Cast, ada_client: Client) -> None:
    unknown = post(ada_client, "/calls/", {"scenario_id": str(uuid4())})
    assert (unknown.status_code, unknown.json()["error"]["message"]) == (404, "There is no such scenario to practise.")
    unknown = post(ada_client, "/calls/", {"persona_id": str(uuid4()), "mode": "discovery"})
    assert (unknown.status_code, unknown.json()["error"]["message"]) == (
        404,
        "There is no such persona to practise with.",
    )


def test_start_gives_two_signed_addresses_and_hides_the_prompt(in_acme: Cast, call: Call, ada_client: Client) -> None:
    answer = post(ada_client, f"/calls/{call.pk}/start/", {"recording_consent": True}).json()
    assert answer["success"]
    assert answer["provider"] == "embedded"
    assert answer["signed_url"].startswith(f"ws://testserver/org/acme/ws/voice/{call.pk}/?token=")
    assert answer["events_url"].startswith(f"ws://testserver/org/acme/ws/calls/{call.pk}/events/?token=")
    overrides = answer["agent_config"]["overrides"]
    assert overrides["agent"]["prompt"]["prompt"] == ""
    assert overrides["agent"]["first_message"] == "Marta speaking."
    with schema_context(in_acme.acme.schema_name):
        call.refresh_from_db()
    assert call.recording_consent
    assert call.status == "pending"


def test_an_author_sees_the_prompt_of_an_own_call(in_acme: Cast, cy_client: Client) -> None:
    call = make_call(trainee=in_acme.cy, status="pending")
    answer = post(cy_client, f"/calls/{call.pk}/start/").json()
    assert "Marta" in answer["agent_config"]["overrides"]["agent"]["prompt"]["prompt"]


def test_an_ended_call_does_not_start(in_acme: Cast, ada_client: Client) -> None:
    call = make_call(trainee=in_acme.ada)
    answer = post(ada_client, f"/calls/{call.pk}/start/")
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "CALL_ENDED"


def test_ending_twice_gives_the_same_answer(in_acme: Cast, call: Call, ada_client: Client) -> None:
    def quick(**kwargs: Any) -> dict[str, Any]:
        return {"overall": 61, "summary": "Fair."}

    # The scoring app's own receiver would judge this empty call; this test is about the door.
    kept, quick_score_wanted.receivers = quick_score_wanted.receivers, []
    quick_score_wanted.sender_receivers_cache.clear()
    quick_score_wanted.connect(quick)
    try:
        services.begin(call_id=call.pk)
        first = post(ada_client, f"/calls/{call.pk}/end/")
        again = post(ada_client, f"/calls/{call.pk}/end/")
    finally:
        quick_score_wanted.receivers = kept
        quick_score_wanted.sender_receivers_cache.clear()
    expected = {"success": True, "call_id": str(call.pk), "quick_score": {"overall": 61, "summary": "Fair."}}
    assert first.json() == again.json() == expected
    with schema_context(in_acme.acme.schema_name):
        call.refresh_from_db()
    assert (call.status, call.ended_by) == ("completed", "trainee")


def test_ending_another_conversation_is_a_409(call: Call, ada_client: Client) -> None:
    services.begin(call_id=call.pk)
    services.note_conversation(call_id=call.pk, conversation_id="conv_1")
    services.note_conversation(call_id=call.pk, conversation_id="conv_2")
    wrong = post(ada_client, f"/calls/{call.pk}/end/", {"elevenlabsConversationId": "conv_9"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (409, "WRONG_CONVERSATION")
    assert post(ada_client, f"/calls/{call.pk}/end/", {"conversation_id": "conv_1"}).status_code == 200


def test_a_call_that_never_started_cannot_be_hung_up(call: Call, ada_client: Client) -> None:
    answer = post(ada_client, f"/calls/{call.pk}/end/")
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "CALL_NOT_STARTED"


def test_illegal_moves_are_a_409(call: Call, ada_client: Client) -> None:
    answer = ada_client.patch(f"{API}/calls/{call.pk}/", {"status": "completed"}, content_type="application/json")
    assert answer.status_code == 409
    assert answer.json()["error"]["details"] == {"from": "pending", "to": "completed"}


def test_the_transcript_is_told_oldest_first_and_filled(in_acme: Cast, ada_client: Client) -> None:
    call = make_call(trainee=in_acme.ada)
    make_turns(call)
    turns = ada_client.get(f"{API}/calls/{call.pk}/transcript/").json()["turns"]
    assert [turn["seq"] for turn in turns] == [1, 2, 3, 4, 5, 6, 7]
    assert set(turns[0]) >= {"id", "seq", "role", "content", "timestamp_ms"}
    body = {"turns": [{"role": "user", "content": "Bye.", "timestamp_ms": 32_500}, {"role": "x"}]}
    results = post(ada_client, f"/calls/{call.pk}/transcript/", body).json()["results"]
    assert [result["status"] for result in results] == ["added", "refused"]
    single = post(ada_client, f"/calls/{call.pk}/transcript/", body["turns"][0]).json()["results"]
    assert [result["status"] for result in single] == ["known"]


def test_only_the_trainee_speaks_but_managers_read(in_acme: Cast, bo_client: Client, cy_client: Client) -> None:
    call = make_call(trainee=in_acme.ada, status="pending")
    for client in (bo_client, cy_client):
        assert client.get(f"{API}/calls/{call.pk}/").status_code == 200
        assert post(client, f"/calls/{call.pk}/start/").status_code == 404
        assert post(client, f"/calls/{call.pk}/end/").status_code == 404
        assert post(client, f"/calls/{call.pk}/transcript/", {"turns": [{}]}).status_code == 404


def test_another_organisations_call_is_not_there(in_acme: Cast, gil_client: Client) -> None:
    call = make_call(trainee=in_acme.ada)
    for path in ("", "start/", "end/", "transcript/", "events/", "recording/"):
        assert gil_client.get(f"{API}/calls/{call.pk}/{path}").status_code == 404
        assert gil_client.get(f"/org/globex/api/v1/calls/{call.pk}/{path}").status_code in {404, 405}


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_takes_the_same_queries_for_many(
    in_acme: Cast, ada_client: Client, count: int, django_assert_max_num_queries: Any
) -> None:
    version = make_scenario_version()
    for _number in range(count):
        make_call(trainee=in_acme.ada, scenario_version=version)
    with django_assert_max_num_queries(8):
        page = ada_client.get(f"{API}/calls/").json()
    assert len(page["results"]) == count
    assert set(page) == {"next", "previous", "results"}


def test_the_list_is_filtered(in_acme: Cast, ada_client: Client) -> None:
    wanted = make_call(trainee=in_acme.ada, status="pending")
    make_call(trainee=in_acme.ada)
    page = ada_client.get(f"{API}/calls/?status=pending").json()
    assert [row["id"] for row in page["results"]] == [str(wanted.pk)]
    assert ada_client.get(f"{API}/calls/?status=never").status_code == 400


def test_one_call_carries_an_etag(in_acme: Cast, ada_client: Client) -> None:
    call = make_call(trainee=in_acme.ada)
    tag = ada_client.get(f"{API}/calls/{call.pk}/")["ETag"]
    assert ada_client.get(f"{API}/calls/{call.pk}/", headers={"If-None-Match": tag}).status_code == 304


def test_the_flight_record_is_told_in_order(call: Call, ada_client: Client) -> None:
    services.begin(call_id=call.pk)
    events = ada_client.get(f"{API}/calls/{call.pk}/events/").json()["events"]
    assert [(event["seq"], event["type"]) for event in events] == [(1, "call:started")]
    assert ada_client.get(f"{API}/calls/{call.pk}/events/?after=1").json()["events"] == []
    assert ada_client.get(f"{API}/calls/{call.pk}/events/?after=x").status_code == 200


def test_a_free_call_on_a_persona(in_acme: Cast, ada_client: Client) -> None:
    make_scenario_version()
    version = make_persona_version()
    answer = post(ada_client, "/calls/", {"persona_id": str(version.persona_id), "mode": "cold_call"})
    assert answer.status_code == 201
    assert answer.json()["scenario_id"] is None


class TestRecording:
    @pytest.fixture
    def recorded(self, in_acme: Cast) -> Call:
        call = make_call(trainee=in_acme.ada)
        name = default_storage.save(f"recordings/{call.pk}.mp3", ContentFile(bytes(range(100))))
        Recording.objects.create(
            call=call, file_name=name, content_type="audio/mpeg", size_bytes=100, duration_ms=1000, sha256="0" * 64
        )
        return call

    def test_it_plays_without_a_session_and_seeks(self, recorded: Call, ada_client: Client) -> None:
        url = ada_client.get(f"{API}/calls/{recorded.pk}/recording/").json()["url"]
        player = Client()
        whole = player.get(url)
        assert (whole.status_code, len(b"".join(whole)), whole["Content-Type"]) == (200, 100, "audio/mpeg")
        part = player.get(url, headers={"Range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
        assert part["Content-Range"] == "bytes 10-19/100"
        assert player.get(url, headers={"Range": "bytes=-5"}).content == bytes(range(95, 100))
        assert player.get(url, headers={"Range": "bytes=90-"}).content == bytes(range(90, 100))
        assert player.get(url, headers={"Range": "bytes=200-"}).status_code == 416

    def test_a_forged_or_foreign_link_finds_nothing(self, recorded: Call, ada_client: Client, in_acme: Cast) -> None:
        other = make_call(trainee=in_acme.ada)
        url = ada_client.get(f"{API}/calls/{recorded.pk}/recording/").json()["url"]
        player = Client()
        assert player.get(url[:-3] + "abc").status_code == 404
        assert player.get(url.replace(str(recorded.pk), str(other.pk))).status_code == 404
        assert player.get(url.replace("/org/acme/", "/org/globex/")).status_code == 404
        assert player.get(url.split("?")[0]).status_code == 404

    def test_without_a_recording_there_is_a_plain_404(self, in_acme: Cast, ada_client: Client) -> None:
        call = make_call(trainee=in_acme.ada)
        answer = ada_client.get(f"{API}/calls/{call.pk}/recording/")
        assert answer.status_code == 404
        assert "recording" in answer.json()["error"]["message"]


def test_a_read_only_token_cannot_make_calls(in_acme: Cast) -> None:
    token, secret = ApiToken.issue(user=in_acme.ada, name="reader", scopes=["read"])
    version = make_scenario_version()
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get(f"{API}/calls/").status_code == 200
    assert post(client, "/calls/", {"scenario_id": str(version.scenario_id)}).status_code == 403
    assert token.name == "reader"


@pytest.mark.parametrize("verb", ["get", "post", "patch", "put", "delete"])
def test_an_unknown_path_is_a_404_to_a_member_and_a_401_to_nobody(in_acme: Cast, verb: str) -> None:
    _token, secret = ApiToken.issue(user=in_acme.ada, name="any")
    known = getattr(Client(headers={"Authorization": f"Bearer {secret}"}), verb)(f"{API}/no/such/path/")
    assert (known.status_code, known.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert getattr(Client(), verb)(f"{API}/no/such/path/").status_code == 401
