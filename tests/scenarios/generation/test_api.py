"""`personas/generate/` and its kin: drafts only, fields named where something is wrong, 502 where nobody may stand in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from scenarios.generation import services
from scenarios.generation.models import Generation
from scenarios.models import Persona, PersonaVersion, Scenario
from tests.cast import Cast
from tests.scenarios.factories import make_persona

pytestmark = pytest.mark.django_db

API = "/org/acme/api/v1"
PROFILE = {"industry": "Freight", "role": "Operations manager", "personality": "busy", "difficulty": "easy"}
BUSINESS = {
    "company": "Lumenroute",
    "sells": "route planning for van fleets",
    "audience": "regional freight companies",
    "price": "18 euros per van and month",
    "competitors": ["TrackMaster"],
    "objections": ["Your software is far too expensive for us."],
    "proof_points": ["Kessler Haulage cut late deliveries by 40 percent."],
}
PLAYBOOK = Path(__file__).parent / "playbooks" / "routewise.md"


def post(client: Client, path: str, body: Any, **headers: str) -> Any:
    return client.post(f"{API}/{path}", json.dumps(body), content_type="application/json", headers=headers)


def test_a_few_words_give_a_draft(bo_client: Client, cy_client: Client, in_acme: Cast) -> None:
    before = PersonaVersion.objects.count()
    answer = post(cy_client, "personas/generate/", PROFILE)
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert body["status"] == "draft"
    assert (body["role"], body["industry"], body["personality"]) == ("Operations manager", "Freight", "busy")
    assert len(body["objections"]) == 2
    assert body["hidden_pains"]
    assert body["generation"]["by_templates"] is True
    assert Persona.objects.get(pk=body["id"]).status == "draft"
    assert PersonaVersion.objects.count() == before


def test_the_business_form_gives_a_buyer_for_it(cy_client: Client, in_acme: Cast) -> None:
    body = {"business": BUSINESS, "branding": {"tone": "Plain words.", "banned_words": ["cheap"]}}
    answer = post(cy_client, "personas/generate/", body)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["competitor"] == "TrackMaster"
    assert made["objections"][0]["text"] == "Your software is far too expensive for us."
    cited = {one["field"]: one["passage"] for one in made["generation"]["sources"]}
    assert cited["objections[0].text"] == 0
    scenario = post(cy_client, "scenarios/generate/", {**body, "mode": "discovery"})
    assert scenario.status_code == 201, scenario.content
    assert scenario.json()["status"] == "draft"
    assert "18 euros per van and month" in scenario.json()["trainee_brief"]
    assert scenario.json()["persona"]["status"] == "draft"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"personality": "grumpy"}, "personality"),
        ({"difficulty": "brutal"}, "difficulty"),
        ({"language": "fr"}, "language"),
        ({"industry": ""}, "industry"),
        ({"role": "<script>alert(1)</script>"}, "role"),
        ({"colour": "red"}, "colour"),
        ({"seed": -1}, "seed"),
        ({"wait": "perhaps"}, "wait"),
    ],
    ids=["personality", "difficulty", "language", "empty", "markup", "unknown", "seed", "wait"],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(
    change: dict[str, Any], field: str, cy_client: Client, in_acme: Cast
) -> None:
    before = Persona.objects.count()
    answer = post(cy_client, "personas/generate/", {**PROFILE, **change})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["details"]["field"]) == ("VALIDATION_ERROR", field)
    assert Persona.objects.count() == before
    assert not Generation.objects.exists()


def test_nobody_may_stand_in_for_a_model_that_is_not_there(cy_client: Client, in_acme: Cast) -> None:
    answer = post(cy_client, "personas/generate/", {**PROFILE, "allow_embedded": False})
    assert answer.status_code == 502
    assert answer.json()["error"]["code"] == "EXTERNAL_SERVICE_ERROR"
    assert Generation.objects.get().state == "failed"


def test_a_playbook_becomes_a_job_with_three_drafts(cy_client: Client, in_acme: Cast) -> None:
    file = SimpleUploadedFile("routewise.md", PLAYBOOK.read_bytes(), content_type="text/markdown")
    answer = cy_client.post(f"{API}/scenarios/generate/", {"file": file, "personality": "busy", "branching": "true"})
    assert answer.status_code == 202, answer.content
    detail = cy_client.get(f"{API}/generations/{answer.json()['id']}/").json()
    assert (detail["state"], detail["progress"]) == ("done", 100)
    assert detail["persona_id"]
    assert detail["rubric_id"]
    assert detail["gatekeeper_id"]
    assert any("give every trainee 100 points" in text for text in detail["remarks"])
    assert not [note for note in detail["notes"] if note["level"] == "error"]
    quotes = {one["field"]: one["quote"] for one in detail["sources"]}
    assert "too expensive for our margins" in quotes["objections[0].text"]
    assert Scenario.objects.get(pk=detail["scenario_id"]).graph["nodes"]


def test_who_does_not_author_gets_nothing(ada_client: Client, bo_client: Client, in_acme: Cast) -> None:
    for client in (ada_client, bo_client):
        assert post(client, "personas/generate/", PROFILE).status_code == 403
        assert client.get(f"{API}/generations/").status_code == 403


def test_the_same_key_makes_one_draft(cy_client: Client, in_acme: Cast) -> None:
    before = Persona.objects.count()
    first = post(cy_client, "personas/generate/", PROFILE, **{"Idempotency-Key": "once"})
    second = post(cy_client, "personas/generate/", PROFILE, **{"Idempotency-Key": "once"})
    assert first.json()["id"] == second.json()["id"]
    assert Persona.objects.count() == before + 1


def test_changes_are_proposed_and_taken_over_one_by_one(cy_client: Client, in_acme: Cast) -> None:
    persona = make_persona(industry="Freight")
    answer = post(cy_client, "personas/generate/", {**PROFILE, "replaces_id": str(persona.pk)})
    assert answer.status_code == 201, answer.content
    job = answer.json()["generation"]
    persona.refresh_from_db()
    assert (persona.name, persona.revision) == ("Dana Cole", 1)
    fields = {one["field"] for one in job["changes"]}
    assert {"backstory", "name"} <= fields
    taken = post(cy_client, f"generations/{job['id']}/accept/", {"fields": ["backstory"], "revision": 1})
    assert taken.status_code == 200, taken.content
    persona.refresh_from_db()
    assert (persona.name, persona.revision) == ("Dana Cole", 2)
    assert "Dana runs forty drivers" not in persona.backstory
    assert "backstory" not in {one["field"] for one in taken.json()["changes"]}
    stale = post(cy_client, f"generations/{job['id']}/accept/", {"fields": ["name"], "revision": 1})
    assert stale.status_code == 412
    unknown = post(cy_client, f"generations/{job['id']}/accept/", {"fields": ["voice"]})
    assert unknown.status_code == 400


def test_a_job_can_be_cancelled_once(cy_client: Client, in_acme: Cast) -> None:
    begun = services.begin(by=in_acme.cy, kind="persona", source="profile", wish={**PROFILE, "language": "en"})
    path = f"generations/{begun.pk}/cancel/"
    assert post(cy_client, path, {}).json()["state"] == "cancelled"
    assert post(cy_client, path, {}).status_code == 409
    before = Persona.objects.count()
    services.work(begun.pk)
    assert Persona.objects.count() == before
