"""REST paths of uploaded calls, below `api/v1/`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from calls.uploads.api import views
from calls.uploads.api.content import ContentView
from calls.uploads.stream import UploadStreamView

urlpatterns: list[URLPattern | URLResolver] = [
    path("uploads/", views.UploadsView.as_view(), name="api-uploads"),
    path("uploads/rules/", views.RulesView.as_view(), name="api-upload-rules"),
    path("uploads/rules/<uuid:rule_id>/", views.RuleView.as_view(), name="api-upload-rule"),
    path("uploads/<uuid:upload_id>/", views.UploadDetailView.as_view(), name="api-upload"),
    path("uploads/<uuid:upload_id>/content/", ContentView.as_view(), name="api-upload-content"),
    path("uploads/<uuid:upload_id>/stream/", UploadStreamView.as_view(), name="api-upload-stream"),
    path("uploads/<uuid:upload_id>/segments/", views.PiecesView.as_view(), name="api-upload-segments"),
    path("uploads/<uuid:upload_id>/speakers/", views.SpeakersView.as_view(), name="api-upload-speakers"),
    path("uploads/<uuid:upload_id>/retry/", views.RetryView.as_view(), name="api-upload-retry"),
    path("uploads/<uuid:upload_id>/scenario/", views.DraftView.as_view(), name="api-upload-scenario"),
]
