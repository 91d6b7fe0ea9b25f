"""One call with the vendor over its websocket: sound goes as binary frames, everything else as JSON beside it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import orjson
import structlog
from picows import WSMsgType

from integrations.errors import ProviderError, ProviderInvalidAnswer, ProviderTimeout, ProviderUnavailable
from integrations.resilience import call_provider
from integrations.vendors import VendorKeys
from integrations.voice import upstream
from integrations.voice.base import VoiceBrief, VoiceSession
from integrations.voice.events import AudioOut, Ended, Fault, Reconnected, VoiceEvent
from integrations.voice.vapi import assistant, endings
from integrations.voice.vapi.api import PROVIDER, VapiApi
from integrations.voice.vapi.dialogue import Dialogue

logger = structlog.get_logger(__name__)

OPEN_SECONDS = 5.0  # for making the call, second attempts included
ALIVE_SECONDS = 5.0  # until the vendor says anything at all
TICK_SECONDS = 0.1
MOST_REDIALS = 1
WAITING_BYTES = 5 * 32_000  # five seconds of the trainee's voice are kept while the call is made again
SAID_GOODBYE = frozenset({1000, 1001, 1005})


class VapiSession(VoiceSession):
    """Two connections at most: when the first is lost, the call is made once more with all that was said before."""

    input_rate = assistant.RATE
    output_rate = assistant.RATE
    speaks_for_itself = True

    def __init__(self, brief: VoiceBrief, *, keys: VendorKeys, clock: Callable[[], int]) -> None:
        self.conversation_id = ""
        self._brief = brief
        self._keys = keys
        self._clock = clock
        self._api = VapiApi(keys)
        self._events: asyncio.Queue[VoiceEvent | None] = asyncio.Queue()
        self._dialogue = Dialogue(clock=clock, emit=self._emit, silent=brief.text_only)
        self._line: upstream.Upstream | None = None
        self._alive = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._redials = 0
        self._dialling = False
        self._held = False
        self._closed = False
        self._direction = ""
        self.malformed = 0  # messages that were none

    # -- the port -------------------------------------------------------------------------------------------------------
    async def start(self) -> None:
        await self._dial(self._brief)
        self._spawn(self._tick())

    def hear_audio(self, pcm: bytes) -> None:
        if self._held or self._closed or self._brief.text_only:
            return
        if self._line is not None:
            self._line.send_audio(pcm, WSMsgType.BINARY)
        else:
            self._keep(pcm)

    async def hear_text(self, text: str) -> None:
        self._dialogue.typed(text)
        self._tell(
            {"type": "add-message", "message": {"role": "user", "content": text}, "triggerResponseEnabled": True}
        )

    async def activity(self) -> None:
        """The vendor has no word for typing; it speaks up only when its silence rules are set up there."""

    async def direct(self, text: str) -> None:
        self._direction = text
        # Nothing is answered to it: the next words of the buyer's side follow it.
        message = {"role": "system", "content": text}
        self._tell({"type": "add-message", "message": message, "triggerResponseEnabled": False})

    async def hold(self, held: bool) -> None:
        if held != self._held:
            self._held = held
            self._tell({"type": "control", "control": "mute-assistant" if held else "unmute-assistant"})

    async def flush(self) -> None:
        if not self._closed:
            self._dialogue.flush()

    async def events(self) -> AsyncIterator[VoiceEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        line, self._line = self._line, None
        if line is not None:
            if self._dialogue.ending is None:
                line.send_text(orjson.dumps({"type": "end-call"}))
            line.close()
        for task in self._tasks:
            task.cancel()
        self._events.put_nowait(None)

    # -- the connection -------------------------------------------------------------------------------------------------
    async def _dial(self, brief: VoiceBrief) -> None:
        """Make the call and connect to it. Raises a `ProviderError`."""
        body = assistant.websocket_call(brief, self._keys)
        call = await asyncio.to_thread(
            call_provider,
            PROVIDER,
            lambda left: self._api.create_call(body, seconds=left or OPEN_SECONDS),
            seconds=OPEN_SECONDS,
            account=self._keys.account,
        )
        transport = call.get("transport")
        url = transport.get("websocketCallUrl") if isinstance(transport, dict) else None
        if not isinstance(url, str):
            raise ProviderInvalidAnswer("a call without an address", provider=PROVIDER)
        self.conversation_id = call["id"]
        self._alive.clear()
        self._dialling = True
        try:
            line = await self._connect(url)
        finally:
            self._dialling = False
        if self._closed:
            line.close()
            return
        self._line = line
        while self._waiting:
            line.send_audio(self._waiting.popleft(), WSMsgType.BINARY)
        self._waiting_bytes = 0
        if self._held:
            self._tell({"type": "control", "control": "mute-assistant"})
        if self._direction:
            await self.direct(self._direction)

    async def _connect(self, url: str) -> upstream.Upstream:
        """A line on which the vendor has said something. Raises a `ProviderError`."""
        line = await upstream.connect(
            url, provider=PROVIDER, on_text=self._text, on_binary=self._binary, on_closed=self._gone
        )
        try:
            async with asyncio.timeout(ALIVE_SECONDS):
                await self._alive.wait()
        except TimeoutError:
            line.close()
            raise ProviderTimeout("the call was made, but nobody spoke", provider=PROVIDER) from None
        except asyncio.CancelledError:  # whoever opens the call has no more time for us
            line.close()
            raise
        ending = self._dialogue.ending
        if not line.open or (ending is not None and ending.fault):
            line.close()
            raise ProviderUnavailable("the call was broken off at once", provider=PROVIDER)
        return line

    def _text(self, text: bytes) -> None:
        self._alive.set()
        try:
            data = orjson.loads(text)
        except orjson.JSONDecodeError:
            data = None
        if isinstance(data, dict):
            self._dialogue.message(data)
            return
        self.malformed += 1
        logger.warning("a message of the voice vendor could not be read", provider=PROVIDER, call=self._brief.call_id)

    def _binary(self, pcm: bytes) -> None:
        self._alive.set()
        if not self._held:
            self._dialogue.audio(pcm)

    def _gone(self, code: int) -> None:
        """The connection is over. Said goodbye or not, the vendor is asked how the call stands, unless it told already."""
        self._alive.set()
        if self._dialling:
            return
        line, self._line = self._line, None
        if line is None or self._closed or self._dialogue.ending is not None:
            return
        self._spawn(self._lost(code))

    async def _lost(self, code: int) -> None:
        self._dialogue.broken()
        logger.warning("the voice vendor's line is gone", provider=PROVIDER, call=self._brief.call_id, code=code)
        if code in SAID_GOODBYE:
            ended = await self._how_it_ended()
            if ended is not None:
                self._emit(Ended(ended.by, ended.reason))
                return
        if self._redials >= MOST_REDIALS:
            self._emit(Fault("websocket_disconnect", "The voice service dropped the call.", fatal=True))
            return
        self._redials += 1
        self._emit(Fault("websocket_disconnect", "The voice service dropped the line. Calling again."))
        before = self.conversation_id
        try:
            await self._dial(self._so_far())
        except ProviderError as error:
            logger.warning("the call could not be made again", provider=PROVIDER, error_type=type(error).__name__)
            if self.conversation_id != before:  # made, though nobody spoke in it: its report is of this call too
                self._emit(Reconnected(self.conversation_id))
            self._emit(Fault("websocket_disconnect", "The voice service dropped the call.", fatal=True))
        else:
            self._emit(Reconnected(self.conversation_id))

    async def _how_it_ended(self) -> endings.Ending | None:
        """By the vendor's record; None when the call is not over there, or was broken off."""
        try:
            call = await asyncio.to_thread(self._api.call, self.conversation_id)
        except ProviderError:
            return None
        if call is None or call.get("status") != "ended":
            return None
        ended = endings.ending(str(call.get("endedReason", "")))
        return None if ended.fault else ended

    def _so_far(self) -> VoiceBrief:
        """The brief for the rest of the call."""
        said = (*self._brief.history, *self._dialogue.said)
        left = max(assistant.FEWEST_SECONDS, self._brief.time_limit_seconds - self._clock() // 1000)
        return replace(self._brief, history=said, resumed=True, time_limit_seconds=left)

    # -- small things ---------------------------------------------------------------------------------------------------
    def _tell(self, message: dict[str, Any]) -> None:
        if self._line is not None:
            self._line.send_text(orjson.dumps(message))

    def _keep(self, pcm: bytes) -> None:
        """What the trainee says while the call is made again; the oldest goes first."""
        self._waiting.append(pcm)
        self._waiting_bytes += len(pcm)
        while self._waiting_bytes > WAITING_BYTES:
            self._waiting_bytes -= len(self._waiting.popleft())

    def _emit(self, event: VoiceEvent) -> None:
        if isinstance(event, AudioOut) and self.audio_out is not None:
            self.audio_out(event)
        else:
            self._events.put_nowait(event)

    async def _tick(self) -> None:
        while not self._dialogue.over:
            await asyncio.sleep(TICK_SECONDS)
            self._dialogue.tick()

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
