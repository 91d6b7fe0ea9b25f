"""From an identity service's words to ours, and on to the organisation's directory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.dispatch import receiver

from accounts.people import directory
from accounts.people.directory import DirectoryPerson
from accounts.profiles import full_name
from accounts.signals import person_erased
from integrations.identity.inbound import written_at
from integrations.inbound import handlers, ledger
from integrations.inbound.base import Received

VERBS: dict[str, Callable[..., str]] = {
    "user.created": directory.person_created,
    "user.updated": directory.person_updated,
    "user.deleted": directory.person_deleted,
}


def handle(received: Received) -> str:
    """The handler of `user.*`: what became of it, in a word or two."""
    verb = VERBS.get(received.kind)
    return verb(person=person_of(received.payload)) if verb else "unknown"


def person_of(payload: Mapping[str, Any]) -> DirectoryPerson:
    """Pure. Takes Clerk's shape (`email_addresses`, `primary_email_address_id`, `first_name`, `last_name`, `image_url`)
    and the flat one (`email`, `full_name` or `name`, `avatar_url` or `picture`)."""
    data: Mapping[str, Any] = payload["data"]
    email, verified = address_of(data)
    return DirectoryPerson(
        external_id=str(data["id"]),
        email=email,
        email_verified=verified,
        full_name=full_name(text(data, "first_name"), text(data, "last_name")) or text(data, "full_name", "name"),
        avatar_url=text(data, "image_url", "avatar_url", "picture"),
        told_at=written_at(payload),
    )


def address_of(data: Mapping[str, Any]) -> tuple[str, bool]:
    """The primary address (else the first), and whether the service calls it verified, or says nothing about it."""
    listed = data.get("email_addresses")
    entries = [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []
    if not entries:
        return text(data, "email", "email_address"), data.get("email_verified") is not False
    primary = data.get("primary_email_address_id")
    entry = next((entry for entry in entries if primary and entry.get("id") == primary), entries[0])
    verification = entry.get("verification")
    status = verification.get("status") if isinstance(verification, Mapping) else None
    return text(entry, "email_address"), status in (None, "verified")


def text(data: Mapping[str, Any], *names: str) -> str:
    """The first of these that is a text; empty where none is."""
    values = (data.get(name) for name in names)
    return next((value.strip() for value in values if isinstance(value, str) and value.strip()), "")


for name in VERBS:
    handlers.register("identity", name, "integrations.identity.people.handle")


@receiver(person_erased, dispatch_uid="integrations.identity.erase")
def erase_messages(sender: Any, *, user: Any, **kwargs: Any) -> None:
    """What the service told us about somebody goes with them."""
    ledger.forget(conversation_ids=directory.forget(user=user))
