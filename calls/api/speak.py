"""`calls/{id}/speak/` and `stt/`: speech as files, one turn at a time."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import IO, Any, BinaryIO, ClassVar, cast
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import DataAndFiles, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import organization_of
from accounts.idempotency import IdempotentCreateMixin
from accounts.memberships import role_of
from accounts.roles import Action, allows
from calls import services, speak, tasks
from calls.api.serializers import TurnSerializer
from calls.api.views import CallView
from calls.errors import UnusableAudio
from calls.models import Call
from calls.speak import Answer, Said
from calls.spoken import voice_for_turns
from calls.turns import turn_json
from calls.voice.bridge import MOST_TYPED_CHARACTERS
from calls.worded import anything_left_for
from integrations.speech.encoding import CONTENT_TYPE, mp3
from tenants.api.parsers import PayloadTooLarge, StrictJSONParser
from tenants.api.serializers import StrictSerializer
from tenants.errors import NotFound

ROOM_FOR_FORM = 64 * 1024  # what a form weighs besides its file


class AudioFormParser(MultiPartParser):
    """Refuses what is too large before it is read."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles[Any, Any]:
        length = str((parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0")
        if not length.isdecimal() or int(length) > speak.MOST_BYTES + ROOM_FOR_FORM:
            raise PayloadTooLarge()
        return super().parse(stream, media_type, parser_context)


class SpeakSerializer(StrictSerializer):
    """A recording (`audio`: wav, webm, ogg, mp3, mp4 or flac, at most two minutes) or a `text`; neither, to hear the buyer
    pick up the phone."""

    audio = serializers.FileField(required=False, allow_empty_file=True)
    text = serializers.CharField(required=False, max_length=MOST_TYPED_CHARACTERS)
    recording_consent = serializers.BooleanField(required=False, default=None, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("audio") is not None and attrs.get("text"):
            raise serializers.ValidationError({"text": [_("Send either a recording or a text.")]})
        return attrs


class _ClipSerializer(serializers.Serializer[Any]):
    content_type = serializers.CharField()
    base64 = serializers.CharField()
    duration_ms = serializers.IntegerField()


class _HangUpSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField()
    outcome = serializers.CharField(allow_blank=True)


class SpokenSerializer(serializers.Serializer[Any]):
    call_id = serializers.UUIDField()
    opening_turn = TurnSerializer(allow_null=True, help_text="The buyer's first words, when this turn began the call.")
    user_turn = TurnSerializer(allow_null=True)
    assistant_turn = TurnSerializer()
    next_turn = TurnSerializer(
        allow_null=True, help_text="What somebody else said right after, who was put on the line in `assistant_turn`."
    )
    audio = _ClipSerializer(
        allow_null=True, help_text="The words of `assistant_turn` and `next_turn`; null in a call by text."
    )
    hang_up = _HangUpSerializer(allow_null=True, help_text="Not null: the buyer has left, the call is over.")
    call_status = serializers.ChoiceField(choices=Call.Status.choices)


class SpeakView(IdempotentCreateMixin, CallView):
    throttle_class_name = "speak"
    parser_classes: ClassVar = [StrictJSONParser, AudioFormParser]

    @extend_schema(request=SpeakSerializer, responses=SpokenSerializer)
    def post(self, request: Request, call_id: UUID) -> Response:
        """One turn of a call without a socket: what the trainee said, and the buyer's answer. Begins the call when it has
        not begun. Send an `Idempotency-Key`, and a repeated request gives the first answer."""
        call = self.own(request, call_id)
        body = SpeakSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        speak.refuse_unless_open(call)
        services.refuse_to_begin_where_spent(call)
        voice = voice_for_turns(
            organization_of(request),
            trainee_id=call.trainee_id,
            may_spend=lambda: anything_left_for(call.trainee_id),
        )
        try:
            said = self._said(body.validated_data, call, voice)
            consent = body.validated_data["recording_consent"]
            if consent is not None:
                call = services.prepare_start(call=call, provider=voice.provider, recording_consent=consent)
            answer = speak.take_turn(call_id=call.pk, said=said, voice=voice)
        finally:
            voice.note_used(user_id=call.trainee_id, key=call.pk)
        if answer.hang_up is not None:
            tasks.enqueue_recording(call.pk)
        return Response(answer_json(answer))

    @staticmethod
    def _said(wanted: dict[str, Any], call: Call, voice: Any) -> Said | None:
        if wanted.get("text"):
            return Said(wanted["text"])
        audio: UploadedFile | None = wanted.get("audio")
        if audio is None:
            if call.turns.exists():
                raise UnusableAudio("missing")
            return None
        pcm = _samples_of(audio)
        heard = speak.words_of(pcm, voice=voice, language=call.language)
        return Said(heard.text, heard.confidence, pcm, heard.elapsed_ms)


def _samples_of(audio: UploadedFile) -> bytes:
    return speak.samples_of(cast("BinaryIO", audio.file), size=audio.size or 0)


def answer_json(answer: Answer) -> dict[str, Any]:
    clip = None
    if answer.pcm:
        clip = {
            "content_type": CONTENT_TYPE,
            "base64": base64.b64encode(mp3(answer.pcm, rate=answer.rate)).decode("ascii"),
            "duration_ms": len(answer.pcm) * 1000 // (answer.rate * 2),
        }
    return {
        "call_id": str(answer.call.pk),
        "opening_turn": turn_json(answer.opening) if answer.opening else None,
        "user_turn": turn_json(answer.user_turn) if answer.user_turn else None,
        "assistant_turn": turn_json(answer.assistant_turn),
        "next_turn": turn_json(answer.next_turn) if answer.next_turn else None,
        "audio": clip,
        "hang_up": answer.hang_up,
        "call_status": answer.call.status,
    }


class TranscribeSerializer(StrictSerializer):
    audio = serializers.FileField(allow_empty_file=True)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)


class TranscribedSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    language = serializers.CharField()
    confidence = serializers.FloatField(help_text="0–1; what a model does not say is 0.9.")
    ms = serializers.IntegerField(help_text="What the recognition took.")


class TranscribeView(APIView):
    """For whoever sets an installation up; there is no such address where it is not switched on."""

    throttle_class_name = "transcribe"
    parser_classes: ClassVar = [AudioFormParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if not settings.STT_ENDPOINT_ENABLED:
            raise NotFound
        super().initial(request, *args, **kwargs)

    @extend_schema(request=TranscribeSerializer, responses=TranscribedSerializer)
    def post(self, request: Request) -> Response:
        """What is said in a recording. Owners and admins only, and only where `STT_ENDPOINT_ENABLED` is set."""
        organization = organization_of(request)
        if not allows(role_of(request.user, organization), Action.AUTHOR):
            raise NotFound
        body = TranscribeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        audio: UploadedFile = body.validated_data["audio"]
        language = body.validated_data.get("language") or organization.language
        pcm = _samples_of(audio)
        voice = voice_for_turns(organization, may_spend=lambda: anything_left_for(request.user.pk))
        try:
            heard = speak.words_of(pcm, voice=voice, language=language)
        finally:
            voice.note_used(user_id=request.user.pk, key=uuid4())
        return Response(
            {"text": heard.text, "language": language, "confidence": heard.confidence, "ms": heard.elapsed_ms}
        )
