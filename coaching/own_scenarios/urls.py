"""Pages of scenarios of one's own, below the organisation."""

from __future__ import annotations

from django.urls import path

from . import pages

app_name = "own"
urlpatterns = [
    path("configure/", pages.configure, name="configure"),
    path("configure/<uuid:own_id>/", pages.scenario, name="scenario"),
    path("configure/<uuid:own_id>/adopt/", pages.adopt, name="adopt"),
]
