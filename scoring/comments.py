"""Remarks beside a call, for those who may read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.people import audit
from calls.events import announce
from calls.models import Call
from tenants.errors import InvalidInput, NotFound

from . import telling
from .models import Comment
from .readers import mentionable

MOST_CHARACTERS = 2000


class CommentNotFound(NotFound):
    default_message = gettext_lazy("There is no such comment.")


@dataclass(frozen=True, slots=True)
class Place:
    """What a comment is about: a time in the call, a turn, a criterion; nothing for the call as a whole."""

    at_ms: int | None = None
    turn_id: UUID | None = None
    criterion: str = ""


def visible_comments(call: Call, *, viewer: Any) -> QuerySet[Comment]:
    """The comments on a call that this person, who may see the call, may read: the trainee those that are for the trainee."""
    comments = Comment.objects.filter(call=call).select_related("author", "turn").prefetch_related("mentioned")
    return comments.filter(visibility=Comment.Visibility.TRAINEE) if call.trainee_id == viewer.pk else comments


def add(
    *,
    call: Call,
    author: Any,
    body: str,
    visibility: str = Comment.Visibility.TRAINEE,
    place: Place | None = None,
    mentions: Sequence[UUID] = (),
) -> Comment:
    """Write a comment; what the trainee writes is for the trainee and managers. That the author may see the call is asked
    before. Raises `InvalidInput`."""
    place = place or Place()
    body = body.strip()
    if not body:
        raise InvalidInput(details={"field": "body", "issue": _("Write something.")})
    if len(body) > MOST_CHARACTERS:
        raise InvalidInput(details={"field": "body", "issue": _("At most 2000 characters.")})
    if visibility not in Comment.Visibility.values:
        raise InvalidInput(details={"field": "visibility", "issue": _("Say who sees it: trainee or managers.")})
    if call.trainee_id == author.pk and visibility != Comment.Visibility.TRAINEE:
        raise InvalidInput(details={"field": "visibility", "issue": _("You can't hide a comment from yourself.")})
    _refuse_bad_place(call, place)
    named = _named(call, visibility, mentions)
    with transaction.atomic():
        comment = Comment.objects.create(
            call=call,
            author=author,
            body=body,
            visibility=visibility,
            at_ms=place.at_ms,
            turn_id=place.turn_id,
            criterion=place.criterion,
        )
        comment.mentioned.set(named)
        audit.record(author, "comment.written", comment, call=str(call.pk), visibility=visibility)
        if visibility == Comment.Visibility.TRAINEE:  # the trainee listens to these events
            announce(call.pk, "comment:added", {"comment_id": str(comment.pk), "at_ms": place.at_ms})
        telling.of_comment(comment)
    return comment


def remove(*, comment: Comment, actor: Any) -> None:
    """Take back what one has written. Raises `CommentNotFound` for what somebody else wrote."""
    if comment.author_id != actor.pk:
        raise CommentNotFound
    with transaction.atomic():
        audit.record(actor, "comment.removed", comment, call=str(comment.call_id))
        comment.delete()


def _refuse_bad_place(call: Call, place: Place) -> None:
    if place.at_ms is not None and not 0 <= place.at_ms <= (call.duration_ms or 0):
        raise InvalidInput(details={"field": "at_ms", "issue": _("The call was not that long.")})
    if place.turn_id is not None and not call.turns.filter(pk=place.turn_id).exists():
        raise InvalidInput(details={"field": "turn_id", "issue": _("Nothing was said there.")})
    keys = {item["key"] for item in call.rubric_version.content["criteria"]}
    if place.criterion and place.criterion not in keys:
        raise InvalidInput(details={"field": "criterion", "issue": _("The rubric has no such criterion.")})


def _named(call: Call, visibility: str, mentions: Sequence[UUID]) -> list[User]:
    named = list(mentionable(call, visibility=visibility).filter(pk__in=set(mentions))) if mentions else []
    if len(named) != len(set(mentions)):
        issue = _("Somebody you mention is not in the team, or may not read this comment.")
        raise InvalidInput(details={"field": "mentions", "issue": issue})
    return named
