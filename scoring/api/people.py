"""Shapes of what people say about a score, in the REST API. Unknown fields are refused."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from scoring import appeals, comments, reviews
from scoring.models import Appeal, Comment, Review
from tenants.api.serializers import StrictSerializer


class ContestSerializer(StrictSerializer):
    criterion = serializers.CharField(max_length=60, help_text="Key of a criterion of the call's rubric.")
    reason = serializers.CharField(max_length=appeals.MOST_CHARACTERS)
    turn_id = serializers.UUIDField(required=False, help_text="A turn of the trainee that should have counted.")
    start = serializers.IntegerField(required=False, min_value=0, help_text="First character of the passage.")
    end = serializers.IntegerField(required=False, min_value=1, help_text="Character after the passage.")


class AppealSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    call_id = serializers.UUIDField()
    criterion = serializers.CharField()
    criterion_name = serializers.CharField()
    reason = serializers.CharField()
    turn_id = serializers.UUIDField(allow_null=True)
    start = serializers.IntegerField(allow_null=True)
    end = serializers.IntegerField(allow_null=True)
    quote = serializers.CharField()
    state = serializers.ChoiceField(choices=Appeal.State.choices)
    opened_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    overdue = serializers.BooleanField()
    mark = serializers.IntegerField(
        allow_null=True, help_text="The contested mark; null for who could decide and has not given a mark yet."
    )
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField(allow_null=True)
    decision = serializers.CharField()
    new_mark = serializers.IntegerField(allow_null=True)
    run_id = serializers.UUIDField(allow_null=True, help_text="The score that a changed mark made.")


def appeal_json(appeal: Appeal, *, knows_mark: bool) -> dict[str, Any]:
    """`knows_mark`: the contested mark is no secret from the reader."""
    return {
        "id": appeal.pk,
        "call_id": appeal.call_id,
        "criterion": appeal.criterion,
        "criterion_name": appeal.criterion_name,
        "reason": appeal.reason,
        "turn_id": appeal.turn_id,
        "start": appeal.start,
        "end": appeal.end,
        "quote": appeal.quote,
        "state": appeal.state,
        "opened_at": appeal.opened_at,
        "due_at": appeal.due_at,
        "overdue": appeal.is_overdue,
        "mark": appeal.mark if knows_mark or appeal.is_decided else None,
        "decided_at": appeal.decided_at,
        "decided_by": appeal.taken_by.get_full_name() if appeal.is_decided and appeal.taken_by else None,
        "decision": appeal.decision,
        "new_mark": appeal.new_mark,
        "run_id": appeal.human_run_id,
    }


class MarkSerializer(StrictSerializer):
    mark = serializers.IntegerField(allow_null=True, min_value=0, max_value=100, help_text="null: did not come up.")
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=reviews.MOST_CHARACTERS)


class AppealDecisionSerializer(StrictSerializer):
    overturn = serializers.BooleanField(help_text="true: one's own mark takes the place of the contested one.")
    reason = serializers.CharField(max_length=appeals.MOST_CHARACTERS)


class ReviewRequestSerializer(StrictSerializer):
    marks = serializers.DictField(
        child=serializers.IntegerField(allow_null=True),
        help_text="By key, a mark from 0 to 100 for each criterion; null for one that did not come up.",
    )
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=reviews.MOST_CHARACTERS)


class LineSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    own = serializers.IntegerField(allow_null=True)
    judged = serializers.IntegerField(allow_null=True)


class ReviewSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    call_id = serializers.UUIDField()
    reviewer = serializers.CharField()
    blind = serializers.BooleanField(help_text="Given before the reviewer saw the judge's marks.")
    marks = serializers.DictField(child=serializers.IntegerField())
    note = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    outcome = serializers.ChoiceField(choices=[("", "undecided"), *Review.Outcome.choices], allow_blank=True)
    run_id = serializers.UUIDField(allow_null=True, help_text="What the marks are compared with.")


class SubmittedReviewSerializer(ReviewSerializer):
    criteria = LineSerializer(many=True, help_text="One's own marks beside the score's.")


def review_json(review: Review) -> dict[str, Any]:
    return {
        "id": review.pk,
        "call_id": review.call_id,
        "reviewer": review.reviewer.get_full_name(),
        "blind": review.blind,
        "marks": review.marks,
        "note": review.note,
        "submitted_at": review.submitted_at,
        "outcome": review.outcome,
        "run_id": review.run_id,
    }


class ReviewDecisionSerializer(StrictSerializer):
    run_id = serializers.UUIDField(help_text="The run that one decides about; a score that changed since is a 409.")
    choice = serializers.ChoiceField(choices=["keep", "override"])
    reason = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=reviews.MOST_CHARACTERS, help_text="Why; for override."
    )


class DecidedSerializer(serializers.Serializer[Any]):
    call_id = serializers.UUIDField()
    run_id = serializers.UUIDField(help_text="The run that counts now.")
    overall_score = serializers.IntegerField()
    judged_by = serializers.CharField()


class WaitingSerializer(serializers.Serializer[Any]):
    call_id = serializers.UUIDField()
    title = serializers.CharField()
    trainee_id = serializers.UUIDField()
    why = serializers.ChoiceField(choices=["noisy", "once", "blocker"])
    waiting_since = serializers.DateTimeField()


class CommentRequestSerializer(StrictSerializer):
    body = serializers.CharField(max_length=comments.MOST_CHARACTERS)
    visibility = serializers.ChoiceField(
        choices=Comment.Visibility.choices, required=False, default=Comment.Visibility.TRAINEE
    )
    at_ms = serializers.IntegerField(required=False, allow_null=True, min_value=0, default=None)
    turn_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    criterion = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)
    mentions = serializers.ListField(
        child=serializers.UUIDField(), required=False, default=list, max_length=20, help_text="Ids of people."
    )


class CommentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    call_id = serializers.UUIDField()
    author_id = serializers.UUIDField()
    author = serializers.CharField()
    body = serializers.CharField()
    visibility = serializers.ChoiceField(choices=Comment.Visibility.choices)
    at_ms = serializers.IntegerField(allow_null=True)
    turn_id = serializers.UUIDField(allow_null=True)
    criterion = serializers.CharField()
    mentions = serializers.ListField(child=serializers.UUIDField())
    created_at = serializers.DateTimeField()


def comment_json(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.pk,
        "call_id": comment.call_id,
        "author_id": comment.author_id,
        "author": comment.author.get_full_name(),
        "body": comment.body,
        "visibility": comment.visibility,
        "at_ms": comment.at_ms,
        "turn_id": comment.turn_id,
        "criterion": comment.criterion,
        "mentions": [person.pk for person in comment.mentioned.all()],
        "created_at": comment.created_at,
    }
