"""What trainees may practise, and what they may know of it."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from scenarios import catalogue, publishing
from tenants.errors import NotFound
from tests.scenarios.factories import make_scenario

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture(autouse=True)
def _only_ours(in_acme: Any) -> None:
    """The presets that every organisation starts with would be listed too."""
    publishing.Scenario.objects.update(status="archived")


def test_only_published_scenarios_are_offered() -> None:
    make_scenario(title="Draft")
    archived = make_scenario(title="Archived")
    publishing.publish_scenario(scenario=archived)
    publishing.archive(item=archived)
    version = publishing.publish_scenario(scenario=make_scenario(title="Open"))
    (practice,) = catalogue.published()
    assert (practice.title, practice.version_id, practice.minutes) == ("Open", version.pk, 10)
    assert (practice.persona.name, practice.persona.company) == ("Dana Cole", "Northwind Freight")


def test_the_language_narrows_the_choice() -> None:
    publishing.publish_scenario(scenario=make_scenario(title="In English"))
    publishing.publish_scenario(scenario=make_scenario(title="En español", language="es"))
    assert [item.title for item in catalogue.published("es")] == ["En español"]
    assert len(catalogue.published()) == 2


def test_an_unpublished_change_of_language_changes_nothing_yet() -> None:
    scenario = make_scenario(title="In English")
    publishing.publish_scenario(scenario=scenario)
    publishing.Scenario.objects.filter(pk=scenario.pk).update(language="es")
    assert [item.title for item in catalogue.published("en")] == ["In English"]
    assert catalogue.published("es") == []


def test_hidden_pains_and_backstory_never_leave() -> None:
    version = publishing.publish_scenario(scenario=make_scenario())
    told = json.dumps(catalogue.get_published(version.scenario_id).to_json(), cls=DjangoJSONEncoder)
    for secret in ("late", "burnt", "defend every euro", "two hours"):
        assert secret not in told


@pytest.mark.parametrize("wrong", ["not-an-id", uuid4()])
def test_what_cannot_be_practised_is_not_found(wrong: Any) -> None:
    with pytest.raises(NotFound):
        catalogue.get_published(wrong)
    with pytest.raises(NotFound):
        catalogue.get_published(make_scenario().pk)


@pytest.mark.parametrize("count", [1, 6])
def test_the_catalogue_takes_one_query(count: int, django_assert_num_queries: Any) -> None:
    for number in range(count):
        publishing.publish_scenario(scenario=make_scenario(title=f"Scenario {number}"))
    with django_assert_num_queries(1):
        assert len(catalogue.published()) == count
