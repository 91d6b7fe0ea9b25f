"""Goals: what may be set and by whom, how far they are, and what managers see of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.notices.models import Notice
from accounts.portability import export_person
from accounts.signals import person_erased
from coaching.goals import services
from coaching.goals.models import Goal, Medal, PracticeDays
from coaching.goals.progress import GoalProgress, progress_of_goals
from coaching.goals.templatetags.goals import plain
from tenants.errors import DomainError, InvalidInput
from tests.cast import Cast
from tests.factories import make_call, make_goal, make_scored_call

SOON = timezone.now().date() + timedelta(days=30)


def row_of(goal: Goal, **when: Any) -> GoalProgress:
    goals = Goal.objects.filter(pk=goal.pk)
    return progress_of_goals(goals, owner_id=goal.owner_id, zone=when.pop("zone", UTC), **when)[0]


def set_own(owner: User, **changes: Any) -> Goal:
    values: dict[str, Any] = {"kind": "own", "title": "Meetings", "target": Decimal(10), "due": SOON, **changes}
    return services.set_goal(owner=owner, by=values.pop("by", owner), **values)


# -- progress ---------------------------------------------------------------------------------------------------------


def test_a_mark_in_a_criterion_is_the_mean_of_the_last_three(in_acme: Cast) -> None:
    for days, mark in ((5, 20), (4, 60), (3, 70), (2, 90)):
        ended = timezone.now() - timedelta(days=days)
        make_scored_call(trainee=in_acme.ada, scores={"closing": mark}, ended_at=ended)
    make_scored_call(trainee=in_acme.ada, scores={"closing": 100}, private=True)
    make_scored_call(trainee=in_acme.val, scores={"closing": 100})
    goal = services.set_goal(
        owner=in_acme.ada, by=in_acme.ada, kind="criterion", criterion="closing", target=Decimal(80), due=SOON
    )
    assert goal.criterion_name == "Closing"
    assert goal.start == Decimal("73.33")
    row = row_of(goal)
    assert row.current is not None
    assert (round(row.current), row.percent, row.reached) == (73, 91, False)
    for _number in range(3):
        make_scored_call(trainee=in_acme.ada, scores={"closing": 80})
    assert (row_of(goal).percent, row_of(goal).reached) == (100, True)


def test_calls_are_those_of_the_owners_week(in_acme: Cast) -> None:
    """Monday begins at midnight in Madrid, an hour before it does in UTC."""
    now = datetime(2026, 3, 11, 12, tzinfo=UTC)
    make_call(trainee=in_acme.ada, ended_at=datetime(2026, 3, 8, 23, 30, tzinfo=UTC))
    make_call(trainee=in_acme.ada, ended_at=datetime(2026, 3, 10, 9, tzinfo=UTC))
    make_call(trainee=in_acme.ada, ended_at=datetime(2026, 3, 10, 10, tzinfo=UTC), voided_at=now)
    goal = make_goal(owner=in_acme.ada, kind="calls", start=None, target=2)
    madrid = row_of(goal, zone=ZoneInfo("Europe/Madrid"), now=now)
    assert (madrid.current, madrid.percent, madrid.reached) == (2, 100, True)
    assert row_of(goal, now=now).current == 1
    assert row_of(goal, now=now + timedelta(days=7)).current == 0


def test_the_last_entry_counts_and_numbers_may_go_down(in_acme: Cast) -> None:
    goal = make_goal(owner=in_acme.ada, start=8, target=3)
    assert (row_of(goal).current, row_of(goal).percent) == (8, 0)
    today = timezone.now().date()
    services.write_down(goal=goal, on=today - timedelta(days=1), value=Decimal(9))
    assert row_of(goal).percent == 0
    services.write_down(goal=goal, on=today, value=Decimal(6))
    services.write_down(goal=goal, on=today, value=Decimal("5.5"), note="  a\n correction ")
    assert list(goal.entries.values_list("value", "note")) == [(Decimal("5.50"), "a correction"), (9, "")]
    assert (row_of(goal).percent, row_of(goal).reached) == (50, False)
    services.write_down(goal=goal, on=today, value=Decimal(2))
    assert (row_of(goal).percent, row_of(goal).reached) == (100, True)


def test_days_left_and_overdue(in_acme: Cast) -> None:
    goal = make_goal(owner=in_acme.ada, due=date(2026, 3, 12))
    assert row_of(goal, now=datetime(2026, 3, 11, 12, tzinfo=UTC)).days_left == 1
    late = row_of(goal, now=datetime(2026, 3, 14, 12, tzinfo=UTC))
    assert (late.days_left, late.overdue) == (-2, True)


def test_progress_of_many_goals_is_one_query(in_acme: Cast, django_assert_num_queries: Any) -> None:
    make_scored_call(trainee=in_acme.ada)
    for number in range(4):
        make_goal(owner=in_acme.ada, proposed_by=in_acme.bo)
        make_goal(owner=in_acme.ada, kind="calls", target=number + 1)
        make_goal(owner=in_acme.ada, kind="criterion", criterion="closing", target=80)
    with django_assert_num_queries(1):
        rows = progress_of_goals(Goal.objects.all(), owner_id=in_acme.ada.pk, zone=UTC)
        assert len([str(row.goal.proposed_by) for row in rows]) == 12


# -- what may be set --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"title": "  "}, "title", id="no words"),
        pytest.param({"due": date(2020, 1, 1)}, "due", id="past"),
        pytest.param({"due": date(2100, 1, 1)}, "due", id="too far"),
        pytest.param({"target": Decimal(0)}, "target", id="where it starts"),
        pytest.param({"target": Decimal(10_000_000)}, "target", id="huge"),
        pytest.param({"kind": "calls", "target": Decimal("2.5")}, "target", id="half a call"),
        pytest.param({"kind": "calls", "target": Decimal(0)}, "target", id="no calls"),
        pytest.param({"kind": "criterion", "criterion": "closing"}, "criterion", id="no mark there yet"),
    ],
)
def test_what_cannot_be_a_goal_is_refused_by_field(in_acme: Cast, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        set_own(in_acme.ada, **changes)
    assert refused.value.details["field"] == field
    assert not Goal.objects.exists()


def test_marks_go_to_a_hundred(in_acme: Cast) -> None:
    make_scored_call(trainee=in_acme.ada)
    with pytest.raises(InvalidInput):
        set_own(in_acme.ada, kind="criterion", criterion="closing", target=Decimal(101))


def test_there_is_an_end_to_goals(in_acme: Cast) -> None:
    for _number in range(services.MOST_OPEN):
        make_goal(owner=in_acme.ada)
    with pytest.raises(services.TooManyGoals):
        set_own(in_acme.ada)
    services.put_away(goal=Goal.objects.earliest("created_at"))
    set_own(in_acme.ada)


def test_a_goal_put_away_does_not_change(in_acme: Cast) -> None:
    goal = set_own(in_acme.ada)
    services.put_away(goal=goal)
    for action in (
        lambda: services.put_away(goal=goal),
        lambda: services.change_goal(goal=goal, target=Decimal(11)),
        lambda: services.write_down(goal=goal, on=timezone.now().date(), value=Decimal(1)),
    ):
        with pytest.raises(services.GoalPutAway):
            action()


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        pytest.param("calls", {}, id="counted by calls"),
        pytest.param("own", {"on": timezone.now().date() + timedelta(days=3)}, id="a day to come"),
        pytest.param("own", {"value": Decimal(10_000_000)}, id="huge"),
    ],
)
def test_what_cannot_be_written_down(in_acme: Cast, kind: str, entry: dict[str, Any]) -> None:
    goal = make_goal(owner=in_acme.ada, kind=kind)
    with pytest.raises(InvalidInput):
        services.write_down(goal=goal, **{"on": timezone.now().date(), "value": Decimal(1), **entry})


# -- managers ---------------------------------------------------------------------------------------------------------


def test_a_manager_proposes_and_the_trainee_answers(in_acme: Cast) -> None:
    goal = set_own(in_acme.ada, by=in_acme.bo, shared=True)
    assert (goal.state, goal.proposed_by, goal.shared) == ("proposed", in_acme.bo, False)
    with pytest.raises(services.GoalPutAway):
        services.write_down(goal=goal, on=timezone.now().date(), value=Decimal(1))
    assert services.answer(goal=goal, accept=True).state == "active"
    with pytest.raises(services.NothingToAnswer):
        services.answer(goal=goal, accept=False)
    declined = set_own(in_acme.ada, by=in_acme.bo)
    assert services.answer(goal=declined, accept=False).state == "declined"


def test_a_proposal_says_what_it_is_in_the_language_of_who_reads_it(in_acme: Cast) -> None:
    User.objects.filter(pk=in_acme.ada.pk).update(language="es")
    in_acme.ada.refresh_from_db()
    due = timezone.now().date() + timedelta(days=9)
    for kind, target in (("calls", Decimal(3)), ("own", Decimal("12.50"))):
        words = {"title": "Booked", "start": Decimal(5)} if kind == "own" else {}
        services.set_goal(owner=in_acme.ada, by=in_acme.bo, kind=kind, target=target, due=due, reason="Rhythm", **words)
    told = Notice.objects.filter(user=in_acme.ada, kind="goal_proposed").order_by("created_at")
    assert [(notice.data["title"], notice.data["due"], notice.data["reason"]) for notice in told] == [
        ("3 llamadas cada semana", due.isoformat(), "Rhythm"),
        ("Booked", due.isoformat(), "Rhythm"),
    ]


@pytest.mark.parametrize(
    ("typed", "said"), [("12.50", "12.5"), ("20", "20"), ("1000.25", "1000.25"), ("-3.00", "-3")], ids=lambda word: word
)
def test_a_number_is_said_as_it_was_typed(typed: str, said: str) -> None:
    assert plain(Decimal(typed)) == said


def test_nobody_proposes_to_people_they_do_not_see(in_acme: Cast) -> None:
    for by, owner in (
        (in_acme.bo, in_acme.val),
        (in_acme.ada, in_acme.bo),
        (in_acme.ada, in_acme.val),
        (in_acme.cy, in_acme.gil),
    ):
        with pytest.raises(DomainError):
            set_own(owner, by=by)
    assert not Goal.objects.exists()


def test_managers_see_what_is_proposed_or_shared_and_nothing_else(in_acme: Cast) -> None:
    make_goal(owner=in_acme.ada, title="Mine alone")
    shared = make_goal(owner=in_acme.ada, shared=True)
    proposed = make_goal(owner=in_acme.ada, proposed_by=in_acme.bo)
    seen = services.visible_goals(viewer=in_acme.bo, owner_id=in_acme.ada.pk)
    assert set(seen) == {shared, proposed}
    assert services.visible_goals(viewer=in_acme.ada, owner_id=in_acme.ada.pk).count() == 3
    for stranger, owner in ((in_acme.val, in_acme.ada), (in_acme.bo, in_acme.val)):
        with pytest.raises(services.GoalNotFound):
            services.visible_goals(viewer=stranger, owner_id=owner.pk)


# -- data of one's own ------------------------------------------------------------------------------------------------


def test_goals_are_in_the_export_and_go_with_the_person(in_acme: Cast) -> None:
    mine = make_goal(owner=in_acme.ada, title="Mine")
    services.write_down(goal=mine, on=timezone.now().date(), value=Decimal(4))
    services.rest_at_weekends(user=in_acme.ada, weekends_off=True)
    proposed = make_goal(owner=in_acme.val, proposed_by=in_acme.ada)
    section = export_person(user=in_acme.ada, organization=in_acme.acme)["sections"]["goals"]
    assert [goal["title"] for goal in section["goals"]] == ["Mine"]
    assert (section["entries"][0]["value"], section["weekends_off"]) == (4, True)
    person_erased.send(sender=User, user=in_acme.ada, organization=in_acme.acme)
    assert list(Goal.objects.all()) == [proposed]
    proposed.refresh_from_db()
    assert proposed.proposed_by is None
    assert not PracticeDays.objects.exists()
    assert not Medal.objects.exists()
