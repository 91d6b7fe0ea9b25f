"""Pages of this app, below the organisation."""

from __future__ import annotations

from django.urls import path, re_path

from . import branch_views, knowledge_tool, phone_views, playback, policy, views, void_views, watch_views
from .uploads import pages as uploads

app_name = "calls"
urlpatterns = [
    path("practice/", views.practice, name="practice"),
    path("practice/<uuid:scenario_id>/", views.prepare, name="prepare"),
    path("practice/<uuid:scenario_id>/phone/", phone_views.ask, name="phone-ask"),
    path("calls/<uuid:call_id>/", views.room, name="room"),
    path("calls/<uuid:call_id>/phone/", phone_views.watch, name="phone"),
    path("calls/<uuid:call_id>/phone/end/", phone_views.put_down, name="phone-end"),
    path("practice/policy/", policy.policy, name="policy"),
    path("uploads/", uploads.index, name="uploads"),
    path("uploads/rules/", uploads.rules_page, name="upload-rules"),
    path("uploads/rules/<uuid:rule_id>/", uploads.rule, name="upload-rule"),
    path("uploads/<uuid:upload_id>/", uploads.detail, name="upload"),
    path("uploads/<uuid:upload_id>/body/", uploads.body, name="upload-body"),
    path("uploads/<uuid:upload_id>/sound.mp3", uploads.sound, name="upload-sound"),
    path("uploads/<uuid:upload_id>/speakers/", uploads.name_speakers, name="upload-speakers"),
    path("uploads/<uuid:upload_id>/do/", uploads.act, name="upload-do"),
    path("live/", watch_views.live, name="live"),
    path("live/count/", watch_views.live_count, name="live-count"),
    path("calls/<uuid:call_id>/observe/", watch_views.observe, name="observe"),
    path("calls/<uuid:call_id>/redo/", branch_views.redo, name="redo"),
    path("calls/<uuid:call_id>/submit/", branch_views.submit, name="submit"),
    path("calls/<uuid:call_id>/draft/", branch_views.draft, name="draft"),
    path("calls/<uuid:call_id>/attempt/", void_views.decide, name="attempt"),
    path("recordings/<uuid:call_id>/audio.mp3", playback.recording, name="recording"),
    path("transcripts/<uuid:call_id>/transcript.<str:extension>", playback.transcript, name="transcript-file"),
    # Asked by a vendor's agent in mid-call; with or without a slash at the end, as vendors' forms have it.
    re_path(r"^api/vapi/tools/knowledge-base/?$", knowledge_tool.knowledge_base, name="knowledge-tool"),
]
