"""Organisations, the tenants of Parley, and the addresses that lead to them. Both live in the `public` schema."""

from __future__ import annotations

import re
import uuid
import zoneinfo
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

SLUG_PATTERN = r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?"
# Words that would read as a place of the platform rather than an organisation.
RESERVED_SLUGS = frozenset(
    {"admin", "api", "accounts", "static", "media", "health", "org", "template", "public", "www"}
)


def schema_for(slug: str) -> str:
    """The schema that belongs to a slug: prefixed, so that no slug can name a schema of PostgreSQL or ours."""
    return "org_" + slug.replace("-", "_")


def refuse_reserved(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError(_("“%(slug)s” is a reserved word. Choose another address."), params={"slug": slug})


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def active(self) -> OrganizationQuerySet:
        """Organisations that can be entered: fully provisioned and not closed."""
        return self.filter(status=Organization.Status.ACTIVE)


class Organization(TenantMixin):
    """A customer: one schema of the database, one address, one set of people.

    Creating the row does not create the schema; `tenants.provisioning.open_organization` does both and can be resumed.
    """

    class Status(models.TextChoices):
        PROVISIONING = "provisioning", _("being set up")
        ACTIVE = "active", _("active")
        SUSPENDED = "suspended", _("suspended")
        TEMPLATE = "template", _("template for new organisations")

    auto_create_schema = False
    auto_drop_schema = False

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.CharField(
        _("address"),
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(rf"\A{SLUG_PATTERN}\Z", _("Use small letters, digits and hyphens.")),
            refuse_reserved,
        ],
    )
    name = models.CharField(_("name"), max_length=120)
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.PROVISIONING)
    provisioned_steps: models.JSONField[list[str], list[str]] = models.JSONField(default=list, editable=False)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="en")
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC")
    pass_mark = models.PositiveSmallIntegerField(
        _("pass mark"),
        default=70,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("What a new rubric begins with. Rubrics that are there keep theirs."),
    )
    recording_consent_text = models.TextField(_("recording consent text"), blank=True)
    recording_retention_days = models.PositiveIntegerField(_("keep recordings for (days)"), default=365)
    allowed_ai_providers: models.JSONField[list[str], list[str]] = models.JSONField(
        _("allowed AI providers"),
        default=list,
        blank=True,
        help_text=_("Empty: every configured provider. Otherwise only these, e.g. [“embedded”, “openai”]."),
    )
    voice_providers: models.JSONField[list[str], list[str]] = models.JSONField(
        _("voice services"),
        default=list,
        blank=True,
        help_text=_(
            "In the order in which they are tried, e.g. [“elevenlabs”, “embedded”]. Empty: what the installation offers."
        ),
    )
    voice_failover = models.BooleanField(_("try the next voice service when one does not answer"), default=True)
    voice_direct = models.BooleanField(
        _("let browsers talk straight to the voice service"),
        default=False,
        help_text=_(
            "Only where the service can keep the buyer's brief to itself. Parley learns of the call afterwards."
        ),
    )
    phone_calls_allowed = models.BooleanField(_("allow calls to trainees' phones"), default=False)
    observers_allowed = models.BooleanField(
        _("managers may listen in"), default=False, help_text=_("The trainee always sees who is listening.")
    )
    private_practice_allowed = models.BooleanField(
        _("trainees may practise in private"),
        default=True,
        help_text=_("Managers see such a call only after the trainee submits it."),
    )
    own_scenarios_allowed = models.BooleanField(
        _("trainees may make scenarios for themselves"),
        default=False,
        help_text=_("Nobody reviews them; they are practised in private. An admin can take one into the library."),
    )
    # Empty: as the installation has it.
    appeal_window_days = models.PositiveSmallIntegerField(
        _("a mark can be contested for (days)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
    )
    appeal_answer_hours = models.PositiveSmallIntegerField(
        _("a contested mark is decided within (hours)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(2160)],
    )
    review_answer_hours = models.PositiveSmallIntegerField(
        _("a score that waits for a person is decided within (hours)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(2160)],
    )
    second_factor_required = models.BooleanField(
        _("two steps to sign in for everybody"),
        default=False,
        help_text=_("Who has no second step sets one up before anything else. API tokens go on working."),
    )
    email_domains: models.JSONField[list[str], list[str]] = models.JSONField(
        _("e-mail domains"),
        default=list,
        blank=True,
        help_text=_(
            "Domains of mail that this organisation proved to own, e.g. [“acme.com”]: its identity service may make "
            "accounts there."
        ),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.timezone not in zoneinfo.available_timezones():
            raise ValidationError({"timezone": _("Unknown time zone. Write it like Europe/Madrid.")})
        for field in ("allowed_ai_providers", "voice_providers", "email_domains"):
            names = getattr(self, field)
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise ValidationError({field: _("Write a list of names, such as [“embedded”].")})

    def owns_address(self, email: str) -> bool:
        """Is this an address below a domain of mail that the organisation proved to own?"""
        domain = email.rpartition("@")[2].strip().lower()
        return bool(domain) and domain in {name.strip().lower() for name in self.email_domains}

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not getattr(self, "schema_name", ""):
            self.schema_name = schema_for(self.slug)
        super().save(*args, **kwargs)

    @property
    def path_prefix(self) -> str:
        """`/org/<slug>`, without a closing slash."""
        return f"/org/{self.slug}"


class Domain(DomainMixin):
    """A host name of an organisation's own; it serves only after its owner proved it (`verified_at`)."""

    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)

    class Meta:
        verbose_name = _("custom domain")
        verbose_name_plural = _("custom domains")

    def clean(self) -> None:
        self.domain: str = str(getattr(self, "domain", "")).strip().lower().rstrip(".")
        if not re.fullmatch(r"(?=.{1,253}\Z)([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", self.domain):
            raise ValidationError({"domain": _("Enter a host name such as training.example.com.")})
