"""`calls/{id}/phone/` and `calls/{id}/web-call/`: the same practice by telephone, or in the browser past us."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import organization_of
from calls import direct, phone, tokens
from calls.api.serializers import StartSerializer
from calls.api.views import CallView, socket_url
from calls.models import Call
from tenants.api.serializers import StrictSerializer


class PhoneSerializer(StrictSerializer):
    number = serializers.CharField(
        max_length=40, help_text="With its country, such as +34 600 123 456. It is not kept."
    )
    consent = serializers.BooleanField(help_text="The trainee agrees to be called there by a voice service.")
    recording_consent = serializers.BooleanField(required=False, allow_null=True, default=None)


class PhoneCallSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    call_id = serializers.UUIDField()
    provider = serializers.CharField()
    phone_state = serializers.ChoiceField(choices=("none", "ringing", "failed", "underway", "over"))
    number_ends_with = serializers.CharField(help_text="The last two digits of the telephone that rings.")
    reason = serializers.CharField(help_text="Why nobody was reached; empty otherwise.")
    events_url = serializers.CharField()


class WebCallSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    call_id = serializers.UUIDField()
    provider = serializers.CharField()
    web_call_url = serializers.URLField(
        help_text="For the voice service's own software in the browser; this call only."
    )
    events_url = serializers.CharField()


@method_decorator(never_cache, name="dispatch")
class PhoneView(CallView):
    throttle_class_name = "start"

    @extend_schema(responses=PhoneCallSerializer)
    def get(self, request: Request, call_id: UUID) -> Response:
        """How the telephone call stands."""
        return Response(phone_json(request, self.own(request, call_id)))

    @extend_schema(request=PhoneSerializer, responses={202: PhoneCallSerializer})
    def post(self, request: Request, call_id: UUID) -> Response:
        """Have the trainee's telephone ring. The call begins when somebody picks up; `end/` hangs up, also while it rings."""
        call = self.own(request, call_id)
        body = PhoneSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        call = phone.place(
            call=call,
            organization=organization_of(request),
            number=wanted["number"],
            agreed=wanted["consent"],
            recording_consent=wanted["recording_consent"],
        )
        return Response(phone_json(request, call), status=status.HTTP_202_ACCEPTED)


@method_decorator(never_cache, name="dispatch")
class WebCallView(CallView):
    throttle_class_name = "start"

    @extend_schema(request=StartSerializer, responses={201: WebCallSerializer})
    def post(self, request: Request, call_id: UUID) -> Response:
        """A call that the browser joins by the voice service's own software, where the organisation allows that. It has begun
        with this answer; what is said is known afterwards."""
        call = self.own(request, call_id)
        body = StartSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        call, session = direct.begin_browser_call(
            call=call,
            organization=organization_of(request),
            recording_consent=body.validated_data.get("recording_consent"),
        )
        told = {
            "success": True,
            "call_id": str(call.pk),
            "provider": call.provider,
            "web_call_url": session.url,
            "events_url": socket_url(request, f"ws/calls/{call.pk}/events/", tokens.EVENTS, call),
        }
        return Response(told, status=status.HTTP_201_CREATED)


def phone_json(request: Request, call: Call) -> dict[str, Any]:
    known = call.metadata.get("phone", {})
    state = phone.state_of(call, now=timezone.now())
    return {
        "success": True,
        "call_id": str(call.pk),
        "provider": call.provider,
        "phone_state": state,
        "number_ends_with": known.get("ends", ""),
        "reason": known.get("failed", "") or ("no_answer" if state == "failed" else ""),
        "events_url": socket_url(request, f"ws/calls/{call.pk}/events/", tokens.EVENTS, call),
    }
