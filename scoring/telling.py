"""Who is told of scores, contested marks and comments."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from accounts.models import Membership, User
from accounts.notices.services import notify, notify_all, place
from accounts.people.models import TeamMembership
from accounts.roles import Role
from calls.models import Call
from tenants.context import current_organization

from .aggregate import BLOCKER_FLOOR
from .models import Appeal, Comment, Score, ScoreRun
from .readers import mentionable
from .referees import first_judges_of


def of_score(call_id: UUID) -> None:
    """Tell the trainee that the debrief is there, once, and of each score that a person set; tell those who coach when the
    judge leaves the decision to a person. A first impression is no news."""
    score = (
        Score.objects.filter(call_id=call_id, deep_run__isnull=False)
        .select_related("call__trainee", "human_run__made_by", "deep_run")
        .first()
    )
    if score is None:
        return
    call, debrief = score.call, place("scoring:debrief", call_id)
    run = score.human_run
    if run is not None:
        if not Appeal.objects.filter(human_run=run).exists():  # who contested a mark is told of the decision
            data = {"title": call.title, "who": run.made_by.get_full_name() if run.made_by else ""}
            notify(user=call.trainee, kind="score_changed", data=data, url=debrief, dedupe_key=str(run.pk))
        return
    notify(user=call.trainee, kind="score_ready", data={"title": call.title}, url=debrief, dedupe_key=str(call_id))
    if _wants_a_person(score):
        notify_all(
            users=coaches_of(call.trainee_id),
            kind="review_waiting",
            data={"title": call.title, "who": call.trainee.get_full_name()},
            url=place("scoring:review", call_id),
            dedupe_key=str(score.deep_run_id),
        )


def _wants_a_person(score: Score) -> bool:
    """As the queue of reviews has it (`scoring.review_queue`)."""
    if not Call.objects.counting().filter(pk=score.call_id).exists():
        return False
    if score.state == Score.State.NEEDS_REVIEW:
        return True
    run: ScoreRun | None = score.deep_run
    assert run is not None
    return run.criteria.filter(kind="blocker", applicable=True, score__lt=BLOCKER_FLOOR).exists()


def of_appeal(appeal_id: UUID) -> None:
    """Tell whom the appeal's state concerns; nobody where it is gone."""
    appeal = Appeal.objects.select_related("call__trainee", "taken_by").filter(pk=appeal_id).first()
    if appeal is None:
        return
    call, url = appeal.call, place("scoring:appeal", appeal.pk)
    if appeal.is_decided:
        changed = appeal.state == Appeal.State.OVERTURNED
        data = {"criterion": appeal.criterion_name, ("changed" if changed else "stands"): call.title}
        notify(user=call.trainee, kind="appeal_decided", data=data, url=url, dedupe_key=str(appeal.pk))
        return
    notify_all(
        users=who_can_decide(appeal),
        kind="appeal_overdue" if appeal.is_overdue else "appeal_opened",
        data={
            "who": call.trainee.get_full_name(),
            "criterion": appeal.criterion_name,
            "title": call.title,
            "due": appeal.due_at,
        },
        url=url,
        dedupe_key=str(appeal.pk),
    )


def who_can_decide(appeal: Appeal) -> list[User]:
    """Managers of the trainee's teams who may; where there is none, or the answer is overdue, admins and owners too."""
    barred = first_judges_of([appeal])[appeal.pk]
    return coaches_of(appeal.call.trainee_id, barred=barred, above_too=appeal.is_overdue)


def coaches_of(trainee_id: UUID, *, barred: Iterable[UUID] = (), above_too: bool = False) -> list[User]:
    """Managers of the trainee's teams less who is barred; where nobody is left, admins and owners; never the trainee."""
    organization = current_organization()
    out = {*barred, trainee_id}
    teams = TeamMembership.objects.filter(user_id=trainee_id).values("team_id")
    managing = TeamMembership.objects.filter(team_id__in=teams, is_manager=True).values_list("user_id", flat=True)
    active = Membership.objects.active().filter(organization=organization)
    people = set(active.filter(user_id__in=list(managing)).values_list("user_id", flat=True)) - out
    if not people or above_too:
        above = active.filter(role__in=[Role.ADMIN, Role.OWNER]).values_list("user_id", flat=True)
        people |= set(above) - out
    return list(User.objects.filter(pk__in=people).order_by("email"))


def of_comment(comment: Comment) -> None:
    """Tell those who are named in it; and of those who may read it the trainee and who has commented there before."""
    call = comment.call
    data = {"who": comment.author.get_full_name() if comment.author else "", "title": call.title}
    url = place("scoring:debrief", call.pk) + "#discussion"
    named = [user for user in comment.mentioned.all() if user.pk != comment.author_id]
    notify_all(users=named, kind="mentioned", data=data, url=url, dedupe_key=str(comment.pk))
    taking_part = set(Comment.objects.filter(call=call).values_list("author_id", flat=True)) | {call.trainee_id}
    taking_part -= {comment.author_id, *[user.pk for user in named]}
    if comment.visibility != Comment.Visibility.TRAINEE:
        taking_part.discard(call.trainee_id)
    notify_all(
        users=_still_reading(comment, taking_part), kind="comment", data=data, url=url, dedupe_key=str(comment.pk)
    )


def _still_reading(comment: Comment, user_ids: Iterable[UUID | None]) -> list[User]:
    """Of these, who may read the comment today: who has commented may have left the team since."""
    reading = set(mentionable(comment.call, visibility=comment.visibility).values_list("pk", flat=True))
    active = Membership.objects.active().filter(organization=current_organization())
    reading |= set(active.filter(role__in=[Role.ADMIN, Role.OWNER]).values_list("user_id", flat=True))
    return list(User.objects.filter(pk__in=reading & set(user_ids)))
