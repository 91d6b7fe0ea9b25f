"""A call with the Vapi stand-in over its websocket: sound as binary frames, messages as JSON beside it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import soxr
from starlette.websockets import WebSocket, WebSocketDisconnect

from integrations.voice.base import VoiceSession
from integrations.voice.events import AudioOut, BuyerCut, BuyerFinished, BuyerSaid, Ended, Tentative, UserSaid
from tests.standins.agent import Script, ToolFailed, talk
from tests.standins.vapi_record import RATE, Kept
from tests.standins.vapi_tools import use_tool

if TYPE_CHECKING:
    from tests.standins.vapi import Vapi

FRAME_BYTES = RATE // 50 * 2
SILENCE = bytes(FRAME_BYTES)
LOUD = 12  # of 32767, root mean square: what is above it is a voice
STARTED_BYTES, STOPPED_BYTES = RATE // 1000 * 2 * 60, RATE // 1000 * 2 * 400


class Line:
    """One socket of one call. `sent` and `heard` are the messages of both sides; `frames` counts binary ones that came."""

    def __init__(self, vendor: Vapi, kept: Kept, socket: WebSocket) -> None:
        self.vendor = vendor
        self.kept = kept
        self.socket = socket
        self.sent: list[dict[str, Any]] = []
        self.heard: list[dict[str, Any]] = []
        self.frames = 0
        self.session: VoiceSession | None = None
        self.muted = False
        self._closed = False
        self._turn = 0
        self._frames_of_reply = 0
        self._speaking_user = False
        self._loud_bytes = self._quiet_bytes = 0
        self._lines: dict[int, dict[str, Any]] = {}
        self._stream: Any = None
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._skip = 0  # turns of the customer that were said in an earlier part of the call

    # -- the call -----------------------------------------------------------------------------------------------------
    async def run(self) -> None:
        assistant, vendor = self.kept.assistant, self.vendor
        said = [line for line in (assistant.get("model") or {}).get("messages") or [] if line["role"] != "system"]
        mode = assistant.get("firstMessageMode", "assistant-speaks-first")
        opening = assistant.get("firstMessage", "Hello?") if mode == "assistant-speaks-first" else ""
        base = vendor.script or Script(language=(assistant.get("transcriber") or {}).get("language") or "en")
        script = Script(base.language, opening, base.lines, "lookup_knowledge", base.end_tool)
        self.kept.begin()
        await self.send({"type": "assistant.started", "newAssistant": {"name": assistant.get("name", "")}})
        await self.send({"type": "status-update", "status": "in-progress"})
        vendor.spawn(vendor.tell(self.kept, {"type": "status-update", "status": "in-progress"}))
        self.session, _buyer = await talk(script, call_tool=self._call_tool, resumed=not opening, speech=vendor.speech)
        tasks = [asyncio.create_task(work) for work in (self._speak(), self._limit(), self._line_noise())]
        if mode.endswith("model-generated-message") and said and said[-1]["role"] == "user":
            self._skip = 1
            await self.session.hear_text(said[-1]["content"])
        try:
            await self._listen()
        except (WebSocketDisconnect, RuntimeError):
            await self.end("customer-ended-call")
        finally:
            for task in tasks:
                task.cancel()
            await self.session.close()

    async def _listen(self) -> None:
        assert self.session is not None
        while True:
            message = await self.socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code") or 1005)
            pcm = message.get("bytes")
            if pcm is not None:
                self.frames += 1
                pcm = pcm[: len(pcm) // 2 * 2]
                self.kept.sounds.append((0, max(0.0, self.kept.seconds - len(pcm) / 2 / RATE), RATE, pcm))
                self.session.hear_audio(pcm)
                await self._watch_voice(pcm)
                continue
            try:
                asked = json.loads(message["text"])
            except ValueError:
                continue
            self.heard.append(asked)
            await self.obey(asked)

    async def obey(self, asked: dict[str, Any]) -> bool:
        """A control message, from the socket or the control address. False: there is no such."""
        assert self.session is not None
        match asked.get("type"):
            case "end-call" | "hangup":
                await self.end("manually-canceled")
            case "say":
                await self._force(str(asked.get("content", "")))
                if asked.get("endCallAfterSpoken"):
                    await self.end("assistant-ended-call-after-message-spoken")
            case "add-message":
                said = asked["message"]
                if said["role"] == "user" and asked.get("triggerResponseEnabled", True):
                    await self.session.hear_text(said["content"])
            case "control":
                if asked["control"] in ("mute-assistant", "unmute-assistant"):
                    self.muted = asked["control"] == "mute-assistant"
            case "transfer" | "handoff" | "send-transport-message":
                pass
            case _:
                return False
        return True

    async def end(self, reason: str) -> None:
        """Twice is once."""
        if self.kept.ended is not None:
            return
        self.vendor.end(self.kept, reason)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await self.send({"type": "status-update", "status": "ended", "endedReason": reason})
            if not self._closed:
                self._closed = True
                await self.socket.close(1000, "")

    async def _limit(self) -> None:
        await asyncio.sleep(float(self.kept.assistant.get("maxDurationSeconds", 600)))
        await self.end("exceeded-max-duration")

    async def _line_noise(self) -> None:
        """Some lines send frames all the time, silent ones too."""
        while self.vendor.line_noise:
            await asyncio.sleep(0.1)
            if not self._closed and not self._lines_open():
                with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                    await self.socket.send_bytes(SILENCE)

    def _lines_open(self) -> bool:
        return self._frames_of_reply > 0

    # -- to the client ------------------------------------------------------------------------------------------------
    async def send(self, message: dict[str, Any]) -> None:
        """Only what the assistant's `clientMessages` ask for."""
        wanted = self.kept.assistant.get("clientMessages")
        if wanted is not None and message["type"] not in wanted:
            return
        await self._flowing.wait()
        if self._closed:
            return
        message = {**message, "timestamp": int(time.time() * 1000)}
        if self.vendor.chatty:
            # The vendor's messages may repeat whose call it is, instructions included.
            message["assistant"] = self.kept.assistant
        self.sent.append(message)
        await self.socket.send_text(json.dumps({"message": message} if self.vendor.wrapped else message))

    async def _speak(self) -> None:
        assert self.session is not None
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            async for event in self.session.events():
                await self._tell(event)

    async def _tell(self, event: Any) -> None:
        match event:
            case AudioOut():
                await self._send_audio(event)
            case Tentative():
                await self.send(
                    {"type": "transcript", "role": "user", "transcriptType": "partial", "transcript": event.text}
                )
            case UserSaid():
                await self._user_said(event)
            case BuyerSaid():
                await self._reply(event)
            case BuyerCut():
                await self.send({"type": "user-interrupted"})
                await self._finish(event.event_id, event.spoken)
            case BuyerFinished():
                left = (event.end_ms - self.session_clock()) / 1000
                if left > 0:
                    await asyncio.sleep(left)
                await self._finish(event.event_id, None)
            case Ended():
                await self.end("assistant-ended-call")

    def session_clock(self) -> int:
        assert self.session is not None
        clock: Callable[[], int] = self.session._clock  # type: ignore[attr-defined]
        return clock()

    async def _watch_voice(self, pcm: bytes) -> None:
        samples = np.frombuffer(pcm, "<i2").astype(float)
        if samples.size and float(np.sqrt(np.mean(samples**2))) > LOUD:
            self._loud_bytes, self._quiet_bytes = self._loud_bytes + len(pcm), 0
        else:
            self._quiet_bytes += len(pcm)
        if self._loud_bytes >= STARTED_BYTES:
            await self._user_speaks()
        if self._quiet_bytes >= STOPPED_BYTES:
            self._loud_bytes = 0
            await self._user_stops()

    async def _user_stops(self) -> None:
        if self._speaking_user:
            self._speaking_user = False
            await self.send({"type": "speech-update", "status": "stopped", "role": "user", "turn": self._turn})

    async def _user_speaks(self) -> None:
        if not self._speaking_user:
            self._speaking_user = True
            await self.send({"type": "speech-update", "status": "started", "role": "user", "turn": self._turn})

    async def _user_said(self, event: UserSaid) -> None:
        if self._skip:
            self._skip -= 1
            return
        typed = event.start_ms == event.end_ms
        self.kept.say("user", event.text, seconds=max(0.3, (event.end_ms - event.start_ms) / 1000))
        if typed:  # put in by the client, who knows it
            return
        await self._user_stops()
        words = event.text.split()
        cut = len(words) // 2 if self.vendor.split_finals and len(words) > 5 else 0
        for piece in (words[:cut], words[cut:]):
            if piece:
                final = {"type": "transcript", "role": "user", "transcriptType": "final", "transcript": " ".join(piece)}
                await self.send(final)

    async def _reply(self, event: BuyerSaid) -> None:
        vendor = self.vendor
        if slow := vendor.take("slow", where="voice"):
            await asyncio.sleep(slow.seconds)
        self._frames_of_reply, self._turn = 0, self._turn + 1
        self._stream = None
        self._lines[event.event_id] = {"text": event.text, "began": self.kept.seconds}
        turn_id = f"turn_{self._turn}"
        for token in event.text.split(" "):
            await self.send({"type": "model-output", "output": token + " ", "turnId": turn_id})
        if stalled := vendor.take("stall", where="voice"):
            if vendor.tells_hang:
                await self.send({"type": "hang"})
            self._flowing.clear()
            asyncio.get_running_loop().call_later(stalled.seconds, self._flowing.set)
        if vendor.take("malformed_frame", where="voice"):
            await self.socket.send_text('{"type": "transcript", "role": "assis')
            await self.socket.send_text('["no", "object"]')
            await self.socket.send_bytes(b"\x01")
            await self.socket.send_bytes(b"\x00")
        await self.send({"type": "speech-update", "status": "started", "role": "assistant", "turn": self._turn})
        spoken = {"type": "assistant.speechStarted", "text": event.text, "turn": self._turn, "source": "model"}
        await self.send(spoken)

    async def _finish(self, event_id: int, spoken: str | None) -> None:
        line = self._lines.pop(event_id, None)
        if line is None:
            return
        self._frames_of_reply = 0
        text = line["text"] if spoken is None else spoken
        if text:
            self.kept.say("bot", text, seconds=max(0.3, self.kept.seconds - line["began"]))
            said = {"type": "transcript", "role": "assistant", "transcriptType": "final", "transcript": text}
            if not self.vendor.late_transcripts:
                await self.send(said)
        await self.send({"type": "speech-update", "status": "stopped", "role": "assistant", "turn": self._turn})
        if text and self.vendor.late_transcripts:
            await self.send(said)
        if self.vendor.chatty:
            history = self.kept.artifact("")["messagesOpenAIFormatted"]
            await self.send({"type": "conversation-update", "messagesOpenAIFormatted": history})

    async def _send_audio(self, event: AudioOut) -> None:
        assert self.session is not None
        self._frames_of_reply += 1
        if self._frames_of_reply == 3 and self.vendor.take("drop_mid_word", where="voice"):
            self._closed = True
            self.vendor.end(self.kept, "worker-shutdown")
            self.socket.scope["standin.abort"]()
            return
        await self._flowing.wait()
        if self._closed or self.muted:
            return
        rate = self.session.output_rate
        self.kept.sounds.append((1, self.kept.seconds, rate, event.pcm))
        if rate != RATE:
            if self._stream is None:
                self._stream = soxr.ResampleStream(rate, RATE, 1, dtype="int16")
            samples = self._stream.resample_chunk(np.frombuffer(event.pcm, "<i2"))
            pcm = samples.astype("<i2").tobytes()
        else:
            pcm = event.pcm
        for at in range(0, len(pcm), FRAME_BYTES):
            await self.socket.send_bytes(pcm[at : at + FRAME_BYTES])

    async def _force(self, text: str) -> None:
        """`say`: the words are told as spoken; only the brain's own lines have sound here."""
        self._turn += 1
        self.kept.say("bot", text)
        for status in ("started", "stopped"):
            await self.send({"type": "speech-update", "status": status, "role": "assistant", "turn": self._turn})
            if status == "started":
                await self.send(
                    {"type": "transcript", "role": "assistant", "transcriptType": "final", "transcript": text}
                )

    # -- tools --------------------------------------------------------------------------------------------------------
    async def _call_tool(self, name: str, arguments: dict[str, Any]) -> str:
        tool_id = f"call_{secrets.token_hex(6)}"
        call = {"id": tool_id, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        await self.send({"type": "tool-calls", "toolCallList": [call], "toolWithToolCallList": []})
        result = await use_tool(self.vendor, self.kept, tool_id, name, arguments)
        failed = "result" not in result
        text = str(result.get("error" if failed else "result", "No result returned."))
        self.kept.used(tool_id, name, json.dumps(arguments), text, failed=failed)
        await self.send({"type": "tool-calls-result", "toolCallResult": {"toolCallId": tool_id, **result}})
        if failed:
            raise ToolFailed(text)
        return text
