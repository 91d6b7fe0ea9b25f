"""Reviews, appeals and comments over REST."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django_tenants.utils import schema_context

from calls.models import Call
from scoring.models import Appeal, Comment, Review, Score
from tests.cast import Cast
from tests.factories import CRITERIA, make_call, make_run, make_score, make_scored_call

API = "/org/acme/api/v1"
MARKS: dict[str, int | None] = {key: 60 for key, _name, _weight in CRITERIA}


@pytest.fixture
def call(in_acme: Cast) -> Call:
    return make_scored_call(trainee=in_acme.ada, turns=True)


def post(client: Client, path: str, body: Any, status: int = 201, headers: dict[str, str] | None = None) -> Any:
    answer = client.post(API + path, body, content_type="application/json", headers=headers)
    assert answer.status_code == status, answer.content
    return answer.json()


def inside(cast: Cast) -> Any:
    """A request leaves the connection outside of the organisation."""
    return schema_context(cast.acme.schema_name)


def get(client: Client, path: str, status: int = 200) -> Any:
    answer = client.get(API + path)
    assert answer.status_code == status, answer.content
    return answer.json()


def test_the_life_of_an_appeal(call: Call, ada_client: Client, bo_client: Client) -> None:
    said = call.turns.get(seq=6)
    body = {"criterion": "closing", "reason": "I did.", "turn_id": str(said.pk), "start": 0, "end": 12}
    appeal = post(ada_client, f"/calls/{call.pk}/appeal/", body)
    assert (appeal["state"], appeal["mark"], appeal["quote"]) == ("open", 72, said.content[:12])
    path = f"/appeals/{appeal['id']}/"
    assert get(bo_client, path)["mark"] is None, "unseen until marked"
    [listed] = get(bo_client, "/appeals/")["results"]
    assert (listed["id"], listed["mark"]) == (appeal["id"], None)
    assert get(ada_client, "/appeals/")["results"][0]["mark"] == 72
    error = post(bo_client, f"{path}decision/", {"overturn": True, "reason": "Yes."}, 409)["error"]
    assert error["code"] == "MARK_FIRST"
    assert post(bo_client, f"{path}mark/", {"mark": 92}, 200)["mark"] == 72
    decided = post(bo_client, f"{path}decision/", {"overturn": True, "reason": "Yes."}, 200)
    assert (decided["state"], decided["new_mark"], decided["decided_by"]) == ("overturned", 92, "Bo")
    score = get(ada_client, f"/calls/{call.pk}/score/")
    assert (score["run_id"], score["overall_score"]) == (decided["run_id"], 75)
    assert [item["id"] for item in get(ada_client, f"/calls/{call.pk}/appeal/")["results"]] == [appeal["id"]]


def test_contesting_twice_is_a_conflict_and_a_repeat_is_not(call: Call, in_acme: Cast, ada_client: Client) -> None:
    body = {"criterion": "closing", "reason": "I did."}
    first = post(ada_client, f"/calls/{call.pk}/appeal/", body, headers={"idempotency-key": "one"})
    assert post(ada_client, f"/calls/{call.pk}/appeal/", body, headers={"idempotency-key": "one"}) == first
    error = post(ada_client, f"/calls/{call.pk}/appeal/", body, 409)["error"]
    assert error["code"] == "CONTESTED_BEFORE"
    with inside(in_acme):
        assert Appeal.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"criterion": "closing"},
        {"criterion": "charm", "reason": "x"},
        {"criterion": "closing", "reason": ""},
        {"criterion": "closing", "reason": "x", "turn_id": "no"},
        {"criterion": "closing", "reason": "x", "turn_id": str(uuid4())},
        {"criterion": "closing", "reason": "x", "more": 1},
        [],
        None,
    ],
)
def test_what_is_no_objection_is_a_400(call: Call, ada_client: Client, body: Any) -> None:
    assert post(ada_client, f"/calls/{call.pk}/appeal/", body, 400)["error"]["code"] == "VALIDATION_ERROR"


def test_conflicts_of_interest_are_refused(call: Call, in_acme: Cast, ada_client: Client, cy_client: Client) -> None:
    appeal = post(ada_client, f"/calls/{call.pk}/appeal/", {"criterion": "closing", "reason": "I did."})
    post(ada_client, f"/appeals/{appeal['id']}/mark/", {"mark": 100}, 403)
    with inside(in_acme):
        own = make_scored_call(trainee=in_acme.cy)
    error = post(cy_client, f"/calls/{own.pk}/reviews/", {"marks": MARKS}, 403)["error"]
    assert error["code"] == "CONFLICT_OF_INTEREST"
    mine = post(cy_client, f"/calls/{own.pk}/appeal/", {"criterion": "closing", "reason": "I did."})
    error = post(cy_client, f"/appeals/{mine['id']}/mark/", {"mark": 100}, 403)["error"]
    assert error["code"] == "CONFLICT_OF_INTEREST"


def test_a_review_and_an_override(call: Call, bo_client: Client, cy_client: Client, ada_client: Client) -> None:
    path = f"/calls/{call.pk}/reviews/"
    review = post(bo_client, path, {"marks": MARKS})
    assert review["blind"] is True
    assert review["criteria"][0] == {"key": "opening", "name": "Opening", "own": 60, "judged": 72}
    assert get(cy_client, path)["results"] == [], "nobody else's marks before one's own"
    assert [item["id"] for item in get(bo_client, path)["results"]] == [review["id"]]
    wanted = {"run_id": review["run_id"], "choice": "override", "reason": ""}
    assert post(bo_client, f"{path}decision/", wanted, 400)["error"]["details"]["field"] == "reason"
    done = post(bo_client, f"{path}decision/", wanted | {"reason": "No price."}, 200)
    assert (done["overall_score"], done["judged_by"]) == (60, "human")
    assert post(bo_client, f"{path}decision/", wanted | {"reason": "Again."}, 409)["error"]["code"] == "ALREADY_DECIDED"
    get(ada_client, path, 403)


@pytest.mark.parametrize(
    "marks",
    [{**MARKS, "opening": 101}, {**MARKS, "opening": "x"}, {"opening": 60}, {**MARKS, "charm": 1}, {}, "x", None],
)
def test_marks_out_of_range_or_of_another_rubric_are_a_400(
    call: Call, in_acme: Cast, bo_client: Client, marks: Any
) -> None:
    post(bo_client, f"/calls/{call.pk}/reviews/", {"marks": marks}, 400)
    with inside(in_acme):
        assert not Review.objects.exists()


def test_reading_the_score_first_ends_blindness(call: Call, bo_client: Client) -> None:
    get(bo_client, f"/calls/{call.pk}/score/")
    assert post(bo_client, f"/calls/{call.pk}/reviews/", {"marks": MARKS})["blind"] is False


def test_what_waits_for_a_person(in_acme: Cast, bo_client: Client, ada_client: Client) -> None:
    call = make_call(trainee=in_acme.ada)
    make_score(call, deep=make_run(call, passed=None), state=Score.State.NEEDS_REVIEW)
    [waiting] = get(bo_client, "/reviews/")["results"]
    assert (waiting["call_id"], waiting["why"]) == (str(call.pk), "noisy")
    assert "overall_score" not in waiting
    get(ada_client, "/reviews/", 403)


def test_the_queue_is_read_page_by_page(in_acme: Cast, bo_client: Client) -> None:
    expected = []
    for _number in range(3):
        call = make_call(trainee=in_acme.ada)
        make_score(call, deep=make_run(call, passed=None), state=Score.State.NEEDS_REVIEW)
        expected.append(str(call.pk))
    found, path = [], "/reviews/?page_size=2"
    while path:
        page = get(bo_client, path)
        found += [item["call_id"] for item in page["results"]]
        path = (page["next"] or "").partition("/api/v1")[2]
    assert found == expected, "the longest waiting first, each once"
    get(bo_client, "/reviews/?cursor=nonsense", 400)


def test_a_repeated_decision_is_answered_as_the_first_one(call: Call, in_acme: Cast, bo_client: Client) -> None:
    path = f"/calls/{call.pk}/reviews/"
    run_id = post(bo_client, path, {"marks": MARKS})["run_id"]
    wanted = {"run_id": run_id, "choice": "override", "reason": "No price."}
    key = {"idempotency-key": "two"}
    first = post(bo_client, f"{path}decision/", wanted, 200, headers=key)
    assert post(bo_client, f"{path}decision/", wanted, 200, headers=key) == first


def test_comments(call: Call, in_acme: Cast, bo_client: Client, ada_client: Client) -> None:
    path = f"/calls/{call.pk}/comments/"
    body = {"body": "Well asked.", "at_ms": 12_000, "mentions": [str(in_acme.ada.pk)]}
    comment = post(bo_client, path, body)
    assert (comment["author"], comment["at_ms"], comment["mentions"]) == ("Bo", 12_000, [str(in_acme.ada.pk)])
    post(bo_client, path, {"body": "Ready for more?", "visibility": "managers"})
    assert [item["body"] for item in get(ada_client, path)["results"]] == ["Well asked."]
    refused = post(bo_client, path, {"body": "Hey.", "mentions": [str(in_acme.val.pk)]}, 400)["error"]
    assert refused["details"]["field"] == "mentions"
    assert ada_client.delete(f"{API}/comments/{comment['id']}/").status_code == 404
    assert bo_client.delete(f"{API}/comments/{comment['id']}/").status_code == 204
    with inside(in_acme):
        assert Comment.objects.count() == 1
