"""The shape of authored content as JSON: what the API takes and gives, and what a content package holds.

Whoever writes a working copy from the outside (API, import, presets) passes through here, so all are checked alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model
from django.utils.text import slugify
from django.utils.translation import gettext as _
from rest_framework import serializers

from tenants.api.serializers import StrictModelSerializer, StrictSerializer

from .branching.graph import Graph, GraphInvalid
from .branching.people import known_ids, personas_in
from .branching.validation import malformed
from .briefs import LONGEST_SOURCE, MOST_PARTS
from .contents import CRITERION_FIELDS
from .models import Criterion, HiddenPain, Objection, Persona, Rubric, Scenario, Status
from .wording import MARKUP

MOST_CHILDREN = 30


class Lines(serializers.ListField):
    """A list of texts; empty ones are dropped."""

    child = serializers.CharField(max_length=500, allow_blank=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        return [text.strip() for text in super().to_internal_value(data) if text.strip()]


class Texts(serializers.DictField):
    """Topic → text."""

    child = serializers.CharField(max_length=600)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if isinstance(data, Mapping) and (len(data) > 60 or any(len(str(key)) > 120 for key in data)):
            raise serializers.ValidationError(_("At most 60 entries with names of at most 120 characters."))
        if isinstance(data, Mapping) and any("\x00" in str(key) for key in data):
            raise serializers.ValidationError(_("Null characters are not allowed."))
        return {str(key).strip(): str(text) for key, text in super().to_internal_value(data).items()}


class Children(serializers.ListSerializer[Any]):
    """Objections, pains or criteria: each with a key of its own; a missing key is made from the text."""

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        rows = super().to_internal_value(data)
        if len(rows) > MOST_CHILDREN:
            raise serializers.ValidationError(_("At most %(most)d of these.") % {"most": MOST_CHILDREN})
        given = [row["key"] for row in rows if row.get("key")]
        for key in given:
            if given.count(key) > 1:
                raise serializers.ValidationError(_("The key “%(key)s” is there twice.") % {"key": key})
        assert isinstance(self.child, ChildSerializer)
        for row in rows:
            if not row.get("key"):
                row["key"] = free_key(str(row.get(self.child.key_source, "")), set(given))
                given.append(row["key"])
        return rows


class ChildSerializer(StrictModelSerializer):
    key_source = "text"
    key = serializers.SlugField(max_length=60, required=False, allow_blank=True)

    @classmethod
    def many_init(cls, *args: Any, **kwargs: Any) -> Children:
        kwargs["child"] = cls()
        kwargs.pop("allow_empty", None)
        return Children(*args, **kwargs)


class ObjectionSerializer(ChildSerializer):
    resolve_hints = Lines()
    harden_hints = Lines(required=False)
    required = serializers.IntegerField(min_value=1, max_value=5, required=False)  # type: ignore[assignment]

    class Meta:
        model = Objection
        fields = (
            "key",
            "kind",
            "text",
            "concern",
            "resolve_hints",
            "harden_hints",
            "resolved_text",
            "hardened_text",
            "required",
        )


class HiddenPainSerializer(ChildSerializer):
    key_source = "pain"
    reveal_hints = Lines()
    weight = serializers.IntegerField(min_value=1, max_value=10, required=False)

    class Meta:
        model = HiddenPain
        fields = ("key", "pain", "reveal_hints", "reveal_text", "weight")


class PartSerializer(StrictSerializer):
    """One part of a compound criterion."""

    key = serializers.SlugField(max_length=60, required=False, allow_blank=True)
    text = serializers.CharField(max_length=300)
    signals = Lines(required=False)


class Parts(serializers.ListField):
    """The parts of a compound criterion, each with a key of its own; a missing key is made from the text."""

    child = PartSerializer()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_PARTS, **kwargs)

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        rows = super().to_internal_value(data)
        return with_keys([{**row, "signals": row.get("signals", [])} for row in rows])


def with_keys(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Parts as they are kept. Raises `ValidationError` for a key that is there twice."""
    taken = {part["key"] for part in parts if part.get("key")}
    if len(taken) < len([part for part in parts if part.get("key")]):
        raise serializers.ValidationError(_("Two parts have the same key."))
    rows = []
    for part in parts:
        key = part.get("key") or free_key(part["text"], taken)
        taken.add(key)
        rows.append({"key": key, "text": part["text"], "signals": list(part["signals"])})
    return rows


class CriterionSerializer(ChildSerializer):
    key_source = "name"
    weight = serializers.IntegerField(min_value=0, max_value=100)
    anchors = Texts(required=False)
    signals = Lines(required=False)
    parts = Parts(required=False, help_text="Of a `compound` criterion: what each part asks for.")
    source = serializers.CharField(  # type: ignore[assignment]  # the wire's name, which DRF's own attribute shares
        max_length=LONGEST_SOURCE,
        required=False,
        allow_blank=True,
        help_text="Of a `grounded` criterion: the document that what the trainee says must agree with.",
    )
    partial = serializers.IntegerField(  # type: ignore[assignment]  # as above
        min_value=0,
        max_value=99,
        required=False,
        help_text="The points that a half-met yes-or-no criterion, or part, earns.",
    )

    class Meta:
        model = Criterion
        fields = CRITERION_FIELDS


class AuthoredSerializer(StrictModelSerializer):
    """A working copy: its own fields, its children as lists, and where it stands."""

    children: Mapping[str, type[Model]] = {}
    id = serializers.UUIDField(read_only=True)
    status = serializers.CharField(read_only=True)
    is_preset = serializers.BooleanField(read_only=True)
    revision = serializers.IntegerField(read_only=True)
    has_unpublished_changes = serializers.BooleanField(read_only=True)
    published_version = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    STATE = (
        "id",
        "status",
        "is_preset",
        "revision",
        "has_unpublished_changes",
        "published_version",
        "created_at",
        "updated_at",
    )

    def get_published_version(self, item: Any) -> dict[str, Any] | None:
        version = item.newest_published()
        return version and {"id": str(version.pk), "number": version.number, "published_at": version.published_at}

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        for name, value in values.items():
            if isinstance(value, str) and MARKUP.search(value):
                raise serializers.ValidationError({name: [_("Take the HTML out; this text is read out loud.")]})
        return values


class PersonaSerializer(AuthoredSerializer):
    children = {"objections": Objection, "hidden_pains": HiddenPain}
    facts = Texts(required=False)
    provider_assistant_ids = Texts(required=False)
    objections = ObjectionSerializer(many=True, required=False)
    hidden_pains = HiddenPainSerializer(many=True, required=False)

    class Meta:
        model = Persona
        fields = (
            *AuthoredSerializer.STATE,
            "language",
            "name",
            "role",
            "company",
            "industry",
            "personality",
            "difficulty",
            "gender",
            "backstory",
            "facts",
            "voice_id",
            "system_prompt",
            "first_message",
            "competitor",
            "provider_assistant_ids",
            "objections",
            "hidden_pains",
        )

    def validate_gender(self, value: str) -> str:
        if value not in {"", "f", "m"}:
            raise serializers.ValidationError(_("Write f, m or nothing."))
        return value


class RubricSerializer(AuthoredSerializer):
    children = {"criteria": Criterion}
    pass_mark = serializers.IntegerField(min_value=0, max_value=100, required=False)
    criteria = CriterionSerializer(many=True, required=False)

    class Meta:
        model = Rubric
        fields = (*AuthoredSerializer.STATE, "language", "name", "description", "pass_mark", "criteria")


SCENARIO_OWN = (
    "language",
    "title",
    "summary",
    "mode",
    "trainee_brief",
    "product",
    "goal",
    "next_step",
    "first_message",
    "time_limit_minutes",
)


class GraphField(serializers.JSONField):
    """A graph of stages in full form; null for a call that does not branch. It may be unfinished."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        try:
            return Graph.from_json(super().to_internal_value(data)).to_json()
        except GraphInvalid as error:
            raise serializers.ValidationError(malformed(error).message) from None


class ScenarioSerializer(AuthoredSerializer):
    """`persona_id` and `rubric_id` name rows of the same organisation, and so do the personas of `graph`."""

    graph = GraphField(
        required=False,
        allow_null=True,
        help_text="`{nodes: [{id, kind, title, persona, says, instructions, outcome, x, y}], edges: [{id, from, to, when, "
        "label}]}`; null where the call does not branch. Publishing refuses a graph that is unfinished.",
    )

    persona_id = serializers.PrimaryKeyRelatedField(
        source="persona", queryset=Persona.objects.exclude(status=Status.ARCHIVED)
    )
    rubric_id = serializers.PrimaryKeyRelatedField(
        source="rubric", queryset=Rubric.objects.exclude(status=Status.ARCHIVED)
    )

    class Meta:
        model = Scenario
        fields = (*AuthoredSerializer.STATE, "persona_id", "rubric_id", *SCENARIO_OWN, "graph")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Names whoever speaks in the graph by id. Refuses somebody who is not in this organisation."""
        if attrs.get("graph") is None:
            return attrs
        language = str(attrs.get("language") or getattr(self.instance, "language", "en"))
        graph = known_ids(Graph.from_json(attrs["graph"]), language=language)
        there = personas_in(graph.people)
        for node in graph.nodes:
            if node.persona and node.persona not in there:
                message = _("“%(title)s” names a persona that is not in this organisation.")
                raise serializers.ValidationError({"graph": [message % {"title": node.title or node.id}]})
        return {**attrs, "graph": graph.to_json()}


class ScenarioByKeySerializer(AuthoredSerializer):
    """A scenario that names its persona and rubric, and all who speak in its graph, by the keys of a content package."""

    graph = GraphField(required=False, allow_null=True)

    persona = serializers.CharField(max_length=80)
    rubric = serializers.CharField(max_length=80)

    class Meta:
        model = Scenario
        fields = (*SCENARIO_OWN, "graph", "persona", "rubric")


def free_key(text: str, taken: set[str]) -> str:
    """A short key made of the text's first words that is not taken: `too-expensive`, `too-expensive-2`."""
    base = "-".join(slugify(text).split("-")[:5])[:50] or "item"
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base}-{number}"
    return key
