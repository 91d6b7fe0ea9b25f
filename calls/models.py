"""Calls, what was said in them, what happened in them, and how they sound."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.uploads.models import CallUpload, UploadRule, UploadSegment
from scenarios.models import PersonaVersion, RubricVersion, ScenarioVersion
from scenarios.models.scenarios import Mode

__all__ = [
    "Call",
    "CallEvent",
    "CallUpload",
    "Observer",
    "Recording",
    "Turn",
    "UploadRule",
    "UploadSegment",
    "VendorConversation",
]

# Seen by others than the trainee, as far as their role reaches.
SHARED = models.Q(private=False) | models.Q(submitted_at__isnull=False)

# A telephone that was not answered by then will not be.
RINGS_FOR = timedelta(minutes=2)


class CallQuerySet(models.QuerySet["Call"]):
    def live(self) -> CallQuerySet:
        """Calls that can still be spoken in."""
        return self.filter(status__in=[Call.Status.PENDING, Call.Status.IN_PROGRESS])

    def of(self, user: Any) -> CallQuerySet:
        return self.filter(trainee=user)

    def counting(self) -> CallQuerySet:
        """Calls that numbers are made of: completed, not voided for a technical fault, no branch of another call, not
        private practice that was never submitted, and practice: people choose which of their real calls they upload."""
        return (
            self.shared()
            .filter(
                status=Call.Status.COMPLETED,
                voided_at__isnull=True,
                # The number stays when the call that was branched off is gone.
                forked_at_seq__isnull=True,
            )
            .exclude(channel=Call.Channel.UPLOAD)
        )

    def shared(self) -> CallQuerySet:
        """Less those that are private to their trainee: practised in private and not submitted."""
        return self.filter(SHARED)

    def shown_to(self, user: Any) -> CallQuerySet:
        """What privacy lets this person see: own calls and shared ones. Whose calls they may see is asked elsewhere."""
        return self.filter(models.Q(trainee=user) | SHARED)


class Call(models.Model):
    """One attempt at a scenario. `brief` is the buyer as they were when the call was made; it never changes."""

    class Status(models.TextChoices):
        PENDING = "pending", _("not started")
        IN_PROGRESS = "in_progress", _("in progress")
        COMPLETED = "completed", _("completed")
        FAILED = "failed", _("failed")

    class Channel(models.TextChoices):
        VOICE = "voice", _("voice")
        TEXT = "text", _("text")
        UPLOAD = "upload", _("uploaded recording")

    # What somebody can begin here; an uploaded call was held elsewhere.
    HELD_HERE = (Channel.VOICE, Channel.TEXT)

    class Transport(models.TextChoices):
        """How the voice travels: through our bridge, straight from browser to vendor, by phone, or turn by turn."""

        BRIDGE = "bridge", _("through Parley")
        DIRECT = "direct", _("straight to the voice service")
        PHONE = "phone", _("by phone")
        TURNS = "turns", _("turn by turn")
        FILE = "file", _("as a file, afterwards")

    # Nobody here holds such a call; what was said comes from the vendor, afterwards.
    PAST_US = (Transport.DIRECT, Transport.PHONE)

    class EndedBy(models.TextChoices):
        TRAINEE = "trainee", _("the trainee")
        PERSONA = "persona", _("the buyer")
        SYSTEM = "system", _("Parley")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    trainee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    scenario_version = models.ForeignKey(ScenarioVersion, on_delete=models.PROTECT, null=True, related_name="calls")
    # None in an uploaded call: nobody wrote its buyer.
    persona_version = models.ForeignKey(PersonaVersion, on_delete=models.PROTECT, null=True, related_name="calls")
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="calls")
    title = models.CharField(max_length=160)
    mode = models.CharField(max_length=20, choices=Mode.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.VOICE)
    language = models.CharField(max_length=5)
    brief: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PENDING)
    provider = models.CharField(max_length=20, blank=True)
    provider_conversation_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    transport = models.CharField(max_length=10, choices=Transport.choices, default=Transport.BRIDGE)
    time_limit_ms = models.PositiveIntegerField(default=600_000)
    recording_consent = models.BooleanField(default=False)
    # Zero of the call's clock. A redo's clock goes on from where it branched off, so its zero lies before its beginning.
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)
    ended_by = models.CharField(max_length=10, choices=EndedBy.choices, blank=True)
    end_reason = models.CharField(max_length=60, blank=True)
    outcome = models.CharField(max_length=60, blank=True)
    # What the conversation engine needs to go on after the process died; written with every turn.
    engine_state: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    # When the voice socket was last known to be held; the sweeper closes what nobody holds.
    held_at = models.DateTimeField(null=True)
    last_event_seq = models.PositiveIntegerField(default=0)
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=60, blank=True)
    # "Redo from here": the call this one branched off, and the last turn (seq) that both share.
    forked_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="forks")
    forked_at_seq = models.PositiveIntegerField(null=True, blank=True)
    # What it was asked for by: an assignment, and the item of its track. Its attempts are counted by coaching.learning.
    assignment = models.ForeignKey(
        "training.Assignment", on_delete=models.SET_NULL, null=True, blank=True, related_name="calls"
    )
    assignment_item = models.CharField(max_length=60, blank=True)
    # What the item asks for instead of the rubric's own pass mark; None where it asks for nothing else.
    pass_mark = models.PositiveSmallIntegerField(null=True, blank=True)
    # Practice that nobody but the trainee sees until it is submitted.
    private = models.BooleanField(default=False)
    submitted_at = models.DateTimeField(null=True, blank=True)
    # False where it is kept without a score, as long as nobody asks for one.
    to_score = models.BooleanField(default=True)
    metadata: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["trainee", "-created_at"]),
            models.Index(fields=["status", "held_at"]),
            models.Index(fields=["-created_at"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "in_progress", "completed", "failed"]),
                name="calls_call_known_status",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_live(self) -> bool:
        return self.status in {self.Status.PENDING, self.Status.IN_PROGRESS}

    @property
    def passes_from(self) -> int | None:
        """The pass mark that decides in this call; None where neither what it was made for nor its rubric names one."""
        return self.rubric_version.content.get("pass_mark") if self.pass_mark is None else self.pass_mark

    @property
    def practised_again(self) -> uuid.UUID | None:
        """The scenario (id) that the call can be made of once more; None where it is not offered any more."""
        scenario = self.scenario_version.scenario if self.scenario_version else None
        return scenario.pk if scenario and scenario.status == "published" else None

    @property
    def awaits_record(self) -> bool:
        """Nothing is known of what was said: the call went past us, and its vendor has not told yet."""
        return self.transport in self.PAST_US and not self.metadata.get("record_given_up") and not self.turns.exists()

    @property
    def rings_until(self) -> datetime | None:
        """Until when this call's telephone is believed to ring; None where none does."""
        phone = self.metadata.get("phone", {})
        if self.transport != self.Transport.PHONE or self.status != self.Status.PENDING or phone.get("failed"):
            return None
        return datetime.fromisoformat(phone["placed_at"]) + RINGS_FOR if "placed_at" in phone else None

    @property
    def on_the_phone(self) -> bool:
        """Its telephone rings, or somebody talks there."""
        if self.transport != self.Transport.PHONE:
            return False
        until = self.rings_until
        return self.status == self.Status.IN_PROGRESS or (until is not None and timezone.now() < until)

    @property
    def is_redo(self) -> bool:
        """Did this call go on from a turn of another one? Still true when that one is gone."""
        return self.forked_at_seq is not None

    @property
    def is_hidden(self) -> bool:
        """Is it nobody's business but the trainee's?"""
        return self.private and self.submitted_at is None


class Turn(models.Model):
    """Something said. `user` is the trainee, `assistant` the buyer. Times are ms from the start of the call."""

    class Role(models.TextChoices):
        USER = "user", _("trainee")
        ASSISTANT = "assistant", _("buyer")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="turns")
    seq = models.PositiveIntegerField()
    role = models.CharField(max_length=10, choices=Role.choices)
    content = models.TextField()
    timestamp_ms = models.PositiveIntegerField()
    end_ms = models.PositiveIntegerField()
    # What the buyer had begun to say before the trainee cut in; `content` is what was really heard.
    original_content = models.TextField(blank=True)
    interrupted = models.BooleanField(default=False)
    confidence = models.FloatField(null=True)
    trace: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    # What the buyer remembered after saying this, so that a redo can go on from here; null where it is not known.
    engine_state: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = models.JSONField(null=True)
    latency: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    provider_event_id = models.CharField(max_length=80, blank=True)
    # Who says it, by name, in a call in which several people speak for the buyer's side.
    speaker = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")
        ordering: ClassVar = ["call", "seq"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["call", "seq"], name="calls_turn_seq_once"),
            models.UniqueConstraint(
                fields=["call", "provider_event_id"],
                condition=~models.Q(provider_event_id=""),
                name="calls_turn_provider_event_once",
            ),
            models.CheckConstraint(condition=models.Q(role__in=["user", "assistant"]), name="calls_turn_known_role"),
        ]
        indexes: ClassVar = [models.Index(fields=["call", "timestamp_ms"])]

    def __str__(self) -> str:
        return f"{self.role}: {self.content[:40]}"


class CallEvent(models.Model):
    """What happened, in order, append-only: the log behind the events socket and the flight record.

    `seq` numbers what is told to who watches, without gaps; it is null where something is only kept for the record.
    """

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField(null=True, blank=True)
    type = models.CharField(max_length=40)
    at = models.DateTimeField(auto_now_add=True)
    # Milliseconds of the call's clock; null before the call's start.
    at_ms = models.PositiveIntegerField(null=True, blank=True)
    data: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["call", "pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["call", "seq"], name="calls_event_seq_once")]

    def __str__(self) -> str:
        return self.type


class Recording(models.Model):
    """Both sides of a call: one stereo file, the trainee left, the buyer right. Private; played by signed link."""

    call = models.OneToOneField(Call, on_delete=models.CASCADE, related_name="recording")
    file_name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=60)
    size_bytes = models.PositiveBigIntegerField()
    duration_ms = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")

    def __str__(self) -> str:
        return self.file_name


class Observer(models.Model):
    """Somebody who listened in on a call while it was held. The trainee saw it; this is the record of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="observers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(auto_now_add=True)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("observer")
        verbose_name_plural = _("observers")
        ordering: ClassVar = ["joined_at"]
        indexes: ClassVar = [models.Index(fields=["call", "left_at"])]

    def __str__(self) -> str:
        return f"{self.user} · {self.call}"


class VendorConversation(models.Model):
    """A call as a voice vendor keeps it, which we fetch or are told of once it is over. A call that changed vendors, or was
    taken up again, has several."""

    class Via(models.TextChoices):
        WEBHOOK = "webhook", _("told by the vendor")
        RECONCILER = "reconciler", _("fetched, since nobody told")

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="vendor_conversations")
    vendor = models.CharField(_("vendor"), max_length=20)
    conversation_id = models.CharField(_("conversation"), max_length=120)
    opened_at = models.DateTimeField(_("opened"), auto_now_add=True)
    merged_at = models.DateTimeField(_("record taken over"), null=True)
    via = models.CharField(_("how"), max_length=12, choices=Via.choices, blank=True)
    turns_added = models.PositiveIntegerField(_("turns added"), default=0)
    # Null once nobody is to ask again: the record is here, or was never to be had.
    next_pull_at = models.DateTimeField(_("next question"), null=True)
    pulls = models.PositiveIntegerField(_("questions"), default=0)
    error = models.CharField(_("last problem"), max_length=120, blank=True)
    audio_wanted = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("vendor's record")
        verbose_name_plural = _("vendors' records")
        ordering: ClassVar = ["-opened_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["vendor", "conversation_id"], name="calls_vendor_conversation_once")
        ]
        indexes: ClassVar = [models.Index(fields=["next_pull_at"], name="calls_vendor_record_due")]

    def __str__(self) -> str:
        return f"{self.vendor} {self.conversation_id}"
