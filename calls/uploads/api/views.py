"""`uploads/…`: recordings of real calls, from their announcement to the call they become."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, ClassVar, cast
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.parsers import DataAndFiles, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsMember, Needs, organization_of, person_of
from accounts.idempotency import IdempotentCreateMixin
from accounts.memberships import may, role_of
from accounts.people.models import Team
from accounts.roles import Action
from calls import tasks
from calls.api.serializers import CallSerializer
from calls.uploads import drafting, making, receiving, rules, work
from calls.uploads.api import serializers
from calls.uploads.errors import UploadNotFound, UploadTooLarge, WrongState
from calls.uploads.models import CallUpload, UploadRule
from calls.uploads.receiving import Wanted
from tenants.api.etags import EntityTagMixin
from tenants.api.parsers import StrictJSONParser
from tenants.errors import InvalidInput, NotFound

ROOM_FOR_FORM = 64 * 1024  # what a form weighs besides its file


class WholeFileParser(MultiPartParser):
    """Refuses what is too large before it is read."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles[Any, Any]:
        length = str((parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0")
        if not length.isdecimal() or int(length) > settings.UPLOAD_MAX_BYTES + ROOM_FOR_FORM:
            raise UploadTooLarge(most_bytes=settings.UPLOAD_MAX_BYTES)
        return super().parse(stream, media_type, parser_context)


class UploadView(APIView):
    """Base of the views of one upload."""

    def visible(self, request: Request, upload_id: UUID) -> CallUpload:
        role = role_of(request.user, organization_of(request))
        return receiving.get_visible(upload_id, user=request.user, role=role)

    def own(self, request: Request, upload_id: UUID) -> CallUpload:
        return receiving.get_own(upload_id, user=request.user)


class UploadsView(IdempotentCreateMixin, generics.ListAPIView[CallUpload]):
    serializer_class = serializers.UploadSerializer
    parser_classes: ClassVar = [StrictJSONParser, WholeFileParser]

    @property
    def throttle_class_name(self) -> str:
        return "upload" if self.request.method == "POST" else "default"

    def get_queryset(self) -> QuerySet[CallUpload]:
        if getattr(self, "swagger_fake_view", False):
            return CallUpload.objects.none()
        role = role_of(self.request.user, organization_of(self.request))
        uploads: QuerySet[CallUpload] = receiving.visible_uploads(self.request.user, role)
        return uploads

    @extend_schema(request=serializers.AnnounceSerializer, responses={201: serializers.UploadSerializer})
    def post(self, request: Request) -> Response:
        """Announce a recording of a real call, then send it to `uploads/{id}/content/`; or send it along as a form.

        Refused without `consent`, where it is empty or too large, and as soon as its first bytes are no sound's.
        """
        body = serializers.AnnounceSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        audio: UploadedFile | None = values.pop("audio", None)
        if audio is not None:
            values |= {"file_name": audio.name or "", "size_bytes": audio.size or 0}
        language = values.pop("language", None) or organization_of(request).language
        with transaction.atomic():
            upload = receiving.announce(owner=person_of(request), wanted=Wanted(language=language, **values))
        if audio is not None:
            upload = receiving.append(
                upload_id=upload.pk, offset=0, source=cast("IO[bytes]", audio.file), length=upload.size_bytes
            )
            tasks.enqueue_upload(upload.pk)
        answer = Response(serializers.UploadSerializer(upload).data, status=status.HTTP_201_CREATED)
        answer["Location"] = reverse("api-upload-content", args=[upload.pk])
        return answer


class UploadDetailView(EntityTagMixin, UploadView):
    @extend_schema(responses=serializers.UploadSerializer)
    def get(self, request: Request, upload_id: UUID) -> Response:
        return Response(serializers.UploadSerializer(self.visible(request, upload_id)).data)

    @extend_schema(request=None, responses={204: OpenApiResponse(description="Gone, with the call made of it.")})
    def delete(self, request: Request, upload_id: UUID) -> Response:
        """Consent was taken back, or it was the wrong file: sound, words, call and score are deleted. The fact stays."""
        upload = self.visible(request, upload_id)
        if upload.owner_id != person_of(request).pk and not may(
            request.user, organization_of(request), Action.MANAGE_ORGANIZATION
        ):
            raise UploadNotFound
        making.withdraw(upload=upload, actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class PiecesView(UploadView):
    @extend_schema(responses=serializers.PiecesSerializer)
    def get(self, request: Request, upload_id: UUID) -> Response:
        """What was heard, until the speakers are confirmed; afterwards it is the call's transcript."""
        segments = self.visible(request, upload_id).segments.all()
        return Response(serializers.PiecesSerializer({"segments": segments}).data)


class SpeakersView(UploadView):
    @extend_schema(request=serializers.SpeakersSerializer, responses={201: CallSerializer})
    def post(self, request: Request, upload_id: UUID) -> Response:
        """Say who is who. The call is made, and scored where the organisation's rules say so."""
        upload = self.own(request, upload_id)
        body = serializers.SpeakersSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        changes = {item["position"]: item["speaker"] for item in body.validated_data["segments"]}
        call = making.confirm(upload=upload, roles=body.validated_data["speakers"], changes=changes)
        return Response(CallSerializer(call).data, status=status.HTTP_201_CREATED)


class RetryView(UploadView):
    @extend_schema(request=None, responses=serializers.UploadSerializer)
    def post(self, request: Request, upload_id: UUID) -> Response:
        """Go on with an upload that failed, where it stopped."""
        upload = self.own(request, upload_id)
        if not work.take_up_again(upload):
            raise WrongState
        tasks.enqueue_upload(upload.pk)
        upload.refresh_from_db()
        return Response(serializers.UploadSerializer(upload).data)


class DraftView(UploadView):
    permission_classes: ClassVar = [IsMember, Needs.to(Action.AUTHOR)]

    @extend_schema(request=None, responses={201: serializers.DraftSerializer})
    def post(self, request: Request, upload_id: UUID) -> Response:
        """A draft of a scenario from what the customer said in this call, for an author to finish."""
        scenario = drafting.draft_scenario(upload=self.visible(request, upload_id), actor=request.user)
        body = {"scenario_id": scenario.pk, "persona_id": scenario.persona_id}
        return Response(serializers.DraftSerializer(body).data, status=status.HTTP_201_CREATED)


class RulesView(APIView):
    """What becomes of uploads here; the first rule that fits counts, and what no rule speaks of is kept and scored."""

    permission_classes: ClassVar = [IsMember, Needs.to(Action.MANAGE_ORGANIZATION)]

    @extend_schema(responses=serializers.RulesSerializer)
    def get(self, request: Request) -> Response:
        """In the order in which they are asked."""
        return Response(serializers.RulesSerializer({"rules": UploadRule.objects.all()}).data)

    @extend_schema(request=serializers.RuleSerializer, responses={201: serializers.RuleSerializer})
    def post(self, request: Request) -> Response:
        """Add a rule, asked after the others."""
        body = serializers.RuleSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        team_id = body.validated_data.get("team_id")
        if team_id is not None and not Team.objects.filter(pk=team_id).exists():
            raise InvalidInput(details={"field": "team_id"})
        rule = rules.add(values=body.validated_data, actor=request.user)
        return Response(serializers.RuleSerializer(rule).data, status=status.HTTP_201_CREATED)


class RuleView(APIView):
    permission_classes: ClassVar = [IsMember, Needs.to(Action.MANAGE_ORGANIZATION)]

    @extend_schema(responses={204: None})
    def delete(self, request: Request, rule_id: UUID) -> Response:
        """Take a rule away. What it decided before stays as it is."""
        rule = UploadRule.objects.filter(pk=rule_id).first()
        if rule is None:
            raise NotFound
        rules.remove(rule=rule, actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
