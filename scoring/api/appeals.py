"""`calls/{id}/appeal/` and `appeals/…`: a mark is contested, marked by a second person, decided."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsMember, Needs, organization_of, person_of
from accounts.idempotency import IdempotentCreateMixin
from accounts.memberships import role_of
from accounts.roles import Action
from calls.models import Call
from calls.services import get_own, get_visible, visible_calls
from scoring import appeals, tasks
from scoring.models import Appeal, Review
from scoring.referees import refuse_trainee
from tenants.api.etags import EntityTagMixin
from tenants.api.pagination import CursorPages

from . import people


def shown(found: list[Appeal], viewer: Any) -> list[dict[str, Any]]:
    """As this person may see them: who could decide does not see the mark before giving one. One query."""
    known = set(Review.objects.filter(appeal__in=found, reviewer=viewer).values_list("appeal_id", flat=True))
    return [
        people.appeal_json(appeal, knows_mark=appeal.opened_by_id == viewer.pk or appeal.pk in known)
        for appeal in found
    ]


def visible_appeal(request: Request, appeal_id: UUID) -> Appeal:
    """Raises `AppealNotFound`, `CallNotFound`."""
    found = (
        Appeal.objects.select_related("call__trainee", "run__rubric_version", "taken_by").filter(pk=appeal_id).first()
    )
    if found is None:
        raise appeals.AppealNotFound
    get_visible(found.call_id, user=request.user, role=role_of(request.user, organization_of(request)))
    return found


class NewestFirst(CursorPages):
    ordering = "-opened_at"


class CallAppealView(IdempotentCreateMixin, generics.ListAPIView[Appeal]):
    serializer_class = people.AppealSerializer
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[Appeal]:
        if getattr(self, "swagger_fake_view", False):
            return Appeal.objects.none()
        role = role_of(self.request.user, organization_of(self.request))
        call = get_visible(self.kwargs["call_id"], user=self.request.user, role=role)
        return Appeal.objects.filter(call=call).select_related("taken_by")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What was contested in this call."""
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(shown(list(page), request.user))

    @extend_schema(request=people.ContestSerializer, responses={201: people.AppealSerializer})
    def post(self, request: Request, call_id: UUID) -> Response:
        """Contest the mark for one criterion of a call of one's own, once. A second person marks it without seeing the
        contested mark, and decides by `due_at`."""
        own = get_own(call_id, user=request.user)
        call = Call.objects.select_related("trainee", "rubric_version").get(pk=own.pk)
        body = people.ContestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        passage = None
        if "turn_id" in wanted:
            passage = appeals.Passage(wanted["turn_id"], wanted.get("start"), wanted.get("end"))
        appeal = appeals.contest(call=call, criterion=wanted["criterion"], reason=wanted["reason"], passage=passage)
        tasks.tell_of_appeal.delay(str(appeal.pk))
        return Response(people.appeal_json(appeal, knows_mark=True), status=status.HTTP_201_CREATED)


class AppealsView(generics.ListAPIView[Appeal]):
    pagination_class = NewestFirst
    serializer_class = people.AppealSerializer

    def get_queryset(self) -> QuerySet[Appeal]:
        if getattr(self, "swagger_fake_view", False):
            return Appeal.objects.none()
        role = role_of(self.request.user, organization_of(self.request))
        calls = visible_calls(self.request.user, role)
        return Appeal.objects.filter(call__in=calls).select_related("taken_by")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Objections to marks: one's own, and those of the people whom one coaches. The newest first."""
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(shown(list(page), request.user))


class AppealView(EntityTagMixin, APIView):
    @extend_schema(responses=people.AppealSerializer)
    def get(self, request: Request, appeal_id: UUID) -> Response:
        return Response(shown([visible_appeal(request, appeal_id)], request.user)[0])


class AppealMarkView(IdempotentCreateMixin, APIView):
    permission_classes = [IsMember, Needs.to(Action.SEE_TEAM)]

    @extend_schema(request=people.MarkSerializer, responses=people.AppealSerializer)
    def post(self, request: Request, appeal_id: UUID) -> Response:
        """One's own mark for the contested criterion. The answer shows the contested one; now it is one's own to decide."""
        appeal = visible_appeal(request, appeal_id)
        refuse_trainee(appeal.call, request.user)
        body = people.MarkSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        appeals.mark(appeal=appeal, reviewer=person_of(request), mark=wanted["mark"], note=wanted["note"])
        appeal.refresh_from_db()
        return Response(people.appeal_json(appeal, knows_mark=True))


class AppealDecisionView(IdempotentCreateMixin, APIView):
    permission_classes = [IsMember, Needs.to(Action.SEE_TEAM)]

    @extend_schema(request=people.AppealDecisionSerializer, responses=people.AppealSerializer)
    def post(self, request: Request, appeal_id: UUID) -> Response:
        """Let the mark stand, or one's own take its place. Final."""
        appeal = visible_appeal(request, appeal_id)
        refuse_trainee(appeal.call, request.user)
        body = people.AppealDecisionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        decided = appeals.decide(
            appeal=appeal, reviewer=person_of(request), overturn=wanted["overturn"], reason=wanted["reason"]
        )
        tasks.tell_of_appeal.delay(str(decided.pk))
        return Response(people.appeal_json(decided, knows_mark=True))
