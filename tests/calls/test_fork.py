"""Redo from here: the same words, times and memory up to a turn; scored, never counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from calls import forks, services, turns
from calls.engine import Buyer
from calls.engine.rehearsal import Said, state_after
from calls.models import Call, CallEvent, Turn
from calls.services import Ending
from integrations.embeddings.embedded import default_encoder
from scenarios.briefs import PersonaBrief
from tenants.models import Organization
from tests.cast import Cast
from tests.conftest import signed_in
from tests.factories import BRIEF, make_call, make_turns

API = "/org/acme/api/v1"
SAID = (
    "Hello Marta, this is Ada from Acme. Do you have a minute?",
    "How do you plan your deliveries today, and what happens when one is late?",
    "I understand. What would late deliveries cost you over a year?",
    "Could we look at it together on Tuesday at ten?",
)


def hold(call: Call, said: tuple[str, ...]) -> Buyer:
    """A conversation as a voice session writes it: the buyer opens, then answers each line."""
    buyer = Buyer(services.brief_of(call), encoder=default_encoder())
    at = write(call, "assistant", buyer.open().text, 0, buyer)
    talk(call, buyer, said, at)
    return buyer


def talk(call: Call, buyer: Buyer, said: tuple[str, ...], at: int) -> None:
    for text in said:
        at = write(call, "user", text, at + 500)
        at = write(call, "assistant", buyer.hear(text, at_ms=at).text, at + 300, buyer)


def write(call: Call, role: str, text: str, at: int, buyer: Buyer | None = None) -> int:
    state = buyer.state() if buyer else None
    end = at + 400 + 50 * len(text.split())
    turns.record(call_id=call.pk, role=role, content=text, start_ms=at, end_ms=end, engine_state=state)
    return end


@pytest.fixture
def held(in_acme: Cast) -> Call:
    """A finished call of Ada's with a real buyer."""
    call = make_call(trainee=in_acme.ada, status="in_progress")
    hold(call, SAID)
    services.complete(call_id=call.pk, ending=Ending(by="trainee", reason="hung_up"))
    call.refresh_from_db()
    return call


def branch_of(call: Call, seq: int, **wanted: Any) -> Call:
    return forks.fork(call=call, turn=forks.find_turn(call, seq=seq), private=wanted.get("private", False))


def words(call: Call, upto: int = 99) -> list[tuple[str, str, int, int]]:
    rows = call.turns.filter(seq__lte=upto).order_by("seq")
    return [(turn.role, turn.content, turn.timestamp_ms, turn.end_ms) for turn in rows]


def test_a_redo_shares_the_exact_beginning_and_stands_on_the_same_versions(held: Call) -> None:
    branch = branch_of(held, 5)
    assert (branch.status, branch.forked_from_id, branch.forked_at_seq) == ("pending", held.pk, 5)
    assert words(branch) == words(held, 5)
    for name in (
        "scenario_version_id",
        "persona_version_id",
        "rubric_version_id",
        "brief",
        "language",
        "mode",
        "title",
    ):
        assert getattr(branch, name) == getattr(held, name), name
    told = [event.data["turn"]["content"] for event in CallEvent.objects.filter(call=branch, type="turn:added")]
    assert told == [content for _role, content, *_times in words(held, 5)], "the room shows what was said before"
    assert branch.last_event_seq == len(told)


def test_the_buyer_remembers_what_they_remembered_then_and_answers_alike(held: Call) -> None:
    branch = branch_of(held, 5)
    assert branch.engine_state == held.turns.get(seq=5).engine_state
    again = Buyer(services.brief_of(branch), encoder=default_encoder(), state=branch.engine_state)
    at = held.turns.get(seq=6).end_ms
    assert again.hear(SAID[2], at_ms=at).text == held.turns.get(seq=7).content
    assert again.state() == held.turns.get(seq=7).engine_state


def test_from_a_turn_of_the_trainee_the_answer_is_still_to_come(held: Call) -> None:
    branch = branch_of(held, 4)
    assert words(branch)[-1][0] == "user"
    assert branch.engine_state == held.turns.get(seq=3).engine_state


@pytest.mark.parametrize("seq", [1, 3, 4, 5, 7, 9])
def test_memory_that_was_not_kept_is_found_by_rehearsing(held: Call, seq: int) -> None:
    kept = branch_of(held, seq).engine_state
    Turn.objects.filter(call=held).update(engine_state=None)
    assert branch_of(held, seq).engine_state == kept


def test_rehearsing_a_silence() -> None:
    brief = PersonaBrief.from_json(BRIEF)
    buyer = Buyer(brief, encoder=default_encoder())
    opened = buyer.open().text
    heard = "Hello Marta, do you have a minute for me?"
    answer = buyer.hear(heard, at_ms=3000).text
    nudge = buyer.silence(silent_ms=8000)
    assert nudge is not None
    said = [Said(False, opened, 1000), Said(True, heard, 3000), Said(False, answer, 5000)]
    said.append(Said(False, nudge.text, 14_000, after_silence=True))
    assert state_after(brief, said, encoder=default_encoder()) == buyer.state()


def test_the_clock_goes_on_from_there(held: Call) -> None:
    branch = branch_of(held, 5)
    shared = held.turns.get(seq=5).end_ms
    begun, _first = services.begin(call_id=branch.pk)
    assert begun.started_at is not None
    elapsed = (timezone.now() - begun.started_at) / timedelta(milliseconds=1)
    assert shared <= elapsed < shared + 60_000
    services.complete(call_id=branch.pk, ending=Ending(by="trainee"))
    branch.refresh_from_db()
    assert branch.duration_ms is not None
    assert branch.duration_ms >= shared


def test_late_in_a_call_there_is_still_time_to_do_it_better(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada, time_limit_ms=60_000)
    make_turns(call)
    Turn.objects.filter(call=call, seq=5).update(timestamp_ms=50_000, end_ms=58_000)
    assert branch_of(call, 5).time_limit_ms == 58_000 + forks.TIME_TO_REDO_MS
    assert branch_of(call, 2).time_limit_ms == 8_000 + forks.TIME_TO_REDO_MS


def test_a_redo_can_be_redone(held: Call) -> None:
    first = branch_of(held, 5)
    services.begin(call_id=first.pk)
    services.complete(call_id=first.pk, ending=Ending(by="trainee"))
    first.refresh_from_db()
    second = branch_of(first, 3)
    assert second.forked_from == first
    assert words(second) == words(held, 3)


def test_what_is_hidden_stays_hidden(held: Call) -> None:
    assert branch_of(held, 3, private=True).private
    assert not branch_of(held, 3).private
    Call.objects.filter(pk=held.pk).update(private=True)
    held.refresh_from_db()
    assert branch_of(held, 3, private=False).private


def test_only_calls_that_have_ended_and_not_where_the_buyer_left(in_acme: Cast, held: Call) -> None:
    open_call = make_call(trainee=in_acme.ada, status="in_progress")
    make_turns(open_call)
    with pytest.raises(forks.NotFinished):
        branch_of(open_call, 3)
    Call.objects.filter(pk=held.pk).update(ended_by="persona")
    held.refresh_from_db()
    with pytest.raises(forks.BuyerHadLeft):
        branch_of(held, 9)
    assert branch_of(held, 8), "one turn earlier the buyer is still there"


# -- over REST --------------------------------------------------------------------------------------------------------


def post(client: Client, call: Call, body: dict[str, Any], **headers: str) -> Any:
    with schema_context("org_acme"):  # a request leaves the connection outside; a test goes on inside
        path = f"{API}/calls/{call.pk}/fork/"
        return client.post(path, body, content_type="application/json", headers=headers)


def test_a_redo_over_rest(held: Call, ada_client: Client) -> None:
    by_seq = post(ada_client, held, {"turn_seq": 5})
    assert by_seq.status_code == 201, by_seq.content
    made = by_seq.json()
    assert (made["status"], made["forked_from_id"], made["forked_at_seq"]) == ("pending", str(held.pk), 5)
    assert made["private"] is True, "practice, unless one wants to be seen"
    by_id = post(ada_client, held, {"turn_id": str(held.turns.get(seq=5).pk), "private": False})
    assert (by_id.json()["forked_at_seq"], by_id.json()["private"]) == (5, False)
    expected = [content for _role, content, *_times in words(held, 5)]
    shared = ada_client.get(f"{API}/calls/{made['id']}/transcript/").json()["turns"]
    assert [turn["content"] for turn in shared] == expected
    started = ada_client.post(f"{API}/calls/{made['id']}/start/", {}, content_type="application/json")
    assert started.status_code == 200


def test_a_repeat_with_the_same_key_makes_no_second_call(held: Call, ada_client: Client) -> None:
    ids = {post(ada_client, held, {"turn_seq": 3}, **{"Idempotency-Key": "once"}).json()["id"] for _ in range(2)}
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "turn_seq"),
        ({"turn_seq": 3, "turn_id": str(uuid4())}, "turn_seq"),
        ({"turn_seq": 0}, "turn_seq"),
        ({"turn_seq": "third"}, "turn_seq"),
        ({"turn_seq": 99}, "turn_seq"),
        ({"turn_id": str(uuid4())}, "turn_id"),
        ({"turn_seq": 3, "from": "x"}, "from"),
    ],
)
def test_a_bad_moment_is_refused_naming_the_field(
    held: Call, ada_client: Client, body: dict[str, Any], field: str
) -> None:
    answer = post(ada_client, held, body)
    assert answer.status_code == 400
    assert field in str(answer.json()["error"]["details"])


def test_only_who_held_a_call_redoes_it(held: Call, cast: Cast, bo_client: Client, cy_client: Client) -> None:
    with schema_context("org_acme"):
        val_client = signed_in(cast.val)
    for client in (bo_client, cy_client, val_client):
        assert post(client, held, {"turn_seq": 3}).status_code == 404
    assert not Call.objects.filter(forked_from=held).exists()


def test_a_call_is_redone_only_so_often_in_an_hour(
    held: Call, ada_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forks, "MOST_AN_HOUR", 2)
    assert [post(ada_client, held, {"turn_seq": 3}).status_code for _ in range(3)] == [201, 201, 429]
    Call.objects.filter(forked_from=held).update(created_at=timezone.now() - timedelta(hours=2))
    assert post(ada_client, held, {"turn_seq": 3}).status_code == 201


def test_where_all_practice_is_seen_a_redo_is_too(held: Call, cast: Cast, ada_client: Client) -> None:
    Organization.objects.update(private_practice_allowed=False)
    assert post(ada_client, held, {"turn_seq": 3}).json()["private"] is False
    assert post(ada_client, held, {"turn_seq": 3, "private": True}).status_code == 400


def test_the_form_on_the_debrief_leads_into_the_room(held: Call, ada_client: Client) -> None:
    path = f"/org/acme/calls/{held.pk}/redo/"
    with schema_context("org_acme"):
        answer = ada_client.post(path, {"turn": str(held.turns.get(seq=5).pk)})
    last = str(held.turns.get(seq=9).pk)
    branch = Call.objects.get(forked_from=held)
    Call.objects.filter(pk=held.pk).update(ended_by="persona")
    assert answer.headers["Location"] == f"/org/acme/calls/{branch.pk}/"
    assert ada_client.post(path, {"turn": "nonsense"}).status_code == 400
    refused = ada_client.post(path, {"turn": last}, follow=True)
    assert "hangs up at that point" in refused.content.decode()
