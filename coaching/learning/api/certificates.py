"""`certificates/`: one's own, and for who coaches those of their people; shown to others by the holder, decided on by who
coaches."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsMember, Needs
from accounts.roles import Action
from coaching.learning import certificates
from coaching.learning.models import Certificate
from tenants.api.etags import EntityTagMixin
from tenants.api.pagination import CursorPages
from tenants.api.serializers import StrictSerializer
from tenants.context import current_organization, org_url
from tenants.errors import PermissionRefused


class ConfirmerSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField(source="get_full_name")


class CertificateSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    holder = serializers.CharField(help_text="The name as it stands on the certificate.")
    track_id = serializers.UUIDField(source="track_version.track_id")
    track_version_id = serializers.UUIDField()
    title = serializers.CharField()
    language = serializers.CharField()
    state = serializers.ChoiceField(choices=Certificate.State.choices)
    valid = serializers.BooleanField(source="is_valid", help_text="Issued, and not expired.")
    completed_at = serializers.DateTimeField()
    issued_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True, help_text="Null: it does not expire.")
    confirmed_by = ConfirmerSerializer(allow_null=True, help_text="Null: it was issued by itself, or waits.")
    revoked_at = serializers.DateTimeField(allow_null=True)
    revoke_reason = serializers.CharField()
    public = serializers.BooleanField(help_text="Its holder lets anybody see it who has the address.")
    public_url = serializers.SerializerMethodField(help_text="Where anybody can check it; null unless it is public.")
    pdf_url = serializers.SerializerMethodField(help_text="To print; null unless it is issued.")

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_public_url(self, certificate: Certificate) -> str | None:
        if not certificate.public:
            return None
        return org_url(current_organization(), "learning:verify", certificate.code)

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_pdf_url(self, certificate: Certificate) -> str | None:
        if certificate.state != Certificate.State.ISSUED:
            return None
        return org_url(current_organization(), "learning:certificate-pdf", certificate.pk)


class SharingSerializer(StrictSerializer):
    public = serializers.BooleanField()


class RevokingSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=certificates.MOST_CHARACTERS)


class CertificateFilter(filters.FilterSet):
    user_id = filters.UUIDFilter()
    track_id = filters.UUIDFilter(field_name="track_version__track_id")
    state = filters.ChoiceFilter(choices=Certificate.State.choices)
    valid = filters.BooleanFilter(method="only_valid")
    expires_before = filters.IsoDateTimeFilter(field_name="expires_at", lookup_expr="lt")

    class Meta:
        model = Certificate
        fields: tuple[str, ...] = ()

    def only_valid(self, rows: QuerySet[Certificate], name: str, value: bool) -> QuerySet[Certificate]:
        expired = Q(expires_at__isnull=False, expires_at__lte=timezone.now())
        invalid = expired | ~Q(state=Certificate.State.ISSUED)
        return rows.exclude(invalid) if value else rows.filter(invalid)


class CertificatePages(CursorPages):
    ordering = ("-created_at", "pk")


class CertificateList(generics.ListAPIView[Certificate]):
    """Own certificates; for who coaches, those of their people too, newest first."""

    permission_classes = [IsMember]
    serializer_class = CertificateSerializer
    filterset_class = CertificateFilter
    pagination_class = CertificatePages

    def get_queryset(self) -> QuerySet[Certificate]:
        if getattr(self, "swagger_fake_view", False):
            return Certificate.objects.none()
        return certificates.seen_by(self.request.user)


class CertificateDetail(EntityTagMixin, APIView):
    @extend_schema(responses=CertificateSerializer)
    def get(self, request: Request, certificate_id: UUID) -> Response:
        return answer(certificate_id, request)

    @extend_schema(request=SharingSerializer, responses=CertificateSerializer)
    def patch(self, request: Request, certificate_id: UUID) -> Response:
        """Let anybody see it who has its address, or nobody. Only its holder may."""
        found = certificates.get_seen(certificate_id, user=request.user)
        if found.user_id != request.user.pk:
            raise PermissionRefused
        body = SharingSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        certificates.share(certificate=found, public=body.validated_data["public"])
        return answer(certificate_id, request)


class CertificateConfirm(APIView):
    permission_classes = [IsMember, Needs.to(Action.SEE_TEAM)]

    @extend_schema(request=None, responses=CertificateSerializer)
    def post(self, request: Request, certificate_id: UUID) -> Response:
        """Say that a certificate that waits is right, for somebody whom one coaches; never for oneself."""
        found = certificates.get_seen(certificate_id, user=request.user)
        certificates.confirm(certificate=found, actor=request.user)
        return answer(certificate_id, request)


class CertificateRevoke(APIView):
    permission_classes = [IsMember, Needs.to(Action.SEE_TEAM)]

    @extend_schema(request=RevokingSerializer, responses=CertificateSerializer)
    def post(self, request: Request, certificate_id: UUID) -> Response:
        """Take a certificate back, with a reason that its holder reads."""
        found = certificates.get_seen(certificate_id, user=request.user)
        body = RevokingSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        certificates.revoke(certificate=found, actor=request.user, reason=body.validated_data["reason"])
        return answer(certificate_id, request)


def answer(certificate_id: UUID, request: Request) -> Response:
    """The certificate as it is now."""
    return Response(CertificateSerializer(certificates.get_seen(certificate_id, user=request.user)).data)
