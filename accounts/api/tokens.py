"""`auth/token/` for clients without a browser, and one's own tokens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsMember
from accounts.memberships import role_of
from accounts.people import tokens
from accounts.people.models import ApiToken
from accounts.sign_in import SecondFactorNeeded, lacks_second_factor, verify_credentials
from tenants.api.serializers import StrictSerializer
from tenants.errors import AuthenticationFailed, Conflict, NotFound, PermissionRefused


class CredentialsSerializer(StrictSerializer):
    email = serializers.EmailField()
    password = serializers.CharField(trim_whitespace=False, max_length=4096)
    code = serializers.CharField(
        required=False, allow_blank=True, help_text="Authenticator or recovery code, if set up."
    )
    name = serializers.CharField(required=False, allow_blank=True, max_length=120)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=tokens.SCOPES), required=False)


class NewTokenSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="Shown once.")
    expires_at = serializers.DateTimeField()
    id = serializers.UUIDField()
    scopes = serializers.ListField(child=serializers.CharField())


class ApiTokenSerializer(serializers.ModelSerializer[ApiToken]):
    class Meta:
        model = ApiToken
        fields = ("id", "name", "hint", "scopes", "created_at", "expires_at", "last_used_at")


class TokenRequestSerializer(StrictSerializer):
    name = serializers.CharField(max_length=120)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=tokens.SCOPES), required=False)


def _shown_once(token: ApiToken, secret: str) -> Any:
    return NewTokenSerializer(
        {"token": secret, "expires_at": token.expires_at, "id": token.id, "scopes": token.scopes}
    ).data


class TokenView(APIView):
    """Exchange e-mail and password for a bearer token of this organisation; give one back with DELETE."""

    throttle_class_name = "token"

    def get_authenticators(self) -> list[Any]:
        # A wrong or old bearer token must not keep anybody from asking for a new one.
        return [] if self.request is not None and self.request.method == "POST" else super().get_authenticators()

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.request.method == "POST" else [IsMember()]

    @extend_schema(request=CredentialsSerializer, responses={200: NewTokenSerializer}, auth=[])
    def post(self, request: Request) -> Response:
        form = CredentialsSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        data = form.validated_data
        user = verify_credentials(
            request._request, email=data["email"], password=data["password"], code=data.get("code", "")
        )
        organization = request._request.organization  # type: ignore[attr-defined]  # None where there is none
        if role_of(user, organization) is None:
            # A stranger must not learn that the organisation exists: the answer to a wrong password.
            raise AuthenticationFailed(_("The e-mail address and the password do not match."))
        if lacks_second_factor(user, organization):
            raise SecondFactorNeeded
        token, secret = tokens.issue(user=user, name=data.get("name", ""), scopes=data.get("scopes") or ["*"])
        return Response(_shown_once(token, secret))

    @extend_schema(responses={204: OpenApiResponse(description="The token of this request is revoked.")})
    def delete(self, request: Request) -> Response:
        if not isinstance(request.auth, ApiToken):
            raise Conflict(_("This request carries no token; it is signed in by a cookie."))
        tokens.revoke(token=request.auth, actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class TokensView(ListAPIView[ApiToken]):
    """One's own tokens that still work. Their secrets are not kept."""

    serializer_class = ApiTokenSerializer
    queryset = ApiToken.objects.none()

    def get_queryset(self) -> Any:
        return ApiToken.objects.filter(user_id=self.request.user.pk, revoked_at__isnull=True)

    @extend_schema(request=TokenRequestSerializer, responses={201: NewTokenSerializer})
    def post(self, request: Request) -> Response:
        form = TokenRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        scopes = form.validated_data.get("scopes") or ["*"]
        if isinstance(request.auth, ApiToken) and not set(scopes) <= set(request.auth.scopes):
            raise PermissionRefused(_("A token cannot make one that reaches further than itself."))
        token, secret = tokens.issue(user=request.user, name=form.validated_data["name"], scopes=scopes)
        return Response(_shown_once(token, secret), status=status.HTTP_201_CREATED)


class TokenDetailView(APIView):
    @extend_schema(responses={204: OpenApiResponse(description="The token is revoked.")})
    def delete(self, request: Request, token_id: UUID) -> Response:
        token = ApiToken.objects.filter(pk=token_id, user_id=request.user.pk).first()
        if token is None:
            raise NotFound()
        tokens.revoke(token=token, actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
