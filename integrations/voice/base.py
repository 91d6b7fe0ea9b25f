"""The port behind which every voice vendor stands, the embedded engine among them.

The browser's side always speaks the ElevenLabs Agents protocol; the bridge in `calls` takes it apart. A session is
given what the trainee says (audio or text) and yields `VoiceEvent`s. Vendor words stop here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from integrations.errors import ProviderNotConfigured
from integrations.vendors import VendorKeys
from integrations.voice.events import AudioOut, VoiceEvent
from integrations.voice.records import OverheardSound, RecordedAudio, VoiceRecord


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the buyer says next. `hang_up`: reason, and `outcome` how it went, when the buyer ends the call after it.
    `trouble`: the code of what failed while it was worded, when a lesser wording stands in. Where several people may speak,
    `speaker` is who does, by name, and `voice_id` their voice; `then` is what somebody else says right after it."""

    text: str
    trace: tuple[dict[str, Any], ...] = ()
    state: dict[str, Any] = field(default_factory=dict)
    hang_up: str = ""
    outcome: str = ""
    trouble: str = ""
    speaker: str = ""
    voice_id: str = ""
    then: Spoken | None = None


@dataclass(frozen=True, slots=True)
class SpokenStream:
    """A reply while it is being worded: whole sentences, as soon as each may be said. `finish(text)` is called once, with
    what was worded when it ended or was cut, and gives the whole reply. `hang_up`: the buyer leaves after it. `voice_id`: as
    of `Spoken`."""

    sentences: AsyncGenerator[str]
    finish: Callable[[str], Spoken]
    hang_up: str = ""
    voice_id: str = ""


class Responder(Protocol):
    """Who answers in the buyer's place; `calls` adapts its conversation engine to this."""

    async def open(self) -> Spoken: ...

    async def respond(self, text: str, *, at_ms: int) -> Spoken: ...

    async def silence(self, *, silent_ms: int) -> Spoken | None: ...

    def stock_lines(self) -> tuple[str, ...]:
        """Lines this buyer is likely to say: to be synthesised ahead."""
        ...


@runtime_checkable
class ManyVoiced(Protocol):
    """A responder that may speak in more than one voice."""

    def lines_by_voice(self) -> Mapping[str, tuple[str, ...]]:
        """Lines to be synthesised ahead, by voice; the voice that speaks next comes first."""
        ...


@runtime_checkable
class StreamingResponder(Protocol):
    """A responder whose replies can be spoken while they are still being worded. The session closes it."""

    async def respond_stream(self, text: str, *, at_ms: int) -> SpokenStream: ...

    async def close(self) -> None: ...


@runtime_checkable
class KnowingResponder(Protocol):
    """A responder that can be asked for what the buyer knows, by a vendor's agent that has a tool for it."""

    async def look_up(self, query: str) -> str:
        """A fact of the buyer's world, as a sentence or two; "" where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class SaidBefore:
    """A turn of an earlier part of the call, or of the call this one branched off. `role`: "user" or "assistant"."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class VoiceBrief:
    """What a vendor is told of the buyer. `resumed`: the call goes on after a break, so no first message; `history` is then
    what was said before. `variables` are plain values for the vendor's record (our call's id among them), never secret.
    `observable`: others may listen in on it."""

    call_id: str
    prompt: str
    first_message: str
    language: str
    voice_id: str
    text_only: bool = False
    resumed: bool = False
    history: tuple[SaidBefore, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    time_limit_seconds: int = 600
    observable: bool = False


@dataclass(frozen=True, slots=True)
class DirectSession:
    """For a browser that goes straight to the vendor. `url` is good for one conversation and holds no key.
    `conversation_id` is "" where the vendor tells it only later."""

    url: str
    agent_id: str
    conversation_id: str = ""


class VoiceSession(ABC):
    """One call with one vendor. All methods are called from one event loop."""

    conversation_id: str
    input_rate: int = 16000  # Hz, 16-bit mono PCM expected by `hear_audio`
    output_rate: int = 24000  # Hz, of `AudioOut.pcm`
    # A vendor that speaks the browser's own protocol is given the browser's audio frames untouched (`hear_frame`).
    takes_frames: bool = False
    # The buyer's words are the vendor's own, not a `Responder`'s: what leads them is told by `direct`.
    speaks_for_itself: bool = False
    # Set before `start` by who wants the voice at once, on the event loop, instead of behind other events in `events`.
    audio_out: Callable[[AudioOut], None] | None = None

    @abstractmethod
    async def start(self) -> None:
        """Open the session. Raises a `ProviderError` when the vendor refuses."""

    @abstractmethod
    def hear_audio(self, pcm: bytes) -> None:
        """Audio of the trainee's microphone as it comes; never waits."""

    def hear_frame(self, frame: bytes) -> None:
        """An audio frame of the browser as it came, JSON text in UTF-8; only where `takes_frames`. Never waits."""
        raise TypeError(f"{type(self).__name__} takes audio, not frames")

    @abstractmethod
    async def hear_text(self, text: str) -> None:
        """A typed turn of the trainee."""

    @abstractmethod
    async def activity(self) -> None:
        """The trainee is typing: don't take it as silence."""

    async def direct(self, text: str) -> None:  # noqa: B027  (a responder of ours needs no direction)
        """A direction for the vendor's agent that plays the buyer, said by nobody; the newest one holds, also after the
        vendor lost the conversation. Never waits for an answer."""

    @abstractmethod
    async def hold(self, held: bool) -> None:
        """The browser's socket was lost (`held`) or is back: a held session keeps quiet and counts no silence."""

    @abstractmethod
    async def flush(self) -> None:
        """The call is about to end: tell (as events) what was heard and not told yet, the trainee's last words above
        all; answer nothing. Returns when those events are queued."""

    @abstractmethod
    def events(self) -> AsyncIterator[VoiceEvent]:
        """What happens, until the session is over. After `close` it yields what is still queued, then stops."""

    @abstractmethod
    async def close(self) -> None:
        """Stop everything; more than once is fine."""


class VoiceProvider(ABC):
    """A vendor. One instance per process."""

    name: str

    def warm(self) -> None:  # noqa: B027  (most vendors have nothing to get ready)
        """A web process has started: get ready in the background for the first call. Returns at once."""

    @abstractmethod
    async def open(
        self, brief: VoiceBrief, *, keys: VendorKeys, responder: Responder, clock: Callable[[], int]
    ) -> VoiceSession:
        """A new session. `keys`: whose account is used; `clock` gives the milliseconds since the call's start."""

    def direct_sources(self, keys: VendorKeys) -> dict[str, list[str]]:
        """Whom a browser has to do with when a call goes straight to the vendor, by directive of the content security policy
        (`connect-src` → [`wss://host`]); empty where that is not possible."""
        return {}

    def joined_by_browser(self, keys: VendorKeys) -> bool:
        """Does a call that goes straight to the vendor need the vendor's own software (`browser_call`)?"""
        return False

    def direct_session(self, brief: VoiceBrief, *, keys: VendorKeys, recording: bool) -> DirectSession | None:
        """A conversation that the browser holds without us; None where that is not possible. The buyer's instructions stay
        with the vendor. `recording`: whether the vendor may keep the sound. Blocking, uses the current organisation's rows.

        Raises a `ProviderError`."""
        return None

    def telephones(self, keys: VendorKeys) -> bool:
        """Can this account call a telephone?"""
        return False

    def lets_listen(self, keys: VendorKeys) -> bool:
        """Can somebody listen in on what this account holds without us (`listen`)?"""
        return False

    def place_call(self, brief: VoiceBrief, *, number: str, keys: VendorKeys, recording: bool) -> str:
        """Have the vendor call a telephone (`number`: E.164) and play the buyer there; the conversation's id. It rings when
        this returns. Blocking. Raises a `ProviderError`."""
        raise ProviderNotConfigured("calls no telephones", provider=self.name)

    def browser_call(self, brief: VoiceBrief, *, keys: VendorKeys, recording: bool) -> DirectSession | None:
        """A call that waits for the browser, which joins it by the vendor's own software; None where the account allows none.
        Blocking. Raises a `ProviderError`."""
        return None

    def listen(self, conversation_id: str, *, keys: VendorKeys) -> AsyncGenerator[OverheardSound]:
        """The sound of a conversation that no session of ours holds, for who listens in (`VoiceBrief.observable`), until it
        is over. Raises a `ProviderError`."""
        raise ProviderNotConfigured("lets nobody listen in", provider=self.name)

    def hang_up(self, conversation_id: str, *, keys: VendorKeys) -> None:  # noqa: B027  (most conversations end with our line)
        """End a conversation that no session of ours holds. One that is over, or unknown, is no error. Blocking. Raises a
        `ProviderError`."""

    def check(self, keys: VendorKeys) -> None:  # noqa: B027  (what needs no key has nothing to check)
        """Are these keys good for a call? Asked when they are saved. Blocking. Raises a `ProviderError` whose message is the
        vendor's reason, in words for whoever typed the key."""

    def fetch_record(self, conversation_id: str, *, keys: VendorKeys) -> VoiceRecord | None:
        """What the vendor kept of a conversation; None when it keeps none or knows none by this id. Blocking.

        Raises a `ProviderError` when it could not be asked."""
        return None

    def fetch_recording(self, conversation_id: str, *, keys: VendorKeys) -> RecordedAudio | None:
        """The conversation's sound, in pieces; None when there is none. Blocking. Raises a `ProviderError`."""
        return None
