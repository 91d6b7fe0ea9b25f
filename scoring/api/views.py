"""`calls/{id}/score/` and `calls/{id}/analyze/`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import organization_of
from accounts.memberships import may, role_of
from accounts.roles import Action
from calls.models import Call
from calls.services import get_visible
from scoring import tasks
from scoring.models import Score
from scoring.reviews import note_seen
from scoring.transparency import record_of
from tenants.api.etags import EntityTagMixin
from tenants.errors import Conflict, NotFound

from . import serializers
from .payloads import score_json

WAITING = {Score.State.PENDING, Score.State.QUICK}


class CallNotScored(NotFound):
    default_message = _("This call never took place, so it has no score.")


class CallKeptUnscored(NotFound):
    default_message = _("A rule of your organisation keeps this call and does not score it.")


class CallNotEnded(Conflict):
    code = "CALL_NOT_ENDED"
    default_message = _("The call has not ended yet.")


def visible_call(request: Request, call_id: UUID) -> Call:
    """The call, for who may see it; 404 for everybody else."""
    role = role_of(request.user, organization_of(request))
    return get_visible(call_id, user=request.user, role=role)


def score_of(call: Call) -> Score | None:
    runs = ("quick_run", "deep_run", "human_run__made_by", "human_run__base_run")
    return Score.objects.select_related(*runs).filter(call=call).first()


class ScoreView(EntityTagMixin, APIView):
    @extend_schema(
        responses={
            200: serializers.ScoreSerializer,
            202: OpenApiResponse(
                serializers.ScoreSerializer, description="Pending; `quick` is there when it is ready."
            ),
        }
    )
    def get(self, request: Request, call_id: UUID) -> Response:
        """The call's score: 202 until the debrief is ready. A call too short to score says `not_gradable`. One that never
        took place, or that is kept without a score, has none: 404, so that nobody goes on asking."""
        call = visible_call(request, call_id)
        if call.status == Call.Status.FAILED:
            raise CallNotScored
        score = score_of(call)
        if score is None and not call.to_score:
            raise CallKeptUnscored
        waiting = score is None or score.state in WAITING
        if not waiting:
            note_seen(call=call, user=request.user)
        answer = Response(score_json(call, score), status=status.HTTP_202_ACCEPTED if waiting else status.HTTP_200_OK)
        if waiting:
            answer["Retry-After"] = "1"
        return answer


class TransparencyView(APIView):
    @extend_schema(responses={200: serializers.TransparencySerializer})
    def get(self, request: Request, call_id: UUID) -> Response:
        """How the score that counts came about: judge, data, purpose, who answers for it, how to contest it."""
        call = visible_call(request, call_id)
        note_seen(call=call, user=request.user)
        answer = Response(record_of(call))
        answer["Content-Disposition"] = f'inline; filename="score-{call.pk}.json"'
        return answer


class AnalyzeView(APIView):
    @extend_schema(request=None, responses={202: serializers.AnalyzeSerializer})
    def post(self, request: Request, call_id: UUID) -> Response:
        """Score the call again. The trainee's request fills in what is missing; a manager's makes new runs beside the old."""
        call = visible_call(request, call_id)
        if call.status != Call.Status.COMPLETED:
            raise CallNotEnded
        if may(request.user, organization_of(request), Action.SEE_TEAM):
            tasks.rescore.delay(str(call.pk))
        else:
            tasks.send_both(call.pk)
        score = score_of(call)
        body: dict[str, Any] = {
            "success": True,
            "call_id": str(call.pk),
            "state": score.state if score else Score.State.PENDING,
        }
        return Response(body, status=status.HTTP_202_ACCEPTED)
