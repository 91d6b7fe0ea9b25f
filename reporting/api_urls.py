"""REST paths of this app, below `api/v1/`."""

from __future__ import annotations

from django.urls import path

from .api import ProgressView

urlpatterns = [path("user/progress/", ProgressView.as_view(), name="api-progress")]
