"""REST paths of this app, below `api/v1/`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from .api import people, profile, tokens

urlpatterns: list[URLPattern | URLResolver] = [
    path("auth/token/", tokens.TokenView.as_view(), name="api-token"),
    path("auth/tokens/", tokens.TokensView.as_view(), name="api-tokens"),
    path("auth/tokens/<uuid:token_id>/", tokens.TokenDetailView.as_view(), name="api-token-detail"),
    path("user/profile/", profile.ProfileView.as_view(), name="api-profile"),
    path("user/onboarding/", profile.OnboardingView.as_view(), name="api-onboarding"),
    path("user/consents/", profile.ConsentsView.as_view(), name="api-consents"),
    path("user/export/", profile.ExportView.as_view(), name="api-user-export"),
    path("user/export/<uuid:export_id>/", profile.ExportDetailView.as_view(), name="api-user-export-detail"),
    path("user/delete/", profile.DeleteView.as_view(), name="api-user-delete"),
    path("members/", people.MembersView.as_view(), name="api-members"),
    path("members/<uuid:member_id>/", people.MemberView.as_view(), name="api-member"),
    path("invitations/sheet/", people.InvitationSheetView.as_view(), name="api-invitation-sheet"),
    path("invitations/", people.InvitationsView.as_view(), name="api-invitations"),
    path("invitations/<uuid:invitation_id>/", people.InvitationView.as_view(), name="api-invitation"),
    path("teams/", people.TeamsView.as_view(), name="api-teams"),
    path("teams/<uuid:team_id>/", people.TeamView.as_view(), name="api-team"),
    path("teams/<uuid:team_id>/members/", people.SeatsView.as_view(), name="api-team-members"),
    path("teams/<uuid:team_id>/members/<uuid:user_id>/", people.SeatView.as_view(), name="api-team-member"),
]
