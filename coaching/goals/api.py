"""`goals/`: one's own goals with their progress; a manager's proposals, and what people of his or her teams share."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import organization_of
from accounts.idempotency import IdempotentCreateMixin
from accounts.models import User
from accounts.profiles import zone_of
from tenants.api.etags import EntityTagMixin
from tenants.api.pagination import CursorPages
from tenants.api.serializers import StrictSerializer
from tenants.context import current_organization
from tenants.errors import InvalidInput

from . import services
from .models import Goal, GoalEntry
from .progress import GoalProgress, progress_of_goals


class ProposerSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class GoalSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    owner_id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Goal.Kind.choices)
    state = serializers.ChoiceField(choices=Goal.State.choices)
    title = serializers.CharField()
    reason = serializers.CharField()
    criterion = serializers.CharField(help_text="The key of the criterion; empty for other kinds.")
    criterion_name = serializers.CharField()
    unit = serializers.CharField()
    start = serializers.FloatField(
        allow_null=True, help_text="Where it stood when the goal was set, if that was known."
    )
    target = serializers.FloatField()
    current = serializers.FloatField(
        allow_null=True,
        help_text="The mean of the last three marks, the calls of this week, or the last entry. Null: nothing yet.",
    )
    percent = serializers.IntegerField(help_text="Of the way from start to target, 0–100; 100 only when reached.")
    reached = serializers.BooleanField()
    due = serializers.DateField()
    days_left = serializers.IntegerField(help_text="Negative once the day has passed.")
    shared = serializers.BooleanField()
    proposed_by = ProposerSerializer(allow_null=True)
    created_at = serializers.DateTimeField()


class NewGoalSerializer(StrictSerializer):
    """`user_id`: somebody to propose it to; without it, a goal of one's own."""

    user_id = serializers.UUIDField(required=False)
    kind = serializers.ChoiceField(choices=Goal.Kind.choices)
    target = serializers.DecimalField(max_digits=10, decimal_places=2)
    due = serializers.DateField()
    title = serializers.CharField(max_length=160, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)
    criterion = serializers.CharField(max_length=60, required=False)
    unit = serializers.CharField(max_length=40, required=False, allow_blank=True)
    start = serializers.DecimalField(max_digits=10, decimal_places=2, required=False)
    shared = serializers.BooleanField(required=False)


class ChangedGoalSerializer(StrictSerializer):
    title = serializers.CharField(max_length=160, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)
    target = serializers.DecimalField(max_digits=10, decimal_places=2, required=False)
    due = serializers.DateField(required=False)
    shared = serializers.BooleanField(required=False)


class GoalAnswerSerializer(StrictSerializer):
    accept = serializers.BooleanField()


class GoalEntrySerializer(StrictSerializer):
    on = serializers.DateField()
    value = serializers.DecimalField(max_digits=10, decimal_places=2, coerce_to_string=False)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


def goal_json(row: GoalProgress) -> dict[str, Any]:
    goal = row.goal
    proposer = goal.proposed_by
    return {
        "id": goal.pk,
        "owner_id": goal.owner_id,
        "kind": goal.kind,
        "state": goal.state,
        "title": goal.title,
        "reason": goal.reason,
        "criterion": goal.criterion,
        "criterion_name": goal.criterion_name,
        "unit": goal.unit,
        "start": goal.start if goal.start is None else float(goal.start),
        "target": float(goal.target),
        "current": row.current if row.current is None else float(row.current),
        "percent": row.percent,
        "reached": row.reached,
        "due": goal.due,
        "days_left": row.days_left,
        "shared": goal.shared,
        "proposed_by": {"id": proposer.pk, "name": proposer.get_full_name()} if proposer else None,
        "created_at": goal.created_at,
    }


def one_json(goal: Goal) -> dict[str, Any]:
    zone = zone_of(goal.owner, current_organization())
    return goal_json(progress_of_goals(Goal.objects.filter(pk=goal.pk), owner_id=goal.owner_id, zone=zone)[0])


def member(user_id: UUID) -> User:
    """Somebody of this organisation. Raises `GoalNotFound`."""
    someone = User.objects.filter(pk=user_id, memberships__organization=current_organization()).first()
    if someone is None:
        raise services.GoalNotFound
    return someone


class GoalPages(CursorPages):
    ordering = ("-created_at", "pk")


class GoalsView(IdempotentCreateMixin, generics.ListAPIView[Goal]):
    serializer_class = GoalSerializer
    pagination_class = GoalPages

    def get_queryset(self) -> QuerySet[Goal]:
        if getattr(self, "swagger_fake_view", False):
            return Goal.objects.none()
        goals = services.visible_goals(viewer=self.request.user, owner_id=self._owner().pk)
        state = self.request.query_params.get("state", "")
        if state and state not in Goal.State.values:
            raise InvalidInput(details={"field": "state", "issue": ", ".join(Goal.State.values)})
        return goals.filter(state=state) if state else goals

    def _owner(self) -> User:
        asked = self.request.query_params.get("user_id")
        if not asked:
            assert isinstance(self.request.user, User)
            return self.request.user
        try:
            return member(UUID(asked))
        except ValueError:
            raise services.GoalNotFound from None

    @extend_schema(
        parameters=[
            OpenApiParameter("user_id", str, description="Somebody whom one may see: what is proposed or shared."),
            OpenApiParameter("state", str, enum=Goal.State.values),
        ]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Goals with their progress, newest first."""
        page = self.paginate_queryset(self.get_queryset()) or []
        owner = self._owner()
        zone = zone_of(owner, organization_of(request))
        found = Goal.objects.filter(pk__in=[goal.pk for goal in page])
        rows = {row.goal.pk: row for row in progress_of_goals(found, owner_id=owner.pk, zone=zone)}
        return self.get_paginated_response([GoalSerializer(goal_json(rows[goal.pk])).data for goal in page])

    @extend_schema(request=NewGoalSerializer, responses={201: GoalSerializer})
    def post(self, request: Request) -> Response:
        """Set a goal, or propose one to somebody of a team that one manages."""
        body = NewGoalSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = dict(body.validated_data)
        assert isinstance(request.user, User)
        user_id = wanted.pop("user_id", None)
        owner = request.user if user_id in {None, request.user.pk} else member(user_id)
        goal = services.set_goal(owner=owner, by=request.user, **wanted)
        return Response(GoalSerializer(one_json(goal)).data, status=status.HTTP_201_CREATED)


class GoalView(EntityTagMixin, APIView):
    @extend_schema(responses=GoalSerializer)
    def get(self, request: Request, goal_id: UUID) -> Response:
        return Response(GoalSerializer(one_json(services.get_visible(goal_id, viewer=request.user))).data)

    @extend_schema(request=ChangedGoalSerializer, responses=GoalSerializer)
    def patch(self, request: Request, goal_id: UUID) -> Response:
        """Change a goal of one's own."""
        goal = services.get_own(goal_id, owner=request.user)
        body = ChangedGoalSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(GoalSerializer(one_json(services.change_goal(goal=goal, **body.validated_data))).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, goal_id: UUID) -> Response:
        """Put a goal of one's own away. It stays in the record."""
        services.put_away(goal=services.get_own(goal_id, owner=request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)


class GoalAnswerView(APIView):
    @extend_schema(request=GoalAnswerSerializer, responses=GoalSerializer)
    def post(self, request: Request, goal_id: UUID) -> Response:
        """Take up what a manager proposed, or decline it."""
        goal = services.get_own(goal_id, owner=request.user)
        body = GoalAnswerSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(GoalSerializer(one_json(services.answer(goal=goal, **body.validated_data))).data)


class EntryPages(CursorPages):
    ordering = ("-on",)


class GoalEntriesView(IdempotentCreateMixin, generics.ListAPIView[GoalEntry]):
    serializer_class = GoalEntrySerializer
    pagination_class = EntryPages

    def get_queryset(self) -> QuerySet[GoalEntry]:
        if getattr(self, "swagger_fake_view", False):
            return GoalEntry.objects.none()
        goal = services.get_visible(self.kwargs["goal_id"], viewer=self.request.user)
        return GoalEntry.objects.filter(goal=goal)

    @extend_schema(request=GoalEntrySerializer, responses={201: GoalEntrySerializer})
    def post(self, request: Request, goal_id: UUID) -> Response:
        """Write a number down for a goal of one's own; a second one on the same day corrects the first."""
        goal = services.get_own(goal_id, owner=request.user)
        body = GoalEntrySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        entry = services.write_down(goal=goal, **body.validated_data)
        return Response(GoalEntrySerializer(entry).data, status=status.HTTP_201_CREATED)
