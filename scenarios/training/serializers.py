"""The shape of tracks and programs as JSON: what the API takes and gives, and what a file of them holds."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from scenarios.models import Scenario, Status
from scenarios.serializers import AuthoredSerializer, ChildSerializer
from tenants.api.serializers import StrictModelSerializer, StrictSerializer
from tenants.sheets import LARGEST

from .models import Program, ProgramTrack, ProgramVersion, Track, TrackItem, TrackVersion
from .models.tracks import MOST_ATTEMPTS
from .questions import KINDS, QuestionsInvalid, checked
from .sheets import OUTCOMES
from .validation import LONGEST_TEXT, MOST_TRACKS


class _OptionSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    right = serializers.BooleanField(help_text="Means nothing in an order, where the options are in the right one.")


class _QuestionSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=KINDS)
    text = serializers.CharField()
    options = _OptionSerializer(many=True)
    explanation = serializers.CharField(allow_blank=True)


@extend_schema_field(_QuestionSerializer(many=True))
class Questions(serializers.Field[Any, Any, Any, Any]):
    """Questions of a knowledge check; see `scenarios.training.questions`."""

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        try:
            return checked(data)
        except QuestionsInvalid as error:
            raise serializers.ValidationError(str(error)) from None

    def to_representation(self, value: Any) -> Any:
        return value


class TrackItemSerializer(ChildSerializer):
    """A step of a track. `scenario_id` belongs to a call, `text` to reading, `questions` to a knowledge check."""

    key_source = "title"
    scenario_id = serializers.PrimaryKeyRelatedField(
        source="scenario", queryset=Scenario.objects.exclude(status=Status.ARCHIVED), required=False, allow_null=True
    )
    text = serializers.CharField(
        required=False, allow_blank=True, max_length=LONGEST_TEXT, trim_whitespace=False, help_text="Markdown."
    )
    questions = Questions(required=False)
    requires = serializers.ListField(
        child=serializers.SlugField(max_length=60),
        required=False,
        max_length=60,
        help_text="Keys of items that must be passed before; besides the one before, where the track is in order.",
    )
    pass_mark = serializers.IntegerField(min_value=0, max_value=100, required=False, allow_null=True)
    attempt_limit = serializers.IntegerField(min_value=1, max_value=MOST_ATTEMPTS, required=False, allow_null=True)

    class Meta:
        model = TrackItem
        fields = (
            "key",
            "module",
            "kind",
            "title",
            "scenario_id",
            "text",
            "questions",
            "requires",
            "pass_mark",
            "attempt_limit",
        )


class KeyedSerializer(AuthoredSerializer):
    """A key is unique among the organisation's things of that kind; without one it is made from the title."""

    key = serializers.SlugField(max_length=80, required=False, allow_blank=True)

    def validate_key(self, value: str) -> str:
        others = self.Meta.model.objects.exclude(pk=self.instance.pk if self.instance else None)
        if value and others.filter(key=value).exists():
            raise serializers.ValidationError(_("This key is taken."))
        return value

    class Meta:
        model: Any = Track


class TrackSerializer(KeyedSerializer):
    children = {"items": TrackItem}
    valid_months = serializers.IntegerField(min_value=1, max_value=120, required=False, allow_null=True)
    items = TrackItemSerializer(many=True, required=False)

    class Meta:
        model = Track
        fields = (
            *AuthoredSerializer.STATE,
            "language",
            "key",
            "title",
            "summary",
            "in_order",
            "certificate",
            "valid_months",
            "items",
        )


class ProgramTrackSerializer(StrictModelSerializer):
    track_id = serializers.PrimaryKeyRelatedField(
        source="track", queryset=Track.objects.exclude(status=Status.ARCHIVED)
    )

    class Meta:
        model = ProgramTrack
        fields = ("track_id",)
        validators: list[Any] = []


class ProgramSerializer(KeyedSerializer):
    children = {"tracks": ProgramTrack}
    tracks = ProgramTrackSerializer(many=True, required=False)

    class Meta:
        model = Program
        fields = (*AuthoredSerializer.STATE, "language", "key", "title", "summary", "tracks")

    def validate_tracks(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({row["track"].pk for row in value}) < len(value):
            raise serializers.ValidationError(_("A track is there twice."))
        if len(value) > MOST_TRACKS:
            raise serializers.ValidationError(_("A program has at most %(most)d tracks.") % {"most": MOST_TRACKS})
        return value


class PublicItemSerializer(serializers.Serializer[Any]):
    """A step as anybody may know it: neither the words of reading nor the right answers."""

    key = serializers.CharField()
    kind = serializers.ChoiceField(choices=TrackItem.Kind.choices)
    title = serializers.CharField()
    module = serializers.CharField()
    requires = serializers.ListField(child=serializers.CharField())
    scenario_id = serializers.UUIDField(allow_null=True)
    pass_mark = serializers.IntegerField(allow_null=True)
    attempt_limit = serializers.IntegerField(allow_null=True)


class PublicTrackSerializer(serializers.Serializer[Any]):
    """A published track, for those who don't author."""

    id = serializers.UUIDField()
    key = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    language = serializers.CharField()
    in_order = serializers.BooleanField()
    certificate = serializers.BooleanField()
    valid_months = serializers.IntegerField(allow_null=True)
    version_id = serializers.UUIDField()
    number = serializers.IntegerField()
    items = PublicItemSerializer(many=True)

    def to_representation(self, track: Track) -> dict[str, Any]:
        version: TrackVersion = track.newest_published()
        content = version.content
        names = ("key", "title", "summary", "language", "in_order", "certificate", "valid_months")
        shown = ("key", "kind", "title", "module", "requires", "pass_mark", "attempt_limit")
        return {
            "id": str(track.pk),
            **{name: content[name] for name in names},
            "version_id": str(version.pk),
            "number": version.number,
            "items": [
                {**{name: item[name] for name in shown}, "scenario_id": item.get("scenario_id")}
                for item in content["items"]
            ],
        }


class PublicStepSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="The track's.")
    key = serializers.CharField()
    title = serializers.CharField()


class PublicProgramSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    key = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    language = serializers.CharField()
    version_id = serializers.UUIDField()
    number = serializers.IntegerField()
    tracks = PublicStepSerializer(many=True)

    def to_representation(self, program: Program) -> dict[str, Any]:
        version: ProgramVersion = program.newest_published()
        return {
            "id": str(program.pk),
            **{name: version.content[name] for name in ("key", "title", "summary", "language")},
            "version_id": str(version.pk),
            "number": version.number,
            "tracks": version.content["tracks"],
        }


class TermsSerializer(StrictSerializer):
    due_on = serializers.DateField(
        required=False, allow_null=True, help_text="A day in the organisation's zone, to its end."
    )
    attempts = serializers.IntegerField(
        required=False, allow_null=True, help_text="For every call and check; null: as the track says."
    )
    repeat_months = serializers.IntegerField(
        required=False, allow_null=True, help_text="A new round that many months after the last was completed."
    )


class AssignSerializer(TermsSerializer):
    """One of `track_id`, `program_id`, `scenario_id`, for one of `team_id`, `user_id`, `email`."""

    track_id = serializers.UUIDField(required=False)
    program_id = serializers.UUIDField(required=False)
    scenario_id = serializers.UUIDField(required=False)
    team_id = serializers.UUIDField(required=False)
    user_id = serializers.UUIDField(required=False)
    email = serializers.EmailField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len({"track_id", "program_id", "scenario_id"} & set(attrs)) != 1:
            raise serializers.ValidationError({"track_id": _("Give one of track_id, program_id and scenario_id.")})
        if len({"team_id", "user_id", "email"} & set(attrs)) != 1:
            raise serializers.ValidationError({"team_id": _("Give one of team_id, user_id and email.")})
        return attrs


class AssignmentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    track_id = serializers.UUIDField(allow_null=True)
    scenario_id = serializers.UUIDField(allow_null=True)
    program_id = serializers.UUIDField(allow_null=True)
    title = serializers.CharField(source="subject")
    user_id = serializers.UUIDField(allow_null=True)
    team_id = serializers.UUIDField(allow_null=True)
    assigned_to = serializers.CharField(source="target", allow_null=True)
    after_id = serializers.UUIDField(allow_null=True, help_text="What has to be completed first, within a program.")
    due_on = serializers.DateField(allow_null=True)
    attempts = serializers.IntegerField(allow_null=True)
    repeat_months = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class AssignedSerializer(AssignmentSerializer):
    """The assignment; of a program the first of them."""

    created = serializers.BooleanField(help_text="False where it was asked for before, and only its terms changed.")
    with_ids = serializers.ListField(
        child=serializers.UUIDField(), help_text="The assignments of the program's other tracks."
    )


class SheetSerializer(StrictSerializer):
    csv = serializers.CharField(max_length=LARGEST, trim_whitespace=False, help_text="The sheet's text.")
    dry_run = serializers.BooleanField(default=True, help_text="Say what would happen, and do nothing.")


class SheetLineSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="The line in the sheet; its head is line 1.")
    who = serializers.CharField()
    what = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    message = serializers.CharField()


class SheetReportSerializer(serializers.Serializer[Any]):
    dry_run = serializers.BooleanField()
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    refused = serializers.IntegerField()
    lines = SheetLineSerializer(many=True)


class _TrackPlanSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()


class BlueprintSerializer(serializers.Serializer[Any]):
    """A program that comes with Parley and can be copied."""

    key = serializers.CharField()
    language = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    tracks = _TrackPlanSerializer(many=True)
