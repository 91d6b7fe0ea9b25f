"""`members/`, `invitations/` and `teams/`: who belongs to the organisation, as what, and with whom."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import IsMember, Needs, organization_of
from accounts.idempotency import IdempotentCreateMixin
from accounts.memberships import may, role_of
from accounts.models import Membership, User
from accounts.people import invitations, members, sheets, teams
from accounts.people.models import Invitation, Team, TeamMembership
from accounts.roles import Action
from accounts.scoping import visible_user_ids
from tenants.api.etags import EntityTagMixin
from tenants.api.serializers import RefusesUnknownFields, StrictSerializer
from tenants.errors import InvalidInput, NotFound
from tenants.sheets import LARGEST

# Reading takes a team to see, writing the right to manage people.
TEAM_PERMISSIONS: list[Any] = [
    IsMember,
    Needs.to(Action.SEE_TEAM),
    Needs.to(Action.MANAGE_PEOPLE, reading_is_free=True),
]


class TeamOfMemberSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="team_id")
    name = serializers.CharField(source="team.name")
    is_manager = serializers.BooleanField()


class MemberSerializer(serializers.ModelSerializer[Membership]):
    user_id = serializers.UUIDField(read_only=True)
    email = serializers.EmailField(source="user.email", read_only=True)
    full_name = serializers.CharField(source="user.full_name", read_only=True)
    teams = serializers.SerializerMethodField()

    class Meta:
        model = Membership
        fields = ("id", "user_id", "email", "full_name", "role", "is_active", "teams", "created_at")
        read_only_fields = ("id", "created_at")

    def get_teams(self, membership: Membership) -> list[dict[str, Any]]:
        return list(TeamOfMemberSerializer(self.context["seats"].get(membership.user_id, []), many=True).data)


class MemberChangeSerializer(StrictSerializer):
    role = serializers.CharField(required=False, help_text="owner, admin, manager (or trainer), trainee (or client)")
    is_active = serializers.BooleanField(required=False)


class InvitationSerializer(RefusesUnknownFields, serializers.ModelSerializer[Invitation]):
    role = serializers.CharField()
    team_id = serializers.UUIDField(required=False, allow_null=True)

    class Meta:
        model = Invitation
        fields = ("id", "email", "role", "team_id", "created_at", "expires_at")
        read_only_fields = ("id", "created_at", "expires_at")
        validators: list[Any] = []  # one open invitation an address: the service says so, with a 409


class InvitationSheetSerializer(StrictSerializer):
    csv = serializers.CharField(
        max_length=LARGEST,
        trim_whitespace=False,
        help_text="The sheet's text. Its head names the columns: email, role, team.",
    )
    dry_run = serializers.BooleanField(default=True, help_text="Say what would happen, and do nothing.")


class InvitationLineSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="The line in the sheet; its head is line 1.")
    email = serializers.CharField()
    role = serializers.CharField()
    team = serializers.CharField()
    outcome = serializers.ChoiceField(choices=sheets.OUTCOMES)
    message = serializers.CharField()


class InvitationReportSerializer(serializers.Serializer[Any]):
    dry_run = serializers.BooleanField()
    invited = serializers.IntegerField()
    refused = serializers.IntegerField()
    lines = InvitationLineSerializer(many=True)


class SeatSerializer(RefusesUnknownFields, serializers.ModelSerializer[TeamMembership]):
    user_id = serializers.UUIDField()
    full_name = serializers.CharField(source="user.full_name", read_only=True)
    email = serializers.EmailField(source="user.email", read_only=True)
    is_manager = serializers.BooleanField(required=False, default=False)

    class Meta:
        model = TeamMembership
        fields = ("user_id", "full_name", "email", "is_manager")


class TeamSerializer(RefusesUnknownFields, serializers.ModelSerializer[Team]):
    name = serializers.CharField(max_length=120)
    members = SeatSerializer(source="memberships", many=True, read_only=True)

    class Meta:
        model = Team
        fields = ("id", "name", "members", "created_at")
        read_only_fields = ("id", "created_at")


def seats_by_user(user_ids: list[Any]) -> dict[Any, list[TeamMembership]]:
    """The teams of each of these people, in one query."""
    seats: dict[Any, list[TeamMembership]] = {}
    for seat in TeamMembership.objects.filter(user_id__in=user_ids).select_related("team").order_by("team__name"):
        seats.setdefault(seat.user_id, []).append(seat)
    return seats


def invite(request: Request) -> Response:
    form = InvitationSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    data = form.validated_data
    team = None
    if data.get("team_id"):
        team = Team.objects.filter(pk=data["team_id"]).first()
        if team is None:
            raise InvalidInput(details={"field": "team_id", "issue": _("There is no such team.")})
    invitation = invitations.invite(email=data["email"], role=data["role"], team=team, actor=request.user)
    return Response(InvitationSerializer(invitation).data, status=status.HTTP_201_CREATED)


class MembersView(IdempotentCreateMixin, ListAPIView[Membership]):
    """Members, to those who see a team: managers their own people, admins and owners everybody. POST invites one."""

    permission_classes = TEAM_PERMISSIONS
    serializer_class = MemberSerializer
    queryset = Membership.objects.none()

    def get_queryset(self) -> QuerySet[Membership]:
        return visible_members(self.request)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page: list[Membership] = self.paginate_queryset(self.get_queryset()) or []
        seats = seats_by_user([membership.user_id for membership in page])
        return self.get_paginated_response(MemberSerializer(page, many=True, context={"seats": seats}).data)

    @extend_schema(request=InvitationSerializer, responses={201: InvitationSerializer})
    def post(self, request: Request) -> Response:
        return invite(request)


class MemberView(EntityTagMixin, APIView):
    """One member. DELETE closes the organisation to them; their work stays."""

    permission_classes = [IsMember, Needs.to(Action.SEE_TEAM)]

    def _get(self, request: Request, member_id: UUID) -> Membership:
        membership = visible_members(request).filter(pk=member_id).first()
        if membership is None:
            raise NotFound()
        return membership

    def _answer(self, membership: Membership) -> Response:
        seats = seats_by_user([membership.user_id])
        return Response(MemberSerializer(membership, context={"seats": seats}).data)

    @extend_schema(responses=MemberSerializer)
    def get(self, request: Request, member_id: UUID) -> Response:
        return self._answer(self._get(request, member_id))

    @extend_schema(request=MemberChangeSerializer, responses=MemberSerializer)
    def patch(self, request: Request, member_id: UUID) -> Response:
        membership = self._get(request, member_id)
        form = MemberChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        membership = members.change(membership=membership, actor=request.user, **form.validated_data)
        return self._answer(membership)

    @extend_schema(responses={204: OpenApiResponse(description="No longer a member.")})
    def delete(self, request: Request, member_id: UUID) -> Response:
        members.deactivate(membership=self._get(request, member_id), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def visible_members(request: Request) -> QuerySet[Membership]:
    organization = organization_of(request)
    found = members.members_of(organization)
    ids = visible_user_ids(request.user, role_of(request.user, organization))
    return found if ids is None else found.filter(user_id__in=ids, is_active=True)


class InvitationsView(IdempotentCreateMixin, ListAPIView[Invitation]):
    """Open invitations; POST invites somebody by e-mail."""

    permission_classes = [IsMember, Needs.to(Action.MANAGE_PEOPLE)]
    serializer_class = InvitationSerializer
    queryset = Invitation.objects.none()

    def get_queryset(self) -> QuerySet[Invitation]:
        return Invitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True)

    @extend_schema(request=InvitationSerializer, responses={201: InvitationSerializer})
    def post(self, request: Request) -> Response:
        return invite(request)


class InvitationSheetView(IdempotentCreateMixin, APIView):
    permission_classes = [IsMember, Needs.to(Action.MANAGE_PEOPLE)]

    @extend_schema(
        operation_id="invitations_sheet", request=InvitationSheetSerializer, responses=InvitationReportSerializer
    )
    def post(self, request: Request) -> Response:
        """Invite by a sheet (CSV). A line that is refused does not hold up the others; a dry run says what would happen."""
        body = InvitationSheetSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        report = sheets.run(wanted["csv"], actor=request.user, dry_run=wanted["dry_run"])
        return Response(InvitationReportSerializer(report).data)


class InvitationView(APIView):
    """POST sends the mail again with a new link, DELETE withdraws the invitation."""

    permission_classes = [IsMember, Needs.to(Action.MANAGE_PEOPLE)]

    def _get(self, invitation_id: UUID) -> Invitation:
        invitation = Invitation.objects.filter(pk=invitation_id).first()
        if invitation is None:
            raise NotFound()
        return invitation

    @extend_schema(operation_id="invitations_resend", request=None, responses=InvitationSerializer)
    def post(self, request: Request, invitation_id: UUID) -> Response:
        invitation = invitations.resend(invitation=self._get(invitation_id), actor=request.user)
        return Response(InvitationSerializer(invitation).data)

    @extend_schema(responses={204: OpenApiResponse(description="Withdrawn.")})
    def delete(self, request: Request, invitation_id: UUID) -> Response:
        invitations.revoke(invitation=self._get(invitation_id), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def visible_teams(request: Request) -> QuerySet[Team]:
    """Every team for those who manage people, else the teams that one manages."""
    found = Team.objects.prefetch_related(
        Prefetch(
            "memberships", TeamMembership.objects.select_related("user").order_by("-is_manager", "user__full_name")
        )
    )
    if may(request.user, organization_of(request), Action.MANAGE_PEOPLE):
        return found
    return found.filter(
        pk__in=TeamMembership.objects.filter(user_id=request.user.pk, is_manager=True).values("team_id")
    )


def one_team(request: Request, team_id: UUID) -> Team:
    team = visible_teams(request).filter(pk=team_id).first()
    if team is None:
        raise NotFound()
    return team


class TeamsView(IdempotentCreateMixin, ListAPIView[Team]):
    permission_classes = TEAM_PERMISSIONS
    serializer_class = TeamSerializer
    queryset = Team.objects.none()

    def get_queryset(self) -> QuerySet[Team]:
        return visible_teams(self.request)

    @extend_schema(request=TeamSerializer, responses={201: TeamSerializer})
    def post(self, request: Request) -> Response:
        form = TeamSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        team = teams.create_team(name=form.validated_data["name"], actor=request.user)
        return Response(TeamSerializer(team).data, status=status.HTTP_201_CREATED)


class TeamView(EntityTagMixin, APIView):
    permission_classes = TEAM_PERMISSIONS

    @extend_schema(responses=TeamSerializer)
    def get(self, request: Request, team_id: UUID) -> Response:
        return Response(TeamSerializer(one_team(request, team_id)).data)

    @extend_schema(request=TeamSerializer, responses=TeamSerializer)
    def patch(self, request: Request, team_id: UUID) -> Response:
        team = one_team(request, team_id)
        form = TeamSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        if "name" in form.validated_data:
            teams.rename_team(team=team, name=form.validated_data["name"], actor=request.user)
        return Response(TeamSerializer(one_team(request, team_id)).data)

    @extend_schema(responses={204: OpenApiResponse(description="Dissolved.")})
    def delete(self, request: Request, team_id: UUID) -> Response:
        teams.delete_team(team=one_team(request, team_id), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SeatsView(APIView):
    """POST puts a member into the team, or changes whether they manage it."""

    permission_classes = TEAM_PERMISSIONS

    @extend_schema(request=SeatSerializer, responses=TeamSerializer)
    def post(self, request: Request, team_id: UUID) -> Response:
        team = one_team(request, team_id)
        form = SeatSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = User.objects.filter(pk=form.validated_data["user_id"]).first()
        if user is None:
            raise InvalidInput(details={"field": "user_id", "issue": _("This person is not a member here.")})
        teams.put_member(
            team=team, user=user, is_manager=form.validated_data.get("is_manager", False), actor=request.user
        )
        return Response(TeamSerializer(one_team(request, team_id)).data)


class SeatView(APIView):
    permission_classes = TEAM_PERMISSIONS

    @extend_schema(responses={204: OpenApiResponse(description="No longer in the team.")})
    def delete(self, request: Request, team_id: UUID, user_id: UUID) -> Response:
        seat = TeamMembership.objects.select_related("user", "team").filter(
            team=one_team(request, team_id), user_id=user_id
        )
        found = seat.first()
        if found is None:
            raise NotFound()
        teams.remove_member(team=found.team, user=found.user, actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
