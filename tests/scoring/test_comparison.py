"""A redo beside its first call: the turns from the branching on, the difference in every score, and who may see it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django_tenants.utils import schema_context

from calls import forks
from calls.models import Call, Turn
from scoring.comparison import compare
from scoring.debrief.page import Debrief
from scoring.models import Score
from tests.cast import Cast
from tests.factories import make_run, make_score, make_scored_call

BASE = {"opening": 60, "discovery": 60, "objection": 60, "communication": 60, "closing": 60}


def redo_of(first: Call, seq: int, scores: dict[str, int], *, private: bool = False, said: str = "Better.") -> Call:
    """A redo that has ended, with one more turn and its own debrief."""
    redo = forks.fork(call=first, turn=forks.find_turn(first, seq=seq), private=private)
    Turn.objects.create(call=redo, seq=seq + 1, role="user", content=said, timestamp_ms=40_000, end_ms=42_000)
    Call.objects.filter(pk=redo.pk).update(status="completed", duration_ms=42_000)
    redo.refresh_from_db()
    make_score(redo, deep=make_run(redo, scores=BASE | scores))
    return redo


@pytest.fixture
def first(in_acme: Cast) -> Call:
    return make_scored_call(trainee=in_acme.ada, turns=True, scores=BASE)


def get(client: Client, call: Call, query: str = "") -> Any:
    with schema_context("org_acme"):
        return client.get(f"/org/acme/calls/{call.pk}/compare/{query}")


def test_the_branches_begin_where_they_part(first: Call) -> None:
    redo = redo_of(first, 3, {"objection": 90})
    found = compare(first, redo)
    assert [len(part) for part in (found.shared, found.first_rest, found.redo_rest)] == [3, 4, 1]
    assert [turn.segments[0].text for turn in found.redo_rest] == ["Better."]
    changes = {item.name: item.change for item in found.criteria}
    assert changes["Objection handling"] == 30
    assert changes["Opening"] == 0
    assert found.overall.change is not None
    assert found.overall.change > 0


def test_what_is_not_scored_yet_has_no_difference(first: Call) -> None:
    redo = redo_of(first, 3, {})
    Score.objects.filter(call=redo).delete()
    redo = Call.objects.get(pk=redo.pk)
    found = compare(first, redo)
    assert isinstance(found.redo, Debrief)
    assert found.overall.change is None
    assert found.is_waiting


def test_the_page_from_either_call(first: Call, ada_client: Client) -> None:
    redo = redo_of(first, 3, {"objection": 90})
    for call in (first, redo):
        page = get(ada_client, call).content.decode()
        assert "Both share 3 turns" in page
        assert "Better." in page
        assert "+30" in page


def test_one_of_several_redos_is_chosen(first: Call, ada_client: Client) -> None:
    older = redo_of(first, 3, {}, said="The older one.")
    redo_of(first, 5, {}, said="The newer one.")
    assert "The newer one." in get(ada_client, first).content.decode()
    chosen = get(ada_client, first, f"?with={older.pk}").content.decode()
    assert "The older one." in chosen
    assert "The newer one." not in chosen
    assert get(ada_client, first, "?with=nonsense").status_code == 404
    assert "Nothing to compare yet" in get(ada_client, first, f"?with={uuid4()}").content.decode()


def test_nothing_to_compare_says_what_to_do(first: Call, ada_client: Client) -> None:
    assert "Nothing to compare yet" in get(ada_client, first).content.decode()
    alone = redo_of(first, 3, {})
    Call.objects.filter(pk=alone.pk).update(forked_from=None)
    assert "The first call is not here any more" in get(ada_client, alone).content.decode()


def test_a_manager_compares_only_what_is_shared(first: Call, bo_client: Client, ada_client: Client) -> None:
    secret = redo_of(first, 3, {}, private=True, said="Between us.")
    assert "Nothing to compare yet" in get(bo_client, first).content.decode()
    assert get(bo_client, secret).status_code == 404
    shared = redo_of(first, 3, {}, said="For all to see.")
    page = get(bo_client, first).content.decode()
    assert "For all to see." in page
    assert "Between us." not in page
    assert str(secret.pk) not in page
    assert get(bo_client, first, f"?with={secret.pk}").content.decode().count("Between us.") == 0
    assert get(bo_client, shared).status_code == 200
    assert get(ada_client, secret).status_code == 200


@pytest.mark.parametrize("redos", [1, 6])
def test_the_page_takes_as_many_queries_for_many_redos(
    first: Call, ada_client: Client, redos: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(redos):
        redo_of(first, 3, {})
    get(ada_client, first)
    with django_assert_max_num_queries(24):
        get(ada_client, first)
