"""The home page: what is asked comes first, with why; goals, medals and days in a row beside it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from accounts.models import User
from coaching.goals import medals
from coaching.learning.models import Enrolment
from coaching.learning.services import Todo
from reporting.agenda import MOST_SHOWN, arranged
from scenarios.models import Scenario
from scenarios.training.assigning import Terms, assign
from scenarios.training.calendars import today
from tests.cast import Cast
from tests.factories import make_call, make_goal, make_rubric_version, make_scenario_version, make_scored_call
from tests.training import make_track

HOME = "/org/acme/"


def text_of(client: Client, path: str = HOME) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def acme() -> Any:
    return schema_context("org_acme")


def todo(title: str, state: str, due: date | None = None, reason: str = "") -> Todo:
    return Todo(uuid4(), "item", title, "scenario", "/somewhere/", due, state, reason)


def test_overdue_comes_before_due_and_due_before_any_time() -> None:
    day = date(2026, 3, 9)
    agenda = arranged(
        [
            todo("any time", "ready"),
            todo("later", "ready", day + timedelta(days=3)),
            todo("closed yet", "locked", day),
            todo("late", "overdue", day - timedelta(days=3)),
            todo("behind it", "done", day),
        ]
    )
    assert [item.title for item in agenda.waiting] == ["late", "later", "any time"]
    assert (agenda.locked, agenda.done, agenda.more, agenda.any) == (1, 1, 0, True)
    many = arranged([todo(str(number), "ready") for number in range(MOST_SHOWN + 2)])
    assert (len(many.shown), many.more) == (MOST_SHOWN, 2)
    assert not arranged([]).any


def test_what_waits_for_its_score_is_nothing_to_do() -> None:
    day = date(2026, 3, 9)
    agenda = arranged([todo("held", "ready", day, reason="waits for its score"), todo("next", "ready")])
    assert agenda.first is not None
    assert agenda.first.title == "next"
    assert [item.title for item in agenda.shown] == ["held", "next"]
    assert arranged([todo("held", "ready", day, reason="waits for its score")]).first is None


def test_what_is_asked_without_a_date_is_the_next_step_too(
    in_acme: Cast, ada_client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assign(subject=make_track(title="First calls"), target=in_acme.ada, terms=Terms(), actor=in_acme.bo)
    page = text_of(ada_client)
    step = page[page.index('id="next-step"') : page.index("<dl")]
    assert "Read this" in step
    assert re.search(r"Reading\s+· <span lang=\"en\">First calls</span>", step)
    assert "You are asked to do this; there is no date." in step
    assert re.search(r">\s*Start\s*</a>", step)


def test_who_has_practised_is_not_offered_a_first_call(in_acme: Cast, ada_client: Client) -> None:
    with acme():
        gone = make_scenario_version(rubric_version=make_rubric_version((("rapport", "Rapport", 100),)))
        make_scored_call(trainee=in_acme.ada, scenario_version=gone, scores={"rapport": 5})
        Scenario.objects.filter(pk=gone.scenario_id).update(status="archived")
        make_scenario_version(title="What there is")
    assert "Start your first call" not in text_of(ada_client)


def test_charts_have_the_days_of_who_reads_them(in_acme: Cast, ada_client: Client) -> None:
    User.objects.filter(pk=in_acme.ada.pk).update(timezone="Pacific/Auckland")
    with acme():
        make_scored_call(trainee=in_acme.ada, ended_at=datetime(2026, 3, 9, 23, 0, tzinfo=UTC))
    assert '"on": "2026-03-10"' in text_of(ada_client)
    assert '"on": "2026-03-10"' in text_of(ada_client, f"{HOME}skills/")


def test_what_is_asked_is_the_next_step(
    in_acme: Cast, ada_client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assign(subject=make_track(), target=in_acme.ada, terms=Terms(today() + timedelta(days=5)), actor=in_acme.bo)
    page = text_of(ada_client)
    assert "You are asked to do this by" in page
    assert ">To do<" in page
    with acme():
        Enrolment.objects.update(due_on=today() - timedelta(days=2))
    page = text_of(ada_client)
    assert "It is still open." in page
    assert "overdue since" in page


def test_without_anything_asked_there_is_no_list_of_it(in_acme: Cast, ada_client: Client) -> None:
    assert ">To do<" not in text_of(ada_client)


def test_goals_and_proposals_stand_on_it(in_acme: Cast, ada_client: Client) -> None:
    assert "A goal makes progress visible" in text_of(ada_client)
    with acme():
        make_goal(owner=in_acme.ada, title="More meetings")
        make_goal(owner=in_acme.ada, title="Put away", state="closed")
        make_goal(owner=in_acme.ada, proposed_by=in_acme.bo, state="proposed")
        make_goal(owner=in_acme.val, title="Somebody else's")
    page = text_of(ada_client)
    assert "More meetings" in page
    assert "A goal is proposed to you" in page
    for absent in ("Put away", "Somebody else"):
        assert absent not in page


def test_medals_stand_on_it(in_acme: Cast, ada_client: Client) -> None:
    make_scored_call(trainee=in_acme.ada)
    medals.refresh(user_id=in_acme.ada.pk)
    assert "First debrief" in text_of(ada_client)


def test_days_in_a_row_say_what_keeps_them(in_acme: Cast, ada_client: Client) -> None:
    make_call(trainee=in_acme.ada, ended_at=timezone.now())
    assert "today is done" in text_of(ada_client)


def test_days_are_shown_in_the_persons_zone(in_acme: Cast, ada_client: Client) -> None:
    """Half past eleven in the evening of 9 March in UTC is the tenth in Madrid."""
    make_scored_call(trainee=in_acme.ada, ended_at=datetime(2026, 3, 9, 23, 30, tzinfo=UTC))
    assert "March 9, 2026" in text_of(ada_client)
    in_acme.ada.timezone = "Europe/Madrid"
    in_acme.ada.save()
    for path in (HOME, "/org/acme/history/"):
        page = text_of(ada_client, path)
        assert "March 10, 2026" in page
        assert "March 9, 2026" not in page


def test_queries_do_not_grow_with_what_there_is(
    in_acme: Cast, ada_client: Client, django_assert_max_num_queries: Any, django_capture_on_commit_callbacks: Any
) -> None:
    def count() -> int:
        with django_assert_max_num_queries(40) as seen:
            text_of(ada_client)
        return len(seen)

    def add(number: int) -> None:
        with acme(), django_capture_on_commit_callbacks(execute=True):
            for _number in range(number):
                make_goal(owner=in_acme.ada)
                make_scored_call(trainee=in_acme.ada)
                assign(subject=make_track(), target=in_acme.ada, terms=Terms(), actor=in_acme.bo)
            medals.refresh(user_id=in_acme.ada.pk)

    add(1)
    text_of(ada_client)
    few = count()
    add(3)
    assert count() == few
