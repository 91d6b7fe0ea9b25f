"""Conversations: beginning one, going on, what is kept, and forgetting."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.budgets import governor
from integrations.llm.purpose import on_behalf_of, purpose
from integrations.llm.registry import chat_accounts
from integrations.vendors import VendorKeys
from scenarios.knowledge import retrieval
from scenarios.knowledge.retrieval import Match
from tenants.context import current_organization
from tenants.errors import InvalidInput, NotFound

from . import own_calls
from .models import Conversation, Message
from .own_calls import OwnCall

LONGEST_QUESTION = 1000
LONGEST_TITLE = 80
PASSAGES = 5
PLAINLY = 0.55
MOST_CONVERSATIONS = 50  # shown
# A question this short may lean on the one before it: "and in Spain?"
LEANS_BELOW = 25
# Words that ask on and name nothing: "and how much is it?", "tell me more".
ASKS_ON = re.compile(
    r"\b(?:much|many|long|often|more|else|tell|give|get|explain|example|please|yes|say|"
    r"cu[aá]nt[oa]s?|mucho|m[aá]s|dime|dame|explic\w+|ejemplo|favor|s[ií]gue)\b",
    re.IGNORECASE,
)
Ground = Message.Ground


class ConversationNotFound(NotFound):
    default_message = gettext_lazy("There is no such conversation.")


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that an answer is made of, read before the first word. `ground`: by what it can be backed; NONE where
    nothing was found. `accounts`: who may stream words; `before`: what was said until now."""

    conversation_id: UUID
    user_id: UUID
    question: str
    language: str
    ground: str
    matches: tuple[Match, ...] = ()
    calls: tuple[OwnCall, ...] = ()
    before: tuple[Message, ...] = ()
    accounts: tuple[VendorKeys, ...] = ()
    asked_own_calls: bool = False


def conversations_of(user: Any) -> list[Conversation]:
    """The newest first."""
    return list(Conversation.objects.of(user)[:MOST_CONVERSATIONS])


def get(conversation_id: UUID, *, user: Any) -> Conversation:
    """One's own. Raises `ConversationNotFound`, for others' too."""
    found = Conversation.objects.of(user).filter(pk=conversation_id).first()
    if found is None:
        raise ConversationNotFound
    return found


def delete(*, conversation: Conversation) -> None:
    conversation.delete()


def ask(*, user: Any, question: str, conversation_id: UUID | None, language: str) -> Plan:
    """Keep the question and look up what answers it. Raises `InvalidInput` for an empty or endless question,
    `ConversationNotFound` for a conversation that is not one's own."""
    question = " ".join(question.replace("\x00", " ").split())
    if not question:
        raise InvalidInput(details={"field": "message", "issue": _("Ask something.")})
    if len(question) > LONGEST_QUESTION:
        message = _("A question has at most %(most)d characters.") % {"most": LONGEST_QUESTION}
        raise InvalidInput(message, details={"field": "message", "issue": message})
    with transaction.atomic():
        if conversation_id is None:
            conversation = Conversation.objects.create(owner=user, title=question[:LONGEST_TITLE])
            before: list[Message] = []
        else:
            conversation = get(conversation_id, user=user)
            before = list(conversation.messages.order_by("-created_at", "-pk")[:6])[::-1]
        Message.objects.create(conversation=conversation, role=Message.Role.USER, text=question)
        Conversation.objects.filter(pk=conversation.pk).update(updated_at=timezone.now())
    about_calls = own_calls.is_about_own_calls(question)
    matches = _look_up(question, before)
    calls = own_calls.recent(user) if about_calls or matches else []
    plan = Plan(
        conversation_id=conversation.pk,
        user_id=user.pk,
        question=question,
        language=language,
        ground=Ground.NONE,
        matches=tuple(matches),
        calls=tuple(calls),
        before=tuple(before),
        asked_own_calls=about_calls,
    )
    if about_calls and not _is_closer(matches):
        return replace(plan, ground=Ground.CALLS, accounts=_accounts(user)) if calls else plan
    if matches:
        return replace(plan, ground=Ground.PLAYBOOK, accounts=_accounts(user))
    return plan


def _is_closer(matches: Sequence[Match]) -> bool:
    """Do the documents speak of it so plainly that a question with "my call" in it means them?"""
    return bool(matches) and matches[0].evidence >= PLAINLY


def _look_up(question: str, before: Sequence[Message]) -> list[Match]:
    """What the documents say of the question. A short one is read together with the one before it; but what is found only
    because of that one is no answer to a question which names something else: "When was Napoleon born?"."""
    asked = [message.text for message in before if message.role == Message.Role.USER]
    if len(question) >= LEANS_BELOW or not asked:
        return retrieval.search(question, count=PASSAGES)
    together = retrieval.search(f"{asked[-1]} {question}", count=PASSAGES)
    named = ASKS_ON.sub(" ", question)
    if not retrieval.names_something(named):
        return together
    holding = {match.chunk_id for match in retrieval.by_words(named)}
    return [match for match in together if match.chunk_id in holding] or retrieval.search(question, count=PASSAGES)


def _accounts(user: Any) -> tuple[VendorKeys, ...]:
    """Who may write the answer; nobody where the month's budget is used up."""
    accounts = chat_accounts(current_organization())
    if not accounts:
        return ()
    with on_behalf_of(user.pk):
        return accounts if governor.anything_left(purpose().teams) else ()


def keep_answer(
    *, conversation_id: UUID, text: str, grounded: str, written_by: str, citations: list[dict[str, Any]], complete: bool
) -> UUID | None:
    """None where the conversation was deleted meanwhile."""
    if not Conversation.objects.filter(pk=conversation_id).exists():
        return None
    message = Message.objects.create(
        conversation_id=conversation_id,
        role=Message.Role.COACH,
        text=text,
        grounded=grounded,
        written_by=written_by,
        citations=citations,
        complete=complete,
    )
    return message.pk
