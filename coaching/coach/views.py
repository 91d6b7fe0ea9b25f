"""The coach's pages: a conversation, and a passage that it cites."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import get_script_prefix
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from accounts.guards import person
from scenarios.knowledge.models import Chunk, KnowledgeDocument
from tenants.errors import DomainError

from . import own_calls, services
from .models import Conversation, Message

AROUND = 1  # passages shown before and after the one that is cited


def texts() -> dict[str, str]:
    """What the page's script says."""
    return {
        "thinking": _("Looking it up …"),
        "network": _("The server cannot be reached. Your question is still here; try again."),
        "wait": _("Too many questions at once. Try again in %(seconds)s seconds."),
        "broke": _("The answer broke off. Ask again."),
        "quoted": _("Quoted from your documents, without a language model."),
        "own": _("From your own debriefs. Only you see this."),
        "written": _("Written by a language model from the passages it names. Read them where it matters."),
        "ungrounded": _("This answer names no passage of your documents. Don't rely on it."),
        "open": _("Open passage %(number)s: %(title)s"),
        "you": _("You"),
        "coach": _("Coach"),
    }


@never_cache
@ensure_csrf_cookie
@require_safe
def coach(request: HttpRequest, conversation_id: UUID | None = None) -> HttpResponse:
    """A conversation; without one, the beginning of the next."""
    user = person(request)
    conversation: Conversation | None = None
    if conversation_id is not None:
        try:
            conversation = services.get(conversation_id, user=user)
        except services.ConversationNotFound:
            raise Http404 from None
    data: dict[str, Any] = {
        "chat": f"{get_script_prefix()}api/v1/chat/",
        "passages": f"{get_script_prefix()}coach/passages/",
        "pages": f"{get_script_prefix()}coach/",
        "conversation": str(conversation.pk) if conversation else None,
        "said": [_said(message) for message in conversation.messages.all()] if conversation else [],
        "texts": texts(),
    }
    context = {
        "conversation": conversation,
        "said": bool(data["said"]),
        "conversations": services.conversations_of(user),
        "has_documents": KnowledgeDocument.objects.searchable().exists(),
        "has_calls": bool(own_calls.recent(user)),
        "data": data,
        "most": services.LONGEST_QUESTION,
    }
    return render(request, "coaching/coach.html", context)


def _said(message: Message) -> dict[str, Any]:
    names = ("role", "text", "grounded", "written_by", "complete", "citations")
    return {name: getattr(message, name) for name in names}


@require_POST
def forget(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Delete a conversation."""
    try:
        services.delete(conversation=services.get(conversation_id, user=person(request)))
    except DomainError:
        raise Http404 from None
    messages.success(request, _("The conversation is gone."))
    return redirect("coach:coach")


@never_cache
@require_safe
def passage(request: HttpRequest, chunk_id: UUID) -> HttpResponse:
    """A passage with what stands before and after it. Gone where its document was replaced, archived or deleted."""
    chunk = Chunk.objects.select_related("document").filter(pk=chunk_id).first()
    found: list[Chunk] = []
    if chunk is not None and chunk.document.archived_at is None and chunk.revision == chunk.document.live_revision:
        near = (chunk.position - AROUND, chunk.position + AROUND)
        rows = Chunk.objects.filter(document=chunk.document, revision=chunk.revision, position__range=near)
        found = list(rows.order_by("position"))
    context = {"chunk": chunk if found else None, "found": found}
    return render(request, "coaching/passage.html", context, status=200 if found else 404)
