"""Minutes cost money, too: put aside before somebody speaks, written down afterwards, and passed over where there is none."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.people.models import Team
from calls import metering, services, serving
from calls.models import Call
from integrations.budgets import governor, minutes
from integrations.budgets.standing import BudgetSpent
from integrations.errors import OverBudget
from integrations.models import Budget, BudgetMonth, ModelCall, Reservation
from tests.cast import Cast
from tests.factories import make_call, make_turns


@pytest.fixture(autouse=True)
def keys(settings: Any) -> None:
    settings.BREAKER_URL = ""
    settings.VENDOR_KEYS = {**settings.VENDOR_KEYS, "elevenlabs": "key"}
    settings.VENDOR_OPTIONS = {**settings.VENDOR_OPTIONS, "elevenlabs": {"agent_id": "agent"}}
    settings.MINUTE_PRICES = {"voice.elevenlabs": 0.12}


def waiting(cast: Cast, **fields: Any) -> Call:
    return make_call(trainee=cast.ada, status="pending", **{"provider": "", "time_limit_ms": 600_000, **fields})


def held_by(cast: Cast, provider: str, *, seconds: int, **fields: Any) -> Call:
    """A call that this service has been speaking in for so long."""
    return make_call(
        trainee=cast.ada,
        status="in_progress",
        **{
            "provider": provider,
            "started_at": timezone.now() - timedelta(seconds=seconds),
            "metadata": {"conversation_ids": ["c1"]},
            **fields,
        },
    )


def spent() -> Decimal:
    return BudgetMonth.objects.get().spent_usd


def test_the_whole_call_is_put_aside_before_it_begins(in_acme: Cast) -> None:
    Budget.objects.create(monthly_usd=5)
    call = waiting(in_acme)
    assert serving.provider_for(call, in_acme.acme) == "elevenlabs"
    assert Reservation.objects.get(ticket=call.pk).usd == Decimal("1.200000")
    assert serving.provider_for(call, in_acme.acme) == "elevenlabs"
    assert Reservation.objects.count() == 1, "once, however often it is asked"


def test_what_is_not_covered_is_passed_over_for_the_own_voice(in_acme: Cast) -> None:
    Budget.objects.create(monthly_usd=1)
    assert serving.provider_for(waiting(in_acme), in_acme.acme) == "embedded"
    assert not Reservation.objects.exists()


def test_a_teams_budget_counts_as_well(in_acme: Cast) -> None:
    Budget.objects.create(monthly_usd=50)
    Budget.objects.create(monthly_usd=1, team=Team.objects.get(name="North"))
    assert serving.provider_for(waiting(in_acme), in_acme.acme) == "embedded"


def test_two_calls_do_not_share_the_money_of_one(in_acme: Cast) -> None:
    Budget.objects.create(monthly_usd=2)
    first, second = waiting(in_acme), waiting(in_acme)
    assert serving.provider_for(first, in_acme.acme) == "elevenlabs"
    assert serving.provider_for(second, in_acme.acme) == "embedded"
    services.fail(call_id=first.pk, reason="given_up")
    assert serving.provider_for(second, in_acme.acme) == "elevenlabs"


def test_where_no_voice_is_covered_and_ours_is_not_wanted_the_refusal_says_until_when(
    in_acme: Cast, ada_client: Client
) -> None:
    Budget.objects.create(monthly_usd=1)
    in_acme.acme.allowed_ai_providers = ["elevenlabs"]
    in_acme.acme.save()
    call = waiting(in_acme)
    with pytest.raises(BudgetSpent, match="New calls start again on"):
        serving.provider_for(call, in_acme.acme)
    answer = ada_client.post(f"/org/acme/api/v1/calls/{call.pk}/start/", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "BUDGET_SPENT")


def test_the_end_writes_down_what_was_spoken_and_frees_the_rest(in_acme: Cast) -> None:
    Budget.objects.create(monthly_usd=5)
    call = held_by(in_acme, "elevenlabs", seconds=150)
    assert metering.afford(call_id=call.pk, provider="elevenlabs")
    assert call.started_at is not None
    ending = services.Ending(by="trainee", at=call.started_at + timedelta(seconds=150))
    assert services.complete(call_id=call.pk, ending=ending)
    assert not services.complete(call_id=call.pk, ending=ending)
    entry = ModelCall.objects.get()
    assert (entry.task, entry.vendor, entry.reference) == ("voice", "elevenlabs", str(call.pk))
    assert entry.sound_seconds == pytest.approx(150, abs=2)
    assert entry.cost_usd == pytest.approx(Decimal("0.30"), abs=Decimal("0.004"))
    assert spent() == entry.cost_usd
    assert not Reservation.objects.exists()


def test_a_new_budget_begins_with_the_minutes_of_the_month(in_acme: Cast) -> None:
    minutes.note("voice", "elevenlabs", seconds=300, key=waiting(in_acme).pk, user_id=in_acme.ada.pk)
    budget = Budget.objects.create(monthly_usd=Decimal("0.65"), team=Team.objects.get(name="North"))
    with pytest.raises(OverBudget):
        minutes.reserve(
            "voice",
            "elevenlabs",
            seconds=60,
            key=waiting(in_acme).pk,
            user_id=in_acme.ada.pk,
            held=timedelta(minutes=1),
        )
    assert governor.month_of(budget, timezone.now()).spent_usd == Decimal("0.60")


def test_each_service_is_paid_for_its_own_part(in_acme: Cast) -> None:
    call = held_by(in_acme, "elevenlabs", seconds=120)
    serving.note_session(call_id=call.pk, provider="embedded", conversation_id="", started_at=None)
    Call.objects.filter(pk=call.pk).update(provider="vapi")
    services.complete(call_id=call.pk, ending=services.Ending(by="trainee", at=timezone.now() + timedelta(seconds=60)))
    parts = dict(ModelCall.objects.values_list("vendor", "sound_seconds"))
    assert parts == {"elevenlabs": pytest.approx(120, abs=20), "vapi": pytest.approx(60, abs=20)}


def test_a_redo_does_not_pay_for_its_first_call_again(in_acme: Cast) -> None:
    first = make_call(trainee=in_acme.ada)
    redo = held_by(in_acme, "elevenlabs", seconds=120, forked_from=first, forked_at_seq=3)
    shared = max(turn.end_ms for turn in make_turns(redo) if turn.seq <= 3) / 1000
    began = timezone.now() - timedelta(seconds=shared + 30)
    Call.objects.filter(pk=redo.pk).update(started_at=began)
    ended = began + timedelta(seconds=shared + 30)
    services.complete(call_id=redo.pk, ending=services.Ending(by="trainee", at=ended))
    assert ModelCall.objects.get().sound_seconds == pytest.approx(30, abs=2)


@pytest.mark.parametrize(
    "fields",
    [{"provider": "embedded"}, {"provider": "openai", "channel": "text"}, {"provider": "openai", "transport": "turns"}],
    ids=["our own voice", "by text", "paid by the turn"],
)
def test_what_costs_nothing_by_the_minute_is_not_written_down(in_acme: Cast, fields: dict[str, str]) -> None:
    call = held_by(in_acme, seconds=60, **fields)
    services.complete(call_id=call.pk, ending=services.Ending(by="trainee"))
    assert not ModelCall.objects.exists()


def test_a_vendor_without_a_price_counts_as_the_dearest() -> None:
    known, unknown = minutes.cost_of("voice", "vapi", 60), minutes.cost_of("voice", "another", 60)
    assert (unknown.usd, unknown.known) == (known.usd, False)
