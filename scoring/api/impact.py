"""`rubrics/{id}/impact/` and `rubrics/{id}/rescore/`: jobs over the calls of one rubric."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsMember, Needs
from accounts.idempotency import IdempotentCreateMixin
from accounts.roles import Action
from scenarios.models import Rubric
from scoring import tasks
from scoring.impact import candidates, preview, rescoring
from scoring.models import Job, Rescoring, RubricImpact
from tenants.api.serializers import StrictSerializer

MOST_FLIPS = 500


class FlipSerializer(serializers.Serializer[Any]):
    call_id = serializers.UUIDField()
    trainee_id = serializers.UUIDField()
    before_score = serializers.IntegerField()
    after_score = serializers.IntegerField()
    before_passed = serializers.BooleanField(allow_null=True, help_text="null: a person has to decide.")
    after_passed = serializers.BooleanField(allow_null=True)


class CriterionMeansSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    before = serializers.IntegerField(allow_null=True)
    after = serializers.IntegerField(allow_null=True)


class ResultSerializer(serializers.Serializer[Any]):
    passes = serializers.IntegerField(help_text="Calls that pass by the new rubric and did not.")
    fails = serializers.IntegerField()
    undecided = serializers.IntegerField(help_text="Calls that a person would have to decide over.")
    set_by_person = serializers.IntegerField(help_text="Calls whose score a person set: it stays.")
    problems = serializers.IntegerField()
    before = serializers.IntegerField(allow_null=True, help_text="Mean score.")
    after = serializers.IntegerField(allow_null=True)
    criteria = CriterionMeansSerializer(many=True)
    flips = FlipSerializer(many=True, help_text=f"At most {MOST_FLIPS}.")


class JobSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Job.State.values)
    progress = serializers.IntegerField(min_value=0, max_value=100, help_text="Percent.")
    total = serializers.IntegerField(help_text="Calls.")
    done = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    result = ResultSerializer(allow_null=True, help_text="Once the job is done.")


class ImpactSerializer(JobSerializer):
    is_current = serializers.BooleanField(help_text="Is the draft still the one that was tried?")


class RescoringSerializer(JobSerializer):
    rubric_version_id = serializers.UUIDField()
    mode = serializers.ChoiceField(choices=Rescoring.Mode.choices)
    reason = serializers.CharField()


class BeginImpactSerializer(StrictSerializer):
    last = serializers.IntegerField(min_value=1, max_value=candidates.MOST_CALLS, default=preview.LAST)


class BeginRescoringSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=300)
    mode = serializers.ChoiceField(choices=Rescoring.Mode.choices, default=Rescoring.Mode.KEEP)
    since = serializers.DateField(required=False, allow_null=True, default=None)
    last = serializers.IntegerField(min_value=1, max_value=candidates.MOST_CALLS, required=False, default=None)


def job_json(job: Any) -> dict[str, Any]:
    return {
        "id": str(job.pk),
        "status": job.state,
        "progress": job.percent,
        "total": job.total,
        "done": job.done,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
        "result": result_json(job) if job.is_finished else None,
    }


def result_json(job: Any) -> dict[str, Any]:
    summary = preview.summary_of(job.outcomes)
    names = ("passes", "fails", "undecided", "set_by_person", "problems", "before", "after")
    return {
        **{name: getattr(summary, name) for name in names},
        "criteria": [dict(row) for row in summary.criteria],
        "flips": [
            {
                "call_id": str(outcome.call_id),
                "trainee_id": str(outcome.call.trainee_id),
                "before_score": outcome.before_score,
                "after_score": outcome.after_score,
                "before_passed": outcome.before_passed,
                "after_passed": outcome.after_passed,
            }
            for outcome in preview.flipped(job.outcomes)[:MOST_FLIPS]
        ],
    }


def impact_json(job: RubricImpact) -> dict[str, Any]:
    return {**job_json(job), "is_current": preview.is_current(job)}


def rescoring_json(job: Rescoring) -> dict[str, Any]:
    return {
        **job_json(job),
        "rubric_version_id": str(job.rubric_version_id),
        "mode": job.mode,
        "reason": job.reason,
    }


class ImpactView(IdempotentCreateMixin, APIView):
    permission_classes = [IsMember, Needs.to(Action.AUTHOR)]

    @extend_schema(request=BeginImpactSerializer, responses={202: ImpactSerializer})
    def post(self, request: Request, pk: UUID) -> Response:
        """Try the draft on the last calls that were scored by this rubric: who would pass or fail. Nothing is scored."""
        rubric = get_object_or_404(Rubric, pk=pk)
        body = BeginImpactSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        begun = preview.begin(rubric=rubric, by=request.user, last=body.validated_data["last"])
        tasks.preview_impact.delay(str(begun.pk))
        begun.refresh_from_db()
        return Response(impact_json(begun), status=status.HTTP_202_ACCEPTED)


class ImpactDetail(APIView):
    permission_classes = [IsMember, Needs.to(Action.AUTHOR)]

    @extend_schema(responses=ImpactSerializer)
    def get(self, request: Request, pk: UUID, impact_id: UUID) -> Response:
        """How far it is, and what it found."""
        return Response(impact_json(get_object_or_404(RubricImpact, pk=impact_id, rubric_id=pk)))


class RescoreView(IdempotentCreateMixin, APIView):
    permission_classes = [IsMember, Needs.to(Action.AUTHOR)]

    @extend_schema(request=BeginRescoringSerializer, responses={202: RescoringSerializer})
    def post(self, request: Request, pk: UUID) -> Response:
        """Score past calls again by the published version, in new runs beside the old ones."""
        rubric = get_object_or_404(Rubric, pk=pk)
        body = BeginRescoringSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        since: date | None = values["since"]
        begun = rescoring.begin(
            rubric=rubric,
            by=request.user,
            reason=values["reason"],
            mode=values["mode"],
            since=since,
            last=values["last"],
        )
        tasks.rescore_calls.delay(str(begun.pk))
        begun.refresh_from_db()
        return Response(rescoring_json(begun), status=status.HTTP_202_ACCEPTED)


class RescoringDetail(APIView):
    permission_classes = [IsMember, Needs.to(Action.AUTHOR)]

    @extend_schema(responses=RescoringSerializer)
    def get(self, request: Request, pk: UUID, job_id: UUID) -> Response:
        return Response(rescoring_json(get_object_or_404(Rescoring, pk=job_id, rubric_id=pk)))
