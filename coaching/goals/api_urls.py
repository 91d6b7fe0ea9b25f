"""REST paths of goals, below `api/v1/`."""

from __future__ import annotations

from django.urls import path

from . import api

urlpatterns = [
    path("goals/", api.GoalsView.as_view(), name="api-goals"),
    path("goals/<uuid:goal_id>/", api.GoalView.as_view(), name="api-goal"),
    path("goals/<uuid:goal_id>/answer/", api.GoalAnswerView.as_view(), name="api-goal-answer"),
    path("goals/<uuid:goal_id>/entries/", api.GoalEntriesView.as_view(), name="api-goal-entries"),
]
