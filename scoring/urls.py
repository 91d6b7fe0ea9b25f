"""Pages of this app, below the organisation."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "scoring"
urlpatterns = [
    path("calls/<uuid:call_id>/debrief/", views.debrief, name="debrief"),
    path("calls/<uuid:call_id>/debrief/body/", views.debrief_body, name="debrief-body"),
    path("calls/<uuid:call_id>/compare/", views.comparison, name="compare"),
    path("calls/<uuid:call_id>/replay/", views.replay, name="replay"),
    path("resultado/<uuid:call_id>/", views.debrief, name="resultado"),
]
