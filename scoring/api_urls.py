"""REST paths of this app, below `api/v1/`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from scoring.api import appeals, comments, impact, reviews, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("rubrics/<uuid:pk>/impact/", impact.ImpactView.as_view(), name="api-rubric-impact"),
    path("rubrics/<uuid:pk>/impact/<uuid:impact_id>/", impact.ImpactDetail.as_view(), name="api-rubric-impact-one"),
    path("rubrics/<uuid:pk>/rescore/", impact.RescoreView.as_view(), name="api-rubric-rescore"),
    path("rubrics/<uuid:pk>/rescore/<uuid:job_id>/", impact.RescoringDetail.as_view(), name="api-rubric-rescoring"),
    path("calls/<uuid:call_id>/score/", views.ScoreView.as_view(), name="api-call-score"),
    path("calls/<uuid:call_id>/transparency/", views.TransparencyView.as_view(), name="api-call-transparency"),
    path("calls/<uuid:call_id>/analyze/", views.AnalyzeView.as_view(), name="api-call-analyze"),
    path("calls/<uuid:call_id>/appeal/", appeals.CallAppealView.as_view(), name="api-call-appeal"),
    path("appeals/", appeals.AppealsView.as_view(), name="api-appeals"),
    path("appeals/<uuid:appeal_id>/", appeals.AppealView.as_view(), name="api-appeal"),
    path("appeals/<uuid:appeal_id>/mark/", appeals.AppealMarkView.as_view(), name="api-appeal-mark"),
    path("appeals/<uuid:appeal_id>/decision/", appeals.AppealDecisionView.as_view(), name="api-appeal-decision"),
    path("reviews/", reviews.WaitingView.as_view(), name="api-reviews"),
    path("calls/<uuid:call_id>/reviews/", reviews.CallReviewsView.as_view(), name="api-call-reviews"),
    path("calls/<uuid:call_id>/reviews/decision/", reviews.ReviewDecisionView.as_view(), name="api-review-decision"),
    path("calls/<uuid:call_id>/comments/", comments.CallCommentsView.as_view(), name="api-call-comments"),
    path("comments/<uuid:comment_id>/", comments.CommentView.as_view(), name="api-comment"),
]
