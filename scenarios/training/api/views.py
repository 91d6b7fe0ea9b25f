"""`tracks/`, `programs/`, `assignments/`: authors write tracks and programs, who coaches assigns, everybody reads what is
published or asked of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters as filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsMember, Needs, organization_of
from accounts.idempotency import IdempotentCreateMixin
from accounts.memberships import member_ids
from accounts.models import User
from accounts.people.models import Team
from accounts.roles import Action
from scenarios.api.filters import AuthoredFilter
from scenarios.api.views import AuthoredDetail, AuthoredList, AuthoredPublish, documented
from scenarios.models import Scenario
from scenarios.training import assigning, blueprints, publishing, sheets
from scenarios.training.models import Assignment, Program, ProgramVersion, Track, TrackVersion
from scenarios.training.serializers import (
    AssignedSerializer,
    AssignmentSerializer,
    AssignSerializer,
    BlueprintSerializer,
    ProgramSerializer,
    PublicProgramSerializer,
    PublicTrackSerializer,
    SheetReportSerializer,
    SheetSerializer,
    TermsSerializer,
    TrackSerializer,
)
from tenants.api.etags import EntityTagMixin
from tenants.context import current_organization
from tenants.errors import InvalidInput


class TrackFilter(AuthoredFilter):
    searched = ("title", "summary", "key")
    key = filters.CharFilter()

    class Meta:
        model = Track
        fields: tuple[str, ...] = ()


class ProgramFilter(AuthoredFilter):
    searched = ("title", "summary", "key")
    key = filters.CharFilter()

    class Meta:
        model = Program
        fields: tuple[str, ...] = ()


class TrackMixin:
    model = Track
    version_model = TrackVersion
    author_serializer = TrackSerializer
    reader_serializer = PublicTrackSerializer
    filterset_class = TrackFilter
    publish = staticmethod(publishing.publish_track)


class ProgramMixin:
    model = Program
    version_model = ProgramVersion
    author_serializer = ProgramSerializer
    reader_serializer = PublicProgramSerializer
    filterset_class = ProgramFilter
    publish = staticmethod(publishing.publish_program)


class TrackList(TrackMixin, AuthoredList): ...


class TrackDetail(TrackMixin, AuthoredDetail): ...


class TrackPublish(TrackMixin, AuthoredPublish): ...


class ProgramList(ProgramMixin, AuthoredList): ...


class ProgramDetail(ProgramMixin, AuthoredDetail): ...


class ProgramPublish(ProgramMixin, AuthoredPublish): ...


for _views, _name, _author, _reader in (
    ((TrackList, TrackDetail, TrackPublish), "TrackForReader", TrackSerializer, PublicTrackSerializer),
    ((ProgramList, ProgramDetail, ProgramPublish), "ProgramForReader", ProgramSerializer, PublicProgramSerializer),
):
    for _view in _views:
        documented(_view, _name, _author, _reader)


class BlueprintList(APIView):
    permission_classes = [IsMember, Needs.to(Action.AUTHOR)]

    @extend_schema(responses=BlueprintSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The programs that come with Parley, in the organisation's language."""
        found = blueprints.in_language(organization_of(request).language)
        return Response(BlueprintSerializer(found, many=True).data)


class BlueprintCopy(IdempotentCreateMixin, APIView):
    permission_classes = [IsMember, Needs.to(Action.AUTHOR)]

    @extend_schema(request=None, responses={201: ProgramSerializer})
    def post(self, request: Request, key: str) -> Response:
        """Copy a program that comes with Parley, with its tracks, as drafts of this organisation's own."""
        program = blueprints.copy(key=key, language=organization_of(request).language)
        return Response(ProgramSerializer(program).data, status=status.HTTP_201_CREATED)


class AssignmentFilter(filters.FilterSet):
    track_id = filters.UUIDFilter()
    scenario_id = filters.UUIDFilter()
    program_id = filters.UUIDFilter()
    team_id = filters.UUIDFilter()
    user_id = filters.UUIDFilter()
    due_before = filters.DateFilter(field_name="due_on", lookup_expr="lt")
    due_after = filters.DateFilter(field_name="due_on", lookup_expr="gte")
    withdrawn = filters.BooleanFilter(field_name="withdrawn_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Assignment
        fields: tuple[str, ...] = ()


class AssignmentView(generics.GenericAPIView[Assignment]):
    permission_classes = [IsMember, Needs.to(Action.ASSIGN, reading_is_free=True)]
    serializer_class = AssignmentSerializer
    filterset_class = AssignmentFilter

    def get_queryset(self) -> QuerySet[Assignment]:
        if getattr(self, "swagger_fake_view", False):
            return Assignment.objects.none()
        rows: QuerySet[Assignment] = assigning.assignments_seen_by(self.request.user)
        return rows


class AssignmentList(IdempotentCreateMixin, AssignmentView, generics.ListAPIView[Assignment]):
    """Own assignments; for who assigns, those of their people and teams."""

    @extend_schema(request=AssignSerializer, responses={201: AssignedSerializer, 200: AssignedSerializer})
    def post(self, request: Request) -> Response:
        """Assign a track, a program or a scenario. 200 where it was asked for before: then its terms change."""
        body = AssignSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        terms = assigning.Terms(*(wanted.get(name) for name in ("due_on", "attempts", "repeat_months")))
        done = assigning.assign(subject=subject_of(wanted), target=target_of(wanted), terms=terms, actor=request.user)
        first, *others = done.assignments
        answer = {
            **AssignmentSerializer(first).data,
            "created": done.created,
            "with_ids": [str(other.pk) for other in others],
        }
        return Response(answer, status=status.HTTP_201_CREATED if done.created else status.HTTP_200_OK)


class AssignmentDetail(EntityTagMixin, AssignmentView, generics.RetrieveAPIView[Assignment]):
    @extend_schema(request=TermsSerializer, responses=AssignmentSerializer)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Change the day, the attempts or the rhythm."""
        body = TermsSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        row = assigning.change(assignment=self.get_object(), values=body.validated_data, actor=request.user)
        return Response(AssignmentSerializer(row).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Withdraw it: it is asked no longer, and what was done stays done."""
        assigning.withdraw(assignment=self.get_object(), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AssignmentSheet(IdempotentCreateMixin, APIView):
    permission_classes = [IsMember, Needs.to(Action.ASSIGN)]

    @extend_schema(request=SheetSerializer, responses=SheetReportSerializer)
    def post(self, request: Request) -> Response:
        """Assign by a sheet (CSV). A line that is refused does not hold up the others; a dry run says what would happen."""
        body = SheetSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        report = sheets.run(wanted["csv"], actor=request.user, dry_run=wanted["dry_run"])
        return Response(SheetReportSerializer(report).data)


SUBJECTS: dict[str, Any] = {"track_id": Track, "program_id": Program, "scenario_id": Scenario}


def subject_of(wanted: dict[str, Any]) -> assigning.Subject:
    """Raises `InvalidInput` for an id that is nobody's."""
    name = next(name for name in SUBJECTS if name in wanted)
    found: assigning.Subject | None = SUBJECTS[name].objects.filter(pk=wanted[name]).first()
    if found is None:
        raise InvalidInput(details={"field": name, "issue": "not found"})
    return found


def target_of(wanted: dict[str, Any]) -> assigning.Target:
    """Raises `InvalidInput` for a person or team that is not here; strangers and nobody look alike."""
    found: assigning.Target | None
    if "team_id" in wanted:
        name, found = "team_id", Team.objects.filter(pk=wanted["team_id"]).first()
    else:
        name = "user_id" if "user_id" in wanted else "email"
        people: Any = {"pk": wanted["user_id"]} if name == "user_id" else {"email__iexact": wanted["email"]}
        found = User.objects.filter(pk__in=member_ids(current_organization()), **people).first()
    if found is None:
        raise InvalidInput(details={"field": name, "issue": "not found"})
    return found
