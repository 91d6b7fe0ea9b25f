"""Budgets hold: whatever starts at once, never more is spent than was allowed; and everybody sees how they stand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from accounts.people.models import AuditEvent, Team, TeamMembership
from calls import services
from integrations import tasks
from integrations.budgets import governor, setting, standing
from integrations.budgets.standing import BudgetSpent
from integrations.errors import OverBudget, ProviderUnavailable
from integrations.llm import gateway
from integrations.llm.base import Usage
from integrations.llm.costs import costs_here
from integrations.llm.purpose import on_behalf_of, purpose
from integrations.models import Budget, BudgetMonth, ModelCall, Reservation
from tests.cast import Cast
from tests.factories import make_scenario_version

from .models import ASK, Told

DEAR = {"slug": "gemini", "model": "gemini-3.8-flash"}  # 0.0235 $ put aside for ASK, 0.0105 $ spent on it


def dear(**more: Any) -> Told:
    return Told(**DEAR, usage=Usage(2_000, 1_000), **more)


def budget(usd: str, **fields: Any) -> Budget:
    return Budget.objects.create(monthly_usd=Decimal(usd), **fields)


def spent(of: Budget) -> Decimal:
    return BudgetMonth.objects.get(budget=of).spent_usd


def test_what_a_request_cost_is_taken_from_the_budget(in_acme: Cast) -> None:
    whole = budget("1")
    gateway.complete(ASK, task="deep", order=[dear()])
    assert spent(whole) == Decimal("0.010500")
    assert not Reservation.objects.exists()


def test_a_request_that_fails_costs_nothing(in_acme: Cast) -> None:
    whole = budget("1")
    down = [ProviderUnavailable("answered 503", provider="gemini", status=503) for _number in range(4)]
    with pytest.raises(ProviderUnavailable):
        gateway.complete(ASK, task="deep", order=[Told(*down, **DEAR)])
    assert spent(whole) == 0
    assert not Reservation.objects.exists()


def test_every_budget_that_covers_a_person_has_to_agree(in_acme: Cast) -> None:
    north = Team.objects.get(name="North")
    whole, team = budget("1"), budget("0.001", team=north)
    with on_behalf_of(in_acme.ada.pk), pytest.raises(OverBudget):
        gateway.complete(ASK, task="deep", order=[dear()])
    Budget.objects.filter(pk=team.pk).update(monthly_usd=1)
    with on_behalf_of(in_acme.ada.pk):
        gateway.complete(ASK, task="deep", order=[dear()])
    assert spent(whole) == spent(team) == Decimal("0.010500")
    # Bo manages the team and is not coached in it; Val is in none.
    for other in (in_acme.bo, in_acme.val):
        with on_behalf_of(other.pk):
            gateway.complete(ASK, task="deep", order=[dear()])
    assert spent(team) == Decimal("0.010500")
    assert spent(whole) == Decimal("0.031500")


def test_there_is_one_budget_for_all_and_one_for_each_team(in_acme: Cast) -> None:
    budget("1")
    with pytest.raises(IntegrityError), transaction.atomic():
        budget("2")


def test_a_new_budget_begins_with_what_the_month_has_cost(in_acme: Cast) -> None:
    with on_behalf_of(in_acme.ada.pk):
        gateway.complete(ASK, task="deep", order=[dear()])
    gateway.complete(ASK, task="deep", order=[dear()])
    old = ModelCall.objects.create(
        task="deep", vendor="gemini", model="x", ms=1, outcome="ok", cost_usd=5, at=timezone.now() - timedelta(days=40)
    )
    whole = Budget(monthly_usd=Decimal(3))
    setting.save(budget=whole, actor=in_acme.cy, made=True)
    team = Budget(monthly_usd=Decimal(3), team=Team.objects.get(name="North"))
    setting.save(budget=team, actor=in_acme.cy, made=True)
    assert (spent(whole), spent(team)) == (Decimal("0.021000"), Decimal("0.010500"))
    assert old.cost_usd == 5
    assert AuditEvent.objects.filter(action="budget.made").count() == 2


def test_a_worker_that_died_gives_back_what_it_had_put_aside(in_acme: Cast) -> None:
    whole = budget("0.03")
    ticket = governor.reserve(Decimal("0.03"), teams=(), provider="gemini")
    with pytest.raises(OverBudget):
        governor.reserve(Decimal("0.01"), teams=(), provider="gemini")
    Reservation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert governor.reserve(Decimal("0.01"), teams=(), provider="gemini").months == ticket.months
    assert governor.clear_expired() == 1
    assert standing.standings()[0].left == whole.monthly_usd - Decimal("0.01")


def test_old_entries_are_forgotten(in_acme: Cast) -> None:
    for days in (399, 401):
        at = timezone.now() - timedelta(days=days)
        ModelCall.objects.create(task="deep", vendor="gemini", model="m", ms=1, outcome="ok", at=at)
    tasks.sweep()
    assert ModelCall.objects.count() == 1


def test_months_turn() -> None:
    assert governor.first_day(datetime.fromisoformat("2026-11-30T23:30:00-01:00")).isoformat() == "2026-12-01"
    assert standing.next_month(datetime.fromisoformat("2026-12-05T00:00:00+00:00")).isoformat() == "2027-01-01"


@pytest.fixture
def committed_acme(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    with django_db_blocker.unblock():
        schema_name = Cast.load().acme.schema_name
        with schema_context(schema_name):
            try:
                yield schema_name
            finally:
                Budget.objects.all().delete()
                ModelCall.objects.all().delete()
        connections.close_all()


def test_what_starts_at_once_cannot_cost_more_than_the_budget(committed_acme: str) -> None:
    """Twelve debriefs begin together; there is money for four of them to be put aside."""
    ask_costs = Decimal("0.0235")
    whole = budget("0.10")
    start, under_way = threading.Barrier(12), threading.Semaphore(0)
    outcomes: list[str] = []

    def debrief() -> None:
        try:
            with schema_context(committed_acme):
                start.wait(timeout=120)
                gateway.complete(ASK, task="deep", order=[dear(first=lambda: under_way.acquire(timeout=5))])
                outcomes.append("asked")
        except OverBudget:
            outcomes.append("refused")
            for _waiting in range(12):  # whoever was let in answers once somebody was not
                under_way.release()
        except BaseException as error:
            outcomes.append(repr(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=debrief) for _number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=240)
    assert set(outcomes) == {"asked", "refused"}
    assert outcomes.count("asked") >= int(whole.monthly_usd / ask_costs)
    assert spent(whole) == outcomes.count("asked") * Decimal("0.010500")
    assert spent(whole) <= whole.monthly_usd
    assert ModelCall.objects.count() == outcomes.count("asked")
    assert not Reservation.objects.exists()


class TestHardStop:
    def call(self, cast: Cast, trainee: Any) -> Any:
        version = make_scenario_version()
        return services.create_from_scenario(trainee=trainee, scenario_id=version.scenario_id, channel="text")

    def test_calls_go_on_where_the_own_engine_can_judge(self, in_acme: Cast) -> None:
        budget("0")
        assert self.call(in_acme, in_acme.ada)

    def test_no_call_starts_where_the_organisation_wants_none(self, in_acme: Cast) -> None:
        team = budget("0", team=Team.objects.get(name="North"), when_spent="stop")
        with pytest.raises(BudgetSpent) as refused:
            self.call(in_acme, in_acme.ada)
        assert "is used up. New calls start again on" in str(refused.value.message)
        assert self.call(in_acme, in_acme.val), "in another team, or none"
        Budget.objects.filter(pk=team.pk).update(monthly_usd=1)
        assert self.call(in_acme, in_acme.ada)

    def test_the_api_says_so(self, in_acme: Cast, ada_client: Client) -> None:
        version = make_scenario_version()
        budget("0", when_spent="stop")
        answer = ada_client.post(
            "/org/acme/api/v1/calls/", {"scenario_id": str(version.scenario_id)}, content_type="application/json"
        )
        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "BUDGET_SPENT"

    def test_a_call_that_was_made_before_is_not_begun_after(self, in_acme: Cast, ada_client: Client) -> None:
        call, begun, put_aside = (self.call(in_acme, in_acme.ada) for _ in range(3))
        address = "/org/acme/api/v1/calls/{}/{}/"
        services.begin_elsewhere(call_id=begun.pk)
        whole = budget("1", when_spent="stop")
        month = governor.month_of(whole, timezone.now())
        Reservation.objects.create(
            ticket=put_aside.pk, month=month, usd=Decimal(1), expires_at=timezone.now() + timedelta(minutes=10)
        )
        for path in ("start", "speak"):
            answer = ada_client.post(address.format(call.pk, path), {}, content_type="application/json")
            assert answer.status_code == 409
            assert answer.json()["error"]["code"] == "BUDGET_SPENT"
            assert "New calls start again on" in answer.json()["error"]["message"]
        shown = ada_client.get(f"/org/acme/api/v1/calls/{call.pk}/").json()
        assert shown["status"] == "pending"
        said = ada_client.post(address.format(begun.pk, "speak"), {"text": "Hello."}, content_type="application/json")
        assert said.status_code == 200, "what has begun goes on"
        started = ada_client.post(address.format(put_aside.pk, "start"), {}, content_type="application/json")
        assert started.status_code == 200, "its money is put aside"

    def test_the_page_says_so(self, in_acme: Cast, ada_client: Client) -> None:
        version = make_scenario_version()
        budget("0", when_spent="stop")
        answer = ada_client.post(f"/org/acme/practice/{version.scenario_id}/", {"channel": "text"})
        assert answer.status_code == 409
        assert "New calls start again on" in answer.content.decode()


class TestPages:
    COSTS = "/org/acme/admin/costs/"
    LIST = "/org/acme/admin/integrations/budget/"

    @pytest.mark.parametrize("many", [1, 8])
    def test_they_ask_no_more_for_more_budgets(
        self, in_acme: Cast, cy_client: Client, many: int, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(many):
            team = budget("5", team=Team.objects.create(name=f"Team {number}"))
            month = governor.month_of(team, timezone.now())
            BudgetMonth.objects.filter(pk=month.pk).update(spent_usd=Decimal("1.25"))
            Reservation.objects.create(
                ticket=uuid4(), month=month, usd=Decimal("0.5"), expires_at=timezone.now() + timedelta(minutes=1)
            )
            ModelCall.objects.create(
                task="deep", vendor="gemini", model=f"m{number}", ms=900, outcome="ok", cost_usd=Decimal("0.5")
            )
        with django_assert_max_num_queries(14):
            page = cy_client.get(self.COSTS).content.decode()
        assert "5.00 $" in page
        assert "1.25 $" in page
        assert "0.50 $" in page
        assert "3.25 $" in page
        assert "Team 0" in page
        with django_assert_max_num_queries(16):
            assert "3.25 $" in cy_client.get(self.LIST).content.decode()

    def test_costs_are_by_work_and_model(self, in_acme: Cast, cy_client: Client) -> None:
        rows = [
            ("deep", "gemini", "a", "ok", "0.25"),
            ("deep", "gemini", "a", "timeout", "0"),
            ("quick", "groq", "b", "ok", "1"),
        ]
        for task, vendor, model, outcome, cost in rows:
            ModelCall.objects.create(
                task=task, vendor=vendor, model=model, outcome=outcome, cost_usd=Decimal(cost), ms=1200, input_tokens=7
            )
        found = costs_here(governor.first_day(timezone.now()))
        assert [(row.model, row.requests, row.failed, row.cost_usd) for row in found] == [
            ("b", 1, 0, Decimal("1.000000")),
            ("a", 2, 1, Decimal("0.250000")),
        ]
        assert (found[1].p95_ms, found[1].input_tokens) == (1200, 14)
        page = cy_client.get(self.COSTS).content.decode()
        assert "3 requests cost 1.25 US dollars." in page
        assert "There is no budget" in page

    def test_a_budget_is_made_changed_and_dropped(self, cast: Cast, cy_client: Client) -> None:
        form = {"team": "", "monthly_usd": "20", "when_spent": "stop"}
        assert cy_client.post(self.LIST + "add/", form).status_code == 302
        with schema_context("org_acme"):
            made = Budget.objects.get()
        assert (made.team_id, made.monthly_usd, made.when_spent) == (None, Decimal("20.00"), "stop")
        again = cy_client.post(self.LIST + "add/", form)
        assert "There is a budget for this already" in again.content.decode()
        negative = cy_client.post(f"{self.LIST}{made.pk}/change/", form | {"monthly_usd": "-1"})
        assert negative.status_code == 200
        cy_client.post(f"{self.LIST}{made.pk}/change/", form | {"monthly_usd": "30"})
        with schema_context("org_acme"):
            assert Budget.objects.get().monthly_usd == 30
        cy_client.post(f"{self.LIST}{made.pk}/delete/", {"post": "yes"})
        with schema_context("org_acme"):
            assert not Budget.objects.exists()
            actions = set(AuditEvent.objects.filter(action__startswith="budget.").values_list("action", flat=True))
        assert actions == {"budget.made", "budget.changed", "budget.removed"}

    def test_who_does_not_manage_the_organisation_sees_none_of_it(self, in_acme: Cast, bo_client: Client) -> None:
        for address in (self.COSTS, self.LIST):
            assert bo_client.get(address).status_code in {302, 403, 404}

    def test_requests_are_listed_without_what_they_were_about(self, in_acme: Cast, cy_client: Client) -> None:
        row = ModelCall.objects.create(
            task="deep", vendor="gemini", model="m", ms=9, outcome="cut_off", reference="secret-call"
        )
        for address in ("", f"{row.pk}/change/"):
            page = cy_client.get("/org/acme/admin/integrations/modelcall/" + address).content.decode()
            assert "answer cut off" in page
            assert "&#x27;failed&#x27;" not in page  # the words, not the key that colours them
            assert "secret-call" not in page


def test_a_purpose_ends_with_its_block(in_acme: Cast) -> None:
    TeamMembership.objects.get(user=in_acme.ada)
    with on_behalf_of(in_acme.ada.pk, reference="a"):
        assert purpose().reference == "a"
        assert len(purpose().teams) == 1
    assert purpose().reference == ""
