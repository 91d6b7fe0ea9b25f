"""Shapes of scores in the REST API, for its schema."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from scenarios.briefs import CRITERION_KINDS
from scoring.bands import LABELS
from scoring.calibration.gate import Reason
from scoring.models import Score


class QuickSerializer(serializers.Serializer[Any]):
    overall = serializers.IntegerField(min_value=0, max_value=100)
    summary = serializers.CharField()


class IntervalSerializer(serializers.Serializer[Any]):
    low = serializers.IntegerField(min_value=0, max_value=100)
    high = serializers.IntegerField(min_value=0, max_value=100)
    source = serializers.ChoiceField(  # type: ignore[assignment]  # the wire's name, which DRF's own attribute shares
        choices=["one_sentence", "scale_step", "readings", "person"],
        help_text="one_sentence: the extremes if any one sentence had been misheard; scale_step: the model's scale; "
        "readings: several readings by the model; person: set by a person, as it stands.",
    )


class JudgedBySerializer(serializers.Serializer[Any]):
    quick = serializers.CharField(allow_null=True)
    deep = serializers.CharField(allow_null=True, help_text="`embedded` is the judge that needs no vendor.")


class OverrideSerializer(serializers.Serializer[Any]):
    """A score set by a person. The judge's own run is kept."""

    run_id = serializers.UUIDField()
    by = serializers.CharField(help_text="The person's name.")
    reason = serializers.CharField()
    at = serializers.DateTimeField()
    judge_overall_score = serializers.IntegerField(min_value=0, max_value=100)
    corrects_run_id = serializers.UUIDField()


class EvidenceSerializer(serializers.Serializer[Any]):
    turn_id = serializers.UUIDField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    quote = serializers.CharField(help_text="Equals `content[start:end]` of that turn of the trainee.")


class ScoredPartSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    text = serializers.CharField()
    score = serializers.IntegerField(min_value=0, max_value=100)
    applicable = serializers.BooleanField()
    evidence = EvidenceSerializer(many=True)


class ScoredCriterionSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=list(CRITERION_KINDS))
    weight = serializers.IntegerField()
    score = serializers.IntegerField(min_value=0, max_value=100)
    points = serializers.FloatField(
        help_text="What it adds to the overall score, in tenths; the points of all criteria add up to it before rounding."
    )
    applicable = serializers.BooleanField(help_text="False: the call gave no occasion, so it weighs nothing.")
    verified = serializers.BooleanField(
        help_text="At least one quote was found in the trainee's words; else no credit."
    )
    confidence = serializers.ChoiceField(choices=["normal", "low"])
    rationale = serializers.CharField()
    evidence = EvidenceSerializer(many=True)
    parts = ScoredPartSerializer(many=True, required=False, help_text="Of a compound criterion: each by itself.")
    readings = serializers.ListField(
        child=serializers.IntegerField(allow_null=True),
        required=False,
        help_text="Where a model read the call several times: what each reading gave, null where it did not apply.",
    )
    spread = serializers.IntegerField(required=False, help_text="The readings' median absolute deviation, in points.")
    by_person = serializers.BooleanField(required=False, help_text="The mark was set by a person.")
    was = serializers.IntegerField(
        required=False, allow_null=True, help_text="What the judge had given before a person set the mark."
    )


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


class CertificationSerializer(serializers.Serializer[Any]):
    """Whether something may rest on this score without a person: only while its judge is known to agree with people."""

    automatic = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=[reason.value for reason in Reason])
    counted_at = serializers.DateTimeField(allow_null=True, help_text="When agreement was counted last.")


class ScoreSerializer(serializers.Serializer[Any]):
    call_id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Score.State.choices)
    run_id = serializers.UUIDField(allow_null=True)
    overall_score = serializers.IntegerField(allow_null=True, min_value=0, max_value=100)
    band = serializers.ChoiceField(choices=list(LABELS), allow_null=True)
    interval = IntervalSerializer(allow_null=True)
    passed = serializers.BooleanField(
        allow_null=True,
        help_text="null: not scored yet, or (`needs_review`) too near the pass mark for a judge to decide.",
    )
    pass_mark = serializers.IntegerField(allow_null=True)
    judged_by = JudgedBySerializer()
    override = OverrideSerializer(allow_null=True)
    certification = CertificationSerializer(allow_null=True)
    rubric_version_id = serializers.UUIDField()
    quick = QuickSerializer(allow_null=True)
    criteria = ScoredCriterionSerializer(many=True)
    strengths = StrengthSerializer(many=True)
    improvements = ImprovementSerializer(many=True)
    key_moments = KeyMomentSerializer(many=True)
    summary = serializers.CharField()
    metrics = serializers.DictField(help_text="Each metric is an object with `value` and `unit`.")
    flags = FlagSerializer(many=True)


class TransparencySerializer(serializers.Serializer[Any]):
    """Texts are in the reader's language."""

    record = serializers.CharField()
    version = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    organization = serializers.CharField()
    call = serializers.DictField()
    score = serializers.DictField()
    judge = serializers.DictField(help_text="Kind (rules or language model), name, model, prompt, readings and seeds.")
    sent_to = serializers.ListField(
        child=serializers.DictField(),
        help_text="Vendors that words or sound of the call went to, to hold and to judge it.",
    )
    person = serializers.DictField(allow_null=True, help_text="Who set the score by hand, and why.")
    rubric = serializers.DictField()
    purpose = serializers.CharField()
    data_used = serializers.ListField(child=serializers.CharField())
    data_not_used = serializers.ListField(child=serializers.CharField())
    method = serializers.ListField(child=serializers.CharField())
    decision = serializers.CharField()
    limits = serializers.CharField()
    contact = serializers.ListField(child=serializers.DictField())
    who_sees_it = serializers.CharField()
    contest = serializers.DictField()
    fingerprints = serializers.DictField()


class AnalyzeSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    call_id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Score.State.choices)
