"""REST paths of this app, below `api/v1/`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from scoring.api import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("calls/<uuid:call_id>/score/", views.ScoreView.as_view(), name="api-call-score"),
    path("calls/<uuid:call_id>/analyze/", views.AnalyzeView.as_view(), name="api-call-analyze"),
]
