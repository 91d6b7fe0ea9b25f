"""Wire formats of `knowledge/…`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import serializers

from scenarios.knowledge.models import KnowledgeDocument
from scenarios.knowledge.retrieval import MOST_COUNT, MOST_QUESTION
from scenarios.models.versions import Language
from tenants.api.serializers import StrictSerializer

MOST_TEXT = 1_000_000


class DocumentSerializer(serializers.ModelSerializer[KnowledgeDocument]):
    problem_text = serializers.CharField(source="explanation", read_only=True)
    searchable = serializers.SerializerMethodField()

    class Meta:
        model = KnowledgeDocument
        fields: ClassVar = [
            *("id", "title", "source", "language", "state", "progress", "problem", "problem_text", "searchable"),
            *("buyers_may_know", "file_name", "kind", "size_bytes", "chunk_count", "archived_at"),
            *("created_at", "updated_at"),
        ]
        read_only_fields = fields

    def get_searchable(self, document: KnowledgeDocument) -> bool:
        """Whether it is found now: an earlier upload goes on answering while a new one is being read."""
        return document.live_revision > 0 and document.archived_at is None


class NewDocumentSerializer(StrictSerializer):
    """Either `file` (as a form) or `text` with a `title`."""

    file = serializers.FileField(required=False, allow_empty_file=True)
    text = serializers.CharField(required=False, max_length=MOST_TEXT, trim_whitespace=False)
    title = serializers.CharField(required=False, max_length=200, allow_blank=True, default="")
    source = serializers.CharField(  # type: ignore[assignment]  # the wire's name, which DRF's own attribute shares
        required=False, max_length=200, allow_blank=True, default=""
    )
    language = serializers.ChoiceField(choices=Language.choices, required=False, default="")
    buyers_may_know = serializers.BooleanField(required=False, default=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("file" in attrs) == ("text" in attrs):
            raise serializers.ValidationError({"file": [_("Send either a file or a text.")]})
        return attrs


class DocumentChangeSerializer(StrictSerializer):
    title = serializers.CharField(required=False, max_length=200)
    buyers_may_know = serializers.BooleanField(required=False)
    archived = serializers.BooleanField(required=False)


class SearchQuerySerializer(StrictSerializer):
    """`q`: the question. `threshold`: 0 to 1; without it the encoder's usual one. `mode`:
    both, or likeness of meaning alone."""

    q = serializers.CharField(max_length=MOST_QUESTION)
    count = serializers.IntegerField(required=False, default=5, min_value=1, max_value=MOST_COUNT)
    threshold = serializers.FloatField(required=False, min_value=-1.0, max_value=1.0)
    source = serializers.CharField(required=False, max_length=200)  # type: ignore[assignment]  # as above
    mode = serializers.ChoiceField(choices=["hybrid", "vector"], required=False, default="hybrid")


class FoundDocumentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # the wire's name, which DRF's own attribute shares
    language = serializers.CharField()


class MatchSerializer(serializers.Serializer[Any]):
    chunk_id = serializers.UUIDField()
    document = FoundDocumentSerializer()
    text = serializers.CharField()
    score = serializers.FloatField(help_text="Cosine likeness, -1 to 1.")
    heading = serializers.CharField()
    page = serializers.IntegerField(help_text="From 1; 0 where the format has no pages.")


class FoundSerializer(serializers.Serializer[Any]):
    results = MatchSerializer(many=True)
