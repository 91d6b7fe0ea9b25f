"""A rubric that scored calls is not changed over the API unseen: a preview comes first, or a reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.people.models import AuditEvent
from calls.models import Call
from scenarios.models import Rubric
from scoring.models import RubricImpact
from tests.cast import Cast

from .rubrics_in_use import API, calls, cy_client, demand_more, rubric, tried

__all__ = ["calls", "cy_client", "rubric"]  # fixtures


def publish(client: Client, rubric: Rubric, **body: str) -> Any:
    return client.post(f"{API}/{rubric.pk}/publish/", body, content_type="application/json")


def versions(rubric: Rubric) -> int:
    return rubric.versions.count()


def test_a_change_is_refused_until_it_was_tried(
    in_acme: Cast, cy_client: Client, rubric: Rubric, calls: list[Call]
) -> None:
    demand_more(rubric)
    refused = publish(cy_client, rubric)
    assert refused.status_code == 409
    [problem] = refused.json()["error"]["details"]["problems"]
    assert problem["code"] == "IMPACT_NOT_SEEN"
    assert refused.json()["error"]["details"]["report"].endswith(f"{rubric.pk}/impact/")
    assert versions(rubric) == 1
    tried(rubric, in_acme)
    assert publish(cy_client, rubric).status_code == 200
    assert versions(rubric) == 2


def test_a_preview_of_another_draft_does_not_count(
    in_acme: Cast, cy_client: Client, rubric: Rubric, calls: list[Call]
) -> None:
    tried(rubric, in_acme)
    demand_more(rubric)
    assert RubricImpact.objects.exists()
    assert publish(cy_client, rubric).status_code == 409


def test_whoever_does_without_it_says_why(cy_client: Client, rubric: Rubric, calls: list[Call]) -> None:
    demand_more(rubric)
    assert publish(cy_client, rubric, without_impact="").status_code == 400
    assert publish(cy_client, rubric, without_impact="Moved here from the old system.").status_code == 200
    assert versions(rubric) == 2
    written = AuditEvent.objects.get(action="rubric.published_unseen")
    assert written.data == {"reason": "Moved here from the old system."}


@pytest.mark.parametrize("change", [False, True], ids=["nothing changed", "no call was scored"])
def test_where_nobody_is_concerned_nothing_is_asked(
    request: pytest.FixtureRequest, cy_client: Client, rubric: Rubric, change: bool
) -> None:
    if change:
        demand_more(rubric)
    else:
        request.getfixturevalue("calls")
    assert publish(cy_client, rubric).status_code == 200
