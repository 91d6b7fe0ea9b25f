"""`calls/{id}/fork/` and `calls/{id}/submit/`: to do a moment again, and to hand in what was practised in private."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import IdempotentCreateMixin
from calls import forks, private_practice
from calls.api import serializers
from calls.api.views import CallView


class ForkView(IdempotentCreateMixin, CallView):
    throttle_class_name = "start"

    @extend_schema(request=serializers.ForkSerializer, responses={201: serializers.CallSerializer})
    def post(self, request: Request, call_id: UUID) -> Response:
        """Redo from a turn of a call of one's own that has ended: a new call that shares all up to and including that turn.

        It starts with `start/` like any other. It is scored and never counts.
        """
        call = self.own(request, call_id)
        body = serializers.ForkSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        turn = forks.find_turn(call, turn_id=wanted.get("turn_id"), seq=wanted.get("turn_seq"))
        private = wanted.get("private", private_practice.allowed())
        private_practice.refuse_where_forbidden(private)
        branch = forks.fork(call=call, turn=turn, private=private)
        return Response(serializers.CallSerializer(branch).data, status=status.HTTP_201_CREATED)


class SubmitView(CallView):
    @extend_schema(request=None, responses=serializers.CallSerializer)
    def post(self, request: Request, call_id: UUID) -> Response:
        """Show a private call to one's managers and let it count. Once, and for good."""
        call = private_practice.submit(call=self.own(request, call_id), actor=request.user)
        return Response(serializers.CallSerializer(call).data)
