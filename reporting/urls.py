"""Pages of this app, below the organisation. `home` stands alone: every other page and the sign-in lead there."""

from __future__ import annotations

from django.urls import include, path

from . import views

pages = [
    path("history/", views.history, name="history"),
    path("team/", views.team, name="team"),
    path("team/<uuid:user_id>/", views.person, name="person"),
]
urlpatterns = [
    path("", views.home, name="home"),
    path("", include((pages, "reporting"))),
]
