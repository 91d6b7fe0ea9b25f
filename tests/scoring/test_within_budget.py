"""Judging within a budget: the dear judge first, a cheap one where the money is short, the own engine where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import stamina

from integrations import resilience
from integrations.models import Budget, BudgetMonth, ModelCall, Reservation
from scoring import runs
from scoring.judgement import judge_of
from scoring.judges import panel
from tests.cast import Cast
from tests.standins import models as standins
from tests.standins.models import KEY, Fault, Vendor

from .calls import make_spoken_call


@pytest.fixture
def vendors(settings: Any) -> Iterator[dict[str, Vendor]]:
    settings.BREAKER_URL = ""
    resilience.breakers.cache_clear()
    settings.GRADED_RUNS = 1
    with (
        standins.standing_in(standins.groq) as groq,
        standins.standing_in(standins.gemini) as gemini,
        stamina.set_testing(True, attempts=10, cap=True),
    ):
        settings.VENDOR_KEYS = {"groq": KEY, "gemini": KEY}
        settings.VENDOR_BASE_URLS = {"groq": groq.base_url, "gemini": gemini.base_url}
        yield {"groq": groq, "gemini": gemini}
    resilience.breakers.cache_clear()


def debrief(cast: Cast) -> Any:
    call = make_spoken_call(trainee=cast.ada)
    run = runs.score_call(call_id=call.pk, track="deep")
    assert run is not None
    return run


def test_enough_money_asks_the_dear_judge(in_acme: Cast, vendors: dict[str, Vendor]) -> None:
    budget = Budget.objects.create(monthly_usd=Decimal(5))
    run = debrief(in_acme)
    assert (run.judged_by, run.model) == ("gemini", "gemini-3.8-flash")
    entry = ModelCall.objects.get()
    assert (entry.task, entry.reference, entry.prompt_version) == ("deep", str(run.call_id), run.prompt_version)
    assert str(entry.cost_usd) == run.manifest["usage"]["cost_usd"]
    assert BudgetMonth.objects.get(budget=budget).spent_usd == entry.cost_usd


def test_less_money_asks_cheaper_ones(in_acme: Cast, vendors: dict[str, Vendor]) -> None:
    Budget.objects.create(monthly_usd=Decimal("0.06"))
    assert debrief(in_acme).model == "gemini-3.5-flash-lite"
    Budget.objects.update(monthly_usd=Decimal("0.03"))
    assert debrief(in_acme).judged_by == "groq"
    assert not Reservation.objects.exists()


def test_a_debrief_goes_on_to_whoever_gives_quick_scores(
    in_acme: Cast, vendors: dict[str, Vendor], settings: Any
) -> None:
    settings.LLM_ORDERS = {**settings.LLM_ORDERS, "deep": ["gemini"], "quick": ["groq"]}
    assert panel.order_for("deep") == ["gemini", "groq", "embedded"]
    assert panel.order_for("quick") == ["groq", "embedded"]
    Budget.objects.create(monthly_usd=Decimal("0.03"))
    assert debrief(in_acme).judged_by == "groq"
    settings.QUICK_SCORER = "embedded"
    assert panel.order_for("deep") == ["gemini", "embedded"]


def test_the_quick_scores_models_of_the_same_vendor_come_after_the_debriefs_own(
    in_acme: Cast, vendors: dict[str, Vendor], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = {"deep": ["gemini-3.8-flash"], "quick": ["gemini-3.5-flash-lite"]}
    monkeypatch.setattr("integrations.catalogue.served.models_for", lambda keys, *, task: lines[task])
    Budget.objects.create(monthly_usd=Decimal("0.06"))
    assert debrief(in_acme).model == "gemini-3.5-flash-lite"


def test_no_money_is_judged_by_the_own_engine_and_it_says_why(in_acme: Cast, vendors: dict[str, Vendor]) -> None:
    Budget.objects.create(monthly_usd=Decimal(0))
    run = debrief(in_acme)
    assert run.judged_by == "embedded"
    assert [(one["judge"], one["code"]) for one in run.manifest["tried"]] == [
        ("gemini", "over_budget"),
        ("groq", "over_budget"),
    ]
    assert judge_of(run).stand_in == "It stood in for Google Gemini, which this month's budget did not cover."
    assert not any(vendor.requests for vendor in vendors.values())


def test_both_tracks_are_paid_for_by_one_budget(in_acme: Cast, vendors: dict[str, Vendor]) -> None:
    budget = Budget.objects.create(monthly_usd=Decimal(5))
    call = make_spoken_call(trainee=in_acme.ada)
    for track in ("quick", "deep"):
        runs.score_call(call_id=call.pk, track=track)  # type: ignore[arg-type]
    assert [entry.task for entry in ModelCall.objects.order_by("pk")] == ["quick", "deep"]
    assert BudgetMonth.objects.get(budget=budget).spent_usd == sum(entry.cost_usd for entry in ModelCall.objects.all())


def test_silent_vendors_leave_the_quick_score_to_the_own_engine(
    in_acme: Cast, vendors: dict[str, Vendor], settings: Any
) -> None:
    settings.QUICK_SCORE_SECONDS = 0.4
    for vendor in vendors.values():
        vendor.script = [Fault(200, {}, delay=3.0)] * 4
    run = runs.score_call(call_id=make_spoken_call(trainee=in_acme.ada).pk, track="quick")
    assert run is not None
    assert run.judged_by == "embedded"
    assert [one["judge"] for one in run.manifest["tried"]] == ["groq", "gemini"]
    assert set(ModelCall.objects.values_list("outcome", flat=True)) == {"timeout"}
