"""`user/progress/`: one's own practice in numbers; a manager may ask for a person of his or her teams."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import organization_of
from accounts.memberships import role_of
from accounts.models import User
from accounts.scoping import may_see
from tenants.api.etags import EntityTagMixin
from tenants.errors import NotFound

from .statistics import progress_of


class TrendPointSerializer(serializers.Serializer[Any]):
    call_id = serializers.UUIDField()
    at = serializers.DateTimeField()
    title = serializers.CharField()
    score = serializers.IntegerField()


class CriterionAverageSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    average = serializers.FloatField(help_text="Over all debriefs in which the criterion applied.")
    recent = serializers.FloatField(allow_null=True, help_text="Over the last five debriefs.")
    calls = serializers.IntegerField()


class ProgressSerializer(serializers.Serializer[Any]):
    calls_total = serializers.IntegerField(help_text="Completed calls, less those voided for a technical fault.")
    calls_scored = serializers.IntegerField()
    calls_passed = serializers.IntegerField()
    duration_seconds = serializers.SerializerMethodField()
    average = serializers.FloatField(allow_null=True)
    best = serializers.IntegerField(allow_null=True)
    trend = TrendPointSerializer(many=True, help_text="The last twenty scores, oldest first.")
    by_criterion = CriterionAverageSerializer(many=True, help_text="Weakest lately first.")
    calls_by_mode = serializers.DictField(source="by_mode", child=serializers.IntegerField())
    streak_days = serializers.IntegerField(help_text="Days in a row with a call, up to today or yesterday.")
    longest_streak_days = serializers.IntegerField()
    last_call_at = serializers.DateTimeField(allow_null=True)

    def get_duration_seconds(self, progress: Any) -> int:
        return int(progress.duration_ms) // 1000


def zone_of(user: User, fallback: str) -> ZoneInfo:
    """The time zone in which a person's days begin: their own, else the organisation's, else UTC."""
    for name in (user.timezone, fallback):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return ZoneInfo("UTC")


class ProgressView(EntityTagMixin, APIView):
    @extend_schema(
        responses=ProgressSerializer,
        parameters=[
            OpenApiParameter("user_id", str, description="Somebody else whom one may see; 404 for anybody else.")
        ],
    )
    def get(self, request: Request) -> Response:
        organization = organization_of(request)
        someone = self._person(request)
        progress = progress_of(user_id=someone.pk, zone=zone_of(someone, organization.timezone))
        return Response(ProgressSerializer(progress).data)

    def _person(self, request: Request) -> User:
        asked = request.query_params.get("user_id")
        if not asked:
            assert isinstance(request.user, User)
            return request.user
        organization = organization_of(request)
        try:
            user_id = UUID(asked)
        except ValueError:
            raise NotFound from None
        someone = User.objects.filter(pk=user_id, memberships__organization=organization).first()
        if someone is None or not may_see(request.user, role_of(request.user, organization), user_id):
            raise NotFound
        return someone
