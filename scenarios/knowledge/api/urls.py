"""REST paths of the knowledge base, below `api/v1/`."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("knowledge/documents/", views.DocumentsView.as_view(), name="api-documents"),
    path("knowledge/documents/<uuid:document_id>/", views.DocumentView.as_view(), name="api-document"),
    path("knowledge/search/", views.SearchView.as_view(), name="api-knowledge-search"),
]
