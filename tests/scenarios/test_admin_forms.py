"""Writing in the admin: what is saved, what is refused and how it is said."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from scenarios import publishing
from scenarios.models import Objection, Persona, PersonaVersion, Rubric, Scenario, Status
from tests.cast import Cast
from tests.scenarios.factories import make_persona, make_rubric, make_scenario

ADMIN = "/org/acme/admin/scenarios"


def formset(prefix: str, rows: list[dict[str, Any]], initial: int = 0) -> dict[str, Any]:
    data: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    for index, row in enumerate(rows):
        data |= {f"{prefix}-{index}-{name}": value for name, value in row.items()}
    return data


OBJECTION = {
    "kind": "price",
    "required": 1,
    "text": "That is a lot of money.",
    "concern": "The budget is spent.",
    "harden_hints": "",
    "resolve_hints": "It pays for itself by spring.\n\nHere is what a firm like yours saved.",
    "position": 0,
}
PAIN = {
    "pain": "Two planners have left.",
    "reveal_hints": "Who does the planning?",
    "reveal_text": "Two people left in May.",
    "weight": 2,
    "position": 0,
}


def persona_data(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Paula Frost",
        "role": "Owner",
        "company": "Frost Bakery",
        "industry": "Food",
        "language": "en",
        "personality": "busy",
        "difficulty": "easy",
        "voice_id": "martha",
        "backstory": "Paula bakes at three in the morning.",
        "facts": "staff: We are nine: six bakers, three in the shop.\nopening hours: Six to two.",
        **formset("objections", [OBJECTION]),
        **formset("hidden_pains", [PAIN]),
        **changes,
    }


def rubric_data(weights: list[Any], **changes: Any) -> dict[str, Any]:
    rows = [
        {
            "name": f"Part {index}",
            "weight": weight,
            "kind": "rated",
            "definition": "Asks first.",
            "signals": ["asked_open_questions"],
            "anchors": "90: asks three open questions\n40: asks one",
            "position": index,
        }
        for index, weight in enumerate(weights)
    ]
    return {"name": "Ours", "language": "en", "pass_mark": 70, **formset("criteria", rows), **changes}


def test_a_persona_is_written_with_lists_as_lines(in_acme: Cast, cy_client: Client) -> None:
    answer = cy_client.post(f"{ADMIN}/persona/add/", persona_data())
    persona = Persona.objects.get(name="Paula Frost")
    assert answer["Location"] == f"{ADMIN}/persona/{persona.pk}/preview/"
    assert persona.facts == {"staff": "We are nine: six bakers, three in the shop.", "opening hours": "Six to two."}
    objection = persona.objections.get()
    assert (objection.key, len(objection.resolve_hints)) == ("that-is-a-lot-of", 2)
    assert persona.hidden_pains.get().weight == 2
    publishing.publish_persona(persona=persona)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"facts": "no colon here"}, "Write “topic: answer” in “no colon here”."),
        ({"facts": "a: b\na: c"}, "“a” is there twice."),
        ({"facts": "a: b\x00"}, "Null characters are not allowed."),
        ({"objections-0-resolve_hints": "\x00"}, "Null characters are not allowed."),
        ({"objections-0-text": "a\x00"}, "Null characters are not allowed."),
        ({"backstory": "<script>x()</script>"}, "this text is read out loud"),
        ({"facts": "a: <b>bold</b>"}, "this text is read out loud"),
        ({"objections-0-text": "<img src=x>"}, "this text is read out loud"),
        ({"objections-0-resolve_hints": "x" * 501}, "A line has more than 500 characters"),
        ({"objections-0-required": 9}, "less than or equal to 5"),
        ({"hidden_pains-0-weight": 0}, "greater than or equal to 1"),
        ({"personality": "moody"}, "Select a valid choice"),
        ({"voice_id": "nobody"}, "Select a valid choice"),
        ({"name": "x" * 81}, "at most 80 characters"),
    ],
)
def test_bad_input_is_said_plainly_and_nothing_is_half_saved(
    in_acme: Cast, cy_client: Client, changes: dict[str, Any], said: str
) -> None:
    before = (Persona.objects.count(), Objection.objects.count())
    answer = cy_client.post(f"{ADMIN}/persona/add/", persona_data(**changes))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert (Persona.objects.count(), Objection.objects.count()) == before


def test_what_was_typed_survives_a_refusal(in_acme: Cast, cy_client: Client) -> None:
    text = cy_client.post(f"{ADMIN}/persona/add/", persona_data(facts="no colon here")).content.decode()
    assert "no colon here" in text
    assert "It pays for itself by spring." in text


@pytest.mark.parametrize(
    ("weights", "changes", "said"),
    [
        ([60, 30], {}, "The weights add up to 90; they must add up to 100."),
        ([60, 50], {}, "The weights add up to 110; they must add up to 100."),
        ([101, -1], {}, "greater than or equal to 0"),
        ([60, 40], {"criteria-1-name": " part 0"}, "Another criterion has this name."),
        ([60, 40], {"criteria-0-anchors": "120: perfect"}, "“120” is no score from 0 to 100."),
        ([60, 40], {"criteria-0-signals": ["telepathy"]}, "Select a valid choice"),
        ([60, 40], {"pass_mark": 101}, "less than or equal to 100"),
    ],
)
def test_a_rubric_must_add_up(
    in_acme: Cast, cy_client: Client, weights: list[Any], changes: dict[str, Any], said: str
) -> None:
    answer = cy_client.post(f"{ADMIN}/rubric/add/", rubric_data(weights, **changes))
    assert said in answer.content.decode()
    assert not Rubric.objects.filter(name="Ours").exists()


def test_rows_of_a_refused_form_are_headed_by_what_was_typed(in_acme: Cast, cy_client: Client) -> None:
    text = cy_client.post(f"{ADMIN}/rubric/add/", rubric_data([60, 30])).content.decode()
    assert re.findall(r'<strong class="font-semibold select-none">\s*(Part \d|Criterion: #)', text) == [
        "Part 0",
        "Part 1",
        "Criterion: #",  # the row that “Add another” copies
    ]
    page = cy_client.get(f"{ADMIN}/rubric/add/").content.decode()
    assert "Criterion: #" in page


def test_a_rubric_is_written(in_acme: Cast, cy_client: Client) -> None:
    assert cy_client.post(f"{ADMIN}/rubric/add/", rubric_data([60, 40])).status_code == 302
    criterion = Rubric.objects.get(name="Ours").criteria.all()[0]
    assert criterion.anchors == {"90": "asks three open questions", "40": "asks one"}
    assert (criterion.key, criterion.signals) == ("part-0", ["asked_open_questions"])


def test_judging_how_somebody_sounds_cannot_be_published(in_acme: Cast, cy_client: Client) -> None:
    changes = {"criteria-0-definition": "The seller sounds confident throughout."}
    cy_client.post(f"{ADMIN}/rubric/add/", rubric_data([60, 40], **changes))
    rubric = Rubric.objects.get(name="Ours")
    page = cy_client.post(f"{ADMIN}/rubric/{rubric.pk}/publish/", follow=True).content.decode()
    assert "“sounds confident”" in page
    assert rubric.newest_published() is None


def scenario_data(buyer: Persona, yardstick: Rubric, **changes: Any) -> dict[str, Any]:
    return {
        "title": "Bakery",
        "mode": "discovery",
        "language": "en",
        "persona": buyer.pk,
        "rubric": yardstick.pk,
        "time_limit_minutes": 8,
        "trainee_brief": "You sell ovens.",
        "goal": "A visit.",
        **changes,
    }


def test_a_scenario_is_written_and_published(in_acme: Cast, cy_client: Client) -> None:
    cy_client.post(f"{ADMIN}/scenario/add/", scenario_data(make_persona(), make_rubric()))
    scenario = Scenario.objects.get(title="Bakery")
    page = cy_client.post(f"{ADMIN}/scenario/{scenario.pk}/publish/", follow=True).content.decode()
    assert "Version 1 is published." in page
    assert scenario.newest_published().published_by == in_acme.cy


def test_lines_end_as_they_do_in_packages(in_acme: Cast, cy_client: Client) -> None:
    typed = scenario_data(make_persona(), make_rubric(), trainee_brief="You sell ovens.\r\nThey bake.")
    cy_client.post(f"{ADMIN}/scenario/add/", typed)
    assert Scenario.objects.get(title="Bakery").trainee_brief == "You sell ovens.\nThey bake."


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"language": "es"}, "This is in English, the scenario is in another language."),
        ({"time_limit_minutes": 0}, "greater than or equal to 1"),
        ({"time_limit_minutes": 600}, "less than or equal to 60"),
        ({"mode": "shouting"}, "Select a valid choice"),
        ({"persona": "00000000-0000-4000-8000-000000000000"}, "Select a valid choice"),
        ({"goal": "  "}, "This field is required."),
    ],
)
def test_a_scenario_that_cannot_work_is_refused(
    in_acme: Cast, cy_client: Client, changes: dict[str, Any], said: str
) -> None:
    data = scenario_data(make_persona(), make_rubric(), **changes)
    assert said in cy_client.post(f"{ADMIN}/scenario/add/", data).content.decode()
    assert not Scenario.objects.filter(title="Bakery").exists()


def edit(persona: Persona, **changes: Any) -> dict[str, Any]:
    objection, pain = persona.objections.get(), persona.hidden_pains.get()
    rows = {
        **formset("objections", [{**OBJECTION, "id": objection.pk, "persona": persona.pk}], initial=1),
        **formset("hidden_pains", [{**PAIN, "id": pain.pk, "persona": persona.pk}], initial=1),
    }
    return persona_data(**rows, seen_revision=persona.revision, **changes)


def test_editing_keeps_keys_and_counts_saves(in_acme: Cast, cy_client: Client) -> None:
    persona = make_persona()
    assert cy_client.post(f"{ADMIN}/persona/{persona.pk}/change/", edit(persona)).status_code == 302
    persona.refresh_from_db()
    assert (persona.name, persona.revision) == ("Paula Frost", 2)
    assert persona.objections.get().key == "price"
    page = cy_client.get(f"{ADMIN}/persona/{persona.pk}/change/").content.decode()
    assert 'name="seen_revision" value="2"' in page


@pytest.mark.parametrize(
    ("places", "order"),
    [((0, 1, 0), ["Part 0", "Part 1", "Part 2"]), ((1, 2, 0), ["Part 2", "Part 0", "Part 1"])],
    ids=["added", "added and dragged to the top"],
)
def test_what_is_added_stands_last_unless_it_is_dragged(
    in_acme: Cast, cy_client: Client, places: tuple[int, ...], order: list[str]
) -> None:
    cy_client.post(f"{ADMIN}/rubric/add/", rubric_data([60, 40]))
    rubric = Rubric.objects.get(name="Ours")
    first, second = rubric.criteria.all()
    rows = {
        **{f"criteria-{index}-position": place for index, place in enumerate(places)},
        "criteria-INITIAL_FORMS": 2,
        "criteria-0-id": first.pk,
        "criteria-1-id": second.pk,
        "seen_revision": rubric.revision,
    }
    assert cy_client.post(f"{ADMIN}/rubric/{rubric.pk}/change/", rubric_data([60, 20, 20], **rows)).status_code == 302
    assert [criterion.name for criterion in rubric.criteria.all()] == order


def test_saving_without_a_change_is_no_change(in_acme: Cast, cy_client: Client) -> None:
    persona = make_persona()
    cy_client.post(f"{ADMIN}/persona/{persona.pk}/change/", edit(persona))
    publishing.publish_persona(persona=persona)
    persona.refresh_from_db()
    cy_client.post(f"{ADMIN}/persona/{persona.pk}/change/", edit(persona))
    persona.refresh_from_db()
    assert not persona.has_unpublished_changes


def test_nobody_overwrites_somebody_elses_save_unnoticed(in_acme: Cast, cy_client: Client) -> None:
    persona = make_persona()
    mine = edit(persona)
    Persona.objects.filter(pk=persona.pk).update(company="Theirs", revision=2)
    answer = cy_client.post(f"{ADMIN}/persona/{persona.pk}/change/", mine)
    text = answer.content.decode()
    assert "Somebody else saved this while you were editing." in text
    assert "now “Theirs”, yours “Frost Bakery”" in text
    persona.refresh_from_db()
    assert persona.company == "Theirs"
    assert 'name="seen_revision" value="2"' in text
    assert cy_client.post(f"{ADMIN}/persona/{persona.pk}/change/", {**mine, "seen_revision": 2}).status_code == 302
    persona.refresh_from_db()
    assert persona.company == "Frost Bakery"


def act(client: Client, kind: str, action: str, *items: Any) -> Any:
    data = {"action": action, "_selected_action": [item.pk for item in items]}
    return client.post(f"{ADMIN}/{kind}/", data, follow=True)


def test_actions_publish_copy_and_archive(in_acme: Cast, cy_client: Client) -> None:
    good, bad = make_scenario(title="Good"), make_scenario(title="Bad", rubric=make_rubric((10,)))
    text = act(cy_client, "scenario", "publish_selected", good, bad).content.decode()
    assert "1 published." in text
    assert "Bad: This cannot be published yet" in text
    assert "1 copied as a draft." in act(cy_client, "scenario", "duplicate_selected", good).content.decode()
    assert Scenario.objects.get(title="Copy of Good").status == Status.DRAFT
    assert "is used by" in act(cy_client, "persona", "archive_selected", good.persona).content.decode()
    act(cy_client, "scenario", "archive_selected", good)
    good.refresh_from_db()
    assert good.status == Status.ARCHIVED


def test_archived_content_is_shown_and_not_editable(in_acme: Cast, cy_client: Client) -> None:
    persona = make_persona()
    publishing.publish_persona(persona=persona)
    cy_client.post(f"{ADMIN}/persona/{persona.pk}/archive/")
    assert cy_client.post(f"{ADMIN}/persona/{persona.pk}/change/", edit(persona)).status_code == 403
    assert cy_client.get(f"{ADMIN}/persona/{persona.pk}/change/").status_code == 200
    assert (
        "Restored as a draft." in cy_client.post(f"{ADMIN}/persona/{persona.pk}/restore/", follow=True).content.decode()
    )


def test_versions_are_listed_with_their_differences(in_acme: Cast, cy_client: Client) -> None:
    persona = make_persona()
    publishing.publish_persona(persona=persona, author=in_acme.cy)
    persona.objections.update(text="It costs too much for us.")
    publishing.touch(item=persona)
    publishing.publish_persona(persona=persona, author=in_acme.cy)
    text = cy_client.get(f"{ADMIN}/persona/{persona.pk}/preview/").content.decode()
    assert "objections › price › text" in text
    assert "<del>That is more than we pay today.</del>" in text
    assert "<ins>It costs too much for us.</ins>" in text
    assert PersonaVersion.objects.filter(persona=persona).count() == 2


def test_a_copy_opens_for_editing(in_acme: Cast, cy_client: Client) -> None:
    answer = cy_client.post(f"{ADMIN}/persona/{make_persona().pk}/duplicate/")
    copy = Persona.objects.get(name="Copy of Dana Cole")
    assert answer["Location"] == f"{ADMIN}/persona/{copy.pk}/change/"


def test_only_a_draft_that_nothing_needs_can_be_deleted(in_acme: Cast, cy_client: Client) -> None:
    free, needed = make_persona(), make_scenario().persona
    assert cy_client.post(f"{ADMIN}/persona/{free.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Persona.objects.filter(pk=free.pk).exists()
    assert cy_client.post(f"{ADMIN}/persona/{needed.pk}/delete/", {"post": "yes"}).status_code == 403
