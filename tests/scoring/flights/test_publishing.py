"""Nothing is published that was not flown as it is; the job behind it, its page, and the API's answer."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from scenarios import packages, publishing
from scenarios.gates import GateClosed
from scenarios.library import install_presets, preset_package
from scenarios.models import Criterion, Persona, Rubric, Scenario, Status
from scoring.flights import work
from scoring.flights.gate import problems
from scoring.flights.models import FlightRun, TestFlight
from scoring.flights.plans import plan_of, shipped
from scoring.tasks import sweep
from tests.cast import Cast
from tests.conftest import signed_in
from tests.scenarios.conftest import StayingClient
from tests.scenarios.factories import make_scenario

ADMIN = "/org/acme/admin"


@pytest.fixture(autouse=True)
def flights_are_required(settings: Any) -> None:
    settings.FLIGHT_REQUIRED = True


@pytest.fixture
def cy_client(in_acme: Cast) -> Client:
    return signed_in(in_acme.cy, StayingClient())


@pytest.fixture
def scenario(in_acme: Cast) -> Scenario:
    """A draft that passes its flight: what is shipped, changed a little."""
    package = preset_package("en")
    keys = {"scenarios": "freight-cold-call", "personas": "freight-operations", "rubrics": "five-criterion"}
    own = {
        kind: [dict(row, key=f"own-{key}") for row in package[kind] if row["key"] == key] for kind, key in keys.items()
    }
    own["scenarios"][0] |= {"persona": "own-freight-operations", "rubric": "own-five-criterion", "title": "Our own"}
    own["personas"][0]["facts"] |= {"colour of the vans": "They are green, all of them."}
    packages.import_package({"parley_content": 1, **own})
    return Scenario.objects.get(preset_key="own-freight-cold-call")


def flown(scenario: Scenario) -> TestFlight:
    flight = work.begin(scenario=scenario, by=None)
    assert work.go_on(flight.pk)
    flight.refresh_from_db()
    return flight


def report_of(scenario: Scenario) -> str:
    return f"{ADMIN}/scenarios/{scenario.pk}/flight/"


def test_a_draft_is_published_after_a_green_flight_only(scenario: Scenario) -> None:
    with pytest.raises(GateClosed) as refused:
        publishing.publish_scenario(scenario=scenario)
    assert refused.value.details["problems"][0]["code"] == "NOT_FLOWN"
    assert scenario.newest_published() is None
    assert flown(scenario).green is True
    assert publishing.publish_scenario(scenario=scenario).number == 1


def test_another_persona_or_rubric_needs_another_flight(scenario: Scenario) -> None:
    flown(scenario)
    Persona.objects.filter(pk=scenario.persona_id).update(difficulty="hard")
    scenario.refresh_from_db()
    assert [problem.code for problem in problems(scenario)] == ["NOT_FLOWN"]
    assert "changed since" in problems(scenario)[0].message
    Persona.objects.filter(pk=scenario.persona_id).update(difficulty="medium")
    Rubric.objects.filter(pk=scenario.rubric_id).update(pass_mark=71)
    scenario = Scenario.objects.get(pk=scenario.pk)
    assert [problem.code for problem in problems(scenario)] == ["NOT_FLOWN"]


def test_what_changes_no_call_needs_no_other_flight(scenario: Scenario) -> None:
    flown(scenario)
    Scenario.objects.filter(pk=scenario.pk).update(title="Another title", summary="Said better.")
    Persona.objects.filter(pk=scenario.persona_id).update(voice_id="lena")
    assert problems(Scenario.objects.get(pk=scenario.pk)) == []


def test_a_red_flight_says_why(scenario: Scenario) -> None:
    Criterion.objects.filter(rubric=scenario.rubric).update(signals=["respectful"])
    scenario = Scenario.objects.get(pk=scenario.pk)
    assert flown(scenario).green is False
    with pytest.raises(GateClosed) as refused:
        publishing.publish_scenario(scenario=scenario)
    codes = {problem["code"] for problem in refused.value.details["problems"]}
    assert "NOT_IN_ORDER" in codes
    assert refused.value.details["report"].endswith(f"/admin/scenarios/{scenario.pk}/flight/")


def test_the_api_answers_409_with_the_address_of_the_report(scenario: Scenario, cy_client: Client) -> None:
    answer = cy_client.post(f"/org/acme/api/v1/scenarios/{scenario.pk}/publish/", content_type="application/json")
    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["details"]["report"] == report_of(scenario)
    assert cy_client.get(error["details"]["report"]).status_code == 200


def test_presets_carry_their_proof(in_acme: Cast) -> None:
    install_presets(organization=in_acme.acme)
    rows = Scenario.objects.filter(is_preset=True)
    assert rows
    assert all(plan_of(row).content_hash() in shipped() for row in rows)
    row = rows[0]
    publishing.archive(item=row)
    publishing.restore(item=row)
    assert publishing.publish_scenario(scenario=row)


def test_an_import_leaves_a_draft_and_is_refused_whole_where_it_should_publish(scenario: Scenario) -> None:
    package = packages.export_package(scenarios=[scenario])
    package["scenarios"][0]["goal"] = "Find out something else, and agree on a visit."
    with pytest.raises(packages.PackageRefused, match="test flight"):
        packages.import_package(package, publish=True)
    assert Scenario.objects.get(pk=scenario.pk).goal == scenario.goal
    packages.import_package(package)
    assert Scenario.objects.get(pk=scenario.pk).status == Status.DRAFT


def test_a_flight_that_was_cut_off_is_taken_up(scenario: Scenario) -> None:
    flight = work.begin(scenario=scenario, by=None)
    assert not work.go_on(flight.pk, seconds=0)
    flight.refresh_from_db()
    assert (flight.state, flight.done, flight.green) == ("running", 1, None)
    row = flight.runs.get(position=1)
    FlightRun.objects.filter(pk=row.pk).update(claimed_at=timezone.now())  # somebody holds it and died
    assert not work.go_on(flight.pk)
    FlightRun.objects.filter(pk=row.pk).update(claimed_at=timezone.now() - 2 * work.CLAIM)
    TestFlight.objects.filter(pk=flight.pk).update(updated_at=timezone.now() - 2 * work.STANDS_STILL)
    sweep.delay()
    flight.refresh_from_db()
    assert (flight.state, flight.done, flight.green) == ("done", flight.total, True)


def test_two_who_ask_at_once_get_one_flight(scenario: Scenario) -> None:
    assert work.begin(scenario=scenario, by=None) == work.begin(scenario=scenario, by=None)


def test_old_flights_go(scenario: Scenario) -> None:
    for _time in range(work.KEPT + 2):
        flight = work.begin(scenario=scenario, by=None)
        TestFlight.objects.filter(pk=flight.pk).update(state=TestFlight.State.DONE)
    assert TestFlight.objects.filter(scenario=scenario).count() == work.KEPT


def test_an_author_flies_and_publishes_on_the_page(scenario: Scenario, cy_client: Client) -> None:
    preview = f"{ADMIN}/scenarios/scenario/{scenario.pk}"
    assert report_of(scenario) in cy_client.get(f"{preview}/preview/").content.decode()
    answer = cy_client.post(f"{preview}/publish/")
    assert answer["Location"] == report_of(scenario)
    assert "It was never flown" in cy_client.get(report_of(scenario)).content.decode()
    shown = cy_client.post(report_of(scenario), follow=True).content.decode()
    assert "it may be published" in shown
    assert "strong seller" in shown
    assert "Transcripts side by side" in shown
    cy_client.post(f"{preview}/publish/")
    assert scenario.newest_published().number == 1


def test_the_page_says_what_is_wrong_and_where(scenario: Scenario, cy_client: Client) -> None:
    pain = scenario.persona.hidden_pains.get(position=0)
    Scenario.objects.filter(pk=scenario.pk).update(first_message=f"Hello. {pain.reveal_text}"[:300])
    shown = cy_client.post(report_of(scenario), follow=True).content.decode()
    assert "Held back" in shown
    assert "is given away before anybody earned it" in shown
    assert "a fault was found here" in shown


def test_a_scenario_that_is_not_complete_does_not_fly(in_acme: Cast, cy_client: Client) -> None:
    scenario = make_scenario(goal="")
    shown = cy_client.post(report_of(scenario), follow=True).content.decode()
    assert "Before it can fly" in shown
    assert not TestFlight.objects.exists()


def test_a_paused_flight_shows_what_is_there_and_goes_on(scenario: Scenario, cy_client: Client) -> None:
    flight = work.begin(scenario=scenario, by=None)
    work.go_on(flight.pk, seconds=0)
    TestFlight.objects.filter(pk=flight.pk).update(state=TestFlight.State.PAUSED, problem="over_budget")
    assert cy_client.get(f"{ADMIN}/flights/{flight.pk}/progress/").json()["state"] == "done"
    assert "Stopped on the way" in cy_client.get(report_of(scenario)).content.decode()
    assert (
        "it may be published" in cy_client.post(report_of(scenario), {"action": "resume"}, follow=True).content.decode()
    )


def test_only_authors_see_it(scenario: Scenario) -> None:
    for person in ("ada", "bo"):
        client = signed_in(getattr(Cast.load(), person), StayingClient())
        assert client.get(report_of(scenario)).status_code in {302, 403, 404}


def test_the_page_asks_as_much_of_the_database_for_many_flights(
    scenario: Scenario, cy_client: Client, django_assert_max_num_queries: Any
) -> None:
    flown(scenario)
    cy_client.get(report_of(scenario))
    for _time in range(3):
        flown(scenario)
    with django_assert_max_num_queries(24):
        cy_client.get(report_of(scenario))
