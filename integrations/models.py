"""What an organisation keeps about the vendors it works with: its own accounts, everything they told us, what their models
cost, and what they may cost."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.people.models import Team
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


class LedgerEntry(models.Model):
    """One request to a language model: what it used up and how it ended; nothing of what was asked or answered.
    `reference`: the caller's own name for what it was about."""

    at = models.DateTimeField(_("at"), default=timezone.now)
    task = models.CharField(_("work"), max_length=20)
    vendor = models.CharField(_("vendor"), max_length=20)
    model = models.CharField(_("model"), max_length=120)
    prompt_version = models.CharField(_("prompt"), max_length=40, blank=True)
    input_tokens = models.PositiveIntegerField(_("tokens in"), default=0)
    output_tokens = models.PositiveIntegerField(_("tokens out"), default=0)
    ms = models.PositiveIntegerField(_("milliseconds"))
    cost_usd = models.DecimalField(_("cost (US dollars)"), max_digits=12, decimal_places=6, default=Decimal(0))
    # False: the model has no price, so the dearest there is was taken.
    price_known = models.BooleanField(_("by its own price"), default=True)
    outcome = models.CharField(_("outcome"), max_length=20)
    repair = models.BooleanField(_("second try after an answer of no use"), default=False)
    # Never shown: it may be a call that somebody practises in private.
    reference = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.vendor} {self.model}"


class ModelCall(LedgerEntry):
    """A request that an organisation pays for, or one stretch of sound that a vendor spoke or wrote down for it."""

    # Of a conversation, or of what was written down or said: whatever is paid for by the minute.
    sound_seconds = models.PositiveIntegerField(_("seconds of sound"), default=0)
    own_account = models.BooleanField(_("with the organisation's own key"), default=False)
    teams: models.JSONField[list[str], list[str]] = models.JSONField(default=list, editable=False)

    class Meta:
        verbose_name = _("request to a language model")
        verbose_name_plural = _("requests to language models")
        ordering: ClassVar = ["-at"]
        indexes: ClassVar = [models.Index(fields=["-at"], name="integrations_modelcall_newest")]


class Budget(models.Model):
    """What may be spent on vendors' models and voices in a calendar month: by the whole organisation (`team` empty), or
    for one team."""

    class WhenSpent(models.TextChoices):
        EMBEDDED = "embedded", _("calls go on, judged by Parley's own engine")
        STOP = "stop", _("no new calls start until the next month")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.OneToOneField(
        Team,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("team"),
        help_text=_("Empty: the whole organisation."),
    )
    monthly_usd = models.DecimalField(
        _("US dollars a month"), max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )
    when_spent = models.CharField(
        _("when it is used up"), max_length=10, choices=WhenSpent.choices, default=WhenSpent.EMBEDDED
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        ordering: ClassVar = ["team__name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team"], nulls_distinct=False, name="integrations_budget_once"),
            models.CheckConstraint(condition=models.Q(monthly_usd__gte=0), name="integrations_budget_not_negative"),
        ]

    def __str__(self) -> str:
        return str(self.team or _("the whole organisation"))


class BudgetMonth(models.Model):
    """What was spent of a budget in one month (UTC). Whoever reserves holds this row while deciding."""

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="months")
    month = models.DateField()
    spent_usd = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal(0))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["budget", "month"], name="integrations_budget_month_once")
        ]

    def __str__(self) -> str:
        return f"{self.budget} {self.month:%Y-%m}"


class Reservation(models.Model):
    """What a request under way may cost at the most. One that is never settled, since its worker died, ends by itself."""

    ticket = models.UUIDField(db_index=True)
    month = models.ForeignKey(BudgetMonth, on_delete=models.CASCADE, related_name="reservations")
    usd = models.DecimalField(max_digits=12, decimal_places=6)
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ticket", "month"], name="integrations_reservation_once")
        ]

    def __str__(self) -> str:
        return f"{self.ticket}"
