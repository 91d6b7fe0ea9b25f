"""What people wrote about calls, when they want a copy of it or want it gone."""

from __future__ import annotations

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from accounts.signals import person_erased, personal_data_requested
from calls.models import Call
from scoring import appeals, comments, reviews
from scoring.models import Appeal, Comment, Review, Score
from tests.cast import Cast
from tests.factories import CRITERIA, make_scored_call

MARKS: dict[str, int | None] = {key: 60 for key, _name, _weight in CRITERIA}


def discussed(cast: Cast) -> Call:
    """A call of Ada's on which Bo and Ada have spoken."""
    call = make_scored_call(trainee=cast.ada, turns=True)
    comments.add(call=call, author=cast.bo, body="Well asked.")
    comments.add(call=call, author=cast.bo, body="Not ready yet.", visibility="managers")
    reviews.submit(call=call, reviewer=cast.bo, marks=MARKS, note="A hurried call.")
    appeals.contest(call=call, criterion="closing", reason="I proposed Tuesday.")
    return call


def copy_for(cast: Cast, user: Any) -> str:
    answers: list[Any] = personal_data_requested.send(sender=None, user=user, organization=cast.acme)
    [words] = [data for _receiver, (section, data) in answers if section == "scores"]
    return json.dumps(words, cls=DjangoJSONEncoder)


def test_a_copy_holds_ones_own_words_and_those_meant_for_one(in_acme: Cast) -> None:
    discussed(in_acme)
    adas, bos = copy_for(in_acme, in_acme.ada), copy_for(in_acme, in_acme.bo)
    assert "I proposed Tuesday." in adas
    assert "Well asked." in adas
    assert "Not ready yet." not in adas
    assert "A hurried call." not in adas
    assert "Not ready yet." in bos
    assert "A hurried call." in bos
    assert "I proposed Tuesday." not in bos


def test_words_about_others_go_and_marks_stay(in_acme: Cast) -> None:
    call = discussed(in_acme)
    person_erased.send(sender=None, user=in_acme.bo, organization=in_acme.acme)
    assert not Comment.objects.exists()
    review = Review.objects.get()
    assert (review.note, review.marks["opening"]) == ("", 60)
    assert Score.objects.get(call=call).overall_score == 72


def test_ones_own_calls_take_everything_along(in_acme: Cast) -> None:
    discussed(in_acme)
    person_erased.send(sender=None, user=in_acme.ada, organization=in_acme.acme)
    assert not Appeal.objects.exists()
    assert not Review.objects.exists()
    assert not Comment.objects.exists()
