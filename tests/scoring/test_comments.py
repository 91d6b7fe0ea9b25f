"""Remarks beside a call: who reads them, what they may point at, whom they may name."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.people.models import Team, TeamMembership
from calls.models import Call, CallEvent
from scoring import comments
from scoring.comments import Place
from scoring.models import Comment
from scoring.review_queue import mentions_of
from tenants.errors import InvalidInput
from tests.cast import Cast
from tests.factories import make_scored_call

MANAGERS = Comment.Visibility.MANAGERS


@pytest.fixture
def call(in_acme: Cast) -> Call:
    return make_scored_call(trainee=in_acme.ada, turns=True)


def bodies(call: Call, viewer: Any) -> list[str]:
    return [comment.body for comment in comments.visible_comments(call, viewer=viewer)]


def test_the_trainee_reads_what_is_for_the_trainee(call: Call, in_acme: Cast) -> None:
    comments.add(call=call, author=in_acme.bo, body="Good question here.")
    comments.add(call=call, author=in_acme.bo, body="Ready for the big accounts?", visibility=MANAGERS)
    comments.add(call=call, author=in_acme.ada, body="Thank you!")
    assert bodies(call, in_acme.ada) == ["Good question here.", "Thank you!"]
    assert bodies(call, in_acme.cy) == ["Good question here.", "Ready for the big accounts?", "Thank you!"]


def test_what_is_not_for_the_trainee_is_not_told_on_the_trainees_socket(call: Call, in_acme: Cast) -> None:
    comments.add(call=call, author=in_acme.bo, body="For managers.", visibility=MANAGERS)
    assert not CallEvent.objects.filter(type="comment:added").exists()
    comments.add(call=call, author=in_acme.bo, body="For Ada.", place=Place(at_ms=2000))
    event = CallEvent.objects.get(type="comment:added")
    assert event.data["at_ms"] == 2000
    assert "For Ada" not in str(event.data)


def test_a_comment_points_at_a_moment_a_turn_or_a_criterion_of_its_call(call: Call, in_acme: Cast) -> None:
    turn = call.turns.get(seq=2)
    place = Place(at_ms=2000, turn_id=turn.pk, criterion="opening")
    comment = comments.add(call=call, author=in_acme.bo, body="Here.", place=place)
    assert (comment.at_ms, comment.turn, comment.criterion) == (2000, turn, "opening")
    elsewhere = make_scored_call(trainee=in_acme.ada, turns=True).turns.get(seq=2)
    for wrong in (Place(at_ms=33_001), Place(at_ms=-1), Place(turn_id=elsewhere.pk), Place(criterion="charm")):
        with pytest.raises(InvalidInput):
            comments.add(call=call, author=in_acme.bo, body="There.", place=wrong)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"body": "  "}, "body"), ({"body": "x" * 2001}, "body"), ({"visibility": "everybody"}, "visibility")],
)
def test_what_is_no_comment(call: Call, in_acme: Cast, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        comments.add(call=call, author=in_acme.bo, **{"body": "Words.", **wrong})
    assert refused.value.details["field"] == field


def test_the_trainee_hides_nothing_from_herself(call: Call, in_acme: Cast) -> None:
    with pytest.raises(InvalidInput):
        comments.add(call=call, author=in_acme.ada, body="Psst.", visibility=MANAGERS)


def test_nobody_is_named_beside_practice_in_private(call: Call, in_acme: Cast) -> None:
    """A mention tells of the call, and nobody may open it."""
    Call.objects.filter(pk=call.pk).update(private=True)
    call.refresh_from_db()
    with pytest.raises(InvalidInput):
        comments.add(call=call, author=in_acme.ada, body="Look, Bo.", mentions=[in_acme.bo.pk])
    Call.objects.filter(pk=call.pk).update(submitted_at=timezone.now())
    call.refresh_from_db()
    assert comments.add(call=call, author=in_acme.ada, body="Look, Bo.", mentions=[in_acme.bo.pk]).mentioned.get()


def test_those_are_named_who_are_of_the_team_and_may_read_it(call: Call, in_acme: Cast) -> None:
    north = Team.objects.get(name="North")
    comment = comments.add(call=call, author=in_acme.cy, body="Look, both.", mentions=[in_acme.ada.pk, in_acme.bo.pk])
    assert set(comment.mentioned.all()) == {in_acme.ada, in_acme.bo}
    TeamMembership.objects.create(team=north, user=in_acme.val)
    refused = {
        "of no team of Ada's": (in_acme.cy, "trainee"),
        "a stranger": (in_acme.gil, "trainee"),
        "a trainee of the team, who may not see the call": (in_acme.val, "trainee"),
        "the trainee, who may not read it": (in_acme.ada, "managers"),
    }
    for why, (person, visibility) in refused.items():
        with pytest.raises(InvalidInput) as error:
            comments.add(call=call, author=in_acme.bo, body="Hey.", visibility=visibility, mentions=[person.pk])
        assert error.value.details["field"] == "mentions", why
    with pytest.raises(InvalidInput):
        comments.add(call=call, author=in_acme.bo, body="Hey.", mentions=[uuid4()])
    assert Comment.objects.count() == 1


def test_who_was_named_finds_it(call: Call, in_acme: Cast) -> None:
    comment = comments.add(call=call, author=in_acme.cy, body="Look.", visibility=MANAGERS, mentions=[in_acme.bo.pk])
    assert mentions_of(viewer=in_acme.bo, role="manager") == [comment]
    TeamMembership.objects.filter(user=in_acme.bo).delete()
    assert mentions_of(viewer=in_acme.bo, role="manager") == [], "no longer Bo's to see"


def test_only_the_author_takes_a_comment_back(call: Call, in_acme: Cast) -> None:
    comment = comments.add(call=call, author=in_acme.bo, body="Hm.")
    with pytest.raises(comments.CommentNotFound):
        comments.remove(comment=comment, actor=in_acme.cy)
    comments.remove(comment=comment, actor=in_acme.bo)
    assert not Comment.objects.exists()
