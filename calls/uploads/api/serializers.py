"""Shapes of uploaded calls in the REST API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from calls.uploads.models import SPEAKERS, CallUpload, UploadRule
from calls.uploads.payloads import upload_json
from calls.uploads.speakers import ROLES
from scenarios.models.scenarios import Mode
from scenarios.models.versions import Language
from tenants.api.serializers import StrictModelSerializer, StrictSerializer


class UploadSerializer(serializers.ModelSerializer[CallUpload]):
    """`status`: receiving, checking, transcribing, speakers (say who is who), done, or it ended with ignored, refused or
    failed; `problem` and `message` say why. `progress` 0–100 of checking and writing down."""

    owner_id = serializers.UUIDField(read_only=True)
    rubric_version_id = serializers.UUIDField(read_only=True)
    message = serializers.CharField(read_only=True)
    suggestion = serializers.CharField(read_only=True, help_text="Why the speakers are suggested as they are.")
    speakers = serializers.DictField(
        child=serializers.ChoiceField(choices=ROLES), read_only=True, help_text="Speaker → who that is."
    )
    details = serializers.DictField(read_only=True)
    call_id = serializers.UUIDField(read_only=True, allow_null=True)

    class Meta:
        model = CallUpload
        fields = (
            "id",
            "owner_id",
            "title",
            "counterpart",
            "mode",
            "language",
            "rubric_version_id",
            "private",
            "file_name",
            "size_bytes",
            "received_bytes",
            "status",
            "problem",
            "message",
            "details",
            "progress",
            "duration_ms",
            "told_apart_by",
            "speakers",
            "suggested_because",
            "suggestion",
            "action",
            "call_id",
            "created_at",
        )
        read_only_fields = fields

    def to_representation(self, instance: CallUpload) -> dict[str, Any]:
        return upload_json(instance)


class AnnounceSerializer(StrictSerializer):
    """What is said of a file before it is sent; with `audio`, the file itself in the same request."""

    audio = serializers.FileField(required=False, allow_empty_file=True, help_text="The whole file, in a form.")
    file_name = serializers.CharField(required=False, max_length=400)
    size_bytes = serializers.IntegerField(
        required=False, min_value=0, help_text="Of the file that will be sent in parts."
    )
    language = serializers.ChoiceField(choices=Language.choices, required=False, help_text="The language of the call.")
    mode = serializers.ChoiceField(choices=Mode.choices, default=Mode.DISCOVERY)
    title = serializers.CharField(required=False, default="", allow_blank=True, max_length=160)
    counterpart = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=80, help_text="Whom the call was with."
    )
    rubric_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    private = serializers.BooleanField(default=False)
    consent = serializers.BooleanField(
        default=False, help_text="Everybody who can be heard agreed. Without it nothing is taken."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("audio") is None and not {"file_name", "size_bytes"} <= attrs.keys():
            raise serializers.ValidationError({"size_bytes": ["Give file_name and size_bytes, or the file as audio."]})
        return attrs


class PieceSerializer(serializers.Serializer[Any]):
    position = serializers.IntegerField()
    speaker = serializers.ChoiceField(choices=SPEAKERS)
    start_ms = serializers.IntegerField()
    end_ms = serializers.IntegerField()
    text = serializers.CharField()
    confidence = serializers.FloatField(allow_null=True)


class PiecesSerializer(serializers.Serializer[Any]):
    segments = PieceSerializer(many=True)


class _ReassignedSerializer(StrictSerializer):
    position = serializers.IntegerField(min_value=0)
    speaker = serializers.ChoiceField(choices=SPEAKERS)


class SpeakersSerializer(StrictSerializer):
    """`speakers`: who A, B and C are; C is somebody else. `segments`: pieces that somebody else says than was found."""

    speakers = serializers.DictField(child=serializers.ChoiceField(choices=ROLES))
    segments = _ReassignedSerializer(many=True, required=False, default=list)


class RuleSerializer(StrictModelSerializer):
    team_id = serializers.UUIDField(allow_null=True, required=False, default=None)

    class Meta:
        model = UploadRule
        fields = ("id", "shorter_than_s", "longer_than_s", "mode", "language", "team_id", "action")
        read_only_fields = ("id",)


class RulesSerializer(serializers.Serializer[Any]):
    rules = RuleSerializer(many=True)


class DraftSerializer(serializers.Serializer[Any]):
    scenario_id = serializers.UUIDField()
    persona_id = serializers.UUIDField()
