"""REST paths of this app, below `api/v1/`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from . import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("tracks/", views.TrackList.as_view(), name="track-list"),
    path("tracks/<uuid:pk>/", views.TrackDetail.as_view(), name="track-detail"),
    path("tracks/<uuid:pk>/publish/", views.TrackPublish.as_view(), name="track-publish"),
    path("programs/", views.ProgramList.as_view(), name="program-list"),
    path("programs/shipped/", views.BlueprintList.as_view(), name="program-shipped"),
    path("programs/shipped/<slug:key>/copy/", views.BlueprintCopy.as_view(), name="program-copy"),
    path("programs/<uuid:pk>/", views.ProgramDetail.as_view(), name="program-detail"),
    path("programs/<uuid:pk>/publish/", views.ProgramPublish.as_view(), name="program-publish"),
    path("assignments/", views.AssignmentList.as_view(), name="assignment-list"),
    path("assignments/sheet/", views.AssignmentSheet.as_view(), name="assignment-sheet"),
    path("assignments/<uuid:pk>/", views.AssignmentDetail.as_view(), name="assignment-detail"),
]
