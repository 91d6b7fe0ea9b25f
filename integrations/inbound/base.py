"""The port behind which every vendor's webhook stands. An adapter knows its vendor's headers and words; nothing else does.

One module per vendor ends with `VENDOR = SomeInbound()` and is named in `integrations.inbound.registry`. The view asks it
to `verify` (raw bytes, before anything is parsed), then to `parse`. What was parsed is written to the ledger; a task hands
it to the handlers that the domain apps registered (`integrations.inbound.handlers`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, BinaryIO, ClassVar

import orjson
from django.utils import timezone

from integrations.vendors import VendorKeys
from integrations.voice.records import LiveNews, RecordedAudio, VoiceRecord

PIECE = 64 * 1024


class InboundRefused(Exception):
    """Not signed by the vendor. `reason` is a word for our log ("no_header", "stale", "mismatch"); the sender is told
    nothing but that it was refused."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class InboundInvalid(Exception):
    """Signed, but not a message this vendor sends. `reason` is a sentence for the sender."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Topic(StrEnum):
    """What a message is about, in our words."""

    CALL_RECORD = "call.record"  # the whole conversation, after its end: `record_of` reads it
    CALL_RECORDING = "call.recording"  # its sound: `recording_of` reads it
    CALL_STATUS = "call.status"  # it started, it ended
    CALL_FAILED = "call.failed"  # it never came about
    CALL_LIVE = "call.live"  # what is said and who speaks, while it is held: `live_of` reads it
    OTHER = "other"


class Body:
    """A request's raw bytes, in memory or on disk; can be read again and again."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self.size = size

    def pieces(self) -> Iterator[bytes]:
        """From the beginning, at most 64 KB at a time: for a digest of something large."""
        self._file.seek(0)
        while piece := self._file.read(PIECE):
            yield piece

    def open(self) -> BinaryIO:
        """The file, at its beginning."""
        self._file.seek(0)
        return self._file

    def head(self, size: int = PIECE) -> bytes:
        self._file.seek(0)
        return self._file.read(size)

    def read(self) -> bytes:
        """Everything: only where the size is known to be small."""
        self._file.seek(0)
        return self._file.read()

    def json(self) -> dict[str, Any]:
        """The whole body as one JSON object. Raises `InboundInvalid`."""
        try:
            value = orjson.loads(self.read())
        except ValueError:
            raise InboundInvalid("The body is not valid JSON.") from None
        if not isinstance(value, dict):
            raise InboundInvalid("The body must be a JSON object.")
        return value


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """What `parse` finds. `event_id`: the same for every delivery of the same event, whatever the vendor calls it.
    `kind`: the vendor's own word. `keep_body`: too large for a row; the raw body is kept as a private file and `payload`
    holds only what identifies it. `organization`: the slug our own variables in the message name, where they do."""

    event_id: str
    kind: str
    payload: dict[str, Any]
    topic: Topic = Topic.OTHER
    conversation_id: str = ""
    occurred_at: datetime | None = None
    keep_body: bool = False
    organization: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """A message of the ledger, as handlers get it. `body`: the raw body where it was kept as a file, else None."""

    vendor: str
    event_id: str
    kind: str
    topic: str
    conversation_id: str
    payload: dict[str, Any]
    received_at: datetime
    body: BinaryIO | None = field(default=None, repr=False)

    @classmethod
    def just_now(cls, vendor: str, message: InboundMessage) -> Received:
        """A message that is answered while its sender waits, not taken from the ledger."""
        return cls(
            vendor=vendor,
            event_id=message.event_id,
            kind=message.kind,
            topic=message.topic,
            conversation_id=message.conversation_id,
            payload=message.payload,
            received_at=timezone.now(),
        )


class InboundVendor(ABC):
    """One vendor's webhook. Instances keep no state: one serves every organisation."""

    name: ClassVar[str]
    max_bytes: ClassVar[int] = 1024 * 1024
    # What an unsigned message gets, and the sentence that goes with it.
    refused_status: ClassVar[int] = 401
    refused_message: ClassVar[str] = "The signature is missing or wrong."
    # Kinds whose sender waits for an answer (`answer_of`); everything else is acknowledged and handled later.
    synchronous: ClassVar[frozenset[str]] = frozenset()
    # Kinds that are worth something at once or not at all: handled while the sender waits and never written into the ledger.
    # Their handlers do little, and know what came twice by themselves.
    passing: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def verify(self, headers: Mapping[str, str], body: Body, keys: VendorKeys) -> None:
        """Raises `InboundRefused` unless one of `keys.webhook_secrets` signed these bytes. `headers`: case does not matter.

        No secret configured is a refusal, never a pass.
        """

    @abstractmethod
    def parse(self, headers: Mapping[str, str], body: Body) -> InboundMessage:
        """Raises `InboundInvalid`. Kinds it does not know are messages too: they are stored and left alone."""

    def answer_without_handler(self, message: InboundMessage) -> dict[str, Any]:
        """What a synchronous kind is told when no app answers it."""
        return {}

    def record_of(self, received: Received) -> VoiceRecord | None:
        """What a `CALL_RECORD` says; None for other topics."""
        return None

    def recording_of(self, received: Received) -> RecordedAudio | None:
        """The sound that a `CALL_RECORDING` carries; None for other topics."""
        return None

    def live_of(self, received: Received) -> LiveNews | None:
        """What a `CALL_LIVE` says; None for other topics."""
        return None
