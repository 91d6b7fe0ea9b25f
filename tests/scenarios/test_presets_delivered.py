"""An upgrade's new presets reach organisations that exist: once, published, and past nothing that their authors did."""

from __future__ import annotations

from typing import Any

import pytest
from django_tenants.utils import schema_context

from config.management.commands import prepare
from scenarios import library, presets, publishing
from scenarios.models import Persona, PresetRecord, Scenario, Status
from tests.cast import Cast

NEW = "late-newcomer"


@pytest.fixture
def upgrade(in_acme: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Parley ships one more scenario, on a persona of its own, than when Acme was opened."""
    package = library.preset_package("en")
    persona = {**package["personas"][0], "key": NEW, "name": "Nora Newcomer"}
    scenario = {**package["scenarios"][0], "key": NEW, "persona": NEW, "title": "A new situation"}
    on_known = {**package["scenarios"][0], "key": f"{NEW}-2", "title": "A known buyer again"}
    more = {
        **package,
        "personas": [*package["personas"], persona],
        "scenarios": [*package["scenarios"], scenario, on_known],
    }
    monkeypatch.setattr(library, "preset_package", lambda language: more)
    return in_acme


def deliver(cast: Cast) -> set[str]:
    return {change.title for change in library.deliver_new_presets(organization=cast.acme)}


def test_nothing_new_brings_nothing(in_acme: Cast, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(4):  # what was given, in a savepoint
        assert deliver(in_acme) == set()


def test_what_is_new_comes_published_and_once(upgrade: Cast) -> None:
    assert {"A new situation", "A known buyer again"} <= deliver(upgrade)
    scenario = Scenario.objects.get(preset_key=NEW)
    assert (scenario.status, scenario.is_preset, scenario.persona.name) == (Status.PUBLISHED, True, "Nora Newcomer")
    assert deliver(upgrade) == set()


def test_what_was_archived_or_deleted_since_does_not_come_back(upgrade: Cast) -> None:
    deliver(upgrade)
    publishing.archive(item=Scenario.objects.get(preset_key=NEW))
    other = Scenario.objects.filter(is_preset=True).exclude(preset_key__startswith=NEW)[0]
    publishing.archive(item=other)
    assert deliver(upgrade) == set()
    other.refresh_from_db()
    assert other.status == Status.ARCHIVED


def test_an_edited_preset_stays_as_its_authors_made_it(upgrade: Cast) -> None:
    Scenario.objects.filter(is_preset=True).update(title="Ours now", language="es")
    deliver(upgrade)
    assert set(Scenario.objects.filter(language="es").values_list("title", flat=True)) == {"Ours now"}
    assert Scenario.objects.filter(language="en").count() == 2


def test_an_authors_unfinished_persona_is_not_published_by_an_upgrade(upgrade: Cast) -> None:
    known = Scenario.objects.get(preset_key=library.preset_package("en")["scenarios"][0]["key"], language="en").persona
    Persona.objects.filter(pk=known.pk).update(backstory="Half a sentence")
    publishing.touch(item=known)
    assert "A known buyer again" in deliver(upgrade)
    assert Scenario.objects.get(preset_key=f"{NEW}-2").status == Status.DRAFT
    assert known.newest_published().content["backstory"] != "Half a sentence"


def test_a_scenario_of_an_archived_persona_does_not_come(upgrade: Cast) -> None:
    known = Scenario.objects.get(preset_key=library.preset_package("en")["scenarios"][0]["key"], language="en").persona
    for scenario in known.scenarios.all():
        publishing.archive(item=scenario)
    publishing.archive(item=known)
    assert "A known buyer again" not in deliver(upgrade)
    known.refresh_from_db()
    assert known.status == Status.ARCHIVED


def test_opening_records_what_was_given(in_acme: Cast) -> None:
    assert PresetRecord.objects.filter(kind="scenarios").count() == Scenario.objects.filter(is_preset=True).count()


def test_the_next_start_delivers_to_every_organisation_once(upgrade: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert prepare.deliver_presets()
    for schema in ("org_acme", "org_globex"):
        with schema_context(schema):
            assert PresetRecord.objects.filter(key=NEW).count() == 2
    monkeypatch.setattr(prepare, "deliver_new_presets", lambda **_: pytest.fail("asked again"))
    prepare.remember_fingerprint(prepare.PRESETS, presets.fingerprint())
    assert prepare.applied_fingerprint(prepare.PRESETS) == presets.fingerprint()


def test_one_organisation_that_fails_does_not_hold_up_the_others(
    upgrade: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = []

    def deliver_or_not(*, organization: Any) -> list[Any]:
        if organization.slug == "acme":
            raise publishing.Conflict("no")
        served.append(organization.slug)
        return []

    monkeypatch.setattr(prepare, "deliver_new_presets", deliver_or_not)
    assert not prepare.deliver_presets()
    assert served == ["globex"]
