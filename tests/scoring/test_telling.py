"""Who is told of scores, contested marks and comments, and when."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from accounts.notices.models import Notice
from accounts.notices.wording import words_of
from accounts.people.models import TeamMembership
from scoring import appeals, comments, reviews, runs, tasks, telling
from scoring.models import Appeal, Comment, Score
from tests.cast import Cast
from tests.factories import CRITERIA, make_scored_call

MARKS: dict[str, int | None] = {key: 60 for key, _name, _weight in CRITERIA}


def contested(cast: Cast) -> Appeal:
    return appeals.contest(
        call=make_scored_call(trainee=cast.ada, turns=True), criterion="closing", reason="I proposed Tuesday."
    )


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Any:
    """What is done inside is committed, and what follows a commit is done."""

    def block() -> Any:
        return django_capture_on_commit_callbacks(execute=True)

    return block


def told(outbox: list[Any]) -> set[str]:
    people = {mail.to[0].split("@")[0] for mail in outbox}
    outbox.clear()
    return people


def test_the_managers_hear_of_it_and_the_trainee_of_the_decision(
    in_acme: Cast, ada_client: Client, bo_client: Client, mailoutbox: list[Any], committed: Any
) -> None:
    call = make_scored_call(trainee=in_acme.ada, turns=True)
    contest = {"criterion": "closing", "reason": "I proposed Tuesday."}
    with committed():
        ada_client.post(f"/org/acme/calls/{call.pk}/appeal/", contest)
    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["bo@cast.test"], "Ada contests a mark")
    with schema_context(in_acme.acme.schema_name):
        path = f"/org/acme/appeals/{Appeal.objects.get().pk}/"
    assert path in mail.body
    said = re.sub(r"https?://\S+", "", mail.body)
    assert not re.search(r"\b72\b", said), "the mark comes after the own one"
    assert "I proposed Tuesday" not in mail.body
    mailoutbox.clear()
    with committed():
        bo_client.post(f"{path}mark/", {"mark-closing": "90"})
    assert mailoutbox == []
    with committed():
        bo_client.post(f"{path}decision/", {"choice": "overturn", "reason": "Yes."})
    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["ada@cast.test"], "Decided: your objection to “Closing”")
    assert "was changed" in mail.body


def test_nobody_is_asked_who_may_not_decide(in_acme: Cast, mailoutbox: list[Any], committed: Any) -> None:
    call = make_scored_call(trainee=in_acme.ada, turns=True)
    reviews.submit(call=call, reviewer=in_acme.bo, marks=MARKS)
    with committed():
        telling.of_appeal(appeals.contest(call=call, criterion="closing", reason="x").pk)
    assert told(mailoutbox) == {"cy", "dee"}, "Bo judged first, so those above"


def test_without_a_manager_those_above_are_asked(in_acme: Cast, mailoutbox: list[Any], committed: Any) -> None:
    TeamMembership.objects.filter(user=in_acme.bo).delete()
    with committed():
        telling.of_appeal(contested(in_acme).pk)
    assert told(mailoutbox) == {"cy", "dee"}


def test_those_above_are_told_once_that_it_is_overdue(in_acme: Cast, mailoutbox: list[Any], committed: Any) -> None:
    late, soon = contested(in_acme), contested(in_acme)
    Appeal.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(minutes=1))
    with committed():
        tasks.sweep()
    assert {mail.subject for mail in mailoutbox} == {"Overdue: Ada contests a mark"}
    assert told(mailoutbox) == {"bo", "cy", "dee"}
    with committed():
        tasks.sweep()
    assert mailoutbox == []
    soon.refresh_from_db()
    assert soon.reminded_at is None


def test_an_appeal_that_is_gone_is_nobodys_mail(in_acme: Cast, mailoutbox: list[Any]) -> None:
    appeal = contested(in_acme)
    Appeal.objects.all().delete()
    telling.of_appeal(appeal.pk)
    assert mailoutbox == []


def notices_of(user: Any) -> list[tuple[str, str]]:
    return [(notice.kind, words_of(notice).title) for notice in Notice.objects.filter(user=user).order_by("created_at")]


def test_a_score_is_told_once_to_its_trainee(in_acme: Cast) -> None:
    call = make_scored_call(trainee=in_acme.ada)
    telling.of_score(call.pk)
    telling.of_score(call.pk)
    assert notices_of(in_acme.ada) == [("score_ready", f"“{call.title}” is scored")]
    assert notices_of(in_acme.bo) == []
    assert Notice.objects.get().path == f"/calls/{call.pk}/debrief/"


def test_a_first_impression_is_no_news(in_acme: Cast) -> None:
    call = make_scored_call(trainee=in_acme.ada)
    Score.objects.update(deep_run=None)
    telling.of_score(call.pk)
    assert notices_of(in_acme.ada) == []


def test_a_score_that_a_person_is_to_decide_is_told_to_who_coaches(in_acme: Cast) -> None:
    call = make_scored_call(trainee=in_acme.ada)
    Score.objects.update(state=Score.State.NEEDS_REVIEW)
    telling.of_score(call.pk)
    assert notices_of(in_acme.bo) == [("review_waiting", "A call of Ada waits for your mark")]
    assert notices_of(in_acme.cy) == []


def test_private_practice_is_told_to_nobody_else(in_acme: Cast) -> None:
    call = make_scored_call(trainee=in_acme.ada, private=True)
    Score.objects.update(state=Score.State.NEEDS_REVIEW)
    telling.of_score(call.pk)
    assert [kind for kind, _title in notices_of(in_acme.ada)] == ["score_ready"]
    assert not Notice.objects.exclude(user=in_acme.ada).exists()


def test_a_score_that_somebody_set_is_told_with_the_name(in_acme: Cast) -> None:
    call = make_scored_call(trainee=in_acme.ada, turns=True)
    run = runs.record_human(
        call, by=in_acme.bo, reason="Better than that.", criteria={"closing": 90}, base_run=call.score.deep_run
    )
    telling.of_score(call.pk)
    telling.of_score(call.pk)
    assert notices_of(in_acme.ada) == [("score_changed", f"Your score for “{call.title}” was changed")]
    assert words_of(Notice.objects.get()).lines == ["Bo looked at it again and says why."]
    assert Notice.objects.get().dedupe.endswith(str(run.pk))


def test_a_comment_is_told_to_who_may_read_it(in_acme: Cast) -> None:
    call = make_scored_call(trainee=in_acme.ada, turns=True)
    comments.add(call=call, author=in_acme.bo, body="For managers.", visibility=Comment.Visibility.MANAGERS)
    assert not Notice.objects.exists()
    comments.add(call=call, author=in_acme.bo, body="For Ada.")
    assert notices_of(in_acme.ada) == [("comment", f"Bo commented on “{call.title}”")]
    comments.add(call=call, author=in_acme.ada, body="Thanks.")
    assert notices_of(in_acme.bo) == [("comment", f"Ada commented on “{call.title}”")]
    TeamMembership.objects.filter(user=in_acme.bo).delete()
    comments.add(call=call, author=in_acme.ada, body="Are you there?")
    assert len(notices_of(in_acme.bo)) == 1, "Bo left the team"


def test_who_is_mentioned_is_told_that_and_nothing_else(in_acme: Cast) -> None:
    call = make_scored_call(trainee=in_acme.ada, turns=True)
    comments.add(call=call, author=in_acme.cy, body="Ada, see here.", mentions=[in_acme.ada.pk])
    assert notices_of(in_acme.ada) == [("mentioned", f"Cy mentions you in a comment on “{call.title}”")]
