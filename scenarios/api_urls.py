"""REST paths of this app, below `api/v1/`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from .api import views
from .api.suggestions import RubricSuggestions
from .generation import api as generation

urlpatterns: list[URLPattern | URLResolver] = [
    path("personas/", views.PersonaList.as_view(), name="persona-list"),
    path("personas/generate/", generation.PersonaGenerate.as_view(), name="persona-generate"),
    path("personas/<uuid:pk>/", views.PersonaDetail.as_view(), name="persona-detail"),
    path("personas/<uuid:pk>/publish/", views.PersonaPublish.as_view(), name="persona-publish"),
    path("rubrics/", views.RubricList.as_view(), name="rubric-list"),
    path("rubrics/generate/", generation.RubricGenerate.as_view(), name="rubric-generate"),
    path("rubrics/<uuid:pk>/", views.RubricDetail.as_view(), name="rubric-detail"),
    path("rubrics/<uuid:pk>/publish/", views.RubricPublish.as_view(), name="rubric-publish"),
    path("rubrics/<uuid:pk>/suggestions/", RubricSuggestions.as_view(), name="rubric-suggestions"),
    path("scenarios/", views.ScenarioList.as_view(), name="scenario-list"),
    path("scenarios/generate/", generation.ScenarioGenerate.as_view(), name="scenario-generate"),
    path("generations/", generation.GenerationList.as_view(), name="generation-list"),
    path("generations/<uuid:pk>/", generation.GenerationDetail.as_view(), name="generation-detail"),
    path("generations/<uuid:pk>/cancel/", generation.GenerationCancel.as_view(), name="generation-cancel"),
    path("generations/<uuid:pk>/accept/", generation.GenerationAccept.as_view(), name="generation-accept"),
    path("scenarios/<uuid:pk>/", views.ScenarioDetail.as_view(), name="scenario-detail"),
    path("scenarios/<uuid:pk>/publish/", views.ScenarioPublish.as_view(), name="scenario-publish"),
]
