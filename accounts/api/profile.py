"""`user/…`: what somebody sees and changes about themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import erasure, profiles, tasks
from accounts.authentication import organization_of, person_of
from accounts.idempotency import IdempotentCreateMixin
from accounts.memberships import role_of
from accounts.models import User
from accounts.people import consents, exports
from accounts.people.models import Consent, DataExport, ErasureRequest, TeamMembership
from accounts.sign_in import verify_again
from tenants.api.etags import EntityTagMixin
from tenants.api.serializers import RefusesUnknownFields, StrictSerializer
from tenants.errors import NotFound

LONGEST_CONSENT = 4000  # characters of the words that somebody agreed to


class ProfileSerializer(serializers.ModelSerializer[User]):
    """A person as they see themselves, in the organisation at hand."""

    role = serializers.SerializerMethodField()
    organization = serializers.SerializerMethodField()
    teams = serializers.SerializerMethodField()
    onboarding_data = serializers.JSONField(read_only=True)

    class Meta:
        model = User
        fields = (
            "id",
            "email",
            "full_name",
            "avatar_url",
            "language",
            "timezone",
            "role",
            "organization",
            "teams",
            "onboarding_completed",
            "onboarding_data",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    def get_role(self, user: User) -> str:
        return str(role_of(user, self.context["organization"]))

    def get_organization(self, user: User) -> dict[str, str]:
        organization = self.context["organization"]
        return {"slug": organization.slug, "name": organization.name, "language": organization.language}

    def get_teams(self, user: User) -> list[dict[str, Any]]:
        seats = TeamMembership.objects.filter(user=user).select_related("team").order_by("team__name")
        return [{"id": str(seat.team_id), "name": seat.team.name, "is_manager": seat.is_manager} for seat in seats]


class ProfileChangeSerializer(StrictSerializer):
    full_name = serializers.CharField(required=False, allow_blank=True, max_length=150)
    language = serializers.CharField(required=False, allow_blank=True, help_text="en, es; empty: the organisation's.")
    timezone = serializers.CharField(required=False, allow_blank=True, help_text="A name such as Europe/Madrid.")
    avatar_url = serializers.URLField(required=False, allow_blank=True)


class OnboardingSerializer(ProfileChangeSerializer):
    experience = serializers.ChoiceField(choices=profiles.EXPERIENCE, required=False)
    goal = serializers.ChoiceField(choices=profiles.GOALS, required=False)
    job_title = serializers.CharField(required=False, allow_blank=True, max_length=120)


class ConsentSerializer(RefusesUnknownFields, serializers.ModelSerializer[Consent]):
    class Meta:
        model = Consent
        fields = ("id", "kind", "granted", "text", "language", "created_at")
        read_only_fields = ("id", "language", "created_at")
        extra_kwargs: ClassVar = {"text": {"max_length": LONGEST_CONSENT}}


class ErasureSerializer(StrictSerializer):
    confirm = serializers.CharField(help_text="One's own e-mail address, so that nobody does this by accident.")
    password = serializers.CharField(
        required=False,
        trim_whitespace=False,
        max_length=4096,
        help_text="One's password. Accounts without one sign in anew instead.",
    )
    code = serializers.CharField(required=False, help_text="Authenticator or recovery code, if set up.")


class ErasureStateSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=["none", "scheduled", "erased"])
    erase_at = serializers.DateTimeField(allow_null=True, help_text="Until then it can be cancelled by DELETE.")
    account_closes = serializers.BooleanField(help_text="True where this is the person's last organisation.")


class ExportSerializer(serializers.ModelSerializer[DataExport]):
    """A copy of one's data. `url` is signed and works for an hour; ask again for a new one."""

    url = serializers.SerializerMethodField()
    expires_at = serializers.SerializerMethodField(help_text="When the link stops working.")

    class Meta:
        model = DataExport
        fields = ("id", "status", "progress", "url", "expires_at", "sha256", "size_bytes", "created_at")
        read_only_fields = fields

    def get_url(self, export: DataExport) -> str | None:
        if export.status != DataExport.Status.DONE:
            return None
        path = reverse("accounts:export-file", args=[export.pk])
        return str(self.context["request"].build_absolute_uri(f"{path}?token={exports.sign(export)}"))

    def get_expires_at(self, export: DataExport) -> datetime | None:
        return exports.link_expires_at(export)


def _profile(request: Request) -> Response:
    user = User.objects.get(pk=request.user.pk)
    return Response(ProfileSerializer(user, context={"organization": organization_of(request)}).data)


class ProfileView(EntityTagMixin, APIView):
    @extend_schema(responses=ProfileSerializer)
    def get(self, request: Request) -> Response:
        return _profile(request)

    @extend_schema(request=ProfileChangeSerializer, responses=ProfileSerializer)
    def patch(self, request: Request) -> Response:
        profiles.update_profile(user=person_of(request), changes=dict(request.data))
        return _profile(request)


class OnboardingView(APIView):
    """Completes the first visit. Answers can be sent again."""

    @extend_schema(request=OnboardingSerializer, responses=ProfileSerializer)
    def post(self, request: Request) -> Response:
        profiles.complete_onboarding(user=person_of(request), answers=dict(request.data))
        return _profile(request)


class ConsentsView(APIView):
    """The newest answer of each kind; POST writes down a new one."""

    @extend_schema(responses=ConsentSerializer(many=True))
    def get(self, request: Request) -> Response:
        found = [consents.current(user=person_of(request), kind=kind) for kind in Consent.Kind.values]
        return Response(ConsentSerializer([consent for consent in found if consent], many=True).data)

    @extend_schema(request=ConsentSerializer, responses={201: ConsentSerializer})
    def post(self, request: Request) -> Response:
        form = ConsentSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        consent = consents.record(user=person_of(request), **form.validated_data)
        return Response(ConsentSerializer(consent).data, status=status.HTTP_201_CREATED)


class ExportView(IdempotentCreateMixin, ListAPIView[DataExport]):
    """Everything this organisation keeps about the person who asks: data as JSON, transcripts, recordings, in one ZIP.

    POST has it made (or answers the one that is being made), GET lists those there are, newest first.
    """

    serializer_class = ExportSerializer
    queryset = DataExport.objects.none()

    @property
    def throttle_class_name(self) -> str:
        return "export" if self.request.method == "POST" else "default"

    def get_queryset(self) -> QuerySet[DataExport]:
        return DataExport.objects.filter(user_id=self.request.user.pk)

    @extend_schema(request=None, responses={202: ExportSerializer})
    def post(self, request: Request) -> Response:
        export = exports.request_export(user=person_of(request))
        tasks.make_soon(export)
        return Response(ExportSerializer(export, context={"request": request}).data, status=status.HTTP_202_ACCEPTED)


class ExportDetailView(APIView):
    @extend_schema(responses=ExportSerializer)
    def get(self, request: Request, export_id: UUID) -> Response:
        export = DataExport.objects.filter(pk=export_id, user=person_of(request)).first()
        if export is None:
            raise NotFound()
        return Response(ExportSerializer(export, context={"request": request}).data)


class DeleteView(APIView):
    """Leave the organisation, calls and recordings deleted; the account closes with the last organisation.

    It happens after a time in which DELETE cancels it (two weeks, unless the installation says otherwise).
    """

    @extend_schema(operation_id="user_delete_state", responses=ErasureStateSerializer)
    def get(self, request: Request) -> Response:
        return self._state(request, erasure.pending_request(user=person_of(request)))

    @extend_schema(request=ErasureSerializer, responses={202: ErasureStateSerializer, 200: ErasureStateSerializer})
    def post(self, request: Request) -> Response:
        form = ErasureSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        data, user, organization = form.validated_data, person_of(request), organization_of(request)
        erasure.need_own_address(user, data["confirm"])
        verify_again(request._request, user=user, password=data.get("password", ""), code=data.get("code", ""))
        closes = erasure.effect(user=user, organization=organization)
        asked = erasure.request_erasure(user=user, organization=organization, confirm=data["confirm"])
        if asked is None:
            return Response({"status": "erased", "erase_at": None, **closes})
        tasks.tell_soon(asked)
        return self._state(request, asked, code=status.HTTP_202_ACCEPTED)

    @extend_schema(responses={204: OpenApiResponse(description="Nothing will be deleted.")})
    def delete(self, request: Request) -> Response:
        erasure.cancel_erasure(user=person_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _state(self, request: Request, asked: ErasureRequest | None, *, code: int = status.HTTP_200_OK) -> Response:
        told = {
            "status": "scheduled" if asked else "none",
            "erase_at": asked.erase_at if asked else None,
            **erasure.effect(user=person_of(request), organization=organization_of(request)),
        }
        return Response(ErasureStateSerializer(told).data, status=code)
