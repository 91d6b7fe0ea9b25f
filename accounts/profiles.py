"""A person's own data: name, language, time zone, and the answers of the first visit."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants.errors import InvalidInput
from tenants.models import Organization

from .models import User

EXPERIENCE = (
    ("new", gettext_lazy("New to selling")),
    ("some", gettext_lazy("One to three years")),
    ("seasoned", gettext_lazy("More than three years")),
)
GOALS = (
    ("first_calls", gettext_lazy("Get through my first calls")),
    ("discovery", gettext_lazy("Ask better questions")),
    ("objections", gettext_lazy("Handle objections calmly")),
    ("closing", gettext_lazy("Agree on a next step")),
)
ANSWERS = ("experience", "goal", "job_title")
EDITABLE = ("full_name", "language", "timezone", "avatar_url")


def time_zones() -> list[str]:
    """Names a person can choose from: the places, not the historical aliases."""
    return sorted(
        name
        for name in zoneinfo.available_timezones()
        if name == "UTC" or ("/" in name and not name.startswith("Etc/"))
    )


def zone_of(user: User, organization: Organization) -> zoneinfo.ZoneInfo:
    """The time zone in which a person's days begin: their own, else the organisation's, else UTC."""
    for name in (user.timezone, organization.timezone):
        try:
            return zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            continue
    return zoneinfo.ZoneInfo("UTC")


def full_name(first: str | None, last: str | None) -> str:
    """`first last`, trimmed, safe where either is missing."""
    return " ".join(part.strip() for part in (first or "", last or "") if part.strip())


def update_profile(*, user: User, changes: Mapping[str, Any]) -> User:
    """Change what a person may change about themselves. Raises `InvalidInput` naming the first field that cannot be."""
    for field in changes:
        if field not in EDITABLE:
            raise InvalidInput(details={"field": field, "issue": _("This cannot be changed here.")})
    checked: dict[str, str] = {}
    for field, value in changes.items():
        if not isinstance(value, str):
            raise InvalidInput(details={"field": field, "issue": _("This must be text.")})
        checked[field] = _checked(field, value.strip())
    for field, text in checked.items():
        setattr(user, field, text)
    user.save(update_fields=[*changes, "updated_at"])
    return user


def save_answers(*, user: User, answers: Mapping[str, Any]) -> User:
    """Keep answers of the first visit: any of `experience`, `goal`, `job_title`. Raises `InvalidInput`."""
    known = {"experience": dict(EXPERIENCE), "goal": dict(GOALS)}
    data: dict[str, str] = {}
    for field in ANSWERS:
        value = answers.get(field, "")
        if not isinstance(value, str):
            raise InvalidInput(details={"field": field, "issue": _("This must be text.")})
        if value and field in known and value not in known[field]:
            issue = _("Choose one of: %(values)s.") % {"values": ", ".join(known[field])}
            raise InvalidInput(details={"field": field, "issue": issue})
        if value.strip():
            data[field] = value.strip()[:120]
    user.onboarding_data = {**user.onboarding_data, **data}
    user.save(update_fields=["onboarding_data", "updated_at"])
    return user


@transaction.atomic
def complete_onboarding(*, user: User, answers: Mapping[str, Any]) -> User:
    """Keep the answers of the first visit and do not ask again; twice replaces the answers.

    `answers`: those of `save_answers` and the profile's own fields. Raises `InvalidInput`, for any other name as well: what
    is sent under a misspelt one would be lost while the first visit counts as done.
    """
    for field in answers:
        if field not in (*ANSWERS, *EDITABLE):
            raise InvalidInput(details={"field": field, "issue": _("There is no such field.")})
    save_answers(user=user, answers=answers)
    update_profile(user=user, changes={field: answers[field] for field in EDITABLE if field in answers})
    user.onboarding_completed = True
    user.save(update_fields=["onboarding_completed", "updated_at"])
    return user


def _checked(field: str, value: str) -> str:
    """The value as it is stored. Raises `InvalidInput`."""
    issue = ""
    if field == "full_name" and len(value) > 150:
        issue = _("At most 150 characters.")
    elif field == "language" and value and value not in dict(settings.LANGUAGES):
        issue = _("Choose one of: %(values)s.") % {"values": ", ".join(dict(settings.LANGUAGES))}
    elif field == "timezone" and value and value not in zoneinfo.available_timezones():
        issue = _("Unknown time zone. Write it like Europe/Madrid.")
    elif field == "avatar_url" and value:
        try:
            URLValidator(schemes=["https"])(value)
        except ValidationError:
            issue = _("Enter an address that starts with https://.")
        if len(value) > 200:
            issue = _("At most 200 characters.")
    if issue:
        raise InvalidInput(details={"field": field, "issue": issue})
    return value
