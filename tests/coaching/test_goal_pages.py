"""Pages and API of goals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from accounts.models import User
from coaching.goals import medals
from coaching.goals.models import Goal, PracticeDays
from tests.cast import Cast
from tests.factories import make_goal, make_scored_call

GOALS = "/org/acme/goals/"
API = "/org/acme/api/v1/goals/"
SOON = (timezone.now().date() + timedelta(days=30)).isoformat()


def acme() -> Any:
    """Rows are Acme's; a request leaves the thread outside."""
    return schema_context("org_acme")


def text_of(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


def test_without_goals_the_page_says_what_they_are_for(cast: Cast, ada_client: Client) -> None:
    page = text_of(ada_client, GOALS)
    assert "No goals yet" in page
    assert f'href="{GOALS}new/calls/"' in page


def test_a_goal_is_set_written_down_changed_and_put_away(in_acme: Cast, ada_client: Client) -> None:
    form = {"title": "Meetings", "start": "2", "target": "10", "unit": "meetings", "due": SOON}
    answer = ada_client.post(f"{GOALS}new/own/", form)
    with acme():
        goal = Goal.objects.get(owner=in_acme.ada)
    assert answer["Location"] == f"{GOALS}{goal.pk}/"
    path = f"{GOALS}{goal.pk}/"
    assert "Write the number down now and then" in text_of(ada_client, path)
    assert ada_client.post(path, {"do": "write", "on": timezone.now().date(), "value": "6"}).status_code == 302
    assert "6 meetings, from 2 to 10" in " ".join(text_of(ada_client, path).split())
    assert ada_client.post(path, {"do": "change", "target": "12", "due": SOON, "shared": "on"}).status_code == 302
    with acme():
        goal.refresh_from_db()
    assert (goal.target, goal.shared) == (12, True)
    ada_client.post(path, {"do": "put_away"})
    with acme():
        goal.refresh_from_db()
    assert goal.state == "closed"
    assert "Put away" in text_of(ada_client, GOALS)


def test_a_round_target_stands_in_its_form_as_it_was_typed(in_acme: Cast, ada_client: Client) -> None:
    form = {"title": "Meetings", "start": "0", "target": "20", "due": SOON}
    shown = ada_client.post(f"{GOALS}new/own/", form, follow=True).content.decode()
    assert 'name="target" value="20"' in shown


def test_a_form_that_is_wrong_says_so_beside_the_field_and_saves_nothing(in_acme: Cast, ada_client: Client) -> None:
    wrong = {"title": "Meetings", "start": "5", "target": "5", "due": SOON}
    page = ada_client.post(f"{GOALS}new/own/", wrong).content.decode()
    assert "The target is where you start from" in page
    assert 'value="Meetings"' in page
    ada_client.post(f"{GOALS}new/calls/", {"target": "3", "due": "2020-01-01"})
    ada_client.post(f"{GOALS}new/criterion/", {"target": "80", "due": SOON, "criterion": "closing"})
    with acme():
        assert not Goal.objects.exists()
        goal = make_goal(owner=in_acme.ada)
    refused = ada_client.post(f"{GOALS}{goal.pk}/", {"do": "write", "on": SOON, "value": "1"})
    assert refused.status_code == 400  # a browser that sent it later keeps it
    page = refused.content.decode()
    assert "That day has not come yet." in page
    written, changed = page.index('data-keep="entry"'), page.index('data-keep="change"')
    assert written < page.index('value="write"') < changed < page.index('value="change"')
    assert ada_client.post(f"{GOALS}{goal.pk}/", {"do": "nonsense"}).status_code == 404
    assert ada_client.get(f"{GOALS}new/nonsense/").status_code == 404


def test_days_are_filled_in_whatever_the_language(in_acme: Cast, ada_client: Client) -> None:
    """A browser shows an input of days as empty unless its value is an ISO date."""
    User.objects.filter(pk=in_acme.ada.pk).update(language="es")
    with acme():
        goal = make_goal(owner=in_acme.ada)
    today = timezone.now().date()
    assert f'name="due" value="{today + timedelta(days=30)}"' in text_of(ada_client, f"{GOALS}new/calls/")
    page = text_of(ada_client, f"{GOALS}{goal.pk}/")
    assert '<html lang="es"' in page
    assert f'name="on" value="{today}"' in page
    assert f'name="due" value="{goal.due.isoformat()}"' in page


def test_a_goal_in_a_criterion_waits_for_the_first_debrief(in_acme: Cast, ada_client: Client) -> None:
    assert "After your first debrief" in text_of(ada_client, f"{GOALS}new/criterion/")
    with acme():
        make_scored_call(trainee=in_acme.ada)
    ada_client.post(f"{GOALS}new/criterion/", {"criterion": "closing", "target": "80", "due": SOON})
    assert "Closing: 80 on average" in " ".join(text_of(ada_client, GOALS).split())


def test_proposals_stand_on_top_and_are_answered(in_acme: Cast, ada_client: Client, bo_client: Client) -> None:
    path = f"/org/acme/team/{in_acme.ada.pk}/goals/"
    assert "No shared goals yet" in text_of(bo_client, path)
    bo_client.post(path, {"kind": "calls", "target": "3", "due": SOON, "reason": "Rhythm helps."})
    with acme():
        goal = Goal.objects.get()
    page = text_of(ada_client, GOALS)
    assert "Bo proposes it" in page
    assert "Rhythm helps." in page
    ada_client.post(f"{GOALS}{goal.pk}/", {"do": "accept"})
    assert "3 calls every week" in " ".join(text_of(bo_client, path).split())
    assert "active" in text_of(bo_client, path)
    assert bo_client.post(f"{GOALS}{goal.pk}/", {"do": "put_away"}).status_code == 404


def test_managers_do_not_see_private_goals(in_acme: Cast, bo_client: Client, ada_client: Client) -> None:
    private = make_goal(owner=in_acme.ada, title="Nobody's business")
    assert "Nobody" not in text_of(bo_client, f"/org/acme/team/{in_acme.ada.pk}/goals/").replace(
        "nobody's business", ""
    )
    text_of(bo_client, f"{GOALS}{private.pk}/", status=404)
    text_of(bo_client, f"/org/acme/team/{in_acme.val.pk}/goals/", status=404)
    text_of(ada_client, f"/org/acme/team/{in_acme.val.pk}/goals/", status=404)


def test_weekends_may_be_days_of_rest(in_acme: Cast, ada_client: Client) -> None:
    ada_client.post(f"{GOALS}days/", {"weekends_off": "on"})
    with acme():
        assert PracticeDays.objects.get(user=in_acme.ada).weekends_off
    ada_client.post(f"{GOALS}days/", {})
    with acme():
        assert not PracticeDays.objects.get(user=in_acme.ada).weekends_off


def test_medals_lead_to_their_calls(in_acme: Cast, ada_client: Client) -> None:
    call = make_scored_call(trainee=in_acme.ada)
    medals.refresh(user_id=in_acme.ada.pk)
    page = text_of(ada_client, GOALS)
    assert "First debrief" in page
    assert f"/calls/{call.pk}/debrief/" in page
    assert "First debrief" in text_of(ada_client, "/org/acme/profile/")


def test_queries_do_not_grow_with_goals(in_acme: Cast, ada_client: Client, django_assert_max_num_queries: Any) -> None:
    def count() -> int:
        with django_assert_max_num_queries(40) as seen:
            text_of(ada_client, GOALS)
        return len(seen)

    make_goal(owner=in_acme.ada)
    text_of(ada_client, GOALS)
    few = count()
    with acme():
        for number in range(6):
            make_goal(owner=in_acme.ada, proposed_by=in_acme.bo, state="proposed" if number % 2 else "active")
    assert count() == few


# -- API --------------------------------------------------------------------------------------------------------------


def test_the_api_sets_lists_changes_and_puts_away(in_acme: Cast, ada_client: Client) -> None:
    body = {"kind": "own", "title": "Meetings", "target": 10, "due": SOON, "unit": "meetings"}
    made = ada_client.post(API, body, content_type="application/json")
    assert made.status_code == 201, made.content
    goal = made.json()
    assert (goal["state"], goal["start"], goal["current"], goal["percent"]) == ("active", 0, 0, 0)
    path = f"{API}{goal['id']}/"
    entry = {"on": timezone.now().date().isoformat(), "value": 4, "note": "a start"}
    assert ada_client.post(f"{path}entries/", entry, content_type="application/json").status_code == 201
    assert ada_client.get(f"{path}entries/").json()["results"] == [entry]
    listed = ada_client.get(API).json()["results"]
    assert [(row["id"], row["percent"]) for row in listed] == [(goal["id"], 40)]
    changed = ada_client.patch(path, {"target": 8}, content_type="application/json").json()
    assert changed["percent"] == 50
    tag = ada_client.get(path)["ETag"]
    assert ada_client.get(path, headers={"if-none-match": tag}).status_code == 304
    assert ada_client.delete(path).status_code == 204
    assert ada_client.get(f"{API}?state=active").json()["results"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({"kind": "wish"}, "kind", id="kind"),
        pytest.param({"due": "soon"}, "due", id="day"),
        pytest.param({"target": "NaN"}, "target", id="not a number"),
        pytest.param({"title": ""}, "title", id="no words"),
        pytest.param({"colour": "red"}, "colour", id="unknown"),
    ],
)
def test_the_api_names_what_is_wrong(in_acme: Cast, ada_client: Client, body: dict[str, Any], field: str) -> None:
    whole = {"kind": "own", "title": "Meetings", "target": 10, "due": SOON, **body}
    answer = ada_client.post(API, whole, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["field"] == field
    with acme():
        assert not Goal.objects.exists()


def test_a_manager_proposes_by_api(in_acme: Cast, ada_client: Client, bo_client: Client) -> None:
    body = {"user_id": str(in_acme.ada.pk), "kind": "calls", "target": 3, "due": SOON}
    made = bo_client.post(API, body, content_type="application/json").json()
    assert (made["state"], made["proposed_by"]["name"]) == ("proposed", "Bo")
    answered = ada_client.post(f"{API}{made['id']}/answer/", {"accept": True}, content_type="application/json")
    assert answered.json()["state"] == "active"
    assert [row["id"] for row in bo_client.get(f"{API}?user_id={in_acme.ada.pk}").json()["results"]] == [made["id"]]
    for user_id in (in_acme.val.pk, in_acme.gil.pk, uuid4(), "x"):
        refused = bo_client.post(API, {**body, "user_id": str(user_id)}, content_type="application/json")
        assert refused.status_code in {400, 404}
        assert bo_client.get(f"{API}?user_id={user_id}").status_code == 404
    assert (
        bo_client.post(f"{API}{made['id']}/answer/", {"accept": True}, content_type="application/json").status_code
        == 404
    )


def test_the_same_key_sets_one_goal(in_acme: Cast, ada_client: Client) -> None:
    body = {"kind": "calls", "target": 3, "due": SOON}
    headers = {"idempotency-key": "once"}
    first = ada_client.post(API, body, content_type="application/json", headers=headers)
    again = ada_client.post(API, body, content_type="application/json", headers=headers)
    assert first.json() == again.json()
    with acme():
        assert Goal.objects.count() == 1
