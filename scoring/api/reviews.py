"""`reviews/` and `calls/{id}/reviews/…`: what waits for a person, a person's own marks, and what comes of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsMember, Needs, organization_of
from accounts.idempotency import IdempotentCreateMixin
from accounts.memberships import role_of
from accounts.roles import Action
from calls.models import Call
from scoring import reviews
from scoring.models import Review, Score
from scoring.referees import call_to_judge, counting_run_of
from scoring.review_queue import scores_to_review
from tenants.api.pagination import CursorPages

from . import people

COACHES: list[type[BasePermission]] = [IsMember, Needs.to(Action.SEE_TEAM)]


def judged_call(request: Request, call_id: UUID) -> Call:
    """Raises `CallNotFound`, `ConflictOfInterest`."""
    call = call_to_judge(call_id, user=request.user, role=role_of(request.user, organization_of(request)))
    return Call.objects.select_related("trainee", "rubric_version").get(pk=call.pk)


class LongestWaiting(CursorPages):
    ordering = ("waiting_since", "pk")


class WaitingView(generics.ListAPIView[Score]):
    permission_classes = COACHES
    pagination_class = LongestWaiting
    serializer_class = people.WaitingSerializer

    def get_queryset(self) -> QuerySet[Score]:
        if getattr(self, "swagger_fake_view", False):
            return Score.objects.none()
        return scores_to_review(
            viewer=self.request.user, role=role_of(self.request.user, organization_of(self.request))
        )

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Scores that want a person's eyes, the longest waiting first. No score is in the answer."""
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(
            [
                {
                    "call_id": score.call_id,
                    "title": score.call.title,
                    "trainee_id": score.call.trainee_id,
                    "why": score.why,  # type: ignore[attr-defined]  # annotated by the queue
                    "waiting_since": score.waiting_since,  # type: ignore[attr-defined]
                }
                for score in page
            ]
        )


class InOrder(CursorPages):
    ordering = ("submitted_at", "pk")


class CallReviewsView(IdempotentCreateMixin, generics.ListAPIView[Review]):
    permission_classes = COACHES
    pagination_class = InOrder
    serializer_class = people.ReviewSerializer

    def get_queryset(self) -> QuerySet[Review]:
        if getattr(self, "swagger_fake_view", False):
            return Review.objects.none()
        call = judged_call(self.request, self.kwargs["call_id"])
        found = Review.objects.submitted().filter(call=call)
        handed_in = found.filter(reviewer=self.request.user.pk, appeal=None).exists()
        return found.select_related("reviewer") if handed_in else found.none()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Marks that people gave this call: until one has handed in one's own, none."""
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response([people.review_json(review) for review in page])

    @extend_schema(request=people.ReviewRequestSerializer, responses={201: people.SubmittedReviewSerializer})
    def post(self, request: Request, call_id: UUID) -> Response:
        """Hand in one's own marks for the whole rubric, once. The answer lays the score's beside them."""
        call = judged_call(request, call_id)
        body = people.ReviewRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        review = reviews.submit(call=call, reviewer=request.user, marks=wanted["marks"], note=wanted["note"])
        lines = reviews.laid_beside(review.marks, counting_run_of(call))
        return Response(
            {
                **people.review_json(review),
                "criteria": [
                    {"key": line.key, "name": line.name, "own": line.own, "judged": line.judged} for line in lines
                ],
            },
            status=status.HTTP_201_CREATED,
        )


class ReviewDecisionView(IdempotentCreateMixin, APIView):
    permission_classes = COACHES

    @extend_schema(request=people.ReviewDecisionSerializer, responses=people.DecidedSerializer)
    def post(self, request: Request, call_id: UUID) -> Response:
        """After one's own marks: keep the score, or replace it with them. The judge's run stays on record."""
        call = judged_call(request, call_id)
        body = people.ReviewDecisionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        review = reviews.review_of(call=call, reviewer=request.user, run=counting_run_of(call))
        if review is None:
            raise reviews.NotReviewedYet
        act = reviews.override if wanted["choice"] == "override" else reviews.keep
        run = act(review=review, reason=wanted["reason"], run_id=wanted["run_id"])
        return Response(
            {
                "call_id": call.pk,
                "run_id": run.pk,
                "overall_score": run.overall_score,
                "judged_by": run.judged_by,
            }
        )
