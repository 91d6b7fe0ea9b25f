"""Everything an organisation keeps about a person, as plain data and files. `accounts.people.exports` makes a ZIP of it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from tenants.models import Organization

from .models import Membership, User
from .people.models import ApiToken, AuditEvent, Consent, TeamMembership
from .signals import PersonalFile, personal_data_requested, personal_files_requested


def export_person(*, user: User, organization: Organization) -> dict[str, Any]:
    """`{exported_at, organization, sections: {name: data}}`; apps above add their sections by the signal."""
    sections: dict[str, Any] = {"account": _account(user), "membership": _membership(user, organization)}
    answers: list[Any] = personal_data_requested.send(sender=User, user=user, organization=organization)
    for _receiver, answer in answers:
        name, data = answer
        sections[name] = data
    return {"exported_at": timezone.now(), "organization": organization.slug, "sections": sections}


def files_of(*, user: User, organization: Organization) -> list[PersonalFile]:
    """Transcripts, recordings and whatever else the apps above keep as files, in the order of their paths."""
    answers: list[Any] = personal_files_requested.send(sender=User, user=user, organization=organization)
    return sorted((file for _receiver, files in answers for file in files), key=lambda file: file.path)


def _account(user: User) -> dict[str, Any]:
    fields = ("id", "email", "full_name", "avatar_url", "language", "timezone", "onboarding_data", "created_at")
    return {field: getattr(user, field) for field in fields}


def _membership(user: User, organization: Organization) -> dict[str, Any]:
    membership = Membership.objects.get(user=user, organization=organization)
    return {
        "role": membership.role,
        "member_since": membership.created_at,
        "teams": list(TeamMembership.objects.filter(user=user).values("team__name", "is_manager")),
        "consents": list(Consent.objects.filter(user=user).values("kind", "granted", "text", "language", "created_at")),
        "api_tokens": list(ApiToken.objects.filter(user=user).values("name", "hint", "created_at", "last_used_at")),
        "actions": list(AuditEvent.objects.filter(actor=user).values("action", "target", "data", "created_at")),
    }
