"""What somebody who does not author may read: published content, without anything the buyer hides."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from scenarios.catalogue import practice_of
from scenarios.models import Persona, Rubric, Scenario


class CounterpartSerializer(serializers.Serializer[Any]):
    """A buyer as anybody could look them up. `id` is the persona's."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    role = serializers.CharField()
    company = serializers.CharField()
    industry = serializers.CharField()
    personality = serializers.CharField()
    difficulty = serializers.CharField()


class PublicPersonaSerializer(CounterpartSerializer):
    language = serializers.CharField()
    version_id = serializers.UUIDField()
    is_preset = serializers.BooleanField()

    def to_representation(self, persona: Persona) -> dict[str, Any]:
        version = persona.newest_published()
        content = version.content
        names = ("name", "role", "company", "industry", "personality", "difficulty", "language")
        return {
            "id": str(persona.pk),
            **{name: content[name] for name in names},
            "version_id": str(version.pk),
            "is_preset": persona.is_preset,
        }


class PublicCriterionSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    definition = serializers.CharField()
    weight = serializers.IntegerField()
    kind = serializers.CharField()
    anchors = serializers.DictField(child=serializers.CharField())
    parts = serializers.ListField(child=serializers.CharField(), help_text="Of a compound criterion.")
    source = serializers.CharField(help_text="The document that a `grounded` criterion is about.")  # type: ignore[assignment]
    partial = serializers.IntegerField(help_text="What half met earns.")  # type: ignore[assignment]
    must_come_up = serializers.BooleanField()


class PublicRubricSerializer(serializers.Serializer[Any]):
    """What calls are scored on: trainees may know it in full."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    language = serializers.CharField()
    pass_mark = serializers.IntegerField()
    version_id = serializers.UUIDField()
    criteria = PublicCriterionSerializer(many=True)

    def to_representation(self, rubric: Rubric) -> dict[str, Any]:
        version = rubric.newest_published()
        names = ("key", "name", "definition", "weight", "kind", "anchors", "source", "partial", "must_come_up")
        return {
            "id": str(rubric.pk),
            **{name: version.content[name] for name in ("name", "language", "pass_mark")},
            "version_id": str(version.pk),
            "criteria": [
                {**{name: getattr(item, name) for name in names}, "parts": [part.text for part in item.parts]}
                for item in version.spec().criteria
            ],
        }


class PracticeSerializer(serializers.Serializer[Any]):
    """A scenario that can be practised."""

    id = serializers.UUIDField()
    version_id = serializers.UUIDField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    summary = serializers.CharField()
    mode = serializers.CharField()
    language = serializers.CharField()
    trainee_brief = serializers.CharField()
    product = serializers.CharField()
    goal = serializers.CharField()
    next_step = serializers.CharField()
    minutes = serializers.IntegerField()
    persona = CounterpartSerializer()

    def to_representation(self, scenario: Scenario) -> dict[str, Any]:
        return super().to_representation(practice_of(scenario.newest_published()))
