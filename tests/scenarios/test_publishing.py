"""Publishing freezes; what is frozen stays."""

from __future__ import annotations

import pytest

from scenarios import publishing
from scenarios.briefs import PersonaBrief
from scenarios.contents import brief_for, brief_for_persona, rubric_spec
from scenarios.models import ScenarioVersion, Status
from scenarios.models.versions import VersionImmutable
from scenarios.validation import NotReady
from tenants.errors import Conflict
from tests.cast import Cast
from tests.scenarios.factories import make_persona, make_rubric, make_scenario

pytestmark = pytest.mark.usefixtures("in_acme")


def test_publishing_a_scenario_freezes_it_with_its_persona_and_rubric(in_acme: Cast) -> None:
    scenario = make_scenario()
    version = publishing.publish_scenario(scenario=scenario, author=in_acme.cy)
    assert (version.number, version.status, version.published_by) == (1, Status.PUBLISHED, in_acme.cy)
    brief = brief_for(version)
    assert isinstance(brief, PersonaBrief)
    assert (brief.name, brief.mode, brief.goal) == ("Dana Cole", "cold_call", "Agree on a meeting.")
    assert [criterion.weight for criterion in rubric_spec(version.rubric_version).criteria] == [60, 40]
    scenario.refresh_from_db()
    assert scenario.published_version == version
    assert not scenario.has_unpublished_changes


def test_the_mode_opens_the_call_where_nobody_wrote_first_words() -> None:
    version = publishing.publish_scenario(scenario=make_scenario())
    assert brief_for(version).first_message == "Hello, Dana Cole speaking."
    assert "Dana Cole" in brief_for_persona(version.persona_version, mode="discovery").first_message


def test_the_scenarios_first_words_win_over_the_personas() -> None:
    persona = make_persona(first_message="Yes?")
    assert brief_for(publishing.publish_scenario(scenario=make_scenario(persona=persona))).first_message == "Yes?"
    scenario = make_scenario(persona=persona, title="Another", first_message="Who is this?")
    assert brief_for(publishing.publish_scenario(scenario=scenario)).first_message == "Who is this?"


def test_editing_after_publishing_leaves_the_version_alone() -> None:
    scenario = make_scenario()
    first = publishing.publish_scenario(scenario=scenario)
    scenario.persona.objections.update(text="Far too dear.")
    publishing.touch(item=scenario.persona)
    first.refresh_from_db()
    assert first.content["brief"]["objections"][0]["text"] == "That is more than we pay today."
    second = publishing.publish_scenario(scenario=scenario)
    first.refresh_from_db()
    assert (first.status, second.status, second.number) == (Status.ARCHIVED, Status.PUBLISHED, 2)
    assert second.persona_version.number == 2
    assert second.rubric_version == first.rubric_version


def test_a_scenario_is_behind_until_it_is_published_again() -> None:
    scenario, draft = make_scenario(), make_scenario(title="Never published")
    publishing.publish_scenario(scenario=scenario)
    for part in (scenario.persona, scenario.rubric):
        assert list(publishing.scenarios_behind(part)) == []
    assert list(publishing.scenarios_behind(draft.rubric)) == []
    scenario.rubric.criteria.update(definition="Asks what it costs them.")
    publishing.touch(item=scenario.rubric)
    publishing.publish_rubric(rubric=scenario.rubric)
    assert list(publishing.scenarios_behind(scenario.rubric)) == [scenario]
    assert list(publishing.scenarios_behind(scenario.persona)) == []
    publishing.publish_scenario(scenario=scenario)
    assert list(publishing.scenarios_behind(scenario.rubric)) == []


def test_publishing_twice_without_a_change_gives_the_same_version() -> None:
    scenario = make_scenario()
    assert publishing.publish_scenario(scenario=scenario) == publishing.publish_scenario(scenario=scenario)
    assert scenario.versions.count() == 1


def test_a_version_cannot_be_changed() -> None:
    version = publishing.publish_scenario(scenario=make_scenario())
    version.content["title"] = "Something else"
    with pytest.raises(VersionImmutable):
        version.save()


def test_nor_can_many_at_once() -> None:
    version = publishing.publish_scenario(scenario=make_scenario())
    with pytest.raises(VersionImmutable):
        ScenarioVersion.objects.filter(pk=version.pk).update(content={})
    with pytest.raises(VersionImmutable):
        ScenarioVersion.objects.bulk_update([version], ["content"])


def test_what_cannot_be_published_leaves_nothing_behind() -> None:
    scenario = make_scenario(rubric=make_rubric((50, 40)))
    with pytest.raises(NotReady) as refused:
        publishing.publish_scenario(scenario=scenario)
    assert [note.field for note in refused.value.notes] == ["rubric.criteria"]
    assert "add up to 90" in str(refused.value.message)
    assert not scenario.versions.exists()
    scenario.persona.refresh_from_db()
    assert scenario.persona.status == Status.DRAFT


def test_a_persona_in_use_cannot_be_archived() -> None:
    scenario = make_scenario()
    publishing.publish_scenario(scenario=scenario)
    with pytest.raises(Conflict, match="First call to Northwind"):
        publishing.archive(item=scenario.persona)
    publishing.archive(item=scenario)
    publishing.archive(item=scenario.persona)
    assert scenario.published_version is None
    assert scenario.persona.published_version is None


def test_something_archived_comes_back_as_a_draft() -> None:
    scenario = make_scenario()
    with pytest.raises(Conflict):
        publishing.restore(item=scenario)
    publishing.archive(item=scenario)
    publishing.restore(item=scenario)
    scenario.refresh_from_db()
    assert scenario.status == Status.DRAFT


def test_a_copy_is_a_draft_with_content_of_its_own() -> None:
    persona = make_persona(is_preset=True, preset_key="dana")
    publishing.publish_persona(persona=persona)
    copy = publishing.duplicate_persona(persona=persona)
    assert (copy.status, copy.is_preset, copy.preset_key, copy.revision) == (Status.DRAFT, False, "", 1)
    assert copy.name == "Copy of Dana Cole"
    copy.objections.update(text="Changed")
    assert persona.objections.get().text == "That is more than we pay today."
    assert copy.hidden_pains.count() == 1


def test_a_copied_rubric_and_scenario_can_be_published() -> None:
    scenario = make_scenario()
    rubric = publishing.duplicate_rubric(rubric=scenario.rubric)
    assert [criterion.weight for criterion in rubric.criteria.all()] == [60, 40]
    copy = publishing.duplicate_scenario(scenario=scenario)
    assert (copy.persona, copy.rubric) == (scenario.persona, scenario.rubric)
    assert publishing.publish_scenario(scenario=copy).number == 1
