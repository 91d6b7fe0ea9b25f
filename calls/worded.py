"""Language models that word a buyer's replies: whose they are, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from calls.models import Call
from integrations.budgets import governor
from integrations.llm.chat import Reply
from integrations.llm.ledger import record_replies
from integrations.llm.purpose import on_behalf_of, purpose
from integrations.llm.registry import chat_accounts
from integrations.vendors import VendorKeys
from tenants.models import Organization


def accounts_for(organization: Organization, *, trainee_id: UUID) -> tuple[VendorKeys, ...]:
    """The accounts to word replies with. None where there is no key, or where the month's budget is used up: the buyer then
    says the engine's own words."""
    accounts = chat_accounts(organization)
    if not accounts:
        return ()
    return accounts if anything_left_for(trainee_id) else ()


def anything_left_for(user_id: UUID | None) -> bool:
    """Have all budgets that cover this person something left? For what costs nobody knows how much beforehand."""
    with on_behalf_of(user_id):
        return governor.anything_left(purpose().teams)


def note_replies(*, call_id: UUID, replies: Sequence[Reply]) -> None:
    """Write down what a call's replies used up; nothing for a call that is gone."""
    trainee = Call.objects.filter(pk=call_id).values_list("trainee_id", flat=True).first()
    if trainee is not None and replies:
        record_replies(replies, user_id=trainee, reference=str(call_id))
