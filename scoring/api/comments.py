"""`calls/{id}/comments/` and `comments/{id}/`: remarks beside a call."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import organization_of
from accounts.idempotency import IdempotentCreateMixin
from accounts.memberships import role_of
from calls.models import Call
from calls.services import get_visible
from scoring import comments
from scoring.models import Comment
from tenants.api.pagination import CursorPages

from . import people


def commented_call(request: Request, call_id: UUID) -> Call:
    """Raises `CallNotFound`."""
    call = get_visible(call_id, user=request.user, role=role_of(request.user, organization_of(request)))
    return Call.objects.select_related("trainee", "rubric_version").get(pk=call.pk)


class OldestFirst(CursorPages):
    ordering = ("created_at", "pk")


class CallCommentsView(IdempotentCreateMixin, generics.ListAPIView[Comment]):
    serializer_class = people.CommentSerializer
    pagination_class = OldestFirst

    def get_queryset(self) -> QuerySet[Comment]:
        if getattr(self, "swagger_fake_view", False):
            return Comment.objects.none()
        call = commented_call(self.request, self.kwargs["call_id"])
        return comments.visible_comments(call, viewer=self.request.user)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The comments on a call that one may read, the oldest first."""
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response([people.comment_json(comment) for comment in page])

    @extend_schema(request=people.CommentRequestSerializer, responses={201: people.CommentSerializer})
    def post(self, request: Request, call_id: UUID) -> Response:
        """Write one. `mentions` names people of the trainee's teams who may read it."""
        call = commented_call(request, call_id)
        body = people.CommentRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        comment = comments.add(
            call=call,
            author=request.user,
            body=wanted["body"],
            visibility=wanted["visibility"],
            place=comments.Place(at_ms=wanted["at_ms"], turn_id=wanted["turn_id"], criterion=wanted["criterion"]),
            mentions=wanted["mentions"],
        )
        return Response(people.comment_json(comment), status=status.HTTP_201_CREATED)


class CommentView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, comment_id: UUID) -> Response:
        """Take back a comment of one's own."""
        comment = Comment.objects.filter(pk=comment_id).first()
        if comment is None:
            raise comments.CommentNotFound
        commented_call(request, comment.call_id)
        comments.remove(comment=comment, actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
