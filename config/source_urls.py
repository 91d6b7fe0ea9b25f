"""Paths of the voice-training tools that came before Parley: thin aliases, so that their clients go on working.

With or without a slash at the end. Only `calls/start` has a shape of its own, in camel case; everything else is the API's.
"""

from __future__ import annotations

from typing import Any

from django.urls import re_path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import profile
from accounts.authentication import organization_of
from calls import services, serving
from calls import views as call_pages
from calls.api import speak
from calls.api import views as calls
from calls.streams import CallStreamView
from calls.uploads.api.views import UploadsView
from coaching.own_scenarios import pages as own_scenarios
from reporting.api import ProgressView
from scenarios.api.views import PersonaList
from scenarios.models.scenarios import Mode
from scoring import views as debriefs
from scoring.api import views as scores
from tenants.api.serializers import StrictSerializer

CALL = r"(?P<call_id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"


class StartAliasSerializer(StrictSerializer):
    """Either a call that was made before, or what to make one of."""

    callId = serializers.UUIDField(required=False)
    personaId = serializers.UUIDField(required=False)
    mode = serializers.ChoiceField(choices=Mode.choices, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "callId" not in attrs and not {"personaId", "mode"} <= attrs.keys():
            raise serializers.ValidationError({"callId": ["Give callId, or personaId and mode."]})
        return attrs


class CallStartAlias(calls.CallView):
    """`calls/start`: makes the call when there is none, and starts it."""

    throttle_class_name = "start"

    @extend_schema(exclude=True)
    def post(self, request: Request) -> Response:
        body = StartAliasSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        if "callId" in wanted:
            call = self.own(request, wanted["callId"])
        else:
            call = services.create_from_persona(
                trainee=request.user, persona_id=wanted["personaId"], mode=wanted["mode"], channel="voice"
            )
        held = services.is_held(call)
        provider = serving.provider_for(call, organization_of(request))
        call = services.prepare_start(call=call, provider=provider, recording_consent=None)
        told = calls.started_json(request, call, held=held)
        overrides = told["agent_config"]["overrides"]
        agent = {
            "prompt": overrides["agent"]["prompt"],
            "firstMessage": overrides["agent"]["first_message"],
            "language": overrides["agent"]["language"],
        }
        return Response(
            {
                "success": True,
                "callId": str(call.pk),
                "agentConfig": {
                    "agentId": told["agent_config"]["agent_id"],
                    "overrides": {"agent": agent, "tts": {"voiceId": overrides["tts"]["voice_id"]}},
                },
                "signedUrl": told["signed_url"],
                "eventsUrl": told["events_url"],
            }
        )


urlpatterns = [
    re_path(r"^api/user/profile/?$", profile.ProfileView.as_view()),
    re_path(r"^api/user/onboarding/?$", profile.OnboardingView.as_view()),
    re_path(r"^api/user/progress/?$", ProgressView.as_view()),
    re_path(r"^api/user/export/?$", profile.ExportView.as_view()),
    re_path(r"^api/user/delete/?$", profile.DeleteView.as_view()),
    re_path(r"^api/personas/?$", PersonaList.as_view()),
    re_path(r"^api/calls/?$", calls.CallsView.as_view()),
    re_path(r"^api/calls/start/?$", CallStartAlias.as_view()),
    re_path(rf"^api/calls/{CALL}/?$", calls.CallDetailView.as_view()),
    re_path(rf"^api/calls/{CALL}/end/?$", calls.CallEndView.as_view()),
    re_path(rf"^api/calls/{CALL}/transcript/?$", calls.TranscriptView.as_view()),
    re_path(rf"^api/calls/{CALL}/score/?$", scores.ScoreView.as_view()),
    re_path(r"^api/session/?$", calls.CallsView.as_view()),
    re_path(rf"^api/session/{CALL}/end/?$", calls.CallEndView.as_view()),
    re_path(rf"^api/session/{CALL}/speak/?$", speak.SpeakView.as_view()),
    re_path(r"^api/stt/?$", speak.TranscribeView.as_view()),
    re_path(rf"^api/session/{CALL}/analyze/?$", scores.AnalyzeView.as_view()),
    re_path(r"^api/analyze/upload/?$", UploadsView.as_view()),
    re_path(rf"^api/analyze/{CALL}/stream/?$", CallStreamView.as_view()),
    # Pages under their Spanish names (tenants.languages); they answer in Spanish.
    re_path(r"^configuracion/?$", own_scenarios.configure, name="configuracion"),
    re_path(rf"^simulacion/{CALL}/?$", call_pages.room, name="simulacion"),
    re_path(rf"^resultado/{CALL}/?$", debriefs.debrief, name="resultado"),
]
