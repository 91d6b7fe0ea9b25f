"""What the linter says, by API and admin, and taking its proposals over."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from scenarios import publishing
from scenarios.models import Rubric
from tests.cast import Cast
from tests.scenarios.factories import make_rubric

pytestmark = pytest.mark.usefixtures("in_acme")


def address(rubric: Rubric) -> str:
    return f"/org/acme/api/v1/rubrics/{rubric.pk}/suggestions/"


def take(client: Client, rubric: Rubric, **body: Any) -> Any:
    return client.post(address(rubric), json.dumps(body), content_type="application/json")


@pytest.fixture
def rubric(in_acme: Cast) -> Rubric:
    """A feeling, two demands in one, and the rest as it should be."""
    rubric = make_rubric((50, 30, 20))
    first, second, third = rubric.criteria.all()
    rubric.criteria.filter(pk=first.pk).update(definition="The seller sounds confident.")
    rubric.criteria.filter(pk=second.pk).update(kind="binary", definition="Names the price and asks for the order.")
    rubric.criteria.filter(pk=third.pk).update(definition="Says the company's name in the first sentence.")
    return rubric


def test_suggestions_come_worst_first_with_a_better_wording(rubric: Rubric, cy_client: Client) -> None:
    body = cy_client.get(address(rubric)).json()
    assert body["can_be_published"] is False
    assert [(item["rule"], item["level"], item["criterion"]) for item in body["results"]] == [
        ("emotional", "error", "criterion-0"),
        ("compound", "warning", "criterion-1"),
    ]
    assert all(item["proposal"] and item["applicable"] for item in body["results"])


def test_a_proposal_is_taken_over_into_the_draft_only(rubric: Rubric, cy_client: Client) -> None:
    take(cy_client, rubric, rule="emotional", criterion="criterion-0")
    publishing.publish_rubric(rubric=rubric)
    answer = take(cy_client, rubric, rule="compound", criterion="criterion-1")
    assert answer.status_code == 200, answer.json()
    body = answer.json()
    assert body["has_unpublished_changes"] is True
    assert [part["text"] for part in body["criteria"][1]["parts"]] == ["Names the price.", "Asks for the order."]
    assert cy_client.get(address(rubric)).json() == {"can_be_published": True, "results": []}
    assert rubric.newest_published().content["criteria"][1]["kind"] == "binary"


def test_what_was_settled_meanwhile_is_not_taken_over(rubric: Rubric, cy_client: Client) -> None:
    rubric.criteria.filter(key="criterion-0").update(definition="Says the price in one sentence.")
    assert take(cy_client, rubric, rule="emotional", criterion="criterion-0").status_code == 409


def test_an_old_page_changes_nothing(rubric: Rubric, cy_client: Client) -> None:
    publishing.touch(item=rubric)
    answer = take(cy_client, rubric, rule="emotional", criterion="criterion-0", revision=1)
    assert answer.status_code == 412
    rubric.refresh_from_db()
    assert rubric.criteria.get(key="criterion-0").definition == "The seller sounds confident."


@pytest.mark.parametrize("body", [{"rule": "astrology"}, {}, {"rule": "weights", "colour": "red"}])
def test_bad_requests_are_refused(rubric: Rubric, cy_client: Client, body: dict[str, Any]) -> None:
    assert take(cy_client, rubric, **body).status_code == 400


def test_weights_are_brought_to_a_hundred(rubric: Rubric, cy_client: Client) -> None:
    rubric.criteria.filter(key="criterion-0").update(weight=30)
    assert take(cy_client, rubric, rule="weights").status_code == 200
    assert sum(rubric.criteria.values_list("weight", flat=True)) == 100


@pytest.mark.parametrize("who", ["ada_client", "bo_client"])
def test_only_authors_are_told(rubric: Rubric, who: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(who)
    assert client.get(address(rubric)).status_code == 403
    assert take(client, rubric, rule="emotional", criterion="criterion-0").status_code == 403


def test_the_admin_shows_them_and_takes_them_over(rubric: Rubric, cy_client: Client) -> None:
    base = f"/org/acme/admin/scenarios/rubric/{rubric.pk}"
    page = cy_client.get(f"{base}/preview/").content.decode()
    assert "would judge how somebody sounds or feels" in page
    assert "without “maybe”, “sort of” or “I guess”" in page
    body = {"rule": "emotional", "criterion": "criterion-0", "revision": rubric.revision}
    page = cy_client.post(f"{base}/rewrite/", body, follow=True).content.decode()
    assert "Taken over into the draft." in page
    assert "would judge how somebody sounds or feels" not in page
    page = cy_client.post(f"{base}/rewrite/", body, follow=True).content.decode()
    assert "Somebody else changed this in the meantime." in page
    assert cy_client.get(f"{base}/rewrite/").status_code == 405


def test_a_duplicate_is_merged(cy_client: Client) -> None:
    rubric = make_rubric((60, 40))
    rubric.criteria.update(definition="Asks open questions about the buyer's problems.")
    (found,) = cy_client.get(address(rubric)).json()["results"]
    assert (found["rule"], found["criterion"]) == ("duplicate", "criterion-1")
    assert take(cy_client, rubric, rule="duplicate", criterion="criterion-1").status_code == 200
    assert list(rubric.criteria.values_list("key", "weight")) == [("criterion-0", 100)]
