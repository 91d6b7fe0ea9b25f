"""`rubrics/{id}/suggestions/`: what the linter says of a rubric, and taking a proposal over."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsMember, Needs
from accounts.roles import Action
from integrations.embeddings.embedded import default_encoder
from scenarios.models import Rubric
from scenarios.rewriting import take_over
from scenarios.serializers import RubricSerializer
from scenarios.validation import Note, check_rubric
from tenants.api.serializers import StrictSerializer

RULES = ("compound", "undefined", "unobservable", "duplicate", "emotional", "acoustic", "weights")


class SuggestionSerializer(serializers.Serializer[Any]):
    level = serializers.ChoiceField(choices=["error", "warning"], help_text="An error blocks publishing.")
    rule = serializers.CharField(help_text=f"{', '.join(RULES)}; empty for what is simply missing or wrong.")
    criterion = serializers.CharField(help_text="The criterion's key; empty for the rubric as a whole.")
    field = serializers.CharField()
    message = serializers.CharField()
    words = serializers.CharField(help_text="The words at fault.")
    proposal = serializers.CharField(help_text="What to write instead.")
    applicable = serializers.BooleanField(help_text="Can it be taken over as it is, by a POST?")


class SuggestionsSerializer(serializers.Serializer[Any]):
    can_be_published = serializers.BooleanField()
    results = SuggestionSerializer(many=True)


class TakeOverSerializer(StrictSerializer):
    rule = serializers.ChoiceField(choices=RULES)
    criterion = serializers.CharField(allow_blank=True, required=False, default="", max_length=60)
    revision = serializers.IntegerField(
        required=False, help_text="The rubric's revision that the suggestion was read at; another one since is refused."
    )


def suggestion_json(note: Note) -> dict[str, Any]:
    names = ("level", "rule", "criterion", "field", "message", "words", "proposal")
    return {**{name: getattr(note, name) for name in names}, "applicable": bool(note.changes)}


class RubricSuggestions(APIView):
    permission_classes = [IsMember, Needs.to(Action.AUTHOR)]

    @extend_schema(responses=SuggestionsSerializer)
    def get(self, request: Request, pk: Any) -> Response:
        """What stands in the way of two people judging alike, worst first, each with a better wording."""
        notes = check_rubric(get_object_or_404(Rubric, pk=pk), encoder=default_encoder())
        errors = [note for note in notes if note.is_error]
        rest = [note for note in notes if not note.is_error]
        return Response(
            {"can_be_published": not errors, "results": [suggestion_json(note) for note in [*errors, *rest]]}
        )

    @extend_schema(request=TakeOverSerializer, responses=RubricSerializer)
    def post(self, request: Request, pk: Any) -> Response:
        """Take one proposal over into the draft."""
        rubric = get_object_or_404(Rubric, pk=pk)
        body = TakeOverSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        rubric = take_over(
            rubric=rubric,
            rule=body.validated_data["rule"],
            criterion=body.validated_data["criterion"],
            encoder=default_encoder(),
            expected=body.validated_data.get("revision"),
        )
        return Response(RubricSerializer(rubric).data)
