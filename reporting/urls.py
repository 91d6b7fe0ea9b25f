"""Pages of this app, below the organisation. `home` stands alone: every other page and the sign-in lead there."""

from __future__ import annotations

from django.urls import include, path

from . import views

pages = [
    path("history/", views.history, name="history"),
    path("skills/", views.skills, name="skills"),
    path("team/", views.team, name="team"),
    path("team/<uuid:user_id>/", views.person, name="person"),
    path("team/<uuid:user_id>/skills/", views.person_skills, name="person-skills"),
]
urlpatterns = [
    path("", views.home, name="home"),
    path("", include((pages, "reporting"))),
]
