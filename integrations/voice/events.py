"""What a voice provider tells the bridge, in the order in which it happened.

`event_id` numbers utterances within one session, rising; audio of an utterance carries the id of its text. Times are
milliseconds of the call's clock (0 = the call's start).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class AudioOut:
    """A piece of the buyer's voice: 16-bit mono PCM at the session's output rate. `frame`: the vendor's own frame (JSON text
    in UTF-8), when it can be handed to the browser as it is; `pcm` is then empty. Not frozen: one is made for every frame,
    and a frozen one costs three times as much to make. `at_ms`: when it came, where that is known already."""

    event_id: int
    pcm: bytes
    frame: bytes = b""
    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Tentative:
    """What the trainee seems to be saying; may change."""

    event_id: int
    text: str


@dataclass(frozen=True, slots=True)
class UserSaid:
    """A finished utterance of the trainee. `latency`: name → ms of each step it took to know it."""

    event_id: int
    text: str
    start_ms: int
    end_ms: int
    confidence: float | None = None
    latency: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BuyerSaid:
    """The buyer's reply, known before its audio. `trace` explains it; `state` is the engine's, to go on after a crash.
    `speaker`: who says it, by name, where that may be one of several."""

    event_id: int
    text: str
    start_ms: int
    end_ms: int
    trace: tuple[dict[str, Any], ...] = ()
    state: dict[str, Any] | None = None
    latency: dict[str, int] = field(default_factory=dict)
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class BuyerCut:
    """The trainee cut in: of `original` only `spoken` was heard, until `end_ms`. The browser drops queued audio."""

    event_id: int
    original: str
    spoken: str
    end_ms: int


@dataclass(frozen=True, slots=True)
class BuyerFinished:
    """The buyer's last audio of this utterance will have played at `end_ms`. `first_audio_ms`: ms from the trainee's end
    of speech to the first audio sent; None for what nobody asked for."""

    event_id: int
    end_ms: int
    first_audio_ms: int | None = None


@dataclass(frozen=True, slots=True)
class SpeechScore:
    """How sure the detector is that somebody speaks, 0–1."""

    score: float


@dataclass(frozen=True, slots=True)
class Vendor:
    """A frame of the vendor that the browser may use and the bridge needs not understand."""

    frame: str


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """The vendor's agent used a tool. `arguments` and `result` as text, for the flight record only."""

    name: str
    arguments: str
    result: str
    is_error: bool
    took_ms: int


@dataclass(frozen=True, slots=True)
class Reconnected:
    """The vendor lost the conversation and another one goes on in its place, under this id."""

    conversation_id: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something went wrong; `fatal` ends the session. `error_type` is a word of the ElevenLabs protocol. `covered`: a part of
    ours stepped in, and the call lost nothing by it."""

    error_type: str
    message: str
    fatal: bool = False
    covered: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """The provider hung up. `by`: "persona" or "system"."""

    by: str
    reason: str
    outcome: str = ""


VoiceEvent = (
    AudioOut
    | Tentative
    | UserSaid
    | BuyerSaid
    | BuyerCut
    | BuyerFinished
    | SpeechScore
    | Vendor
    | ToolCalled
    | Reconnected
    | Fault
    | Ended
)
