"""Whoever starts long work is told when it is ready or did not work; who decides about money, when a budget runs out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone, translation

from accounts.models import User
from accounts.notices.models import Notice
from accounts.notices.wording import words_of
from accounts.notices.work import tell_failed, tell_ready
from accounts.people.models import Team
from integrations import tasks
from integrations.budgets import setting
from integrations.budgets.governor import first_day
from integrations.models import Budget, BudgetMonth
from scenarios.generation import services
from scenarios.generation import tasks as generation_tasks
from scenarios.generation.models import Generation
from scenarios.generation.remarks import problem_in_words
from scenarios.models import Scenario
from scoring.flights import work as flight_work
from scoring.flights.models import FlightRun
from scoring.impact import rescoring
from tests.cast import Cast
from tests.scenarios.factories import make_scenario
from tests.scoring.test_impact import rubric

__all__ = ["rubric"]  # a fixture

pytestmark = pytest.mark.django_db
WISH = {"personality": "skeptical", "difficulty": "medium", "mode": "cold_call", "language": "en", "seed": 0}


def told(user: User, kind: str = "work_done") -> list[list[str]]:
    """The title and the lines of what somebody was told, in English, oldest first."""
    with translation.override("en"):
        notices = Notice.objects.filter(user=user, kind=kind).order_by("created_at")
        return [[words_of(notice).title, *words_of(notice).lines] for notice in notices]


def die(*_args: object, **_more: object) -> None:
    """What a worker that is stopped does: nothing after it runs."""
    raise SystemExit


def begun(cast: Cast) -> Generation:
    return services.begin(by=cast.cy, kind="persona", source="profile", wish={**WISH, "industry": "Logistics"})


def spend(budget: Budget, usd: str) -> None:
    month = first_day(timezone.now())
    BudgetMonth.objects.update_or_create(budget=budget, month=month, defaults={"spent_usd": Decimal(usd)})


def test_who_decides_is_told_once_of_each_step_of_a_budget(in_acme: Cast) -> None:
    budget = Budget.objects.create(monthly_usd=Decimal("50"))
    spend(budget, "39")
    tasks.sweep()
    assert not Notice.objects.exists()
    spend(budget, "40.5")
    tasks.sweep()
    tasks.sweep()
    for user in (in_acme.cy, in_acme.dee):
        [[title, money, consequence]] = told(user, "budget_low")
        assert title == "81 percent of this month's budget is spent: Acme"
        assert money == "40.50 of 50.00 US dollars are spent."
        assert "Parley's own engine takes over" in consequence
    assert not told(in_acme.bo, "budget_low")
    spend(budget, "51")
    tasks.sweep()
    tasks.sweep()
    assert [title for title, *_lines in told(in_acme.cy, "budget_low")][1:] == [
        "100 percent of this month's budget is spent: Acme"
    ]


def test_a_team_s_budget_that_stops_calls_says_so_and_a_raised_one_is_told_of_anew(in_acme: Cast) -> None:
    north = Team.objects.get(name="North")
    budget = Budget.objects.create(monthly_usd=Decimal("1"), team=north, when_spent=Budget.WhenSpent.STOP)
    spend(budget, "1")
    tasks.sweep()
    [[title, _money, consequence]] = told(in_acme.cy, "budget_low")
    assert title.endswith("spent: North")
    assert consequence.startswith("When nothing is left, no new call begins until")
    budget.monthly_usd = Decimal("10")
    setting.save(budget=budget, actor=in_acme.cy, made=False)
    tasks.sweep()
    assert len(told(in_acme.cy, "budget_low")) == 1
    spend(budget, "8")
    tasks.sweep()
    assert len(told(in_acme.cy, "budget_low")) == 2


def test_a_draft_that_is_written_in_the_background_is_told_once(in_acme: Cast) -> None:
    job = begun(in_acme)
    generation_tasks.make_drafts(str(job.pk))
    generation_tasks.make_drafts(str(job.pk))
    job.refresh_from_db()
    assert told(in_acme.cy) == [
        [f"Ready: {job.persona}", f"The draft is written. Look at it before you publish it: {job.persona}"]
    ]


def test_a_draft_whose_worker_died_before_it_told_is_told_when_the_message_comes_again(
    in_acme: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begun(in_acme)
    with monkeypatch.context() as broken:
        broken.setattr(services, "_tell", die)
        with pytest.raises(SystemExit):
            generation_tasks.make_drafts(str(job.pk))
    assert not told(in_acme.cy)
    for _time in range(2):
        generation_tasks.make_drafts(str(job.pk))
    assert len(told(in_acme.cy)) == 1


def test_who_waits_for_a_draft_or_gave_it_up_is_told_nothing(in_acme: Cast) -> None:
    services.work_now(begun(in_acme))
    job = begun(in_acme)
    services.cancel(generation=job, by=in_acme.cy)
    generation_tasks.make_drafts(str(job.pk))
    assert not Notice.objects.exists()


def test_a_draft_that_nobody_writes_is_told_with_the_reason_in_the_reader_s_language(in_acme: Cast) -> None:
    User.objects.filter(pk=in_acme.cy.pk).update(language="es")
    job = begun(in_acme)
    Generation.objects.filter(pk=job.pk).update(allow_embedded=False)
    generation_tasks.make_drafts(str(job.pk))
    notice = Notice.objects.get(user=in_acme.cy, kind="work_failed")
    with translation.override("es"):
        assert notice.data["reason"] == problem_in_words("not_configured")


def test_calls_that_were_scored_again_are_told_once(in_acme: Cast, rubric: object) -> None:
    job = rescoring.begin(rubric=rubric, by=in_acme.cy, reason="Again.")  # type: ignore[arg-type]
    for _time in range(2):
        assert rescoring.go_on(job.pk)
    assert told(in_acme.cy) == [[f"Ready: {rubric}", f"Calls that were scored again: {job.total}"]]


def test_a_flight_that_is_through_is_told_with_its_result(in_acme: Cast) -> None:
    scenario: Scenario = make_scenario(title="Our own")
    flight = flight_work.begin(scenario=scenario, by=in_acme.cy)
    FlightRun.objects.filter(flight=flight).exclude(position=0).delete()
    for _time in range(2):
        assert flight_work.go_on(flight.pk)
    [[title, line]] = told(in_acme.cy)
    assert title == "Ready: Our own"
    flight.refresh_from_db()
    assert line.startswith("The test flight is through.")
    assert ("It may be published" in line) is flight.green


def test_a_flight_whose_worker_died_before_it_told_is_judged_and_told_again(
    in_acme: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    flight = flight_work.begin(scenario=make_scenario(title="Our own"), by=in_acme.cy)
    FlightRun.objects.filter(flight=flight).exclude(position=0).delete()
    with monkeypatch.context() as broken:
        broken.setattr(flight_work, "tell_ready", die)
        with pytest.raises(SystemExit):
            flight_work.go_on(flight.pk)
    assert flight_work.go_on(flight.pk)
    assert [title for title, _line in told(in_acme.cy)] == ["Ready: Our own"]


def test_a_flight_that_breaks_down_is_paused_and_told(in_acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    flight = flight_work.begin(scenario=make_scenario(title="Our own"), by=in_acme.cy)
    with monkeypatch.context() as broken:
        broken.setattr(flight_work, "fly", lambda *_args, **_more: 1 / 0)
        assert flight_work.go_on(flight.pk)
    assert told(in_acme.cy, "work_failed") == [
        ["It did not work: Our own", "The reason: something went wrong on our side"]
    ]
    flight.refresh_from_db()
    assert (flight.state, flight.problem) == ("paused", "unexpected")
    assert flight_work.resume(flight)


def test_nobody_is_told_of_what_nobody_asked_for(in_acme: Cast) -> None:
    tell_ready(user=None, title="x", rescored=1, url="/", key="x")
    tell_failed(user=None, title="x", reason="y", url="/", key="x")
    assert not Notice.objects.exists()
