"""Pages of this app, below the organisation."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from .pages import join, notices, people, profile, teams, welcome

app_name = "accounts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("join/<str:secret>/", join.join, name="join"),
    path("welcome/", welcome.welcome, name="welcome"),
    path("welcome/<int:step>/", welcome.welcome, name="welcome-step"),
    path("profile/", profile.profile, name="profile"),
    path("profile/consent/", profile.answer_consent, name="consent"),
    path("profile/tokens/", profile.make_token, name="token-make"),
    path("profile/tokens/<uuid:token_id>/revoke/", profile.revoke_token, name="token-revoke"),
    path("profile/export/", profile.export, name="export"),
    path("profile/export/<uuid:export_id>/my-data.zip", profile.export_file, name="export-file"),
    path("profile/leave/", profile.leave, name="leave"),
    path("notifications/", notices.notices, name="notices"),
    path("notifications/read/", notices.mark_all, name="notices-read"),
    path("notifications/preferences/", notices.notice_preferences, name="notice-preferences"),
    path("notifications/unsubscribe/<str:token>/", notices.unsubscribe, name="unsubscribe"),
    path("notifications/<uuid:notice_id>/", notices.notice, name="notice"),
    path("notifications/<uuid:notice_id>/read/", notices.mark, name="notice-read"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/invite/sheet/", people.invite_by_sheet, name="invite-sheet"),
    path("people/invitations/<uuid:invitation_id>/", people.change_invitation, name="invitation"),
    path("people/<uuid:member_id>/", people.change_member, name="member"),
    path("people/teams/", teams.teams, name="teams"),
    path("people/teams/<uuid:team_id>/", teams.team, name="team"),
    path("people/teams/<uuid:team_id>/seats/", teams.change_seat, name="seat"),
    path("people/teams/<uuid:team_id>/delete/", teams.delete_team, name="team-delete"),
]
