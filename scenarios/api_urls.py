"""REST paths of this app, below `api/v1/`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from .api import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("personas/", views.PersonaList.as_view(), name="persona-list"),
    path("personas/<uuid:pk>/", views.PersonaDetail.as_view(), name="persona-detail"),
    path("personas/<uuid:pk>/publish/", views.PersonaPublish.as_view(), name="persona-publish"),
    path("rubrics/", views.RubricList.as_view(), name="rubric-list"),
    path("rubrics/<uuid:pk>/", views.RubricDetail.as_view(), name="rubric-detail"),
    path("rubrics/<uuid:pk>/publish/", views.RubricPublish.as_view(), name="rubric-publish"),
    path("scenarios/", views.ScenarioList.as_view(), name="scenario-list"),
    path("scenarios/<uuid:pk>/", views.ScenarioDetail.as_view(), name="scenario-detail"),
    path("scenarios/<uuid:pk>/publish/", views.ScenarioPublish.as_view(), name="scenario-publish"),
]
