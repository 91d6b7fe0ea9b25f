"""Tracks and programs as a file holds them: what they need is named by key, files by the hash of their content."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from scenarios.serializers import AuthoredSerializer
from scenarios.training.files import KINDS as ENDINGS
from scenarios.training.models import Program, ProgramTrack, Track, TrackItem
from scenarios.training.serializers import TrackItemSerializer
from scenarios.training.validation import MOST_TRACKS
from tenants.api.serializers import StrictSerializer

MOST_FILES = 100  # of one track


class Sha256(serializers.RegexField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"\A[0-9a-f]{64}\Z", **kwargs)


class TrackItemByKeySerializer(TrackItemSerializer):
    scenario = serializers.CharField(max_length=80, required=False, allow_null=True)
    scenario_id = None  # type: ignore[assignment]  # takes the field away

    class Meta:
        model = TrackItem
        fields = (
            "key",
            "module",
            "kind",
            "title",
            "scenario",
            "text",
            "questions",
            "requires",
            "pass_mark",
            "attempt_limit",
        )


class TrackFileSerializer(StrictSerializer):
    """A file of a reading; its content is found by the hash."""

    name = serializers.CharField(max_length=160)
    item = serializers.SlugField(max_length=60, required=False, allow_blank=True)
    ending = serializers.ChoiceField(choices=sorted(ending.removeprefix(".") for ending in ENDINGS))
    sha256 = Sha256()


class TrackByKeySerializer(AuthoredSerializer):
    children = {"items": TrackItem}
    valid_months = serializers.IntegerField(min_value=1, max_value=120, required=False, allow_null=True)
    items = TrackItemByKeySerializer(many=True, required=False)
    files = TrackFileSerializer(many=True, required=False)

    class Meta:
        model = Track
        fields = ("language", "title", "summary", "in_order", "certificate", "valid_months", "items", "files")

    def validate_files(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(value) > MOST_FILES:
            raise serializers.ValidationError(_("At most %(most)d of these.") % {"most": MOST_FILES})
        if len({(row.get("item", ""), row["sha256"]) for row in value}) < len(value):
            raise serializers.ValidationError(_("A file is there twice."))
        return value


class ProgramByKeySerializer(AuthoredSerializer):
    children = {"tracks": ProgramTrack}
    tracks = serializers.ListField(child=serializers.SlugField(max_length=80), required=False, max_length=MOST_TRACKS)

    class Meta:
        model = Program
        fields = ("language", "title", "summary", "tracks")

    def validate_tracks(self, value: list[str]) -> list[str]:
        if len(set(value)) < len(value):
            raise serializers.ValidationError(_("A track is there twice."))
        return value
