"""`chat/`: a question to the coach, answered as server-sent events; and one's own conversations."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import translation
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from orjson import dumps
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import person_of
from tenants.api.serializers import StrictSerializer
from tenants.api.streams import AnyAccepted, event_stream
from tenants.schemas import current_schema

from . import answering, services
from .models import Conversation, Message
from .services import Plan


class QuestionSerializer(StrictSerializer):
    """`conversation_id`: to go on with; without it a new one begins."""

    message = serializers.CharField(max_length=services.LONGEST_QUESTION)
    conversation_id = serializers.UUIDField(required=False, allow_null=True, default=None)


class CitedDocumentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()


class CitationSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="As it stands in the text, in square brackets.")
    chunk_id = serializers.UUIDField()
    document = CitedDocumentSerializer()
    heading = serializers.CharField()
    page = serializers.IntegerField()
    text = serializers.CharField()
    score = serializers.FloatField()


class MessageSerializer(serializers.ModelSerializer[Message]):
    citations = CitationSerializer(many=True)

    class Meta:
        model = Message
        fields: ClassVar = ["id", "role", "text", "grounded", "written_by", "complete", "citations", "created_at"]


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    class Meta:
        model = Conversation
        fields: ClassVar = ["id", "title", "created_at", "updated_at"]


class ConversationDetailSerializer(ConversationSerializer):
    messages = MessageSerializer(many=True)

    class Meta(ConversationSerializer.Meta):
        fields: ClassVar = [*ConversationSerializer.Meta.fields, "messages"]


class ChatView(APIView):
    content_negotiation_class = AnyAccepted
    throttle_class_name = "chat"

    @extend_schema(
        request=QuestionSerializer,
        responses={(200, "text/event-stream"): OpenApiResponse(OpenApiTypes.STR, description="Server-sent events.")},
    )
    def post(self, request: Request) -> StreamingHttpResponse:
        """Ask the coach. It answers from the organisation's documents and from one's own debriefs, and says so where neither
        has an answer.

        Events: `token` `{text}`; `citation` `{number, chunk_id, document, heading, page, text, score}` when the text first
        names a passage; at last `done` `{conversation_id, message_id, grounded: playbook|calls|none, written_by, complete,
        text}`.
        """
        body = QuestionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        plan = services.ask(
            user=person_of(request),
            question=body.validated_data["message"],
            conversation_id=body.validated_data["conversation_id"],
            language=translation.get_language() or "en",
        )
        return event_stream(stream(current_schema(), plan))


async def stream(schema_name: str, plan: Plan) -> AsyncGenerator[bytes]:
    async with aclosing(answering.answer(schema_name, plan)) as events:
        async for name, data in events:
            yield b"event: %s\ndata: %s\n\n" % (name.encode(), dumps(data))


class ConversationsView(generics.ListAPIView[Conversation]):
    """One's own conversations with the coach, newest first."""

    serializer_class = ConversationSerializer

    def get_queryset(self) -> QuerySet[Conversation]:
        if getattr(self, "swagger_fake_view", False):
            return Conversation.objects.none()
        return Conversation.objects.of(self.request.user)


class ConversationView(APIView):
    @extend_schema(responses=ConversationDetailSerializer)
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """A conversation with what both said."""
        found = services.get(conversation_id, user=person_of(request))
        return Response(ConversationDetailSerializer(found).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, conversation_id: UUID) -> Response:
        """Forget a conversation."""
        services.delete(conversation=services.get(conversation_id, user=person_of(request)))
        return Response(status=status.HTTP_204_NO_CONTENT)
