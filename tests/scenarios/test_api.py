"""REST of authored content: authors write, trainees read what is published and no more."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from scenarios import publishing
from scenarios.models import Persona, Rubric, Scenario, Status
from tests.cast import Cast
from tests.scenarios.conftest import StayingClient
from tests.scenarios.factories import make_persona, make_rubric, make_scenario

API = "/org/acme/api/v1"
PERSONA: dict[str, Any] = {
    "name": "Ines Vidal",
    "role": "IT director",
    "company": "Faro",
    "industry": "Retail",
    "personality": "technical",
    "difficulty": "hard",
    "backstory": "Ines migrated two shops last year.",
    "facts": {"shops": "We have twelve shops."},
    "objections": [
        {
            "kind": "features",
            "text": "How do you handle offline tills?",
            "concern": "A till that stops costs a day's sales.",
            "resolve_hints": ["Tills keep working and sync later."],
        }
    ],
    "hidden_pains": [
        {
            "pain": "Stock counts differ",
            "reveal_hints": ["How do you count stock?"],
            "reveal_text": "Honestly, we guess.",
            "weight": 3,
        }
    ],
}


def post(client: Client, path: str, body: Any, **headers: str) -> Any:
    return client.post(f"{API}{path}", json.dumps(body), content_type="application/json", headers=headers)


def patch(client: Client, path: str, body: Any, **headers: str) -> Any:
    return client.patch(f"{API}{path}", json.dumps(body), content_type="application/json", headers=headers)


@pytest.fixture
def scenario(in_acme: Cast) -> Scenario:
    Scenario.objects.update(status=Status.ARCHIVED)
    Persona.objects.update(status=Status.ARCHIVED)
    Rubric.objects.update(status=Status.ARCHIVED)
    scenario = make_scenario()
    publishing.publish_scenario(scenario=scenario)
    return scenario


def test_an_author_creates_a_persona_as_a_draft(in_acme: Cast, cy_client: Client) -> None:
    answer = post(cy_client, "/personas/", PERSONA)
    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert (body["status"], body["published_version"], body["revision"]) == ("draft", None, 1)
    assert body["objections"][0]["key"] == "how-do-you-handle-offline"
    assert body["objections"][0]["required"] == 1
    assert body["hidden_pains"][0]["weight"] == 3
    assert Persona.objects.get(pk=body["id"]).hidden_pains.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"personality": "moody"}, "personality"),
        ({"difficulty": "nightmare"}, "difficulty"),
        ({"difficulti": "hard"}, "difficulti"),
        ({"facts": ["twelve shops"]}, "facts"),
        ({"facts": {"a": {"b": "c"}}}, "facts.a"),
        ({"gender": "x"}, "gender"),
        ({"objections": "none"}, "objections.non_field_errors"),
        ({"objections": [{"kind": "price"}]}, "objections[0].text"),
        ({"objections": [{**PERSONA["objections"][0], "kind": "weather"}]}, "objections[0].kind"),
        ({"objections": [{**PERSONA["objections"][0], "required": 9}]}, "objections[0].required"),
        ({"objections": [{**PERSONA["objections"][0], "key": "a"}] * 2}, "objections"),
        ({"hidden_pains": [{**PERSONA["hidden_pains"][0], "weight": "heavy"}]}, "hidden_pains[0].weight"),
        ({"backstory": "<script>alert(1)</script>"}, "backstory"),
        ({"name": "x" * 81}, "name"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_saved(
    in_acme: Cast, cy_client: Client, change: dict[str, Any], field: str
) -> None:
    before = Persona.objects.count()
    answer = post(cy_client, "/personas/", {**PERSONA, **change})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["details"]["field"]) == ("VALIDATION_ERROR", field)
    assert Persona.objects.count() == before


def test_the_same_key_creates_once(in_acme: Cast, cy_client: Client) -> None:
    first = post(cy_client, "/personas/", PERSONA, **{"idempotency-key": "one"})
    second = post(cy_client, "/personas/", PERSONA, **{"idempotency-key": "one"})
    assert first.json()["id"] == second.json()["id"]
    assert Persona.objects.filter(name="Ines Vidal").count() == 1


def test_a_patch_changes_what_it_names_and_replaces_lists(in_acme: Cast, cy_client: Client) -> None:
    persona = make_persona()
    pains = [{"pain": "Churn", "reveal_hints": ["Who left?"], "reveal_text": "Two left."}]
    answer = patch(cy_client, f"/personas/{persona.pk}/", {"company": "Southwind", "hidden_pains": pains})
    assert answer.status_code == 200, answer.json()
    body = answer.json()
    assert (body["company"], body["name"], body["revision"]) == ("Southwind", "Dana Cole", 2)
    assert [pain["pain"] for pain in body["hidden_pains"]] == ["Churn"]
    assert [objection["key"] for objection in body["objections"]] == ["price"]


def test_a_stale_patch_is_refused(in_acme: Cast, cy_client: Client) -> None:
    persona = make_persona()
    tag = cy_client.get(f"{API}/personas/{persona.pk}/")["ETag"]
    assert patch(cy_client, f"/personas/{persona.pk}/", {"company": "A"}, **{"if-match": tag}).status_code == 200
    stale = patch(cy_client, f"/personas/{persona.pk}/", {"company": "B"}, **{"if-match": tag})
    assert (stale.status_code, stale.json()["error"]["code"]) == (412, "PRECONDITION_FAILED")
    persona.refresh_from_db()
    assert persona.company == "A"


def test_an_unchanged_read_costs_no_body(in_acme: Cast, cy_client: Client) -> None:
    path = f"{API}/personas/{make_persona().pk}/"
    tag = cy_client.get(path)["ETag"]
    assert cy_client.get(path, headers={"if-none-match": tag}).status_code == 304


def test_publishing_over_the_api(in_acme: Cast, cy_client: Client) -> None:
    scenario = make_scenario()
    body = post(cy_client, f"/scenarios/{scenario.pk}/publish/", {}).json()
    assert (body["status"], body["published_version"]["number"]) == ("published", 1)
    assert not body["has_unpublished_changes"]
    patched = patch(cy_client, f"/scenarios/{scenario.pk}/", {"title": "Another title"}).json()
    assert patched["has_unpublished_changes"]


def test_publishing_says_every_reason_why_not(in_acme: Cast, cy_client: Client) -> None:
    persona = make_persona(backstory="")
    persona.objections.all().delete()
    scenario = make_scenario(persona=persona, rubric=make_rubric((50,)))
    answer = post(cy_client, f"/scenarios/{scenario.pk}/publish/", {})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == "NOT_READY"
    assert set(error["details"]["fields"]) == {"persona.backstory", "persona.objections", "rubric.criteria"}


def test_deleting_archives_what_was_used(scenario: Scenario, cy_client: Client) -> None:
    draft = make_persona()
    assert cy_client.delete(f"{API}/personas/{draft.pk}/").status_code == 204
    assert not Persona.objects.filter(pk=draft.pk).exists()
    in_use = cy_client.delete(f"{API}/personas/{scenario.persona_id}/")
    assert (in_use.status_code, in_use.json()["error"]["code"]) == (409, "CONFLICT")
    assert cy_client.delete(f"{API}/scenarios/{scenario.pk}/").status_code == 204
    scenario.refresh_from_db()
    assert scenario.status == Status.ARCHIVED


def test_a_scenario_names_its_persona_and_rubric(in_acme: Cast, cy_client: Client) -> None:
    body = {
        "title": "T",
        "mode": "discovery",
        "trainee_brief": "B",
        "goal": "G",
        "persona_id": str(make_persona().pk),
        "rubric_id": str(make_rubric().pk),
    }
    assert post(cy_client, "/scenarios/", body).status_code == 201
    for field in ("persona_id", "rubric_id"):
        answer = post(cy_client, "/scenarios/", {**body, field: str(uuid4())})
        assert answer.json()["error"]["details"]["field"] == field


def test_a_trainee_reads_the_catalogue_and_nothing_hidden(scenario: Scenario, ada_client: Client) -> None:
    make_scenario(title="A draft")
    for kind, count in (("scenarios", 1), ("personas", 1), ("rubrics", 1)):
        answer = ada_client.get(f"{API}/{kind}/")
        assert answer.status_code == 200
        assert len(answer.json()["results"]) == count
        one = ada_client.get(f"{API}/{kind}/{answer.json()['results'][0]['id']}/")
        assert one.status_code == 200
        for text in (answer.content.decode(), one.content.decode()):
            for secret in ("late", "burnt", "defend", "two hours", "resolve", "backstory", "signals"):
                assert secret not in text
    assert ada_client.get(f"{API}/personas/{make_persona().pk}/").status_code == 404


@pytest.mark.parametrize("kind", ["personas", "rubrics", "scenarios"])
def test_a_trainee_writes_nothing(scenario: Scenario, ada_client: Client, kind: str) -> None:
    pk = {"personas": scenario.persona_id, "rubrics": scenario.rubric_id, "scenarios": scenario.pk}[kind]
    assert post(ada_client, f"/{kind}/", {}).status_code == 403
    assert patch(ada_client, f"/{kind}/{pk}/", {}).status_code == 403
    assert ada_client.delete(f"{API}/{kind}/{pk}/").status_code == 403
    assert post(ada_client, f"/{kind}/{pk}/publish/", {}).status_code == 403


@pytest.mark.parametrize("kind", ["personas", "rubrics", "scenarios"])
def test_a_stranger_and_a_visitor_see_nothing(scenario: Scenario, gil_client: Client, kind: str) -> None:
    assert gil_client.get(f"{API}/{kind}/").status_code == 404
    assert StayingClient().get(f"{API}/{kind}/").status_code == 401


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("language=es", {"Inés"}),
        ("difficulty=hard", {"Inés"}),
        ("q=north", {"Dana Cole"}),
        ("status=archived", set()),
        ("personality=busy", set()),
    ],
)
def test_lists_are_filtered(scenario: Scenario, cy_client: Client, query: str, names: set[str]) -> None:
    Persona.objects.filter(status=Status.ARCHIVED).update(status=Status.DRAFT, company="-", difficulty="easy")
    Persona.objects.filter(company="-").update(language="en", personality="friendly")
    make_persona(name="Inés", language="es", difficulty="hard", company="Faro")
    results = cy_client.get(f"{API}/personas/?{query}").json()["results"]
    assert {item["name"] for item in results} == names


def test_an_unknown_filter_value_is_refused(in_acme: Cast, cy_client: Client) -> None:
    answer = cy_client.get(f"{API}/personas/?difficulty=absurd")
    assert answer.json()["error"]["details"]["field"] == "difficulty"


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("kind", ["personas", "rubrics", "scenarios"])
def test_lists_take_the_same_queries_however_long(
    scenario: Scenario, cy_client: Client, ada_client: Client, kind: str, count: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(count):
        publishing.publish_scenario(scenario=make_scenario())
    for client in (cy_client, ada_client):
        with django_assert_max_num_queries(
            10
        ):  # search path twice, organisation, session, user, membership, rows, two children, versions
            assert len(client.get(f"{API}/{kind}/?status=published").json()["results"]) == count + 1
