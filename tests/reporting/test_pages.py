"""Home, history and the team's pages: what each role sees, what is said when there is nothing, queries that do not grow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from accounts.people.models import Team, TeamMembership
from calls.models import Call
from scenarios.models import Scenario, Status
from tests.cast import Cast
from tests.factories import (
    make_call,
    make_rubric_version,
    make_run,
    make_scenario_version,
    make_score,
    make_scored_call,
)

HOME, HISTORY, TEAM = "/org/acme/", "/org/acme/history/", "/org/acme/team/"


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def in_acme_schema(cast: Cast) -> Any:
    return schema_context(cast.acme.schema_name)


@pytest.fixture(autouse=True)
def _only_what_a_test_publishes(cast: Cast) -> None:
    """Every organisation is opened with presets; here each test brings the scenarios that it speaks of."""
    with in_acme_schema(cast):
        Scenario.objects.update(status=Status.ARCHIVED)


# -- home -------------------------------------------------------------------------------------------------------------


def test_home_without_a_scenario_says_what_is_missing(cast: Cast, ada_client: Client, cy_client: Client) -> None:
    assert "Nothing to practise yet" in text_of(ada_client, HOME)
    assert "Publish a scenario" in text_of(cy_client, HOME)


def test_home_before_the_first_call_leads_to_an_easy_one(cast: Cast, ada_client: Client) -> None:
    with in_acme_schema(cast):
        make_scenario_version(title="A hard nut", difficulty="hard")
        easy = make_scenario_version(title="A friendly first call", difficulty="easy")
        make_scenario_version(title="Una llamada fácil", difficulty="easy", language="es")
    page = text_of(ada_client, HOME)
    assert "A friendly first call" in page
    assert "Start your first call" in page
    assert f"/org/acme/practice/{easy.scenario_id}/" in page
    assert "How a practice call goes" in page


def test_home_suggests_what_trains_the_weakest_criterion(cast: Cast, ada_client: Client) -> None:
    with in_acme_schema(cast):
        rubric = make_rubric_version()
        make_scenario_version(title="Cold start", mode="cold_call", rubric_version=rubric)
        make_scenario_version(title="Ask before you pitch", mode="discovery", rubric_version=rubric)
        done = make_scenario_version(title="Wall of objections", mode="objection_gauntlet", rubric_version=rubric)
        make_scored_call(trainee=cast.ada, scenario_version=done, scores={"discovery": 41})
    page = text_of(ada_client, HOME)
    assert "Your weakest point in your debrief was “Discovery” (41 of 100)" in page
    next_step = page[page.index('id="next-step"') : page.index("<dl")]
    assert "Ask before you pitch" in next_step
    assert "Wall of objections" in page  # among the last calls


def test_home_offers_something_else_after_two_tries(cast: Cast, ada_client: Client) -> None:
    with in_acme_schema(cast):
        rubric = make_rubric_version((("discovery", "Discovery", 100),))
        first = make_scenario_version(title="First situation", rubric_version=rubric)
        make_scenario_version(title="Second situation", rubric_version=rubric)
        for _attempt in range(2):
            make_scored_call(trainee=cast.ada, scenario_version=first, scores={"discovery": 41})
    page = text_of(ada_client, HOME)
    assert "Second situation" in page[page.index('id="next-step"') : page.index("<dl")]


def test_home_names_a_weakness_only_if_it_can_be_trained(cast: Cast, ada_client: Client) -> None:
    with in_acme_schema(cast):
        gone = make_scenario_version(rubric_version=make_rubric_version((("rapport", "Rapport", 100),)))
        make_scored_call(trainee=cast.ada, scenario_version=gone, scores={"rapport": 5})
        gone.scenario.status = "archived"
        gone.scenario.save()
        make_scenario_version(title="What there is")
    page = text_of(ada_client, HOME)
    next_step = page[page.index('id="next-step"') : page.index("<dl")]
    assert "What there is" in next_step
    assert "Rapport" not in next_step


def test_home_takes_up_an_open_call_first(cast: Cast, ada_client: Client) -> None:
    with in_acme_schema(cast):
        call = make_call(trainee=cast.ada, status=Call.Status.IN_PROGRESS)
    page = text_of(ada_client, HOME)
    assert "Back to the call" in page
    assert f'href="/org/acme/calls/{call.pk}/"' in page


def test_home_shows_ones_own_calls_only(cast: Cast, ada_client: Client) -> None:
    with in_acme_schema(cast):
        make_scored_call(trainee=cast.ada, title="Mine")
        make_scored_call(trainee=cast.val, title="Somebody else's")
    page = text_of(ada_client, HOME)
    assert "Mine" in page
    assert "Somebody else" not in page


@pytest.mark.parametrize("path", [HOME, HISTORY])
def test_stranger_sees_nothing(cast: Cast, gil_client: Client, path: str) -> None:
    assert gil_client.get(path).status_code == 404
    assert Client().get(path).status_code == 302


def test_pages_have_one_title_and_one_main_region(cast: Cast, bo_client: Client) -> None:
    with in_acme_schema(cast):
        make_scored_call(trainee=cast.bo)
    for path in (HOME, HISTORY, TEAM, f"{TEAM}{cast.ada.pk}/"):
        page = text_of(bo_client, path)
        assert page.count("<h1") == page.count("<main") == 1, path
        assert "<title>" in page


def test_pages_speak_spanish(cast: Cast, ada_client: Client) -> None:
    cast.ada.language = "es"
    cast.ada.save()
    with in_acme_schema(cast):
        make_scored_call(trainee=cast.ada)
    for path in (HOME, HISTORY):
        response = ada_client.get(path)
        assert response.headers["Content-Language"] == "es"
        assert '<html lang="es"' in response.content.decode()


# -- history ----------------------------------------------------------------------------------------------------------


def test_history_is_empty_and_says_what_to_do(cast: Cast, ada_client: Client) -> None:
    page = text_of(ada_client, HISTORY)
    assert "No calls yet" in page
    assert 'href="/org/acme/practice/"' in page
    assert "data-filter" not in page


def test_history_shows_every_outcome_in_words(cast: Cast, ada_client: Client) -> None:
    with in_acme_schema(cast):
        make_scored_call(trainee=cast.ada, scores={"opening": 95})
        make_score(make_call(trainee=cast.ada), state="pending")
        make_score(make_call(trainee=cast.ada), state="not_gradable")
        make_call(trainee=cast.ada, status=Call.Status.FAILED)
        make_scored_call(trainee=cast.ada, voided_at=timezone.now())
        make_call(trainee=cast.ada, status=Call.Status.IN_PROGRESS)
        make_call(trainee=cast.ada, status=Call.Status.PENDING, title="Never begun")
    page = text_of(ada_client, HISTORY)
    for words in ("Good", "being scored", "too short to score", "broken off", "does not count", "still open"):
        assert words in page, words
    assert "Never begun" not in page


def test_history_calls_nobody_ready_who_failed_what_must_not_fail(cast: Cast, ada_client: Client) -> None:
    scores = dict.fromkeys(("opening", "discovery", "objection", "closing"), 95)
    with in_acme_schema(cast):
        call = make_call(trainee=cast.ada)
        make_score(call, deep=make_run(call, scores=scores, passed=False))
    page = text_of(ada_client, HISTORY)
    assert '<span class="band band-low">not passed</span>' in page
    assert "band-high" not in page


def test_history_filters(cast: Cast, ada_client: Client) -> None:
    with in_acme_schema(cast):
        old = make_scenario_version(title="Last winter's call")
        make_scored_call(
            trainee=cast.ada,
            scenario_version=old,
            scores=dict.fromkeys(("opening", "discovery", "objection", "communication", "closing"), 95),
            ended_at=timezone.now() - timedelta(days=60),
        )
        new = make_scenario_version(title="Call of today", mode="cold_call")
        make_scored_call(trainee=cast.ada, scenario_version=new)
    month_ago = (timezone.now() - timedelta(days=30)).date()

    def titles(query: str) -> tuple[bool, bool]:
        listed = text_of(ada_client, f"{HISTORY}?{query}").partition("divide-y")[2]
        return "Last winter" in listed, "Call of today" in listed

    assert titles("") == (True, True)
    assert titles(f"scenario={new.scenario_id}") == (False, True)
    assert titles("band=exceptional") == (True, False)
    assert titles("mode=cold_call") == (False, True)
    assert titles(f"since={month_ago}") == (False, True)
    assert titles(f"until={month_ago}") == (True, False)
    page = text_of(ada_client, f"{HISTORY}?band=fundamental")
    assert "No call matches" in page


def test_history_filters_by_state_language_and_assignment(cast: Cast, ada_client: Client) -> None:
    with in_acme_schema(cast):
        spanish = make_scenario_version(title="En espanol", language="es")
        make_scored_call(trainee=cast.ada, scenario_version=spanish)
        make_scored_call(trainee=cast.ada, title="Void one", voided_at=timezone.now())
        make_scored_call(trainee=cast.ada, title="Private one", private=True)
        make_scored_call(trainee=cast.ada, title="Redo", forked_at_seq=2)
        make_call(trainee=cast.ada, title="Open one", status=Call.Status.IN_PROGRESS)

    def titles(query: str) -> set[str]:
        listed = text_of(ada_client, f"{HISTORY}?{query}").partition("divide-y")[2]
        known = ("En espanol", "Void one", "Private one", "Redo", "Open one")
        return {title for title in known if f">{title}<" in listed}

    assert titles("language=es") == {"En espanol"}
    assert titles("state=counts") == {"En espanol"}
    assert titles("state=void") == {"Void one"}
    assert titles("state=private") == {"Private one"}
    assert titles("state=redo") == {"Redo"}
    assert titles("state=open") == {"Open one"}
    # Nothing was assigned, so there is nothing to choose.
    assert 'name="assignment"' not in text_of(ada_client, HISTORY)


def test_history_tells_what_it_cannot_read(cast: Cast, ada_client: Client) -> None:
    with in_acme_schema(cast):
        make_scored_call(trainee=cast.ada, title="Still listed")
    page = text_of(ada_client, f"{HISTORY}?since=yesterday&page=none")
    assert "Enter a valid date." in page
    assert "Still listed" in page


def test_history_offers_only_scenarios_that_were_practised(cast: Cast, ada_client: Client) -> None:
    with in_acme_schema(cast):
        make_scored_call(trainee=cast.ada)
        make_scenario_version(title="Never tried")
        make_scored_call(trainee=cast.val, scenario_version=make_scenario_version(title="Tried by Val"))
    page = text_of(ada_client, HISTORY)
    assert "Never tried" not in page
    assert "Tried by Val" not in page


def test_history_has_pages_that_keep_the_filter(cast: Cast, ada_client: Client) -> None:
    with in_acme_schema(cast):
        version = make_scenario_version()
        for _number in range(21):
            make_call(trainee=cast.ada, scenario_version=version)
    page = text_of(ada_client, f"{HISTORY}?mode=discovery")
    assert "Page 1 of 2" in page
    assert "?mode=discovery&amp;page=2" in page
    assert text_of(ada_client, f"{HISTORY}?mode=discovery&page=2").count('class="call-row"') == 1


# -- team -------------------------------------------------------------------------------------------------------------


def test_trainee_has_no_team_page(cast: Cast, ada_client: Client) -> None:
    assert ada_client.get(TEAM).status_code == 404
    assert ada_client.get(f"{TEAM}{cast.val.pk}/").status_code == 404
    assert ada_client.get(f"{TEAM}{cast.ada.pk}/").status_code == 404


def test_manager_sees_own_teams_only(cast: Cast, bo_client: Client) -> None:
    with in_acme_schema(cast):
        make_scored_call(trainee=cast.ada, scores={"closing": 22})
        make_scored_call(trainee=cast.val)
    page = text_of(bo_client, TEAM)
    assert ">Ada<" in page
    assert "Closing" in page
    assert ">Val<" not in page
    assert bo_client.get(f"{TEAM}{cast.ada.pk}/").status_code == 200
    assert bo_client.get(f"{TEAM}{cast.val.pk}/").status_code == 404
    assert bo_client.get(f"{TEAM}{cast.gil.pk}/").status_code == 404


def test_admin_sees_everyone_of_the_organisation(cast: Cast, cy_client: Client) -> None:
    page = text_of(cy_client, TEAM)
    for name in ("Ada", "Bo", "Cy", "Dee", "Val"):
        assert f">{name}<" in page
    assert ">Gil<" not in page
    assert cy_client.get(f"{TEAM}{cast.val.pk}/").status_code == 200
    assert cy_client.get(f"{TEAM}{cast.gil.pk}/").status_code == 404


def test_manager_without_a_team_is_told_so(cast: Cast, bo_client: Client) -> None:
    with in_acme_schema(cast):
        TeamMembership.objects.filter(user=cast.bo).delete()
    page = text_of(bo_client, TEAM)
    assert ">Ada<" not in page


def test_team_is_sorted_and_narrowed(cast: Cast, cy_client: Client) -> None:
    with in_acme_schema(cast):
        keys = ("opening", "discovery", "objection", "communication", "closing")
        make_scored_call(trainee=cast.ada, scores=dict.fromkeys(keys, 90))
        make_scored_call(trainee=cast.val, scores=dict.fromkeys(keys, 30))
        north = Team.objects.get(name="North")

    def names(query: str) -> list[str]:
        page = text_of(cy_client, f"{TEAM}?{query}")
        body = page.partition("<tbody>")[2]
        found = [name for name in ("Ada", "Bo", "Cy", "Dee", "Val") if f">{name}<" in body]
        return sorted(found, key=lambda name: body.index(f">{name}<"))

    assert names("") == ["Ada", "Bo", "Cy", "Dee", "Val"]
    assert names("sort=average")[:2] == ["Val", "Ada"]
    assert names("sort=calls")[-2:] == ["Ada", "Val"]
    assert names("sort=last")[:3] == ["Bo", "Cy", "Dee"]
    assert names("sort=password") == ["Ada", "Bo", "Cy", "Dee", "Val"]
    assert names(f"team={north.pk}") == ["Ada", "Bo"]


def test_person_page_shows_numbers_and_calls(cast: Cast, bo_client: Client) -> None:
    with in_acme_schema(cast):
        call = make_scored_call(trainee=cast.ada, title="Ada's call")
    page = text_of(bo_client, f"{TEAM}{cast.ada.pk}/")
    assert "Ada&#x27;s call" in page
    assert f'href="/org/acme/calls/{call.pk}/debrief/"' in page


# -- queries ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "queries"), [(HOME, 0), (HISTORY, 0), (TEAM, 0)])
def test_queries_do_not_grow_with_rows(
    cast: Cast, bo_client: Client, path: str, queries: int, django_assert_max_num_queries: Any
) -> None:
    def count() -> int:
        with django_assert_max_num_queries(100) as seen:
            text_of(bo_client, path)
        return len(seen)

    def add(number: int) -> None:
        with in_acme_schema(cast):
            for _number in range(number):
                make_scored_call(trainee=cast.bo)
                make_scored_call(trainee=cast.ada)

    add(1)
    text_of(bo_client, path)  # sessions and caches are warm from here on
    few = count()
    add(8)
    assert count() == few
