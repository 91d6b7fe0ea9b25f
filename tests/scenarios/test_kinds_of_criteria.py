"""Criteria of several parts, by a document, with points for half met: written, published, taken along; old ones stay."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from scenarios import packages, publishing
from scenarios.briefs import BriefInvalid, CriterionPart, CriterionSpec, RubricSpec
from scenarios.models import Rubric
from scenarios.models.versions import hash_content
from scenarios.validation import check_rubric
from tests.cast import Cast
from tests.scenarios.factories import make_rubric

ADMIN = "/org/acme/admin/scenarios"
OLD: dict[str, Any] = {
    "name": "Old",
    "language": "en",
    "criteria": [
        {
            "key": "a",
            "name": "A",
            "definition": "Asks.",
            "weight": 100,
            "kind": "binary",
            "anchors": {},
            "signals": ["asked_open_questions"],
        }
    ],
    "pass_mark": 70,
}
CRITERIA: list[dict[str, Any]] = [
    {
        "key": "close",
        "name": "Close",
        "definition": "How the call ends.",
        "weight": 40,
        "kind": "compound",
        "partial": 50,
        "parts": [
            {"key": "sums-up", "text": "Sums up what was agreed.", "signals": ["summarised"]},
            {"key": "names-a-day", "text": "Names a day for the next step.", "signals": []},
        ],
    },
    {
        "key": "facts",
        "name": "Facts",
        "definition": "What is said of the pilot is what we offer.",
        "weight": 60,
        "kind": "grounded",
        "source": "The pilot takes 30 days. It is free of charge.",
        "must_come_up": True,
    },
]


def test_an_old_version_reads_as_it_was_and_keeps_its_hash() -> None:
    spec = RubricSpec.from_json(OLD)
    assert spec.to_json() == OLD
    assert hash_content(spec.to_json()) == hash_content(OLD)
    assert (spec.criteria[0].parts, spec.criteria[0].partial, spec.criteria[0].must_come_up) == ((), 0, False)


def test_the_new_kinds_survive_the_way_through_json() -> None:
    spec = RubricSpec.from_json({**OLD, "criteria": CRITERIA})
    assert spec.criteria[0].parts[0] == CriterionPart("sums-up", "Sums up what was agreed.", ("summarised",))
    assert RubricSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "mystic"}, "kind"),
        ({"parts": [{"key": "a", "text": "x"}, {"key": "a", "text": "y"}]}, "parts"),
        ({"parts": [{"key": "a", "text": ""}]}, "parts[0].text"),
        ({"partial": 100}, "partial"),
        ({"must_come_up": "yes"}, "must_come_up"),
        ({"source": 3}, "source"),
    ],
)
def test_what_is_no_criterion_names_the_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BriefInvalid) as refused:
        CriterionSpec.from_json({**CRITERIA[0], **change})
    assert refused.value.field == field


def error_fields(rubric: Rubric) -> list[str]:
    return [note.field for note in check_rubric(rubric) if note.is_error]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "compound"}, "parts"),
        ({"kind": "compound", "parts": [{"key": "a", "text": "One.", "signals": []}]}, "parts"),
        ({"kind": "grounded"}, "source"),
        ({"kind": "grounded", "source": "x" * 8001}, "source"),
        (
            {
                "kind": "compound",
                "parts": [
                    {"key": "a", "text": "Asks one.", "signals": []},
                    {"key": "b", "text": "Asks two.", "signals": ["telepathy"]},
                ],
            },
            "signals",
        ),
    ],
)
def test_a_kind_without_what_it_needs_is_not_published(in_acme: Cast, change: dict[str, Any], field: str) -> None:
    rubric = make_rubric((60, 40))
    rubric.criteria.filter(pk=rubric.criteria.all()[0].pk).update(**change)
    assert error_fields(rubric) == [f"criteria[0].{field}"]


def test_points_for_half_met_mean_nothing_to_a_rated_criterion(in_acme: Cast) -> None:
    rubric = make_rubric((100,))
    rubric.criteria.update(partial=50)
    assert [note.field for note in check_rubric(rubric)] == ["criteria[0].partial"]


def test_the_same_rubric_published_again_makes_no_new_version(in_acme: Cast) -> None:
    """A version from before the new fields equals the content of today's working copy."""
    rubric = make_rubric((60, 40))
    version = publishing.publish_rubric(rubric=rubric)
    assert all("parts" not in item for item in version.content["criteria"])
    assert publishing.publish_rubric(rubric=rubric) == version


def test_the_api_takes_and_gives_them(in_acme: Cast, cy_client: Client) -> None:
    body = {"name": "Ours", "criteria": [{**CRITERIA[0], "parts": [{"text": "Sums up."}, {"text": "Sums up."}]}]}
    answer = cy_client.post("/org/acme/api/v1/rubrics/", json.dumps(body), content_type="application/json")
    assert answer.status_code == 201, answer.json()
    (criterion,) = answer.json()["criteria"]
    assert criterion["parts"] == [
        {"key": "sums-up", "text": "Sums up.", "signals": []},
        {"key": "sums-up-2", "text": "Sums up.", "signals": []},
    ]
    assert (criterion["partial"], criterion["source"], criterion["must_come_up"]) == (50, "", False)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"parts": "x"}, "criteria[0].parts"),
        ({"parts": [{"signals": []}]}, "criteria[0].parts[0].text"),
        ({"partial": 100}, "criteria[0].partial"),
        ({"source": "x" * 8001}, "criteria[0].source"),
        ({"kind": "mystic"}, "criteria[0].kind"),
    ],
)
def test_the_api_names_what_is_wrong(in_acme: Cast, cy_client: Client, change: dict[str, Any], field: str) -> None:
    body = {"name": "Ours", "criteria": [{**CRITERIA[0], **change}]}
    answer = cy_client.post("/org/acme/api/v1/rubrics/", json.dumps(body), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["field"] == field


def test_trainees_read_what_counts(in_acme: Cast, cy_client: Client, ada_client: Client) -> None:
    rubric = written(cy_client)
    publishing.publish_rubric(rubric=rubric)
    body = ada_client.get(f"/org/acme/api/v1/rubrics/{rubric.pk}/").json()
    close, facts = body["criteria"]
    assert close["parts"] == ["Sums up what was agreed.", "Names a day for the next step."]
    assert (facts["source"], facts["must_come_up"]) == ("The pilot takes 30 days. It is free of charge.", True)


def test_a_package_takes_them_out_and_in(in_acme: Cast, cy_client: Client) -> None:
    rubric = written(cy_client)
    package = packages.parse(packages.dump(packages.export_package(rubrics=[rubric])))
    assert [change.action for change in packages.import_package(package)] == ["same"]
    package["rubrics"][0]["criteria"][0]["parts"][0]["text"] = "Sums up in a sentence."
    (change,) = packages.import_package(package)
    assert (change.action, change.fields) == ("changed", ("criteria",))
    assert rubric.criteria.all()[0].parts[0]["text"] == "Sums up in a sentence."


def written(client: Client) -> Rubric:
    body = {"name": "Ours", "criteria": CRITERIA}
    answer = client.post("/org/acme/api/v1/rubrics/", json.dumps(body), content_type="application/json")
    assert answer.status_code == 201, answer.json()
    return Rubric.objects.get(pk=answer.json()["id"])


def form_data(**changes: Any) -> dict[str, Any]:
    rows = [
        {"name": "Close", "weight": 60, "kind": "compound", "definition": "How the call ends.", "position": 0},
        {"name": "Facts", "weight": 40, "kind": "grounded", "definition": "What is said is so.", "position": 1},
    ]
    data: dict[str, Any] = {"name": "Ours", "language": "en", "pass_mark": 70}
    data |= {"criteria-TOTAL_FORMS": "2", "criteria-INITIAL_FORMS": "0"}
    for index, row in enumerate(rows):
        data |= {f"criteria-{index}-{name}": value for name, value in row.items()}
    return {
        **data,
        "criteria-0-parts": "Sums up what was agreed. [summarised, listened]\nNames a day.",
        "criteria-0-partial": "50",
        "criteria-1-source": "The pilot takes 30 days.",
        "criteria-1-must_come_up": "on",
        **changes,
    }


def test_the_form_writes_them(in_acme: Cast, cy_client: Client) -> None:
    answer = cy_client.post(f"{ADMIN}/rubric/add/", form_data())
    assert answer.status_code == 302, answer.content.decode()
    rubric = Rubric.objects.get(name="Ours")
    close, facts = rubric.criteria.all()
    assert close.parts == [
        {"key": "sums-up-what-was-agreed", "text": "Sums up what was agreed.", "signals": ["summarised", "listened"]},
        {"key": "names-a-day", "text": "Names a day.", "signals": []},
    ]
    assert (close.partial, close.must_come_up) == (50, False)
    assert (facts.source, facts.must_come_up, facts.partial) == ("The pilot takes 30 days.", True, 0)
    page = cy_client.get(answer["Location"]).content.decode()
    assert "Half met earns 50 of 100." in page
    assert "The pilot takes 30 days." in page
    shown = cy_client.get(f"{ADMIN}/rubric/{rubric.pk}/change/").content.decode()
    assert "Sums up what was agreed. [summarised, listened]\nNames a day." in shown


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"criteria-0-parts": "Sums up [telepathy]"}, "“telepathy” is no signal of the embedded judge."),
        ({"criteria-0-parts": "\n".join(f"Part {at}." for at in range(11))}, "At most 10 parts."),
        ({"criteria-0-partial": "100"}, "less than or equal to 99"),
        ({"criteria-1-source": "x" * 8001}, "at most 8000 characters"),
        ({"criteria-1-source": "<script>x()</script>"}, "this text is read out loud"),
    ],
)
def test_the_form_says_what_is_wrong(in_acme: Cast, cy_client: Client, changes: dict[str, Any], said: str) -> None:
    assert said in cy_client.post(f"{ADMIN}/rubric/add/", form_data(**changes)).content.decode()
    assert not Rubric.objects.filter(name="Ours").exists()
