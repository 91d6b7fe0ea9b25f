"""REST paths of the coach, below `api/v1/`."""

from __future__ import annotations

from django.urls import path

from . import api

urlpatterns = [
    path("chat/", api.ChatView.as_view(), name="api-chat"),
    path("chat/conversations/", api.ConversationsView.as_view(), name="api-conversations"),
    path("chat/conversations/<uuid:conversation_id>/", api.ConversationView.as_view(), name="api-conversation"),
]
