"""Shapes of calls in the REST API. Unknown fields are refused."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from calls import services, voids
from calls.models import Call
from scenarios.models.scenarios import Mode
from tenants.api.serializers import StrictSerializer

HELD_HERE = [(value, label) for value, label in Call.Channel.choices if value in Call.HELD_HERE]


class CallSerializer(serializers.ModelSerializer[Call]):
    """A call; what the buyer hides is not in it."""

    persona = serializers.SerializerMethodField()
    scenario_id = serializers.SerializerMethodField()
    scenario_version_id = serializers.UUIDField(allow_null=True, read_only=True)
    persona_id = serializers.UUIDField(source="persona_version.persona_id", allow_null=True, read_only=True)
    trainee_id = serializers.UUIDField(read_only=True)
    assignment_id = serializers.UUIDField(allow_null=True, read_only=True, help_text="What asked for this call.")
    forked_from_id = serializers.UUIDField(
        allow_null=True,
        read_only=True,
        help_text="The call that this one goes on from, sharing turns to `forked_at_seq`.",
    )
    held = serializers.SerializerMethodField(help_text="A voice socket holds this call right now.")
    duration_seconds = serializers.SerializerMethodField()
    void_explanation = serializers.SerializerMethodField(
        help_text="Why the attempt doesn't count; empty where it does."
    )

    class Meta:
        model = Call
        fields = (
            "id",
            "status",
            "title",
            "mode",
            "channel",
            "language",
            "trainee_id",
            "scenario_id",
            "scenario_version_id",
            "persona_id",
            "assignment_id",
            "assignment_item",
            "rubric_version_id",
            "persona",
            "provider",
            "provider_conversation_id",
            "recording_consent",
            "held",
            "time_limit_ms",
            "created_at",
            "started_at",
            "ended_at",
            "duration_ms",
            "duration_seconds",
            "ended_by",
            "end_reason",
            "outcome",
            "voided_at",
            "void_reason",
            "void_explanation",
            "forked_from_id",
            "forked_at_seq",
            "private",
            "submitted_at",
            "metadata",
        )
        read_only_fields = fields

    def get_persona(self, call: Call) -> dict[str, str]:
        return {key: str(call.brief.get(key, "")) for key in ("name", "role", "company", "industry")}

    def get_scenario_id(self, call: Call) -> str | None:
        return str(call.scenario_version.scenario_id) if call.scenario_version else None

    def get_void_explanation(self, call: Call) -> str:
        return voids.explanation(call)

    def get_held(self, call: Call) -> bool:
        return services.is_held(call)

    def get_duration_seconds(self, call: Call) -> float | None:
        return call.duration_ms / 1000 if call.duration_ms is not None else None


class CallCreateSerializer(StrictSerializer):
    """`assignment_id`, or `scenario_id`, or `persona_id` and `mode`."""

    scenario_id = serializers.UUIDField(required=False)
    persona_id = serializers.UUIDField(required=False)
    mode = serializers.ChoiceField(choices=Mode.choices, required=False)
    channel = serializers.ChoiceField(choices=HELD_HERE, default=Call.Channel.VOICE)
    private = serializers.BooleanField(default=False, help_text="Nobody else sees it until it is submitted.")
    assignment_id = serializers.UUIDField(
        required=False,
        help_text="What asks for this call. A call of it that was made and never begun is given again. 409 `ITEM_LOCKED` or "
        "`ATTEMPTS_USED` where it may not begin.",
    )
    assignment_item = serializers.SlugField(
        max_length=60,
        required=False,
        help_text="Which item of the assignment; else the one of `scenario_id`, else the first call that is open.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "assignment_id" in attrs:
            return self._of_assignment(attrs)
        if "assignment_item" in attrs:
            raise serializers.ValidationError({"assignment_item": _("An item belongs to an assignment.")})
        if ("scenario_id" in attrs) == ("persona_id" in attrs):
            raise serializers.ValidationError({"scenario_id": _("Give either scenario_id or persona_id.")})
        if "persona_id" in attrs and "mode" not in attrs:
            raise serializers.ValidationError({"mode": _("A call with a persona needs a mode.")})
        if "scenario_id" in attrs and "mode" in attrs:
            raise serializers.ValidationError({"mode": _("The scenario has its own mode.")})
        return attrs

    def _of_assignment(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("persona_id", "mode"):
            if name in attrs:
                raise serializers.ValidationError({name: _("The assignment says what is practised.")})
        if attrs["private"]:
            message = _("What an assignment asks for is not private. Practise the scenario by itself to stay unseen.")
            raise serializers.ValidationError({"private": message})
        return attrs


class ForkSerializer(StrictSerializer):
    """Either `turn_seq` or `turn_id`: the last turn that both calls share."""

    turn_seq = serializers.IntegerField(required=False, min_value=1)
    turn_id = serializers.UUIDField(required=False)
    private = serializers.BooleanField(
        required=False, help_text="Left out: private wherever the organisation allows it."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("turn_seq" in attrs) == ("turn_id" in attrs):
            raise serializers.ValidationError({"turn_seq": _("Give either turn_seq or turn_id.")})
        return attrs


class CallPatchSerializer(StrictSerializer):
    """The server's clock counts, so only the state is asked for."""

    status = serializers.ChoiceField(choices=Call.Status.choices)


class StartSerializer(StrictSerializer):
    recording_consent = serializers.BooleanField(required=False)


class _PromptSerializer(serializers.Serializer[Any]):
    prompt = serializers.CharField(help_text="Empty for trainees: what the buyer hides stays hidden.")


class _AgentSerializer(serializers.Serializer[Any]):
    prompt = _PromptSerializer()
    first_message = serializers.CharField()
    language = serializers.CharField()


class _VoiceSerializer(serializers.Serializer[Any]):
    voice_id = serializers.CharField()


class _OverridesSerializer(serializers.Serializer[Any]):
    agent = _AgentSerializer()
    tts = _VoiceSerializer()


class _AgentConfigSerializer(serializers.Serializer[Any]):
    agent_id = serializers.CharField()
    overrides = _OverridesSerializer()
    dynamic_variables = serializers.DictField(
        child=serializers.CharField(), help_text="To be sent along with a direct call; empty for any other."
    )


class StartedSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    provider = serializers.CharField()
    agent_config = _AgentConfigSerializer()
    transport = serializers.CharField(
        help_text="`bridge`: `signed_url` is ours. `direct`: it is the voice service's own, and turns come afterwards."
    )
    signed_url = serializers.CharField(help_text="`ws(s)://`, speaks the ElevenLabs Agents protocol; this call only.")
    events_url = serializers.CharField(help_text="`ws(s)://`, what happens in this call.")
    expires_at = serializers.DateTimeField()
    held = serializers.BooleanField(help_text="Another socket speaks in this call now; connecting takes it over.")


class EndSerializer(StrictSerializer):
    """Either name is understood; an id that is not this call's is refused. `reason`: a browser whose line did not come back
    says so; a line that is there is believed instead."""

    reason = serializers.ChoiceField(["hung_up", "connection_lost"], required=False)
    conversation_id = serializers.CharField(required=False, allow_blank=True, max_length=120)
    elevenlabsConversationId = serializers.CharField(required=False, allow_blank=True, max_length=120)


class QuickScoreSerializer(serializers.Serializer[Any]):
    overall = serializers.IntegerField(min_value=0, max_value=100)
    summary = serializers.CharField()


class EndedSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    call_id = serializers.UUIDField()
    quick_score = QuickScoreSerializer(allow_null=True)


class TurnSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    seq = serializers.IntegerField()
    role = serializers.ChoiceField(choices=["user", "assistant"])
    content = serializers.CharField()
    timestamp_ms = serializers.IntegerField()
    end_ms = serializers.IntegerField()
    interrupted = serializers.BooleanField()
    confidence = serializers.FloatField(allow_null=True)
    speaker = serializers.CharField(
        allow_blank=True, help_text="Who says it, where several people speak for the buyer's side; else empty."
    )
    created_at = serializers.DateTimeField()


class TranscriptSerializer(serializers.Serializer[Any]):
    call_id = serializers.UUIDField()
    turns = TurnSerializer(many=True)
    files = serializers.DictField(
        child=serializers.URLField(), help_text="Signed links to the same words as `txt`, `vtt` and `json`."
    )


class GapFillSerializer(StrictSerializer):
    turns = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=200)


class GapResultSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    status = serializers.ChoiceField(choices=["added", "known", "refused"])
    turn_id = serializers.UUIDField(allow_null=True)
    issue = serializers.CharField(allow_blank=True)


class GapResultsSerializer(serializers.Serializer[Any]):
    results = GapResultSerializer(many=True)


class EventSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    call_id = serializers.UUIDField()
    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment]  # the wire's name, which DRF's own property shares


class KeptEventSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(help_text="For example `line:lost`, `stall`, `interruption`, `tool:called`.")
    at_ms = serializers.IntegerField(allow_null=True, help_text="On the call's clock.")
    at = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment]  # the wire's name, which DRF's own property shares


class FlightRecordSerializer(serializers.Serializer[Any]):
    call_id = serializers.UUIDField()
    events = EventSerializer(many=True)
    flight = KeptEventSerializer(many=True, help_text="What nobody was told of while the call was held.")


class RecordingSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="Signed; plays and seeks without a session until `expires_at`.")
    expires_at = serializers.DateTimeField()
    content_type = serializers.CharField()
    duration_ms = serializers.IntegerField()
    size_bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
