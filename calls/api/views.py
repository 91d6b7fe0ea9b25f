"""`calls/…`: the life of a call over REST."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

import django_filters as filters
from django.db.models import QuerySet
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import organization_of
from accounts.idempotency import IdempotentCreateMixin
from accounts.memberships import role_of
from accounts.roles import Action, allows
from calls import events, gapfill, observers, phone, services, serving, tokens
from calls.api import serializers
from calls.assigned import open_assigned
from calls.direct import begin_direct, note_end, variables
from calls.errors import CallAlreadyEnded, NoRecording
from calls.models import Call
from calls.signals import quick_score_wanted
from calls.transcripts import FORMATS
from calls.turns import turn_json
from integrations.voice.base import DirectSession
from scenarios.prompts import buyer_prompt
from tenants.api.etags import EntityTagMixin
from tenants.schemas import current_schema

# How long `end/` waits for whoever holds the voice socket to write the last words.
WIND_UP_SECONDS = 1.5
WIND_UP_STEP = 0.02


class CallFilter(filters.FilterSet):
    scenario_id = filters.UUIDFilter(field_name="scenario_version__scenario_id")
    assignment_id = filters.UUIDFilter()
    persona_id = filters.UUIDFilter(field_name="persona_version__persona_id")
    trainee_id = filters.UUIDFilter()
    status = filters.ChoiceFilter(choices=Call.Status.choices)
    mode = filters.CharFilter()
    created_after = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Call
        fields: tuple[str, ...] = ()


class CallView(APIView):
    """Base of the views of one call."""

    def visible(self, request: Request, call_id: UUID) -> Call:
        role = role_of(request.user, organization_of(request))
        return services.get_visible(call_id, user=request.user, role=role)

    def own(self, request: Request, call_id: UUID) -> Call:
        return services.get_own(call_id, user=request.user)


class CallsView(IdempotentCreateMixin, generics.ListAPIView[Call]):
    serializer_class = serializers.CallSerializer
    filterset_class = CallFilter

    def get_queryset(self) -> QuerySet[Call]:
        if getattr(self, "swagger_fake_view", False):
            return Call.objects.none()
        role = role_of(self.request.user, organization_of(self.request))
        calls: QuerySet[Call] = services.visible_calls(self.request.user, role)
        return calls.select_related("scenario_version", "persona_version")

    @extend_schema(request=serializers.CallCreateSerializer, responses={201: serializers.CallSerializer})
    def post(self, request: Request) -> Response:
        """Make a call that an assignment asks for, on a published scenario, or on a persona in a mode. It starts with
        `start/`."""
        body = serializers.CallCreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        if "assignment_id" in wanted:
            call = open_assigned(
                trainee=request.user,
                assignment_id=wanted["assignment_id"],
                channel=wanted["channel"],
                item_key=wanted.get("assignment_item", ""),
                scenario_id=wanted.get("scenario_id"),
            )
        elif "scenario_id" in wanted:
            call = services.create_from_scenario(
                trainee=request.user,
                scenario_id=wanted["scenario_id"],
                channel=wanted["channel"],
                private=wanted["private"],
            )
        else:
            call = services.create_from_persona(
                trainee=request.user,
                persona_id=wanted["persona_id"],
                mode=wanted["mode"],
                channel=wanted["channel"],
                private=wanted["private"],
            )
        return Response(serializers.CallSerializer(call).data, status=status.HTTP_201_CREATED)


class CallDetailView(EntityTagMixin, CallView):
    @extend_schema(responses=serializers.CallSerializer)
    def get(self, request: Request, call_id: UUID) -> Response:
        return Response(serializers.CallSerializer(self.visible(request, call_id)).data)

    @extend_schema(request=serializers.CallPatchSerializer, responses=serializers.CallSerializer)
    def patch(self, request: Request, call_id: UUID) -> Response:
        """Move the call's state: pending → in_progress → completed, or pending → failed. Anything else is a 409."""
        call = self.own(request, call_id)
        body = serializers.CallPatchSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(serializers.CallSerializer(services.move(call=call, status=body.validated_data["status"])).data)


@method_decorator(never_cache, name="dispatch")  # its addresses let whoever holds them into the call
class CallStartView(CallView):
    throttle_class_name = "start"

    @extend_schema(request=serializers.StartSerializer, responses=serializers.StartedSerializer)
    def post(self, request: Request, call_id: UUID) -> Response:
        """Addresses of the call's two sockets. The call begins when the voice socket is connected; where it goes straight to
        the voice service (`transport`: direct), it has begun with this answer."""
        call = self.own(request, call_id)
        body = serializers.StartSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        if not call.is_live:
            raise CallAlreadyEnded
        held = services.is_held(call)
        call = services.prepare_start(
            call=call,
            provider=serving.provider_for(call, organization_of(request)),
            recording_consent=body.validated_data.get("recording_consent"),
        )
        session = begin_direct(call=call, organization=organization_of(request))
        answer = started_json(request, call, held=held)
        return Response(answer if session is None else answer | directly(request, call, session))


def directly(request: Request, call: Call, session: DirectSession) -> dict[str, Any]:
    """What is different where the browser goes to the voice service itself: it decides nothing, so it is told nothing."""
    agent = {"prompt": {"prompt": ""}, "first_message": "", "language": ""}
    return {
        "agent_config": {
            "agent_id": session.agent_id,
            "overrides": {"agent": agent, "tts": {"voice_id": ""}},
            "dynamic_variables": variables(call, organization_of(request)),
        },
        "signed_url": session.url,
    }


def started_json(request: Request, call: Call, *, held: bool) -> dict[str, Any]:
    role = role_of(request.user, organization_of(request))
    brief = call.brief
    # What the buyer hides is for those who may write it, not for who is about to find it out.
    prompt = ""
    if allows(role, Action.SEE_HIDDEN_BRIEF):
        prompt = buyer_prompt(services.brief_of(call))
    return {
        "success": True,
        "provider": call.provider,
        "agent_config": {
            "agent_id": f"parley-{call.provider}",
            "overrides": {
                "agent": {
                    "prompt": {"prompt": prompt},
                    "first_message": services.brief_of(call).first_words,
                    "language": call.language,
                },
                "tts": {"voice_id": brief.get("voice_id", "")},
            },
            "dynamic_variables": {},
        },
        "transport": call.transport,
        "signed_url": socket_url(request, f"ws/voice/{call.pk}/", tokens.VOICE, call),
        "events_url": socket_url(request, f"ws/calls/{call.pk}/events/", tokens.EVENTS, call),
        "expires_at": timezone.now() + tokens.VOICE_START,
        "held": held,
    }


def socket_url(request: Request, path: str, purpose: str, call: Call) -> str:
    token = tokens.sign(purpose, schema_name=current_schema(), call_id=call.pk, user_id=request.user.pk)
    scheme = "wss" if request.is_secure() else "ws"
    return f"{scheme}://{request.get_host()}{get_script_prefix()}{path}?token={token}"


class CallEndView(CallView):
    @extend_schema(request=serializers.EndSerializer, responses=serializers.EndedSerializer)
    def post(self, request: Request, call_id: UUID) -> Response:
        """Hang up. Twice gives the same answer; `quick_score` is null when it is not ready within its budget."""
        call = self.own(request, call_id)
        body = serializers.EndSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        meant = body.validated_data.get("conversation_id") or body.validated_data.get("elevenlabsConversationId", "")
        services.refuse_foreign_conversation(call=call, conversation_id=meant)
        note_end(call=call, conversation_id=meant)
        if call.is_live:
            call = hang_up(call, lost=body.validated_data.get("reason") == "connection_lost")
        quick = None
        if call.status == Call.Status.COMPLETED:
            answers = quick_score_wanted.send(sender=Call, call_id=call.pk)
            quick = next((answer for _receiver, answer in answers if answer), None)
        return Response({"success": True, "call_id": str(call.pk), "quick_score": quick})


def hang_up(call: Call, *, lost: bool = False) -> Call:
    """Let the holder of the voice socket write the last words; end the call ourselves when nobody answers. `lost`: nobody
    hung up, the browser's line did not come back."""
    if call.transport == Call.Transport.PHONE and call.status == Call.Status.PENDING:
        return phone.cancel(call=call)
    if call.transport in Call.PAST_US:
        phone.hang_up(call=call)
    # Turn by turn nobody holds a socket: there are no last words to wait for, and the score would come that much later.
    if services.is_held(call) and call.transport != Call.Transport.TURNS:
        services.ask_to_wind_up(call=call, lost=lost)
        until = time.monotonic() + WIND_UP_SECONDS
        while time.monotonic() < until:
            call.refresh_from_db(fields=["status"])
            if not call.is_live:
                break
            time.sleep(WIND_UP_STEP)
        call.refresh_from_db()
    return services.end_by_trainee(call=call, lost=lost)


class TranscriptView(CallView):
    @extend_schema(responses=serializers.TranscriptSerializer)
    def get(self, request: Request, call_id: UUID) -> Response:
        """All that was said, oldest first. Of a call that is still held, only for its trainee and its observers."""
        call = self.visible(request, call_id)
        observers.refuse_unseen(call, user=request.user)
        token = tokens.sign(tokens.TRANSCRIPT, schema_name=current_schema(), call_id=call.pk, user_id=request.user.pk)
        files = {
            extension: request.build_absolute_uri(
                reverse("calls:transcript-file", args=[call.pk, extension]) + f"?token={token}"
            )
            for extension in FORMATS
        }
        turns = [turn_json(turn) for turn in call.turns.order_by("seq")]
        return Response({"call_id": str(call.pk), "turns": turns, "files": files})

    @extend_schema(request=serializers.GapFillSerializer, responses=serializers.GapResultsSerializer)
    def post(self, request: Request, call_id: UUID) -> Response:
        """Fill gaps: turns the client kept while the server was away. Every item gets its own answer."""
        call = self.own(request, call_id)
        data = request.data
        body = serializers.GapFillSerializer(data=data if "turns" in data else {"turns": [data]})
        body.is_valid(raise_exception=True)
        results = gapfill.fill(call=call, items=body.validated_data["turns"])
        return Response({"results": results})


class EventsView(CallView):
    @extend_schema(
        parameters=[OpenApiParameter("after", OpenApiTypes.INT, description="Only events with a greater seq.")],
        responses=serializers.FlightRecordSerializer,
    )
    def get(self, request: Request, call_id: UUID) -> Response:
        """The flight record: what happened in the call, in order. `events` were told while it was held; `flight` is what
        went on behind it (lines, stalls, tools), once it has ended."""
        call = self.visible(request, call_id)
        observers.refuse_unseen(call, user=request.user)
        after = request.query_params.get("after", "0")
        number = int(after) if after.isascii() and after.isdecimal() and len(after) < 10 else 0
        hidden = allows(role_of(request.user, organization_of(request)), Action.SEE_HIDDEN_BRIEF)
        body = {
            "call_id": str(call.pk),
            "events": events.events_after(call.pk, number),
            "flight": [] if call.is_live else events.kept_json(call.pk, hidden=hidden),
        }
        return Response(body)


class RecordingView(CallView):
    @extend_schema(responses=serializers.RecordingSerializer)
    def get(self, request: Request, call_id: UUID) -> Response:
        """A signed link to what was said; 404 when nothing was recorded or it is gone by retention."""
        call = self.visible(request, call_id)
        recording = getattr(call, "recording", None)
        if recording is None or (recording.expires_at and recording.expires_at <= timezone.now()):
            raise NoRecording
        token = tokens.sign(tokens.RECORDING, schema_name=current_schema(), call_id=call.pk, user_id=request.user.pk)
        url = request.build_absolute_uri(reverse("calls:recording", args=[call.pk]) + f"?token={token}")
        return Response(
            {
                "url": url,
                "expires_at": timezone.now() + tokens.LIFETIMES[tokens.RECORDING],
                "content_type": recording.content_type,
                "duration_ms": recording.duration_ms,
                "size_bytes": recording.size_bytes,
                "sha256": recording.sha256,
            }
        )
