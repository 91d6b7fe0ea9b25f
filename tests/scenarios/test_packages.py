"""Content as a file: what goes out comes in again, and what is wrong with a file is said with its place."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenarios import packages, publishing
from scenarios.models import Criterion, Persona, Rubric, Scenario, Status
from tenants.guards import erasing
from tests.cast import Cast
from tests.scenarios.factories import make_scenario

pytestmark = pytest.mark.usefixtures("in_acme")


def exported(**changes: Any) -> packages.Package:
    scenario = make_scenario(preset_key="first-call")
    Persona.objects.filter(pk=scenario.persona_id).update(preset_key="dana")
    Rubric.objects.filter(pk=scenario.rubric_id).update(preset_key="two-things")
    package = packages.export_package(scenarios=[Scenario.objects.get(pk=scenario.pk)])
    return packages.parse(packages.dump({**package, **changes}))


def forget() -> None:
    for model in (Scenario, Persona, Rubric):
        model.objects.all().delete()


@pytest.fixture(autouse=True)
def _empty(in_acme: Cast) -> None:
    with erasing():
        publishing.ScenarioVersion.objects.all().delete()
        publishing.PersonaVersion.objects.all().delete()
        publishing.RubricVersion.objects.all().delete()
    forget()


def test_what_goes_out_comes_in_again() -> None:
    package = exported()
    forget()
    changes = packages.import_package(package)
    assert [(change.kind, change.action) for change in changes] == [
        ("personas", "new"),
        ("rubrics", "new"),
        ("scenarios", "new"),
    ]
    scenario = Scenario.objects.get()
    assert (scenario.status, scenario.is_preset, scenario.preset_key) == (Status.DRAFT, False, "first-call")
    again = packages.export_package(scenarios=[scenario])
    assert packages.dump(again) == packages.dump(package)
    publishing.publish_scenario(scenario=scenario)


def test_importing_twice_changes_nothing() -> None:
    package = exported()
    assert {change.action for change in packages.import_package(package)} == {"same"}
    assert Persona.objects.get().revision == 1


def test_an_import_tells_what_changed_and_leaves_the_version_in_use() -> None:
    package = exported()
    version = publishing.publish_scenario(scenario=Scenario.objects.get())
    package["scenarios"][0]["title"] = "Second call"
    package["personas"][0]["objections"][0]["text"] = "Too dear."
    changes = {change.kind: (change.action, change.fields) for change in packages.import_package(package)}
    assert changes["scenarios"] == ("changed", ("title",))
    assert changes["personas"] == ("changed", ("objections",))
    assert changes["rubrics"] == ("same", ())
    scenario = Scenario.objects.get()
    assert scenario.published_version == version
    assert scenario.has_unpublished_changes


def test_a_dry_run_writes_nothing() -> None:
    package = exported()
    forget()
    assert len(packages.import_package(package, dry_run=True)) == 3
    assert not Persona.objects.exists()


def test_only_new_leaves_edited_content_alone() -> None:
    package = exported()
    Persona.objects.update(company="Edited here")
    packages.import_package(package, only_new=True)
    assert Persona.objects.get().company == "Edited here"


def test_publishing_on_import_is_all_or_nothing() -> None:
    package = exported()
    forget()
    package["rubrics"][0]["criteria"][0]["weight"] = 10
    with pytest.raises(packages.PackageRefused, match="add up to 50"):
        packages.import_package(package, publish=True)
    assert not Persona.objects.exists()
    package["rubrics"][0]["criteria"][0]["weight"] = 60
    packages.import_package(package, publish=True)
    assert Scenario.objects.get().status == Status.PUBLISHED


def test_every_problem_is_told_with_its_place() -> None:
    package = exported()
    forget()
    package["personas"][0]["mood"] = "fine"
    package["rubrics"][0]["criteria"][1]["weight"] = 400
    with pytest.raises(packages.PackageRefused) as refused:
        packages.import_package(package)
    assert [problem.split(":")[0] for problem in refused.value.problems] == [
        f"line {package.lines['personas[0]']}",
        f"line {package.lines['rubrics[0].criteria[1].weight']}",
    ]
    assert "personas[0] (dana) mood: " in refused.value.problems[0]
    assert "rubrics[0] (two-things) criteria[1].weight: " in refused.value.problems[1]
    assert not Criterion.objects.exists()


def test_a_scenario_of_an_unknown_persona_is_refused() -> None:
    package = exported(personas=[])
    forget()
    with pytest.raises(packages.PackageRefused, match="persona “dana”"):
        packages.import_package(package)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no content package"),
        ("just words", "no content package"),
        ("parley_content: 2", "newer"),
        ("parley_content: 1\npersonas: [", r"line 2: this is not YAML or JSON \(.+\)"),
        ("parley_content: 1\na: &x [1]\nb: [*x, *x]", "line 2: anchors"),
        ("parley_content: 1\npersonas: !!python/object:os.system []", "line 2"),
        ("x" * 4_000_001, "larger"),
        ("\x00", "the file"),
        ('parley_content: 1\npersonas: [{key: "\\ud800"}]', "line 2"),
    ],
)
def test_what_is_no_package_is_refused(text: str, problem: str) -> None:
    with pytest.raises(packages.PackageRefused, match=problem):
        packages.parse(text)


@pytest.mark.parametrize("items", ["none", [1], [{"key": 7}], [{"key": ""}], [None], [{"key": "a\x00"}], {"a": 1}])
def test_lists_of_the_wrong_shape_are_refused(items: Any) -> None:
    with pytest.raises(packages.PackageRefused):
        packages.import_package({"parley_content": 1, "personas": items})


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_no_shape_of_a_package_is_more_than_refused(data: st.DataObject) -> None:
    package = exported_once()
    kind = data.draw(st.sampled_from(packages.KINDS))
    item = package[kind][0]
    item[data.draw(st.sampled_from([*item, "unknown"]))] = data.draw(ANYTHING)
    with contextlib.suppress(packages.PackageRefused):
        packages.import_package(package, dry_run=True)


def exported_once() -> dict[str, Any]:
    if not Scenario.objects.exists():
        exported()
    return packages.parse(packages.dump(packages.export_package(scenarios=Scenario.objects.all())))
