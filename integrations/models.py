"""What an organisation keeps about the vendors it works with: its own accounts, and everything they told us."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.models import Organization


class VendorAccount(models.Model):
    """The organisation's own account with a vendor. Keys and secrets are sealed (`tenants.encryption`) and never shown
    again; `integrations.accounts` writes them, `integrations.vendors.keys_of` reads them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    vendor = models.CharField(_("vendor"), max_length=20, unique=True)
    sealed_key = models.TextField(blank=True, editable=False)
    key_hint = models.CharField(max_length=4, blank=True, editable=False)
    sealed_secret = models.TextField(blank=True, editable=False)
    secret_hint = models.CharField(max_length=4, blank=True, editable=False)
    # While a secret is being changed the old one goes on working, so that no message is lost on the way.
    sealed_old_secret = models.TextField(blank=True, editable=False)
    old_secret_until = models.DateTimeField(null=True, editable=False)
    options: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict, blank=True)
    checked_at = models.DateTimeField(_("last checked"), null=True, editable=False)
    last_error = models.CharField(_("last problem"), max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("vendor account")
        verbose_name_plural = _("vendor accounts")
        ordering: ClassVar = ["vendor"]

    def __str__(self) -> str:
        return self.vendor


class VendorAgent(models.Model):
    """A buyer that lives at a vendor, for calls that go straight there. Which one is told by `content_hash`, over everything
    it was made of, and `account`, a fingerprint of the account it was made in: another content is another agent."""

    vendor = models.CharField(_("vendor"), max_length=20)
    account = models.CharField(max_length=16)
    content_hash = models.CharField(max_length=64)
    agent_id = models.CharField(_("agent"), max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("vendor's agent")
        verbose_name_plural = _("vendors' agents")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["vendor", "account", "content_hash"], name="integrations_agent_once_per_content"
            )
        ]

    def __str__(self) -> str:
        return self.agent_id


class VoicePolicy(Organization):
    """The organisation's row, as the page about voice services sees it."""

    class Meta:
        proxy = True
        app_label = "integrations"
        verbose_name = _("voice services")
        verbose_name_plural = _("voice services")


class InboundEventQuerySet(models.QuerySet["InboundEvent"]):
    def open(self) -> InboundEventQuerySet:
        """Not handled yet, and not given up."""
        return self.filter(processed_at=None)

    def free(self, now: datetime) -> InboundEventQuerySet:
        """Held by no worker; a worker that died lets go when its time is up."""
        return self.filter(models.Q(claimed_until=None) | models.Q(claimed_until__lt=now))


class InboundEvent(models.Model):
    """One thing a vendor told us: written once, however often and in whatever order it is delivered."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    vendor = models.CharField(_("vendor"), max_length=20)
    event_id = models.CharField(_("event"), max_length=200)
    kind = models.CharField(_("kind"), max_length=80)
    topic = models.CharField(max_length=20, default="other")
    conversation_id = models.CharField(_("conversation"), max_length=120, blank=True, db_index=True)
    payload: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    # The raw body, for what is too large for a row; deleted once it is handled.
    file_name = models.CharField(max_length=200, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    occurred_at = models.DateTimeField(_("happened"), null=True)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    processed_at = models.DateTimeField(_("handled"), null=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    # Null once nobody is to try again by itself: handled, or given up.
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, default=timezone.now)
    claimed_until = models.DateTimeField(null=True)
    outcome = models.CharField(_("outcome"), max_length=120, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)

    objects = InboundEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("received event")
        verbose_name_plural = _("received events")
        ordering: ClassVar = ["-received_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["vendor", "event_id"], name="integrations_inbound_event_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["-received_at"], name="integrations_inbound_newest"),
            models.Index(fields=["next_attempt_at"], name="integrations_inbound_due"),
        ]

    def __str__(self) -> str:
        return f"{self.vendor} {self.kind}"

    @property
    def state(self) -> str:
        """ "handled", "failed" (given up), "trying" (failed, to be tried again) or "waiting"."""
        if self.processed_at is not None:
            return "handled"
        if self.next_attempt_at is None:
            return "failed"
        return "trying" if self.error else "waiting"
