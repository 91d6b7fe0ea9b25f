"""`knowledge/…`: documents, and finding passages in them. Members read, authors write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, ClassVar, cast
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.parsers import DataAndFiles, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsMember, Needs, organization_of
from accounts.idempotency import IdempotentCreateMixin
from accounts.memberships import may
from accounts.roles import Action
from scenarios.knowledge import library, retrieval, tasks
from scenarios.knowledge.documents import Refused
from scenarios.knowledge.models import KnowledgeDocument
from tenants.api.etags import EntityTagMixin
from tenants.api.parsers import StrictJSONParser

from . import serializers

ROOM_FOR_FORM = 64 * 1024  # what a form weighs besides its file


class DocumentParser(MultiPartParser):
    """Refuses what is too large before it is read."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles[Any, Any]:
        length = str((parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0")
        if not length.isdecimal() or int(length) > settings.KNOWLEDGE_MAX_BYTES + ROOM_FOR_FORM:
            raise Refused("too_large")
        return super().parse(stream, media_type, parser_context)


def visible_documents(request: Request) -> QuerySet[KnowledgeDocument]:
    """Authors see archived ones too."""
    if may(request.user, organization_of(request), Action.AUTHOR):
        return KnowledgeDocument.objects.all()
    return KnowledgeDocument.objects.searchable()


class DocumentsView(IdempotentCreateMixin, generics.ListAPIView[KnowledgeDocument]):
    serializer_class = serializers.DocumentSerializer
    permission_classes: ClassVar = [IsMember, Needs.to(Action.AUTHOR, reading_is_free=True)]
    parser_classes: ClassVar = [StrictJSONParser, DocumentParser]

    @property
    def throttle_class_name(self) -> str:
        return "upload" if self.request.method == "POST" else "default"

    def get_queryset(self) -> QuerySet[KnowledgeDocument]:
        if getattr(self, "swagger_fake_view", False):
            return KnowledgeDocument.objects.none()
        return visible_documents(self.request)

    @extend_schema(request=serializers.NewDocumentSerializer, responses={201: serializers.DocumentSerializer})
    def post(self, request: Request) -> Response:
        """Add a document, as a file or as text; the same `source` again replaces it. It is read in the background: `state`
        and `progress` say how far that is, `problem` what was wrong with it."""
        body = serializers.NewDocumentSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        file, text = values.pop("file", None), values.pop("text", None)
        if file is not None:
            document = library.add(
                file=cast("IO[bytes]", file), file_name=file.name or "", actor=request.user, **values
            )
        else:
            document = library.add_text(text=text, actor=request.user, **values)
        tasks.enqueue_ingest(document.pk)
        document.refresh_from_db()
        return Response(serializers.DocumentSerializer(document).data, status=status.HTTP_201_CREATED)


class DocumentView(EntityTagMixin, APIView):
    permission_classes: ClassVar = [IsMember, Needs.to(Action.AUTHOR, reading_is_free=True)]

    @extend_schema(responses=serializers.DocumentSerializer)
    def get(self, request: Request, document_id: UUID) -> Response:
        """A document and how far it is."""
        return Response(serializers.DocumentSerializer(self._visible(request, document_id)).data)

    @extend_schema(request=serializers.DocumentChangeSerializer, responses=serializers.DocumentSerializer)
    def patch(self, request: Request, document_id: UUID) -> Response:
        """Rename it, decide whether buyers may know it, archive or restore it."""
        document = self._visible(request, document_id)
        body = serializers.DocumentChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        library.change(document=document, actor=request.user, **body.validated_data)
        return Response(serializers.DocumentSerializer(library.get(document_id)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, document_id: UUID) -> Response:
        """Gone with its passages and its file."""
        library.delete(document=self._visible(request, document_id), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _visible(self, request: Request, document_id: UUID) -> KnowledgeDocument:
        found = visible_documents(request).filter(pk=document_id).first()
        if found is None:
            raise library.DocumentNotFound
        return found


class SearchView(APIView):
    @extend_schema(parameters=[serializers.SearchQuerySerializer], responses=serializers.FoundSerializer)
    def get(self, request: Request) -> Response:
        """The passages that are about a question, best first; none where no document is."""
        query = serializers.SearchQuerySerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        values = query.validated_data
        find = retrieval.match_knowledge if values["mode"] == "vector" else retrieval.search
        found = find(values["q"], threshold=values.get("threshold"), count=values["count"], source=values.get("source"))
        return Response(serializers.FoundSerializer({"results": found}).data)
