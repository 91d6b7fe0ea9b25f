"""Pages of the coach, below the organisation."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "coach"
urlpatterns = [
    path("coach/", views.coach, name="coach"),
    path("coach/<uuid:conversation_id>/", views.coach, name="conversation"),
    path("coach/<uuid:conversation_id>/forget/", views.forget, name="forget"),
    path("coach/passages/<uuid:chunk_id>/", views.passage, name="passage"),
]
