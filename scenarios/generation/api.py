"""`personas/generate/`, `rubrics/generate/`, `scenarios/generate/`, and the jobs behind them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.files.uploadedfile import UploadedFile
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from accounts.authentication import IsMember, Needs
from accounts.idempotency import IdempotentCreateMixin
from accounts.roles import Action
from scenarios.models import Persona, Rubric, Scenario
from scenarios.models.versions import WorkingCopy
from scenarios.serializers import PersonaSerializer, RubricSerializer, ScenarioSerializer
from tenants.api.serializers import StrictSerializer
from tenants.context import current_organization
from tenants.errors import InvalidInput

from . import proposals, services
from .inputs import (
    BrandingSerializer,
    BusinessSerializer,
    BusinessWishSerializer,
    ProfileSerializer,
    WishSerializer,
    checked,
)
from .models import Generation
from .remarks import problem_in_words, worded
from .reports import notes_of, statements_of
from .tasks import make_drafts

HOW = ("wait", "allow_embedded", "replaces_id")
WAIT = "False: the answer is 202 with the job, and the draft comes later."
EMBEDDED = "False: 502 where no language model answers, instead of a draft made from templates."
REPLACES = "Something that exists: what is made is proposed for it, to be taken over field by field."


class HowMixin(serializers.Serializer[Any]):
    wait = serializers.BooleanField(required=False, default=True, help_text=WAIT)
    allow_embedded = serializers.BooleanField(required=False, default=True, help_text=EMBEDDED)
    replaces_id = serializers.UUIDField(required=False, allow_null=True, help_text=REPLACES)


class GenerateFromProfile(HowMixin, ProfileSerializer):
    """A few words about the buyer."""


class GenerateFromBusiness(HowMixin, BusinessWishSerializer):
    """What the business is, and how it speaks."""


class GenerateFromFile(HowMixin, WishSerializer):
    """A playbook: PDF, Word, Markdown or text, as multipart/form-data. The answer is always 202."""

    file = serializers.FileField()
    business = BusinessSerializer(required=False)
    branding = BrandingSerializer(required=False)


class NoteSerializer(serializers.Serializer[Any]):
    part = serializers.ChoiceField(choices=["persona", "gatekeeper", "rubric", "scenario"])
    level = serializers.ChoiceField(choices=["error", "warning"], help_text="An error stands in the way of publishing.")
    field = serializers.CharField()
    message = serializers.CharField()


class SourceSerializer(serializers.Serializer[Any]):
    part = serializers.CharField()
    field = serializers.CharField()
    passage = serializers.IntegerField(help_text="Counted from 1; 0 is the form.")
    heading = serializers.CharField()
    quote = serializers.CharField(help_text="What the document says there.")


class GenerationSerializer(serializers.ModelSerializer[Generation]):
    url = serializers.SerializerMethodField()
    by_templates = serializers.BooleanField(help_text="Made from templates; no language model wrote it.")
    problem = serializers.SerializerMethodField()
    remarks = serializers.SerializerMethodField()

    class Meta:
        model = Generation
        fields = (
            *("id", "url", "kind", "source", "language", "document_name", "state", "step", "progress", "problem"),
            *("made_by", "model", "by_templates", "cost_usd", "is_proposal", "accepted", "remarks"),
            *("persona_id", "gatekeeper_id", "rubric_id", "scenario_id", "created_at", "finished_at"),
        )
        read_only_fields = fields

    def get_url(self, item: Generation) -> str:
        return reverse("generation-detail", args=[item.pk])

    def get_problem(self, item: Generation) -> dict[str, str] | None:
        return {"code": item.problem, "message": problem_in_words(item.problem)} if item.problem else None

    def get_remarks(self, item: Generation) -> list[str]:
        return [worded(one) for one in item.remarks]


class GenerationDetailSerializer(GenerationSerializer):
    notes = serializers.SerializerMethodField()
    sources = serializers.SerializerMethodField()
    changes = serializers.SerializerMethodField()

    class Meta:
        model = Generation
        fields = (*GenerationSerializer.Meta.fields, "notes", "sources", "changes")
        read_only_fields = fields

    def get_notes(self, item: Generation) -> list[dict[str, str]]:
        return [
            {"part": part, "level": note.level, "field": note.field, "message": note.message}
            for part, note in notes_of(item)
        ]

    def get_sources(self, item: Generation) -> list[dict[str, Any]]:
        return [
            {"part": one.part, "field": one.field, "passage": one.number, "heading": one.heading, "quote": one.quote}
            for one in statements_of(item)
        ]

    def get_changes(self, item: Generation) -> list[dict[str, str]]:
        return [{"field": one.field, "before": one.before, "after": one.after} for one in proposals.changes_of(item)]


class AcceptSerializer(StrictSerializer):
    fields_to_take = serializers.ListField(child=serializers.CharField(max_length=120), max_length=200)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        fields["fields"] = fields.pop("fields_to_take")
        fields["revision"] = serializers.IntegerField(
            required=False, help_text="The revision that the proposal was read against; another one since is refused."
        )
        return fields


class GenerateView(IdempotentCreateMixin, APIView):
    """201 with the draft, or 202 with the job. `kind` is what is made; `model` what may be replaced."""

    permission_classes = [IsMember, Needs.to(Action.AUTHOR)]
    parser_classes = [JSONParser, MultiPartParser]
    kind: ClassVar[str]
    kind_of_file: ClassVar[str]
    model: ClassVar[type[WorkingCopy]]
    takes_profile: ClassVar[bool] = False

    def generate(self, request: Request) -> Response:
        data = _plain(request.data)
        file = data.pop("file", None)
        how = _how(data)
        target = get_object_or_404(self.model, pk=how["replaces_id"]) if how.get("replaces_id") else None
        language = getattr(target, "language", "") or current_organization().language
        options = {"by": request.user, "allow_embedded": how["allow_embedded"], "target": target}
        if file is not None:
            if not isinstance(file, UploadedFile):
                raise InvalidInput(details={"field": "file", "issue": _("Send the file as multipart/form-data.")})
            wish = checked(_FileWish, data, language=language)
            kind = self.kind if target is not None else self.kind_of_file
            begun = services.begin_from_file(
                kind=kind,
                wish=wish,
                file=file,
                name=str(file.name),
                detect_language="language" not in data and target is None,
                **options,
            )
            return self._later(begun)
        if self.takes_profile and "business" not in data:
            wish = checked(ProfileSerializer, data, language=language)
            begun = services.begin(kind=self.kind, source=Generation.Source.PROFILE, wish=wish, **options)
        else:
            wish = checked(BusinessWishSerializer, data, language=language)
            begun = services.begin(kind=self.kind, source=Generation.Source.BUSINESS, wish=wish, **options)
        if not how["wait"]:
            return self._later(begun)
        done = services.work_now(begun)
        return Response(self.made(done), status=status.HTTP_201_CREATED)

    def _later(self, begun: Generation) -> Response:
        make_drafts.delay(str(begun.pk))
        return Response(GenerationSerializer(begun).data, status=status.HTTP_202_ACCEPTED)

    def made(self, done: Generation) -> dict[str, Any]:
        """The draft, and under `generation` the job; for a proposal only the job with its changes."""
        job = dict(GenerationDetailSerializer(done).data)
        if done.is_proposal:
            return {"generation": job}
        return {**self.draft(done), "generation": job}

    def draft(self, done: Generation) -> dict[str, Any]:
        raise TypeError(type(self))


class _FileWish(WishSerializer):
    business = BusinessSerializer(required=False)
    branding = BrandingSerializer(required=False)


class _How(StrictSerializer, HowMixin):
    pass


def _plain(data: Mapping[str, Any] | list[Any]) -> dict[str, Any]:
    """The body as a dict; a form sends its nested parts as JSON."""
    if not isinstance(data, Mapping):
        raise InvalidInput(_("An object is needed here."))
    values = {str(name): data[name] for name in data}
    for name in ("business", "branding"):
        if isinstance(values.get(name), str):
            try:
                values[name] = json.loads(values[name])
            except ValueError:
                raise InvalidInput(details={"field": name, "issue": _("This is not JSON.")}) from None
    return values


def _how(data: dict[str, Any]) -> dict[str, Any]:
    """Takes what says how the work is done out of the body."""
    given = {name: data.pop(name) for name in HOW if name in data}
    return checked(_How, given, language="")


BODIES = {
    "application/json": PolymorphicProxySerializer(
        "GenerateFrom", [GenerateFromProfile, GenerateFromBusiness], resource_type_field_name=None
    ),
    "multipart/form-data": GenerateFromFile,
}
BUSINESS_BODIES = {"application/json": GenerateFromBusiness, "multipart/form-data": GenerateFromFile}


class GeneratedPersona(PersonaSerializer):
    generation = GenerationDetailSerializer(read_only=True)

    class Meta:
        model = Persona
        fields = (*PersonaSerializer.Meta.fields, "generation")


class GeneratedRubric(RubricSerializer):
    generation = GenerationDetailSerializer(read_only=True)

    class Meta:
        model = Rubric
        fields = (*RubricSerializer.Meta.fields, "generation")


class GeneratedScenario(ScenarioSerializer):
    persona = PersonaSerializer(read_only=True)
    generation = GenerationDetailSerializer(read_only=True)

    class Meta:
        model = Scenario
        fields = (*ScenarioSerializer.Meta.fields, "persona", "generation")


def answers(draft: type[BaseSerializer[Any]]) -> dict[int, Any]:
    return {
        201: draft,
        202: OpenApiResponse(GenerationSerializer, description="The job; follow its `url`."),
        502: OpenApiResponse(description="No language model answered, and `allow_embedded` was false."),
    }


class PersonaGenerate(GenerateView):
    kind = kind_of_file = Generation.Kind.PERSONA
    model = Persona
    takes_profile = True

    @extend_schema(request=BODIES, responses=answers(GeneratedPersona))
    def post(self, request: Request) -> Response:
        """A draft of a buyer: from a few words, from the business form, or from a playbook. Never published by itself."""
        return self.generate(request)

    def draft(self, done: Generation) -> dict[str, Any]:
        return dict(PersonaSerializer(done.persona).data)


class RubricGenerate(GenerateView):
    kind = kind_of_file = Generation.Kind.RUBRIC
    model = Rubric

    @extend_schema(request=BUSINESS_BODIES, responses=answers(GeneratedRubric))
    def post(self, request: Request) -> Response:
        """A draft of a rubric; what a playbook states becomes a criterion that is held against it."""
        return self.generate(request)

    def draft(self, done: Generation) -> dict[str, Any]:
        return dict(RubricSerializer(done.rubric).data)


class ScenarioGenerate(GenerateView):
    kind = Generation.Kind.SCENARIO
    kind_of_file = Generation.Kind.SET
    model = Scenario

    @extend_schema(request=BUSINESS_BODIES, responses=answers(GeneratedScenario))
    def post(self, request: Request) -> Response:
        """A draft of a scenario with its buyer; from a playbook with a rubric of its own, too."""
        return self.generate(request)

    def draft(self, done: Generation) -> dict[str, Any]:
        return {**ScenarioSerializer(done.scenario).data, "persona": PersonaSerializer(done.persona).data}


class GenerationList(generics.ListAPIView[Generation]):
    """Jobs, the newest first."""

    permission_classes = [IsMember, Needs.to(Action.AUTHOR)]
    serializer_class = GenerationSerializer
    queryset = Generation.objects.all()


class GenerationDetail(generics.RetrieveAPIView[Generation]):
    """One job: how far it is, what came of it, what is to be looked at, and where each statement comes from."""

    permission_classes = [IsMember, Needs.to(Action.AUTHOR)]
    serializer_class = GenerationDetailSerializer
    queryset = Generation.objects.select_related("persona", "gatekeeper", "rubric", "scenario")


class GenerationCancel(APIView):
    permission_classes = [IsMember, Needs.to(Action.AUTHOR)]

    @extend_schema(request=None, responses=GenerationSerializer)
    def post(self, request: Request, pk: Any) -> Response:
        """Stop a job. 409 where it is finished."""
        generation = get_object_or_404(Generation, pk=pk)
        services.cancel(generation=generation, by=request.user)
        return Response(GenerationSerializer(generation).data)


class GenerationAccept(APIView):
    permission_classes = [IsMember, Needs.to(Action.AUTHOR)]

    @extend_schema(request=AcceptSerializer, responses=GenerationDetailSerializer)
    def post(self, request: Request, pk: Any) -> Response:
        """Take proposed changes over into the draft, each by its `field`. What is published stays as it is."""
        generation = get_object_or_404(Generation, pk=pk)
        body = AcceptSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        proposals.accept(
            generation=generation,
            fields=body.validated_data["fields"],
            by=request.user,
            expected=body.validated_data.get("revision"),
        )
        return Response(GenerationDetailSerializer(Generation.objects.get(pk=pk)).data)
