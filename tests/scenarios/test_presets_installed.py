"""Every new organisation starts with content that can be practised, in its language."""

from __future__ import annotations

from typing import Any

import pytest
from django_tenants.utils import tenant_context

from scenarios import catalogue, presets, publishing, validation
from scenarios.library import install_presets, preset_package
from scenarios.models import Persona, PersonaVersion, Rubric, RubricVersion, Scenario, ScenarioVersion, Status
from tenants.guards import erasing
from tests.cast import Cast


@pytest.mark.parametrize(("slug", "language"), [("acme", "en"), ("globex", "es")])
def test_an_organisation_opens_with_presets_in_its_language(cast: Cast, slug: str, language: str) -> None:
    with tenant_context(getattr(cast, slug)):
        offered = {(item.title, item.language) for item in catalogue.published()}
        installed = {(item.preset_key, item.language) for item in Scenario.objects.filter(is_preset=True)}
    assert len(offered) == len(installed)
    wanted = {key for key in presets.scenarios() if key[1] == language}
    assert wanted <= installed
    assert {slug for slug, _language in installed} == {slug for slug, _language in presets.scenarios()}


def test_every_preset_is_ready_and_without_a_warning(cast: Cast) -> None:
    with tenant_context(cast.globex):
        notes = [note for item in Scenario.objects.all() for note in validation.check_scenario(item)]
        notes += [note for item in Persona.objects.all() for note in validation.check_persona(item)]
        notes += [note for item in Rubric.objects.all() for note in validation.check_rubric(item)]
    assert notes == []


def test_installing_again_leaves_edits_alone(in_acme: Cast) -> None:
    Scenario.objects.filter(is_preset=True).update(title="Ours now")
    changes = install_presets(organization=in_acme.acme)
    assert {change.action for change in changes} == {"same"}
    assert set(Scenario.objects.filter(is_preset=True).values_list("title", flat=True)) == {"Ours now"}


def test_a_preset_that_was_removed_or_is_new_comes_back(in_acme: Cast) -> None:
    before = Scenario.objects.count()
    scenario = Scenario.objects.filter(is_preset=True).first()
    assert scenario is not None
    with erasing():
        scenario.versions.all().delete()
    scenario.delete()
    install_presets(organization=in_acme.acme)
    assert Scenario.objects.filter(status=Status.PUBLISHED).count() == before


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_package_holds_every_slug_once(language: str) -> None:
    package = preset_package(language)
    for kind in ("personas", "scenarios"):
        keys = [item["key"] for item in package[kind]]
        assert len(keys) == len(set(keys))


def test_what_is_installed_is_what_publishing_would_have_written(in_acme: Cast) -> None:
    before = {version.pk for version in ScenarioVersion.objects.all()}
    for scenario in Scenario.objects.filter(is_preset=True):
        assert publishing.publish_scenario(scenario=scenario).pk in before
    assert not any(version.number > 1 for version in PersonaVersion.objects.all())


def test_opening_takes_few_queries(in_acme: Cast, django_assert_max_num_queries: Any) -> None:
    with erasing():
        for model in (ScenarioVersion, PersonaVersion, RubricVersion, Scenario, Persona, Rubric):
            model.objects.all().delete()
    with django_assert_max_num_queries(16):
        install_presets(organization=in_acme.acme)
    assert catalogue.published()
