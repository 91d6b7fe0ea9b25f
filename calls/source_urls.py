"""The paths that the voice-training tools before Parley used, kept as thin aliases."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
