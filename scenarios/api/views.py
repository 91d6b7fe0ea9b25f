"""`personas/`, `rubrics/`, `scenarios/`: lists, one of them, publishing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema, extend_schema_view
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from accounts.authentication import IsMember, Needs, organization_of
from accounts.idempotency import IdempotentCreateMixin
from accounts.memberships import may
from accounts.people import audit
from accounts.roles import Action
from scenarios import authoring, gates, publishing
from scenarios.models import (
    Persona,
    PersonaVersion,
    Rubric,
    RubricVersion,
    Scenario,
    ScenarioVersion,
    Status,
)
from scenarios.models.versions import Version, WorkingCopy
from scenarios.serializers import AuthoredSerializer, PersonaSerializer, RubricSerializer, ScenarioSerializer
from tenants.api.etags import EntityTagMixin, entity_tag
from tenants.api.serializers import StrictSerializer

from .filters import PersonaFilter, RubricFilter, ScenarioFilter
from .public import PracticeSerializer, PublicPersonaSerializer, PublicRubricSerializer


class AuthoredView(generics.GenericAPIView[Any]):
    """One kind of authored content. Reading is for members, writing for authors."""

    permission_classes = [IsMember, Needs.to(Action.AUTHOR, reading_is_free=True)]
    model: ClassVar[type[WorkingCopy]]
    version_model: ClassVar[type[Version]]
    version_related: ClassVar[tuple[str, ...]] = ()
    author_serializer: ClassVar[type[AuthoredSerializer]]
    reader_serializer: ClassVar[type[BaseSerializer]]
    publish: ClassVar[Callable[..., Version]]

    def is_author(self) -> bool:
        return may(self.request.user, organization_of(self.request), Action.AUTHOR)

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):  # the schema is described outside of any organisation
            return self.model._default_manager.none()
        versions = self.version_model._default_manager.filter(status=Status.PUBLISHED)
        queryset = self.model._default_manager.all()
        if self.is_author():
            # An author's list shows the number of a version, never its content.
            versions = versions.defer("content")
            queryset = queryset.prefetch_related(*self.author_serializer.children)
        else:
            versions = versions.select_related(*self.version_related) if self.version_related else versions
            queryset = queryset.filter(status=Status.PUBLISHED)
        return queryset.prefetch_related(Prefetch("versions", queryset=versions))

    def get_serializer_class(self) -> type[BaseSerializer]:
        return self.author_serializer if self.is_author() else self.reader_serializer

    def written(self, item: WorkingCopy) -> dict[str, Any]:
        """The answer to a write: the row as a fresh read gives it."""
        fresh = self.get_queryset().get(pk=item.pk)
        return dict(self.author_serializer(fresh, context=self.get_serializer_context()).data)


class AuthoredList(IdempotentCreateMixin, AuthoredView, generics.ListAPIView[Any]):
    def post(self, request: Request) -> Response:
        serializer = self.author_serializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        item = authoring.create(model=self.model, values=serializer.validated_data, children=serializer.children)
        return Response(self.written(item), status=status.HTTP_201_CREATED)


class AuthoredDetail(EntityTagMixin, AuthoredView, generics.RetrieveAPIView[Any]):
    """`If-Match` on PATCH refuses to overwrite what somebody else saved since the read (412)."""

    def patch(self, request: Request, pk: Any) -> Response:
        item = self.get_object()
        self._refuse_stale(request, item)
        serializer = self.author_serializer(
            item, data=request.data, partial=True, context=self.get_serializer_context()
        )
        serializer.is_valid(raise_exception=True)
        item = authoring.update(
            item=item, values=serializer.validated_data, children=serializer.children, expected=item.revision
        )
        return Response(self.written(item))

    def delete(self, request: Request, pk: Any) -> Response:
        item = self.get_object()
        self._refuse_stale(request, item)
        authoring.discard(item=item)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _refuse_stale(self, request: Request, item: WorkingCopy) -> None:
        wanted = [part.strip() for part in request.headers.get("if-match", "").split(",") if part.strip()]
        if wanted and "*" not in wanted and entity_tag(self.get_serializer(item).data) not in wanted:
            raise authoring.ChangedMeanwhile()


class PublishSerializer(StrictSerializer):
    without_impact = serializers.CharField(
        max_length=300,
        required=False,
        help_text="Why a rubric is changed though nobody has tried the draft on the calls that it scored; it is kept in the "
        "audit trail. Without it such a change is refused (409) until a preview of it is done: `rubrics/{id}/impact/`.",
    )


class AuthoredPublish(IdempotentCreateMixin, AuthoredView):
    """Freeze the working copy as its next version. 400 `NOT_READY` names every field that is in the way."""

    permission_classes = [IsMember, Needs.to(Action.AUTHOR)]

    def post(self, request: Request, pk: Any) -> Response:
        item = self.get_object()
        rubric = item.rubric if isinstance(item, Scenario) else item
        with transaction.atomic():
            if isinstance(rubric, Rubric):
                self._refuse_unseen(request, rubric)
            type(self).publish(**{item._meta.model_name: item}, author=request.user)
        return Response(self.written(item))

    @staticmethod
    def _refuse_unseen(request: Request, rubric: Rubric) -> None:
        """Also where a scenario takes its rubric along. Raises `GateClosed`."""
        body = PublishSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            gates.refuse_unseen(rubric)
        except gates.GateClosed:
            if not (why := body.validated_data.get("without_impact")):
                raise
            audit.record(request.user, "rubric.published_unseen", rubric, reason=why)


def either(name: str, author: Any, reader: Any, *, many: bool = False) -> PolymorphicProxySerializer:
    """Documents that the answer depends on who asks."""
    return PolymorphicProxySerializer(name, [author, reader], resource_type_field_name=None, many=many)


def documented(view: type[APIView], name: str, author: Any, reader: Any) -> None:
    """The OpenAPI description of one view, by the verbs it has."""
    one = either(name, author, reader)
    verbs: dict[str, Any] = {}
    if issubclass(view, AuthoredList):
        verbs["get"] = extend_schema(
            description="Authors see every working copy, everybody else what is published.",
            responses=either(f"{name}Item", author, reader, many=True),
        )
        verbs["post"] = extend_schema(description="A new draft, for authors.", request=author, responses={201: author})
    elif issubclass(view, AuthoredDetail):
        verbs["get"] = extend_schema(description="One of them; who does not author reads its version.", responses=one)
        verbs["patch"] = extend_schema(
            description="Change what is named; lists are replaced whole. `If-Match` refuses a stale change with 412.",
            request=author,
            responses=author,
        )
        verbs["delete"] = extend_schema(
            description="Delete a draft that nothing points at; archive anything else.", responses={204: None}
        )
    else:
        verbs["post"] = extend_schema(
            description="Freeze it as the next version. 400 `NOT_READY` names every field that is in the way.",
            request=PublishSerializer if author in {RubricSerializer, ScenarioSerializer} else None,
            responses=author,
        )
    extend_schema_view(**verbs)(view)


class PersonaMixin:
    model = Persona
    version_model = PersonaVersion
    author_serializer = PersonaSerializer
    reader_serializer = PublicPersonaSerializer
    filterset_class = PersonaFilter
    publish = staticmethod(publishing.publish_persona)


class RubricMixin:
    model = Rubric
    version_model = RubricVersion
    author_serializer = RubricSerializer
    reader_serializer = PublicRubricSerializer
    filterset_class = RubricFilter
    publish = staticmethod(publishing.publish_rubric)


class ScenarioMixin:
    model = Scenario
    version_model = ScenarioVersion
    version_related = ("persona_version",)
    author_serializer = ScenarioSerializer
    reader_serializer = PracticeSerializer
    filterset_class = ScenarioFilter
    publish = staticmethod(publishing.publish_scenario)


class PersonaList(PersonaMixin, AuthoredList): ...


class PersonaDetail(PersonaMixin, AuthoredDetail): ...


class PersonaPublish(PersonaMixin, AuthoredPublish): ...


class RubricList(RubricMixin, AuthoredList): ...


class RubricDetail(RubricMixin, AuthoredDetail): ...


class RubricPublish(RubricMixin, AuthoredPublish): ...


class ScenarioList(ScenarioMixin, AuthoredList): ...


class ScenarioDetail(ScenarioMixin, AuthoredDetail): ...


class ScenarioPublish(ScenarioMixin, AuthoredPublish): ...


for _views, _name, _author, _reader in (
    ((PersonaList, PersonaDetail, PersonaPublish), "PersonaForReader", PersonaSerializer, PublicPersonaSerializer),
    ((RubricList, RubricDetail, RubricPublish), "RubricForReader", RubricSerializer, PublicRubricSerializer),
    ((ScenarioList, ScenarioDetail, ScenarioPublish), "ScenarioForReader", ScenarioSerializer, PracticeSerializer),
):
    for _view in _views:
        documented(_view, _name, _author, _reader)
