"""`user/…`: what somebody sees and changes about themselves."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import erasure, portability, profiles
from accounts.authentication import organization_of, person_of
from accounts.memberships import role_of
from accounts.models import User
from accounts.people import consents
from accounts.people.models import Consent, TeamMembership
from tenants.api.etags import EntityTagMixin


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


class ProfileChangeSerializer(serializers.Serializer[Any]):
    full_name = serializers.CharField(required=False, allow_blank=True, max_length=150)
    language = serializers.CharField(required=False, allow_blank=True, help_text="en, es; empty: the organisation's.")
    timezone = serializers.CharField(required=False, allow_blank=True, help_text="A name such as Europe/Madrid.")
    avatar_url = serializers.URLField(required=False, allow_blank=True)


class OnboardingSerializer(ProfileChangeSerializer):
    experience = serializers.ChoiceField(choices=profiles.EXPERIENCE, required=False)
    goal = serializers.ChoiceField(choices=profiles.GOALS, required=False)
    job_title = serializers.CharField(required=False, allow_blank=True, max_length=120)


class ConsentSerializer(serializers.ModelSerializer[Consent]):
    class Meta:
        model = Consent
        fields = ("id", "kind", "granted", "text", "language", "created_at")
        read_only_fields = ("id", "language", "created_at")


class ErasureSerializer(serializers.Serializer[Any]):
    confirm = serializers.CharField(help_text="One's own e-mail address, so that nobody does this by accident.")


class ErasureResultSerializer(serializers.Serializer[Any]):
    left = serializers.CharField(help_text="The organisation that was left.")
    account_closed = serializers.BooleanField(help_text="True where this was the person's last organisation.")


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


class ExportView(APIView):
    """Everything this organisation keeps about the person who asks, as one JSON document."""

    throttle_class_name = "export"

    @extend_schema(request=None, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        return Response(portability.export_person(user=person_of(request), organization=organization_of(request)))


class DeleteView(APIView):
    """Leave the organisation, calls and recordings deleted; the account closes with the last organisation."""

    @extend_schema(request=ErasureSerializer, responses=ErasureResultSerializer)
    def post(self, request: Request) -> Response:
        form = ErasureSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        result = erasure.erase_person(
            user=person_of(request), organization=organization_of(request), confirm=form.validated_data["confirm"]
        )
        return Response(ErasureResultSerializer(result).data)
