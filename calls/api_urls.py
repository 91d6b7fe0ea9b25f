"""REST paths of this app, below `api/v1/`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from calls.api import branches, phone, speak, views
from calls.streams import CallStreamView
from calls.uploads.api.urls import urlpatterns as upload_urls

urlpatterns: list[URLPattern | URLResolver] = [
    path("calls/", views.CallsView.as_view(), name="api-calls"),
    path("calls/<uuid:call_id>/", views.CallDetailView.as_view(), name="api-call"),
    path("calls/<uuid:call_id>/start/", views.CallStartView.as_view(), name="api-call-start"),
    path("calls/<uuid:call_id>/end/", views.CallEndView.as_view(), name="api-call-end"),
    path("calls/<uuid:call_id>/transcript/", views.TranscriptView.as_view(), name="api-call-transcript"),
    path("calls/<uuid:call_id>/events/", views.EventsView.as_view(), name="api-call-events"),
    path("calls/<uuid:call_id>/stream/", CallStreamView.as_view(), name="api-call-stream"),
    path("calls/<uuid:call_id>/fork/", branches.ForkView.as_view(), name="api-call-fork"),
    path("calls/<uuid:call_id>/submit/", branches.SubmitView.as_view(), name="api-call-submit"),
    path("calls/<uuid:call_id>/speak/", speak.SpeakView.as_view(), name="api-call-speak"),
    path("stt/", speak.TranscribeView.as_view(), name="api-stt"),
    path("calls/<uuid:call_id>/phone/", phone.PhoneView.as_view(), name="api-call-phone"),
    path("calls/<uuid:call_id>/web-call/", phone.WebCallView.as_view(), name="api-call-web-call"),
    path("calls/<uuid:call_id>/recording/", views.RecordingView.as_view(), name="api-call-recording"),
    *upload_urls,
]
