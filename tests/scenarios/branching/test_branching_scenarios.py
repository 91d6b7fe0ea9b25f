"""A graph on its way: saved, published with everybody in it, and carried from one organisation to another."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from scenarios import packages
from scenarios.authoring import discard
from scenarios.contents import brief_for
from scenarios.models import Objection, Persona, PersonaVersion, Scenario, Status
from scenarios.publishing import archive, publish_persona, publish_scenario, scenarios_behind, touch
from scenarios.validation import NotReady
from tenants.errors import Conflict
from tenants.guards import erasing
from tests.cast import Cast
from tests.scenarios.branching.graphs import edge, node, whole
from tests.scenarios.factories import make_persona, make_scenario

pytestmark = pytest.mark.usefixtures("in_acme")
API = "/org/acme/api/v1"


def at_the_door() -> Persona:
    door = make_persona(name="Gail Frost", role="Receptionist")
    Objection.objects.create(
        persona=door,
        key="about",
        kind="need",
        text="What is it about?",
        concern="Sellers.",
        resolve_hints=["Late trucks."],
    )
    return door


def graph_with(door: Persona | str) -> dict[str, Any]:
    graph = whole()
    graph["nodes"][1]["persona"] = str(door.pk if isinstance(door, Persona) else door)
    return graph


def branching(door: Persona | None = None, **fields: Any) -> Scenario:
    return make_scenario(graph=graph_with(door or at_the_door()), **fields)


def test_a_change_of_somebody_in_the_graph_leads_back_to_the_scenario(in_acme: Cast, cy_client: Client) -> None:
    door = at_the_door()
    scenario = branching(door, title="Past the door")
    publish_scenario(scenario=scenario)
    page = f"/org/acme/admin/scenarios/scenario/{scenario.pk}/"
    assert f"{page}publish/" not in cy_client.get(f"{page}preview/").content.decode()
    assert list(scenarios_behind(door)) == []
    Persona.objects.filter(pk=door.pk).update(role="Head of reception")
    touch(item=door)
    publish_persona(persona=door)
    assert list(scenarios_behind(door)) == [scenario]
    assert f"{page}publish/" in cy_client.get(f"{page}preview/").content.decode()


def test_publishing_freezes_the_graph_and_pins_everybody_in_it() -> None:
    scenario = branching()
    version = publish_scenario(scenario=scenario)
    (name,) = version.content["people"]
    assert PersonaVersion.objects.get(pk=version.content["people"][name]).content["name"] == "Gail Frost"
    script = brief_for(version).script
    assert script is not None
    assert script.graph.to_json() == version.content["graph"]
    assert (script.people[name].name, script.people[name].mode, script.people[name].goal) == (
        "Gail Frost",
        "cold_call",
        "",
    )
    assert script.gatekeepers == {name}


def test_a_later_change_of_the_gatekeeper_leaves_the_version_alone_and_makes_a_new_one() -> None:
    door = at_the_door()
    scenario = branching(door)
    first = publish_scenario(scenario=scenario)
    assert publish_scenario(scenario=scenario) == first
    Persona.objects.filter(pk=door.pk).update(name="Greta Frost")
    publish_persona(persona=door)
    second = publish_scenario(scenario=scenario)
    assert (second.number, first.persona_version) == (2, second.persona_version)
    first.refresh_from_db()
    assert brief_for(first).script.people[str(door.pk)].name == "Gail Frost"  # type: ignore[union-attr]
    assert brief_for(second).script.people[str(door.pk)].name == "Greta Frost"  # type: ignore[union-attr]


def test_what_does_not_branch_is_frozen_as_before() -> None:
    content = publish_scenario(scenario=make_scenario()).content
    assert "graph" not in content
    assert "script" not in content["brief"]


def test_an_unfinished_graph_is_not_published_and_names_the_stage() -> None:
    graph = graph_with(at_the_door())
    graph["nodes"].append(node("pit", "stage", title="The pit"))
    graph["edges"].append(edge("talk", "pit", "intent", intent="price"))
    with pytest.raises(NotReady, match="“The pit” is a dead end") as refused:
        publish_scenario(scenario=make_scenario(graph=graph))
    assert [note.field for note in refused.value.notes] == ["graph.pit"]


def test_a_gatekeeper_who_is_not_ready_is_named() -> None:
    door = at_the_door()
    Objection.objects.filter(persona=door).update(concern="")
    with pytest.raises(NotReady, match="Gail Frost: Say what the real concern behind"):
        publish_scenario(scenario=branching(door))


def test_a_persona_that_a_graph_needs_is_neither_archived_nor_deleted() -> None:
    door = at_the_door()
    branching(door, title="Past the desk")
    with pytest.raises(Conflict, match="Past the desk"):
        archive(item=door)
    with pytest.raises(Conflict, match="Past the desk"):
        discard(item=door)


# -- by the API -------------------------------------------------------------------------------------------------------------
def save(client: Client, scenario: Scenario, graph: Any) -> Any:
    return client.patch(
        f"{API}/scenarios/{scenario.pk}/", json.dumps({"graph": graph}), content_type="application/json"
    )


def test_the_api_keeps_a_graph_in_full_form_even_unfinished(cy_client: Client) -> None:
    scenario, door = make_scenario(), at_the_door()
    saved = save(cy_client, scenario, {"nodes": [{"id": "a", "kind": "gatekeeper", "persona": str(door.pk)}]})
    assert saved.status_code == 200, saved.content
    (kept,) = saved.json()["graph"]["nodes"]
    assert (kept["title"], kept["persona"], kept["x"]) == ("", str(door.pk), 0)
    assert save(cy_client, scenario, None).json()["graph"] is None


def test_the_api_refuses_what_is_no_graph_and_names_the_place(cy_client: Client) -> None:
    scenario = make_scenario()
    refused = save(cy_client, scenario, {"nodes": [{"id": "a", "kind": "queue"}]})
    assert refused.status_code == 400
    assert "nodes[0].kind" in json.dumps(refused.json()["error"]["details"])
    scenario.refresh_from_db()
    assert scenario.graph is None


def test_the_api_refuses_somebody_of_another_organisation(cy_client: Client, in_acme: Cast) -> None:
    scenario = make_scenario()
    refused = save(cy_client, scenario, graph_with("0b9fb0cb-9d5c-4a1c-9f4f-0f4a3e8b5c11"))
    assert refused.status_code == 400
    assert "“Door” names a persona that is not in this organisation." in json.dumps(
        refused.json()["error"]["details"], ensure_ascii=False
    )


def test_a_trainee_is_never_told_the_graph(ada_client: Client) -> None:
    version = publish_scenario(scenario=branching())
    for address in (f"scenarios/{version.scenario_id}/", "scenarios/"):
        answer = ada_client.get(f"{API}/{address}")
        assert answer.status_code == 200
        assert "Gail" not in answer.content.decode()
        assert "graph" not in answer.content.decode()


# -- in packages ------------------------------------------------------------------------------------------------------------
def test_a_package_carries_the_graph_and_everybody_in_it() -> None:
    door = at_the_door()
    Persona.objects.filter(pk=door.pk).update(preset_key="front-desk")
    scenario = branching(door)
    Scenario.objects.filter(pk=scenario.pk).update(preset_key="past-the-desk")
    text = packages.dump(packages.export_package(scenarios=[Scenario.objects.get(pk=scenario.pk)]))
    with erasing():
        Scenario.objects.filter(pk=scenario.pk).delete()
        Persona.objects.filter(pk__in=[door.pk, scenario.persona_id]).delete()
    package = packages.parse(text)
    assert package["scenarios"][0]["graph"]["nodes"][1]["persona"] == "front-desk"
    packages.import_package(package, publish=True)
    there = Scenario.objects.get(preset_key="past-the-desk")
    assert there.status == Status.PUBLISHED
    assert there.graph["nodes"][1]["persona"] == str(Persona.objects.get(preset_key="front-desk").pk)
    assert {change.action for change in packages.import_package(package)} == {"same"}


def test_a_package_whose_graph_names_nobody_is_refused() -> None:
    scenario = Scenario.objects.get(pk=branching().pk)
    package = packages.parse(packages.dump(packages.export_package(scenarios=[scenario])))
    package["scenarios"][0]["graph"]["nodes"][1]["persona"] = "nobody-here"
    with pytest.raises(packages.PackageRefused, match="nobody-here"):
        packages.import_package(package)
