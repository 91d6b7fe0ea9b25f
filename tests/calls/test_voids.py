"""An attempt that a technical fault disturbed doesn't count, says why, and a coach may see it otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from django_tenants.utils import schema_context

from accounts.people.models import AuditEvent
from calls import events, services, voids
from calls.models import Call
from calls.services import Ending
from calls.voids import NothingToDecide
from tenants.errors import InvalidInput
from tests.cast import Cast
from tests.conftest import signed_in
from tests.factories import make_call, make_turns


def ended(cast: Cast, *marks: tuple[str, int, dict[str, Any]], reason: str = "hung_up") -> Call:
    """A call of Ada's with these things in its record, just ended."""
    call = make_call(trainee=cast.ada, status="in_progress")
    make_turns(call)
    events.keep(call.pk, "session:opened", {"provider": "elevenlabs"}, at_ms=0)
    for type, at_ms, data in marks:
        events.keep(call.pk, type, data, at_ms=at_ms)
    assert services.complete(call_id=call.pk, ending=Ending(by="trainee", reason=reason))
    call.refresh_from_db()
    return call


STALL = ("stall", 16_000, {"from_ms": 16_000, "to_ms": 21_200, "where": "reply"})


def told(call: Call) -> list[str]:
    return [event["type"] for event in events.events_after(call.pk, 0)]


def test_a_stall_voids_the_attempt_and_the_trainee_is_told_why(in_acme: Cast) -> None:
    call = ended(in_acme, STALL)
    assert call.status == "completed"
    assert (call.voided_at is not None, call.void_reason) == (True, "stall")
    assert told(call) == ["call:ended", "attempt:voided"]
    data = events.events_after(call.pk, 1)[0]["data"]
    assert data == {
        "reason": "stall",
        "message": "This attempt doesn't count: the voice service stalled for 5 seconds. Try again.",
    }
    assert not Call.objects.counting().exists()


def test_an_attempt_without_faults_counts(in_acme: Cast) -> None:
    call = ended(in_acme)
    assert (call.voided_at, call.void_reason, voids.explanation(call)) == (None, "", "")
    assert told(call) == ["call:ended"]
    assert list(Call.objects.counting()) == [call]


def test_numbers_of_events_have_no_gaps_for_what_is_only_kept(in_acme: Cast) -> None:
    call = ended(in_acme, STALL, ("line:taken_over", 20_000, {}))
    assert [event["seq"] for event in events.events_after(call.pk, 0)] == [1, 2]
    kept = events.kept_json(call.pk, hidden=False)
    assert [item["type"] for item in kept] == ["session:opened", "stall", "line:taken_over"]


def test_what_a_tool_found_is_for_who_may_know_what_the_buyer_hides(in_acme: Cast) -> None:
    data = {"name": "lookup_knowledge", "took_ms": 80, "hidden": {"arguments": "penalties", "result": "a secret"}}
    call = ended(in_acme, ("tool:called", 9000, data))
    assert "hidden" not in events.kept_json(call.pk, hidden=False)[-1]["data"]
    assert events.kept_json(call.pk, hidden=True)[-1]["data"]["hidden"]["result"] == "a secret"


@pytest.mark.parametrize(
    ("mark", "reason", "sentence"),
    [
        (("line:lost", 20_000, {"code": 1006}), "line_lost", "the connection was lost for 13 seconds."),
        (
            ("provider:fault", 20_000, {"error_type": "llm_error", "fatal": True}),
            "provider_fault",
            "the voice service failed.",
        ),
    ],
)
def test_every_reason_has_its_sentence(in_acme: Cast, mark: Any, reason: str, sentence: str) -> None:
    call = ended(in_acme, mark)
    assert call.void_reason == reason
    assert voids.explanation(call).endswith(sentence)


def test_the_sentence_is_in_the_trainees_language(in_acme: Cast) -> None:
    in_acme.ada.language = "es"
    in_acme.ada.save(update_fields=["language"])
    call = ended(in_acme, STALL)
    message = events.events_after(call.pk, 1)[0]["data"]["message"]
    with translation.override("es"):
        assert message.startswith(voids.explanation(call))


def test_reviewing_twice_is_once(in_acme: Cast) -> None:
    call = ended(in_acme, STALL)
    assert not voids.review(call_id=call.pk)
    assert told(call) == ["call:ended", "attempt:voided"]


def test_a_record_that_came_late_is_reviewed(in_acme: Cast) -> None:
    """The call was ended over REST while the holder was still writing."""
    call = ended(in_acme)
    events.keep(call.pk, "stall", STALL[2], at_ms=16_000)
    assert voids.review(call_id=call.pk)


def test_a_record_that_cannot_be_read_ends_the_call_all_the_same(in_acme: Cast) -> None:
    call = ended(in_acme, ("stall", 5000, {"from_ms": "?"}))
    assert (call.status, call.voided_at) == ("completed", None)


class TestByHand:
    def test_a_coach_lets_it_count_with_a_reason_and_that_stands(self, in_acme: Cast) -> None:
        call = ended(in_acme, STALL)
        voids.count_after_all(call_id=call.pk, actor=in_acme.bo, reason="  It was  only a pause. ")
        call.refresh_from_db()
        assert (call.voided_at, call.void_reason) == (None, "")
        assert not voids.review(call_id=call.pk)
        audited = AuditEvent.objects.get(action="call.counted_after_all")
        assert (audited.actor, audited.data) == (in_acme.bo, {"reason": "It was only a pause.", "was": "stall"})

    def test_a_coach_takes_it_out(self, in_acme: Cast) -> None:
        call = ended(in_acme)
        voids.void_by_hand(call_id=call.pk, actor=in_acme.bo, reason="The fire alarm went off.")
        call.refresh_from_db()
        assert call.void_reason == "by_hand"
        assert voids.explanation(call) == "This attempt doesn't count: The fire alarm went off."
        assert AuditEvent.objects.get(action="call.voided").actor == in_acme.bo

    def test_neither_without_a_reason_nor_twice(self, in_acme: Cast) -> None:
        call = ended(in_acme)
        with pytest.raises(InvalidInput):
            voids.void_by_hand(call_id=call.pk, actor=in_acme.bo, reason="  ")
        with pytest.raises(NothingToDecide):
            voids.count_after_all(call_id=call.pk, actor=in_acme.bo, reason="why not")
        voids.void_by_hand(call_id=call.pk, actor=in_acme.bo, reason="noise")
        with pytest.raises(NothingToDecide):
            voids.void_by_hand(call_id=call.pk, actor=in_acme.bo, reason="noise")


class TestPages:
    @pytest.fixture
    def call(self, in_acme: Cast) -> Call:
        return ended(in_acme, STALL)

    def test_debrief_and_home_say_why(self, call: Call, ada_client: Client) -> None:
        reason = "This attempt doesn&#x27;t count: the voice service stalled for 5 seconds."
        debrief = ada_client.get(f"/org/acme/calls/{call.pk}/debrief/").content.decode()
        assert reason in debrief
        assert "Count this attempt after all" not in debrief
        assert reason in ada_client.get("/org/acme/").content.decode()

    def test_home_is_silent_when_the_next_attempt_counted(self, call: Call, in_acme: Cast, ada_client: Client) -> None:
        make_call(trainee=in_acme.ada)
        assert "This attempt doesn&#x27;t count" not in ada_client.get("/org/acme/").content.decode()

    def test_a_coach_decides_on_the_debrief(self, call: Call, bo_client: Client) -> None:
        debrief = f"/org/acme/calls/{call.pk}/debrief/"
        assert "Count this attempt after all" in bo_client.get(debrief).content.decode()
        address = f"/org/acme/calls/{call.pk}/attempt/"
        assert bo_client.post(address, {"counts": "yes", "reason": " "})["Location"] == debrief
        assert "Say why." in bo_client.get(debrief).content.decode()
        bo_client.post(address, {"counts": "yes", "reason": "A short pause only."})
        page = bo_client.get(debrief).content.decode()
        assert "Take this attempt out of the numbers" in page
        bo_client.post(address, {"counts": "no", "reason": "A test call."})
        assert "This attempt doesn&#x27;t count: A test call." in bo_client.get(debrief).content.decode()

    def test_nobody_decides_on_their_own_attempt(self, call: Call, in_acme: Cast, ada_client: Client) -> None:
        address = f"/org/acme/calls/{call.pk}/attempt/"
        assert ada_client.post(address, {"counts": "yes", "reason": "Please."}).status_code == 403
        with schema_context("org_acme"):
            Call.objects.filter(pk=call.pk).update(trainee=in_acme.bo)
        assert signed_in(in_acme.bo).post(address, {"counts": "yes", "reason": "Please."}).status_code == 404
        with schema_context("org_acme"):
            assert Call.objects.get(pk=call.pk).voided_at

    def test_the_api_explains(self, call: Call, ada_client: Client) -> None:
        shown = ada_client.get(f"/org/acme/api/v1/calls/{call.pk}/").json()
        assert shown["void_reason"] == "stall"
        assert shown["void_explanation"].endswith("stalled for 5 seconds.")
        record = ada_client.get(f"/org/acme/api/v1/calls/{call.pk}/events/").json()
        assert [item["type"] for item in record["flight"]] == ["session:opened", "stall"]
