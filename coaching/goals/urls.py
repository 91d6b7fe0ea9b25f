"""Pages of goals, below the organisation."""

from __future__ import annotations

from django.urls import path

from . import pages

app_name = "goals"
urlpatterns = [
    path("goals/", pages.index, name="goals"),
    path("goals/days/", pages.days, name="days"),
    path("goals/new/<str:kind>/", pages.new, name="new"),
    path("goals/<uuid:goal_id>/", pages.detail, name="goal"),
    path("team/<uuid:user_id>/goals/", pages.of_person, name="of-person"),
]
