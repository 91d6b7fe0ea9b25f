"""Shapes of scores in the REST API, for its schema."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from scoring.bands import LABELS
from scoring.models import Score


class QuickSerializer(serializers.Serializer[Any]):
    overall = serializers.IntegerField(min_value=0, max_value=100)
    summary = serializers.CharField()


class IntervalSerializer(serializers.Serializer[Any]):
    low = serializers.IntegerField(min_value=0, max_value=100)
    high = serializers.IntegerField(min_value=0, max_value=100)
    source = serializers.ChoiceField(  # type: ignore[assignment]  # the wire's name, which DRF's own attribute shares
        choices=["one_sentence", "scale_step"],
        help_text="one_sentence: the extremes if any one sentence had been misheard; scale_step: the model's scale.",
    )


class JudgedBySerializer(serializers.Serializer[Any]):
    quick = serializers.CharField(allow_null=True)
    deep = serializers.CharField(allow_null=True, help_text="`embedded` is the judge that needs no vendor.")


class EvidenceSerializer(serializers.Serializer[Any]):
    turn_id = serializers.UUIDField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    quote = serializers.CharField(help_text="Equals `content[start:end]` of that turn of the trainee.")


class ScoredCriterionSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["rated", "binary", "blocker"])
    weight = serializers.IntegerField()
    score = serializers.IntegerField(min_value=0, max_value=100)
    applicable = serializers.BooleanField(help_text="False: the call gave no occasion, so it weighs nothing.")
    verified = serializers.BooleanField(
        help_text="At least one quote was found in the trainee's words; else no credit."
    )
    confidence = serializers.ChoiceField(choices=["normal", "low"])
    rationale = serializers.CharField()
    evidence = EvidenceSerializer(many=True)


class StrengthSerializer(serializers.Serializer[Any]):
    point = serializers.CharField()
    example = serializers.CharField()
    timestamp_ms = serializers.IntegerField()


class ImprovementSerializer(serializers.Serializer[Any]):
    point = serializers.CharField()
    suggestion = serializers.CharField()
    timestamp_ms = serializers.IntegerField()


class KeyMomentSerializer(serializers.Serializer[Any]):
    timestamp_ms = serializers.IntegerField()
    type = serializers.ChoiceField(choices=["strength", "improvement"])
    description = serializers.CharField()
    quote = serializers.CharField()


class FlagSerializer(EvidenceSerializer):
    kind = serializers.CharField(help_text="`instruction`: words addressed to the judge, left out of the scoring.")


class ScoreSerializer(serializers.Serializer[Any]):
    call_id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Score.State.choices)
    run_id = serializers.UUIDField(allow_null=True)
    overall_score = serializers.IntegerField(allow_null=True, min_value=0, max_value=100)
    band = serializers.ChoiceField(choices=list(LABELS), allow_null=True)
    interval = IntervalSerializer(allow_null=True)
    passed = serializers.BooleanField(allow_null=True)
    pass_mark = serializers.IntegerField(allow_null=True)
    judged_by = JudgedBySerializer()
    rubric_version_id = serializers.UUIDField()
    quick = QuickSerializer(allow_null=True)
    criteria = ScoredCriterionSerializer(many=True)
    strengths = StrengthSerializer(many=True)
    improvements = ImprovementSerializer(many=True)
    key_moments = KeyMomentSerializer(many=True)
    summary = serializers.CharField()
    metrics = serializers.DictField(help_text="Each metric is an object with `value` and `unit`.")
    flags = FlagSerializer(many=True)


class AnalyzeSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    call_id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Score.State.choices)
