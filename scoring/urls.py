"""Pages of this app, below the organisation."""

from __future__ import annotations

from django.urls import path

from . import appeal_views, comment_views, review_views, run_views, views
from .calibration import views as calibration

app_name = "scoring"
urlpatterns = [
    path("calls/<uuid:call_id>/debrief/", views.debrief, name="debrief"),
    path("calls/<uuid:call_id>/debrief/body/", views.debrief_body, name="debrief-body"),
    path("calls/<uuid:call_id>/compare/", views.comparison, name="compare"),
    path("calls/<uuid:call_id>/runs/", run_views.history, name="runs"),
    path("calls/<uuid:call_id>/transparency/", run_views.transparency, name="transparency"),
    path("calls/<uuid:call_id>/replay/", views.replay, name="replay"),
    path("reviews/", review_views.queue, name="reviews"),
    path("calls/<uuid:call_id>/review/", review_views.review, name="review"),
    path("calls/<uuid:call_id>/review/decision/", review_views.decide, name="review-decide"),
    path("calls/<uuid:call_id>/appeal/", appeal_views.contest, name="appeal-new"),
    path("appeals/<uuid:appeal_id>/", appeal_views.appeal, name="appeal"),
    path("appeals/<uuid:appeal_id>/mark/", appeal_views.mark, name="appeal-mark"),
    path("appeals/<uuid:appeal_id>/decision/", appeal_views.decide, name="appeal-decide"),
    path("calls/<uuid:call_id>/discussion/", comment_views.discussion, name="discussion"),
    path("comments/<uuid:comment_id>/remove/", comment_views.remove, name="comment-remove"),
    path("calibration/", calibration.calibration, name="calibration"),
    path("calibration/count/", calibration.count, name="calibration-count"),
]
