"""`user/progress/`: one's own practice in numbers; a manager may ask for a person of his or her teams."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import organization_of
from accounts.memberships import role_of
from accounts.models import User
from accounts.profiles import zone_of
from accounts.scoping import may_see
from coaching.goals.medals import words_of
from coaching.goals.models import Medal
from tenants.api.etags import EntityTagMixin
from tenants.errors import NotFound

from .skills import Estimate, skills_of
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


class EstimateSerializer(serializers.Serializer[Any]):
    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField(help_text="The level lies between low and high in eight cases of ten.")


class SkillSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    marks = serializers.IntegerField(help_text="How many marks there are, of the last sixty debriefs.")
    performance = serializers.FloatField(help_text="The mean of the last five marks.")
    proficiency = EstimateSerializer(allow_null=True, help_text="Null: fewer than four marks say too little.")


class StreakSerializer(serializers.Serializer[Any]):
    days = serializers.IntegerField(help_text="Practised days in the row that is alive.")
    longest = serializers.IntegerField()
    free_days = serializers.IntegerField(help_text="Missed days that the row forgave: one a week.")
    today_done = serializers.BooleanField()
    at_risk = serializers.BooleanField(help_text="The row ends tonight unless there is a call.")
    ends_on = serializers.DateField(allow_null=True, help_text="The last day on which a call keeps the row alive.")


class MedalSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    criterion = serializers.CharField(help_text="Of a medal for a criterion; empty else.")
    title = serializers.CharField()
    call_id = serializers.UUIDField()
    earned_at = serializers.DateTimeField()


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
    streak_days = serializers.IntegerField(help_text="As `streak.days`.")
    longest_streak_days = serializers.IntegerField()
    last_call_at = serializers.DateTimeField(allow_null=True)
    streak = StreakSerializer()

    def get_duration_seconds(self, progress: Any) -> int:
        return int(progress.duration_ms) // 1000


class WholeProgressSerializer(ProgressSerializer):
    skills = SkillSerializer(many=True, help_text="By name.")
    medals = MedalSerializer(many=True, help_text="Newest first.")


def skills_json(user_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "key": skill.key,
            "name": skill.name,
            "marks": len(skill.marks),
            "performance": round(skill.performance, 2),
            "proficiency": None if level is None else rounded(level),
        }
        for skill in skills_of(user_id=user_id)
        for level in [skill.proficiency]
    ]


def rounded(level: Estimate) -> dict[str, float]:
    return {"value": round(level.value, 2), "low": round(level.low, 2), "high": round(level.high, 2)}


def medals_json(user_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "kind": medal.kind,
            "criterion": medal.criterion,
            "title": words_of(medal)[0],
            "call_id": medal.call_id,
            "earned_at": medal.earned_at,
        }
        for medal in Medal.objects.filter(user_id=user_id)
    ]


class ProgressView(EntityTagMixin, APIView):
    @extend_schema(
        responses=WholeProgressSerializer,
        parameters=[
            OpenApiParameter("user_id", str, description="Somebody else whom one may see; 404 for anybody else.")
        ],
    )
    def get(self, request: Request) -> Response:
        organization = organization_of(request)
        someone = self._person(request)
        progress = progress_of(user_id=someone.pk, zone=zone_of(someone, organization))
        return Response(
            {
                **ProgressSerializer(progress).data,
                "skills": SkillSerializer(skills_json(someone.pk), many=True).data,
                "medals": MedalSerializer(medals_json(someone.pk), many=True).data,
            }
        )

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
