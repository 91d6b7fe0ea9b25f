"""What the editor of branching asks the server for: checking without writing, and saving without overwriting."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from scenarios import graph_editing, publishing
from scenarios.branching import Graph
from scenarios.models import Persona, Scenario
from scenarios.validation import NotReady
from tenants.errors import Conflict
from tests.cast import Cast
from tests.scenarios.factories import make_persona, make_scenario

ADMIN = "/org/acme/admin/scenarios/scenario"


def node(key: str, kind: str, **fields: Any) -> dict[str, Any]:
    return {"id": key, "kind": kind, "title": key.title(), "persona": None, "x": 0, "y": 0, **fields}


def edge(key: str, source: str, target: str, **when: Any) -> dict[str, Any]:
    return {"id": key, "from": source, "to": target, "label": "", "when": {"kind": "always", **when}}


def small_graph() -> dict[str, Any]:
    nodes = [node("ring", "start"), node("chief", "buyer", says="Yes?"), node("over", "end", outcome="lost")]
    return {"nodes": nodes, "edges": [edge("a", "ring", "chief"), edge("b", "chief", "over")]}


@pytest.fixture
def scenario(in_acme: Cast) -> Scenario:
    return make_scenario(title="Northwind calls")


def post(client: Client, scenario: Scenario, verb: str, body: Any) -> Any:
    address = f"{ADMIN}/{scenario.pk}/branching/{verb}/"
    return client.post(address, body, content_type="application/json", headers={"accept": "application/json"})


def saved(scenario: Scenario) -> Any:
    return Scenario.objects.get(pk=scenario.pk).graph


def test_the_page_carries_what_an_author_chooses_from(scenario: Scenario, cy_client: Client) -> None:
    make_persona(name="Front Desk Fran", preset_key="fran")
    make_persona(name="Elsewhere Elsa", language="es")
    page = cy_client.get(f"{ADMIN}/{scenario.pk}/branching/")
    data = page.context["editor"]
    names = [person["name"].split(",")[0] for person in data["personas"]]
    assert names[0] == "Dana Cole"
    assert "Front Desk Fran" in names
    assert "Elsewhere Elsa" not in names
    assert data["personas"][0]["objections"] == [{"value": "price", "label": "That is more than we pay today."}]
    assert (data["graph"], data["revision"], data["editable"]) == (None, 1, True)


def test_a_check_names_what_is_broken_and_writes_nothing(scenario: Scenario, cy_client: Client) -> None:
    graph = small_graph()
    answer = post(cy_client, scenario, "check", {"graph": graph}).json()
    assert answer["problems"] == []
    assert "Yes?" in answer["text"]
    graph["edges"].pop()
    problems = post(cy_client, scenario, "check", {"graph": graph}).json()["problems"]
    assert {(problem["element"], problem["id"], problem["code"]) for problem in problems} >= {
        ("node", "chief", "dead_end")
    }
    assert saved(scenario) is None


def test_a_graph_is_saved_and_read_back_the_same(scenario: Scenario, cy_client: Client) -> None:
    answer = post(cy_client, scenario, "save", {"graph": small_graph(), "revision": 1}).json()
    assert (answer["revision"], answer["message"]) == (2, "Saved.")
    assert Graph.from_json(saved(scenario)) == Graph.from_json(small_graph())
    again = post(cy_client, scenario, "save", {"graph": small_graph(), "revision": 2}).json()
    assert again["revision"] == 2
    publishing.publish_scenario(scenario=scenario)


def test_an_unfinished_graph_is_kept_and_not_published(scenario: Scenario, cy_client: Client) -> None:
    graph = small_graph()
    graph["edges"].pop()
    assert "cannot be published" in post(cy_client, scenario, "save", {"graph": graph, "revision": 1}).json()["message"]
    with pytest.raises(NotReady):
        publishing.publish_scenario(scenario=scenario)


def test_a_graph_without_nodes_is_no_branching(scenario: Scenario, cy_client: Client) -> None:
    post(cy_client, scenario, "save", {"graph": small_graph(), "revision": 1})
    post(cy_client, scenario, "save", {"graph": {"nodes": [], "edges": []}, "revision": 2})
    assert saved(scenario) is None


def test_a_save_over_somebody_elses_is_refused_with_what_differs(scenario: Scenario, cy_client: Client) -> None:
    post(cy_client, scenario, "save", {"graph": small_graph(), "revision": 1})
    mine = small_graph()
    mine["nodes"][1]["says"] = "Who is this?"
    mine["nodes"][2]["id"] = mine["edges"][1]["to"] = "done"
    answer = post(cy_client, scenario, "save", {"graph": mine, "revision": 1})
    assert answer.status_code == 409
    details = answer.json()["error"]["details"]
    assert details["revision"] == 2
    assert details["by"].startswith("Cy")
    assert details["differences"] == [
        "“Over” is there now, and not in yours.",
        "“Over” is in yours, and not there now.",
        "“Chief” differs: first words.",
        "The edges between the stages differ.",
    ]
    assert Graph.from_json(saved(scenario)) == Graph.from_json(small_graph())


def test_a_change_elsewhere_in_the_scenario_is_a_conflict_too(scenario: Scenario) -> None:
    publishing.touch(item=scenario)
    with pytest.raises(Conflict) as refused:
        graph_editing.save_graph(scenario=scenario, graph=Graph(), seen_revision=1)
    assert refused.value.details["differences"] == [
        "The branching is the same; other parts of the scenario were changed."
    ]


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        [],
        {},
        {"graph": {}},
        {"graph": {"nodes": 3}, "revision": 1},
        {"graph": {"nodes": [1]}, "revision": 1},
    ],
    ids=["text", "list", "nothing", "no-revision", "no-list", "no-node"],
)
def test_what_is_no_graph_is_refused(scenario: Scenario, cy_client: Client, body: Any) -> None:
    answer = post(cy_client, scenario, "save", body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "VALIDATION_ERROR"
    assert post(cy_client, scenario, "check", body).status_code in {200, 400}
    assert saved(scenario) is None


def test_an_archived_scenario_is_shown_and_not_changed(scenario: Scenario, cy_client: Client) -> None:
    publishing.archive(item=scenario)
    assert cy_client.get(f"{ADMIN}/{scenario.pk}/branching/").context["editor"]["editable"] is False
    assert post(cy_client, scenario, "save", {"graph": small_graph(), "revision": 1}).status_code == 409


@pytest.mark.parametrize(("who", "status"), [("ada_client", 403), ("bo_client", 403), ("gil_client", 404)])
def test_nobody_but_authors_reads_or_writes(scenario: Scenario, who: str, status: int, request: Any) -> None:
    client = request.getfixturevalue(who)
    assert client.get(f"{ADMIN}/{scenario.pk}/branching/", follow=True).status_code == status
    for verb in ("check", "save"):
        assert post(client, scenario, verb, {"graph": small_graph(), "revision": 1}).status_code in {302, status}
    assert saved(scenario) is None


@pytest.mark.parametrize("count", [1, 8])
def test_queries_do_not_grow_with_personas(
    scenario: Scenario, cy_client: Client, count: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(count):
        make_persona(name=f"Person {number}")
    cy_client.get(f"{ADMIN}/{scenario.pk}/branching/")
    with django_assert_max_num_queries(14):
        cy_client.get(f"{ADMIN}/{scenario.pk}/branching/")
    assert Persona.objects.count() > count
