"""Setting goals, proposing them, answering, writing down numbers. Who may do it to whose goals is decided here."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.memberships import member_ids, role_of
from accounts.models import User
from accounts.notices.services import notify, place
from accounts.people import audit
from accounts.profiles import zone_of
from accounts.roles import Action, allows
from accounts.scoping import may_see
from scoring.counted import marks_of
from tenants.context import current_organization
from tenants.errors import Conflict, InvalidInput, NotFound, PermissionRefused

from .models import Goal, GoalEntry, GoalQuerySet, PracticeDays
from .progress import mean_mark

MOST_OPEN = 20
FURTHEST = timedelta(days=730)
MOST_CALLS_A_WEEK = 50
LARGEST = Decimal(1_000_000)


class GoalNotFound(NotFound):
    default_message = gettext_lazy("There is no such goal.")


class TooManyGoals(Conflict):
    code = "TOO_MANY_GOALS"
    default_message = gettext_lazy("That is a lot of goals. Put one away before setting another.")


class NothingToAnswer(Conflict):
    code = "NOTHING_TO_ANSWER"
    default_message = gettext_lazy("This goal does not wait for an answer.")


class GoalPutAway(Conflict):
    code = "GOAL_PUT_AWAY"
    default_message = gettext_lazy("This goal is put away and does not change any more.")


def visible_goals(*, viewer: Any, owner_id: UUID) -> GoalQuerySet:
    """One's own goals; of somebody whom one may see, those that a manager proposed and those that are shared.

    Raises `GoalNotFound` for anybody else's.
    """
    if viewer.pk == owner_id:
        return Goal.objects.of(owner_id)
    if not may_see(viewer, role_of(viewer, current_organization()), owner_id):
        raise GoalNotFound
    return Goal.objects.of(owner_id).told_to_managers()


def get_visible(goal_id: UUID, *, viewer: Any) -> Goal:
    """Raises `GoalNotFound`."""
    goal = Goal.objects.filter(pk=goal_id).select_related("owner", "proposed_by").first()
    if goal is None or not visible_goals(viewer=viewer, owner_id=goal.owner_id).filter(pk=goal_id).exists():
        raise GoalNotFound
    return goal


def get_own(goal_id: UUID, *, owner: Any) -> Goal:
    """Raises `GoalNotFound`."""
    goal = Goal.objects.of(owner.pk).filter(pk=goal_id).select_related("owner", "proposed_by").first()
    if goal is None:
        raise GoalNotFound
    return goal


def criteria_of(*, user_id: UUID) -> list[tuple[str, str]]:
    """`(key, name)` of the criteria in which this person has a mark, by name; what a goal can be set in."""
    rows = marks_of(user_id=user_id).order_by().values("key").annotate(label=Max("name"))
    return sorted(((row["key"], row["label"]) for row in rows), key=lambda item: item[1])


@transaction.atomic
def set_goal(*, owner: User, by: User, kind: str, target: Decimal, due: date, **words: Any) -> Goal:
    """A goal of one's own, or a proposal to somebody whose manager `by` is.

    `words`: title, reason, criterion, unit, start, shared; what the kind has no use for is left out. Raises `InvalidInput`
    naming the field, `TooManyGoals`, and `GoalNotFound` or `PermissionRefused` where `by` may not propose to `owner`.
    """
    proposed = by.pk != owner.pk
    if proposed:
        refuse_proposal(owner=owner, by=by)
    User.objects.select_for_update().get(pk=owner.pk)  # two tabs may not both set the last goal
    if Goal.objects.of(owner.pk).open().count() >= MOST_OPEN:
        raise TooManyGoals
    goal = Goal(
        owner=owner,
        kind=kind,
        state=Goal.State.PROPOSED if proposed else Goal.State.ACTIVE,
        proposed_by=by if proposed else None,
        title=_line(words.get("title")),
        reason=_line(words.get("reason")),
        target=target,
        due=due,
        shared=bool(words.get("shared")) and not proposed,
    )
    _check_day(goal)
    {Goal.Kind.CRITERION: _about_criterion, Goal.Kind.CALLS: _about_calls, Goal.Kind.OWN: _about_own}[Goal.Kind(kind)](
        goal, words
    )
    goal.save(force_insert=True)
    if proposed:
        audit.record(by, "goal.proposed", goal, kind=kind)
        _tell_of_proposal(goal, by=by)
    return goal


def _tell_of_proposal(goal: Goal, *, by: User) -> None:
    """In the language of who reads it, and not of who proposes."""
    with translation.override(goal.owner.language or current_organization().language):
        title = goal.in_words
    notify(
        user=goal.owner,
        kind="goal_proposed",
        data={"who": by.get_full_name(), "title": title, "due": goal.due.isoformat(), "reason": goal.reason},
        url=place("goals:goal", goal.pk),
        dedupe_key=str(goal.pk),
    )


def refuse_proposal(*, owner: User, by: User) -> None:
    """Raises `GoalNotFound` for people whom `by` does not see, `PermissionRefused` without the role for it."""
    organization = current_organization()
    role = role_of(by, organization)
    if not may_see(by, role, owner.pk) or owner.pk not in set(member_ids(organization)):
        raise GoalNotFound
    if not allows(role, Action.SEE_TEAM):
        raise PermissionRefused


@transaction.atomic
def change_goal(*, goal: Goal, **changes: Any) -> Goal:
    """Change title, reason, target, due or shared of one's own goal. Raises `InvalidInput`, `GoalPutAway`."""
    goal = _locked(goal)
    if goal.state not in {Goal.State.ACTIVE, Goal.State.PROPOSED}:
        raise GoalPutAway
    for name in ("title", "reason"):
        if name in changes:
            setattr(goal, name, _line(changes[name]))
    for name in ("target", "due", "shared"):
        if changes.get(name) is not None:
            setattr(goal, name, changes[name])
    if "due" in changes:
        _check_day(goal)
    _check_target(goal)
    if goal.kind == Goal.Kind.OWN and not goal.title:
        raise _wrong("title", _("Say in your own words what you want to reach."))
    goal.save()
    return goal


@transaction.atomic
def answer(*, goal: Goal, accept: bool) -> Goal:
    """Take up a manager's proposal, or decline it. Raises `NothingToAnswer` where none waits."""
    goal = _locked(goal)
    if goal.state != Goal.State.PROPOSED:
        raise NothingToAnswer
    goal.state = Goal.State.ACTIVE if accept else Goal.State.DECLINED
    goal.answered_at = timezone.now()
    goal.save(update_fields=["state", "answered_at"])
    audit.record(goal.owner, "goal.accepted" if accept else "goal.declined", goal)
    return goal


@transaction.atomic
def put_away(*, goal: Goal) -> Goal:
    """Reached or given up: it leaves the list and stays in the record. Raises `GoalPutAway` the second time."""
    goal = _locked(goal)
    if goal.state not in {Goal.State.ACTIVE, Goal.State.PROPOSED}:
        raise GoalPutAway
    goal.state = Goal.State.CLOSED
    goal.closed_at = timezone.now()
    goal.save(update_fields=["state", "closed_at"])
    return goal


@transaction.atomic
def write_down(*, goal: Goal, on: date, value: Decimal, note: str = "") -> GoalEntry:
    """A number for a goal of one's own; a second one on the same day corrects the first.

    Raises `InvalidInput` for other kinds of goals, numbers out of reach and days to come, `GoalPutAway`.
    """
    goal = _locked(goal)
    if goal.state != Goal.State.ACTIVE:
        raise GoalPutAway
    if goal.kind != Goal.Kind.OWN:
        raise _wrong("value", _("Parley counts this goal itself, from your calls."))
    if abs(value) > LARGEST:
        raise _wrong("value", _("That number is too large."))
    if on > _today(goal.owner):
        raise _wrong("on", _("That day has not come yet."))
    entry, _made = GoalEntry.objects.update_or_create(
        goal=goal, on=on, defaults={"value": value, "note": _line(note, longest=200)}
    )
    return entry


def rest_at_weekends(*, user: User, weekends_off: bool) -> None:
    """How the person's days in a row are counted from now on, and looking back."""
    PracticeDays.objects.update_or_create(user=user, defaults={"weekends_off": weekends_off})


def rests_at_weekends(*, user_id: UUID) -> bool:
    return PracticeDays.objects.filter(user_id=user_id, weekends_off=True).exists()


def _about_criterion(goal: Goal, words: dict[str, Any]) -> None:
    names = dict(criteria_of(user_id=goal.owner_id))
    key = str(words.get("criterion") or "")
    if key not in names:
        raise _wrong("criterion", _("Choose one of the criteria in which there is a mark already."))
    goal.criterion, goal.criterion_name = key, names[key]
    goal.start = mean_mark(user_id=goal.owner_id, criterion=key)
    _check_target(goal)


def _about_calls(goal: Goal, words: dict[str, Any]) -> None:
    _check_target(goal)


def _about_own(goal: Goal, words: dict[str, Any]) -> None:
    if not goal.title:
        raise _wrong("title", _("Say in your own words what you want to reach."))
    goal.unit = _line(words.get("unit"), longest=40)
    start = words.get("start")
    goal.start = Decimal(0) if start is None else start
    _check_target(goal)


def _check_target(goal: Goal) -> None:
    target = goal.target
    if goal.kind == Goal.Kind.CRITERION and not 1 <= target <= 100:
        raise _wrong("target", _("Marks go from 1 to 100."))
    if goal.kind == Goal.Kind.CALLS and (not 1 <= target <= MOST_CALLS_A_WEEK or target != int(target)):
        raise _wrong("target", _("Set a whole number of calls, from 1 to %(most)d.") % {"most": MOST_CALLS_A_WEEK})
    if goal.kind == Goal.Kind.OWN:
        if abs(target) > LARGEST or abs(goal.start or Decimal(0)) > LARGEST:
            raise _wrong("target", _("That number is too large."))
        if goal.start == target:
            raise _wrong("target", _("The target is where you start from. Set another number."))


def _check_day(goal: Goal) -> None:
    today = _today(goal.owner)
    if goal.due <= today:
        raise _wrong("due", _("Choose a day to come."))
    if goal.due > today + FURTHEST:
        raise _wrong("due", _("Choose a day within two years."))


def _today(owner: User) -> date:
    return datetime.now(zone_of(owner, current_organization())).date()


def _locked(goal: Goal) -> Goal:
    return Goal.objects.select_for_update(of=("self",)).select_related("owner").get(pk=goal.pk)


def _line(text: Any, *, longest: int | None = None) -> str:
    return " ".join(str(text or "").split())[:longest]


def _wrong(field: str, issue: str) -> InvalidInput:
    return InvalidInput(details={"field": field, "issue": issue})
