"""The preview and the re-scoring as pages of the admin and in the API."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from calls.models import Call
from scenarios import publishing
from scenarios.models import Rubric
from scoring.impact import preview, rescoring
from scoring.models import ImpactOutcome, Rescoring, RubricImpact
from tests.cast import Cast
from tests.conftest import signed_in
from tests.scenarios.conftest import StayingClient
from tests.scenarios.factories import make_scenario

from .rubrics_in_use import ADMIN, API, calls, cy_client, demand_more, rubric, spoken, tried

__all__ = ["calls", "cy_client", "rubric"]  # fixtures


def test_publishing_a_rubric_in_use_goes_through_the_preview(
    in_acme: Cast, rubric: Rubric, calls: list[Call], cy_client: Client
) -> None:
    weight = rubric.criteria.get(key="closing").weight
    demand_more(rubric)
    page = f"{ADMIN}/scenarios/rubric/{rubric.pk}"
    shown = cy_client.get(f"{page}/preview/").content.decode()
    assert f"{ADMIN}/rubrics/{rubric.pk}/impact/" in shown
    answer = cy_client.post(f"{page}/publish/")
    assert answer["Location"].endswith(f"/rubrics/{rubric.pk}/impact/")
    assert rubric.newest_published().number == 1
    impact = f"{ADMIN}/rubrics/{rubric.pk}/impact/"
    assert "You have not seen yet what it changes." in cy_client.get(impact).content.decode()
    result = cy_client.post(impact, {"last": "20"}, follow=True).content.decode()
    assert "Calls whose outcome changes" in result
    assert "You have not seen yet what it changes." not in result
    assert f"{weight} → 100" in result
    cy_client.post(f"{page}/publish/", {"impact_seen": rubric.revision})
    assert rubric.newest_published().number == 2
    after = cy_client.get(impact).content.decode()
    assert "This draft is published. Below is what was foretold of it" in after
    assert "This draft is published" not in result


def test_who_was_not_decided_before_is_not_called_passed(
    in_acme: Cast, rubric: Rubric, calls: list[Call], cy_client: Client
) -> None:
    demand_more(rubric)
    impact = tried(rubric, in_acme)
    assert impact.outcomes.update(before_passed=None, after_passed=False) == len(calls)
    page = cy_client.get(f"{ADMIN}/rubrics/{rubric.pk}/impact/").content.decode()
    assert re.search(rf"Fail now, did not before</dt>\s*<dd>{len(calls)}</dd>", page)
    assert "a person decides" in page


def test_publishing_says_when_calls_are_scored_by_it(
    in_acme: Cast, rubric: Rubric, calls: list[Call], cy_client: Client
) -> None:
    """A scenario pins a version of its rubric, so a rubric published by itself changes no call yet."""
    demand_more(rubric)
    page = cy_client.get(f"{ADMIN}/rubrics/{rubric.pk}/impact/").content.decode()
    assert "once the scenario itself is published again" in page


def test_a_draft_that_changed_since_is_shown_again(
    in_acme: Cast, rubric: Rubric, calls: list[Call], cy_client: Client
) -> None:
    demand_more(rubric)
    seen = rubric.revision
    publishing.touch(item=rubric)
    cy_client.post(f"{ADMIN}/scenarios/rubric/{rubric.pk}/publish/", {"impact_seen": seen})
    assert rubric.newest_published().number == 1


def test_a_scenario_does_not_take_a_rubric_in_use_along_unseen(
    in_acme: Cast, rubric: Rubric, calls: list[Call], cy_client: Client
) -> None:
    scenario = make_scenario(rubric=rubric)
    demand_more(rubric)
    answer = cy_client.post(f"{ADMIN}/scenarios/scenario/{scenario.pk}/publish/")
    assert answer["Location"].endswith(f"/rubrics/{rubric.pk}/impact/")
    assert (rubric.newest_published().number, scenario.newest_published()) == (1, None)
    publishing.publish_rubric(rubric=rubric)
    cy_client.post(f"{ADMIN}/scenarios/scenario/{scenario.pk}/publish/")
    assert scenario.newest_published().rubric_version == rubric.newest_published()


def test_many_at_once_leave_those_in_use(in_acme: Cast, rubric: Rubric, calls: list[Call], cy_client: Client) -> None:
    demand_more(rubric)
    body = {"action": "publish_selected", "_selected_action": [rubric.pk]}
    text = cy_client.post(f"{ADMIN}/scenarios/rubric/", body, follow=True).content.decode()
    assert "replaces a version in use" in text
    assert rubric.newest_published().number == 1


def test_past_calls_are_scored_again_from_the_page(
    in_acme: Cast, rubric: Rubric, calls: list[Call], cy_client: Client
) -> None:
    page = f"{ADMIN}/rubrics/{rubric.pk}/rescore/"
    assert "4 calls, by version 1" in cy_client.get(page).content.decode()
    refused = cy_client.post(page, {"reason": " ", "mode": "keep"})
    assert refused.status_code == 400
    assert "Say why the calls are scored again" in refused.content.decode()
    assert cy_client.post(page, {"reason": "x", "since": "soon"}).status_code == 400
    shown = cy_client.post(page, {"reason": "New playbook", "mode": "anew"}, follow=True).content.decode()
    assert "New playbook" in shown
    assert "Nobody&#x27;s outcome changes." in shown or "Nobody's outcome changes." in shown
    job = Rescoring.objects.get()
    assert (job.mode, job.done) == ("anew", 4)
    progress = cy_client.get(f"{ADMIN}/rescorings/{job.pk}/progress/").json()
    assert progress == {"state": "done", "done": 4, "total": 4, "percent": 100}
    assert "New playbook" in cy_client.get(page).content.decode()


def test_progress_is_shown_while_it_runs(in_acme: Cast, rubric: Rubric, calls: list[Call], cy_client: Client) -> None:
    impact = preview.begin(rubric=rubric, by=in_acme.cy)
    preview.go_on(impact.pk, seconds=0.0)
    text = cy_client.get(f"{ADMIN}/rubrics/{rubric.pk}/impact/").content.decode()
    assert f'data-job="{ADMIN}/impacts/{impact.pk}/progress/"' in text
    job = rescoring.begin(rubric=rubric, by=in_acme.cy, reason="x")
    assert "<progress" in cy_client.get(f"{ADMIN}/rescorings/{job.pk}/").content.decode()


def test_a_rubric_nobody_was_scored_by_and_one_that_is_not_ready(
    in_acme: Cast, rubric: Rubric, cy_client: Client
) -> None:
    page = f"{ADMIN}/rubrics/{rubric.pk}/impact/"
    assert "No call was scored by this rubric yet" in cy_client.get(page).content.decode()
    rubric.criteria.update(weight=1)
    assert "they must add up to 100" in cy_client.get(page).content.decode()
    draft = Rubric.objects.create(name="Draft")
    assert "Publish the rubric first" in cy_client.get(f"{ADMIN}/rubrics/{draft.pk}/rescore/").content.decode()


@pytest.mark.parametrize("who", ["ada", "bo"])
def test_only_authors_see_it(in_acme: Cast, rubric: Rubric, calls: list[Call], who: str) -> None:
    client = signed_in(getattr(in_acme, who), StayingClient())
    impact = tried(rubric, in_acme)
    job = rescoring.begin(rubric=rubric, by=in_acme.cy, reason="x")
    for page in (
        f"rubrics/{rubric.pk}/impact/",
        f"rubrics/{rubric.pk}/rescore/",
        f"impacts/{impact.pk}/progress/",
        f"rescorings/{job.pk}/",
        f"rescorings/{job.pk}/progress/",
    ):
        assert client.get(f"{ADMIN}/{page}", follow=True).status_code in {403, 404}, page
    assert client.post(f"{API}/{rubric.pk}/impact/", "{}", content_type="application/json").status_code == 403
    assert client.post(f"{API}/{rubric.pk}/rescore/", "{}", content_type="application/json").status_code == 403


@pytest.mark.parametrize("count", [2, 12])
def test_the_page_takes_the_same_queries_however_many_calls(
    in_acme: Cast, rubric: Rubric, calls: list[Call], cy_client: Client, count: int, django_assert_max_num_queries: Any
) -> None:
    impact = tried(rubric, in_acme)
    version = rubric.newest_published()
    more = [spoken(in_acme, version, "bad", score=False) for _number in range(count)]
    ImpactOutcome.objects.bulk_create(
        ImpactOutcome(
            impact=impact,
            call=call,
            before_score=80,
            before_passed=True,
            after_score=40,
            after_passed=False,
            finished_at=impact.finished_at,
        )
        for call in more
    )
    cy_client.get(f"{ADMIN}/rubrics/{rubric.pk}/impact/")
    with django_assert_max_num_queries(24):
        text = cy_client.get(f"{ADMIN}/rubrics/{rubric.pk}/impact/").content.decode()
    assert text.count("80 → 40") == count


# -- API -----------------------------------------------------------------------------------------------------------------


def post(client: Client, path: str, body: Any, **headers: str) -> Any:
    return client.post(path, json.dumps(body), content_type="application/json", headers=headers)


def test_the_api_starts_it_and_tells_what_was_found(
    in_acme: Cast, rubric: Rubric, calls: list[Call], cy_client: Client
) -> None:
    demand_more(rubric)
    begun = post(cy_client, f"{API}/{rubric.pk}/impact/", {"last": 10}, **{"idempotency-key": "k"})
    assert begun.status_code == 202, begun.json()
    again = post(cy_client, f"{API}/{rubric.pk}/impact/", {"last": 10}, **{"idempotency-key": "k"})
    assert again.json()["id"] == begun.json()["id"]
    body = cy_client.get(f"{API}/{rubric.pk}/impact/{begun.json()['id']}/").json()
    assert (body["status"], body["progress"], body["total"], body["is_current"]) == ("done", 100, 4, True)
    flips = preview.flipped(RubricImpact.objects.get().outcomes)
    assert [flip["call_id"] for flip in body["result"]["flips"]] == [str(row.call_id) for row in flips]
    assert cy_client.get(f"{API}/{Rubric.objects.create(name='x').pk}/impact/{body['id']}/").status_code == 404


def test_the_api_scores_past_calls_again(in_acme: Cast, rubric: Rubric, calls: list[Call], cy_client: Client) -> None:
    assert post(cy_client, f"{API}/{rubric.pk}/rescore/", {}).status_code == 400
    begun = post(cy_client, f"{API}/{rubric.pk}/rescore/", {"reason": "New.", "mode": "keep", "last": 2})
    assert begun.status_code == 202, begun.json()
    body = cy_client.get(f"{API}/{rubric.pk}/rescore/{begun.json()['id']}/").json()
    assert (body["status"], body["total"], body["reason"]) == ("done", 2, "New.")
    assert body["rubric_version_id"] == str(rubric.newest_published().pk)
    draft = Rubric.objects.create(name="Draft")
    assert post(cy_client, f"{API}/{draft.pk}/rescore/", {"reason": "x"}).status_code == 409
