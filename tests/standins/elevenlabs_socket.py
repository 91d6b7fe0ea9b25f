"""ElevenLabs: one conversation over its Agents socket, frame by frame as its published contract has them."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import re
import secrets
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import soxr
from starlette.websockets import WebSocket, WebSocketDisconnect

from integrations.voice.base import VoiceSession
from integrations.voice.events import AudioOut, BuyerCut, BuyerFinished, BuyerSaid, Ended, Fault, Tentative, UserSaid
from tests.standins.agent import Script, ToolFailed, talk
from tests.standins.elevenlabs_record import Kept

if TYPE_CHECKING:
    from tests.standins.elevenlabs import ElevenLabs

VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
TOOL_SECONDS = 10.0
EAR_RATE = 16000
VAD_EVERY_BYTES = EAR_RATE // 10 * 2
LOUD = 300  # root mean square above which somebody speaks


class Talk:
    """`run` it; it returns when the socket is closed by either side."""

    def __init__(
        self, vendor: ElevenLabs, socket: WebSocket, *, agent: dict[str, Any], known: Mapping[str, Any]
    ) -> None:
        self.vendor = vendor
        self.socket = socket
        self.agent = agent
        self.kept = Kept(known.get("conversation_id") or f"conv_{secrets.token_hex(12)}", agent["agent_id"])
        self.heard: list[dict[str, Any]] = []  # every frame of the client, audio left out
        self.audio_frames: list[str] = []  # the raw text of each audio frame of the client
        self.sent: list[dict[str, Any]] = []
        self.session: VoiceSession | None = None
        self.client_events: list[str] = agent["conversation_config"].get("conversation", {}).get("client_events") or []
        self._tools: dict[str, asyncio.Future[tuple[str, bool]]] = {}
        self._lines: dict[int, dict[str, Any]] = {}
        self._frames_of_reply = 0
        self._muted = asyncio.Event()
        self._muted.set()
        self._pings = 0
        self._score_bytes = 0
        self._closed = False
        self._stream: dict[tuple[int, int], soxr.ResampleStream] = {}

    async def run(self) -> None:
        tasks: list[asyncio.Task[None]] = []
        try:
            first = await self._receive()
            rest = None if first.get("type") == "conversation_initiation_client_data" else first
            if not await self._begin({} if rest else first):
                return
            tasks = [asyncio.create_task(work) for work in (self._speak(), self._ping())]
            if rest:
                await self._hear(rest)
            while True:
                await self._hear(await self._receive())
        except WebSocketDisconnect as gone:
            if not self.kept.termination:
                self.kept.termination = "Client disconnected" if gone.code != 1000 else "User ended the conversation"
        except RuntimeError:
            pass  # closed by our own side meanwhile
        finally:
            self._closed = True
            for task in tasks:
                task.cancel()
            if self.session is not None:
                await self.session.close()
            self.kept.ended = time.time()

    # -- beginning ----------------------------------------------------------------------------------------------------
    async def _begin(self, told: dict[str, Any]) -> bool:
        """The client's wishes against what the agent allows. False: refused and closed."""
        vendor, config = self.vendor, self.agent["conversation_config"]
        wish = told.get("conversation_config_override") or {}
        variables = told.get("dynamic_variables") or {}
        self.kept.initiation = {
            "conversation_config_override": wish,
            "custom_llm_extra_body": told.get("custom_llm_extra_body") or {},
            "dynamic_variables": {"system__conversation_id": self.kept.id, **variables},
        }
        self.kept.user_id = told.get("user_id")
        self.vendor.conversations[self.kept.id] = self.kept
        allowed = (self.agent["platform_settings"].get("overrides") or {}).get("conversation_config_override") or {}
        if refused := _refused(wish, allowed):
            await self.fail("override_error", code=1008, message=f"Override for field '{refused}' is not allowed")
            return False
        agent = {**config.get("agent", {}), **wish.get("agent", {})}
        prompt = (agent.get("prompt") or {}).get("prompt") or ""
        opening = agent.get("first_message") or ""
        if missing := set(VARIABLE.findall(prompt + opening)) - set(self.kept.initiation["dynamic_variables"]):
            await self.fail("missing_dynamic_variable", code=1008, message=f"Missing: {sorted(missing)}")
            return False
        # The Python client puts `text_only` at the top, the contract below `conversation`.
        conversation = {**config.get("conversation", {}), **wish.get("conversation", {})}
        text_only = bool(wish.get("text_only") or conversation.get("text_only"))
        script = vendor.script or Script(language=agent.get("language") or "en")
        script = Script(script.language, opening, script.lines, script.look_up_tool, script.end_tool)
        self.kept.text_only, self.kept.language = text_only, script.language
        self.session, _buyer = await talk(script, call_tool=self._call_tool, text_only=text_only, speech=vendor.speech)
        self.output_format = vendor.output_format or f"pcm_{self.session.output_rate}"
        self.kept.began, self.kept.status = True, "in-progress"
        await self.send(
            "conversation_initiation_metadata",
            "conversation_initiation_metadata_event",
            {
                "conversation_id": self.kept.id,
                "agent_output_audio_format": self.output_format,
                "user_input_audio_format": vendor.input_format,
            },
        )
        if vendor.chatty:
            await self.send("asr_initiation_metadata", "asr_initiation_metadata_event", {"model": "scribe"})
            await self._gossip(prompt, 0)
        return True

    async def _gossip(self, prompt: str, event_id: int) -> None:
        """What only the vendor's own console needs, the agent's thoughts among it."""
        reasoning = {"text": f"My instructions: {prompt}", "type": "delta", "event_id": str(event_id)}
        await self.send("agent_reasoning_response_part", "reasoning_response_part", reasoning)
        await self.send("internal_turn_probability", "turn_probability_internal_event", {"turn_probability": 0.4})
        guess = {"tentative_agent_response": f"({prompt[:80]})"}
        await self.send("internal_tentative_agent_response", "tentative_agent_response_internal_event", guess)
        usage = {"event_id": event_id, "model": "gpt-x", "context_tokens": 900, "context_limit_tokens": 128000}
        await self.send("context_usage", "context_usage_event", usage)

    # -- from the client ----------------------------------------------------------------------------------------------
    async def _receive(self) -> dict[str, Any]:
        while True:
            text = await self.socket.receive_text()
            try:
                frame = json.loads(text)
            except ValueError:
                frame = None
            if not isinstance(frame, dict):
                await self.fail("invalid_message", code=1008, message="not a JSON object")
                raise WebSocketDisconnect(1008)
            if "user_audio_chunk" in frame:
                self.audio_frames.append(text)
            else:
                self.heard.append(frame)
            return frame

    async def _hear(self, frame: dict[str, Any]) -> None:
        assert self.session is not None
        if "user_audio_chunk" in frame:
            await self._hear_audio(base64.b64decode(frame["user_audio_chunk"], validate=True))
            return
        match frame.get("type"):
            case "pong":
                self.kept.pongs.append(frame["event_id"])
            case "user_message":
                await self.session.hear_text(frame.get("text") or "")
            case "user_activity":
                self.kept.activity += 1
                await self.session.activity()
            case "contextual_update":
                self.kept.contexts.append(frame["text"])
            case "client_tool_result":
                waiting = self._tools.pop(frame["tool_call_id"], None)
                if waiting is not None and not waiting.done():
                    waiting.set_result((str(frame["result"]), bool(frame["is_error"])))
            case "feedback" | "mcp_tool_approval_result" | "multimodal_message":
                pass
            case _:
                await self.fail("invalid_message", code=1008, message="unknown type")

    async def _hear_audio(self, raw: bytes) -> None:
        assert self.session is not None
        pcm, rate = decode(raw, self.vendor.input_format)
        pcm = self._resampled(pcm, rate, EAR_RATE)
        if not pcm:
            return
        self.kept.sounds.append((max(0.0, self.kept.seconds - len(pcm) / 2 / EAR_RATE), EAR_RATE, pcm))
        self._score_bytes += len(pcm)
        if self._score_bytes >= VAD_EVERY_BYTES:
            self._score_bytes = 0
            loudness = float(np.sqrt(np.mean(np.frombuffer(pcm, "<i2").astype(float) ** 2)))
            await self.send("vad_score", "vad_score_event", {"vad_score": 0.95 if loudness > LOUD else 0.03})
        self.session.hear_audio(pcm)

    def _resampled(self, pcm: bytes, rate: int, wanted: int) -> bytes:
        if rate == wanted:
            return pcm
        stream = self._stream.setdefault((rate, wanted), soxr.ResampleStream(rate, wanted, 1, dtype="int16"))
        made: bytes = stream.resample_chunk(np.frombuffer(pcm, "<i2")).astype("<i2").tobytes()
        return made

    # -- to the client ------------------------------------------------------------------------------------------------
    async def send(self, type_: str, key: str, event: dict[str, Any] | None) -> None:
        frame: dict[str, Any] = {"type": type_, key: event} if event is not None else {"type": type_}
        await self._muted.wait()
        if self._closed or (self.client_events and type_ not in {*self.client_events, "error"}):
            return
        self.sent.append(frame)
        await self.socket.send_text(json.dumps(frame))

    async def _speak(self) -> None:
        assert self.session is not None
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            async for event in self.session.events():
                await self._tell(event)

    async def _tell(self, event: Any) -> None:
        vendor = self.vendor
        match event:
            case AudioOut():
                await self._send_audio(event)
            case Tentative():
                told = {"user_transcript": event.text, "event_id": event.event_id}
                await self.send("tentative_user_transcript", "tentative_user_transcription_event", told)
            case UserSaid():
                typed = event.start_ms == event.end_ms
                self.kept.say("user", event.text, source_medium="text" if typed else "audio")
                if vendor.echo_typed or not typed:
                    told = {"user_transcript": event.text, "event_id": event.event_id}
                    await self.send("user_transcript", "user_transcription_event", told)
            case BuyerSaid():
                await self._reply(event)
            case BuyerCut():
                line = self._lines.get(event.event_id, {})
                line.update(message=event.spoken, original_message=event.original, interrupted=True)
                await self.send("interruption", "interruption_event", {"event_id": event.event_id})
                told = {
                    "original_agent_response": event.original,
                    "corrected_agent_response": event.spoken,
                    "event_id": event.event_id,
                }
                await self.send("agent_response_correction", "agent_response_correction_event", told)
            case Ended():
                await self._hang_up()
            case Fault():
                await self.fail("asr_transcription_error", code=1011, close=event.fatal)
            case BuyerFinished():
                pass

    async def _reply(self, event: BuyerSaid) -> None:
        if slow := self.vendor.take("slow", where="voice"):
            await asyncio.sleep(slow.seconds)
        self._frames_of_reply = 0
        if self.kept.text_only and self.vendor.take("drop_mid_word", where="voice"):
            self._drop()
            return
        if self.vendor.chatty:
            await self._gossip("think of the price", event.event_id)
        self._lines[event.event_id] = self.kept.say("agent", event.text)
        await self._misbehave()
        if self.kept.text_only:
            for kind, text in (("start", ""), ("delta", event.text), ("stop", "")):
                part = {"text": text, "type": kind, "event_id": event.event_id}
                await self.send("agent_chat_response_part", "text_response_part", part)
        told = {"agent_response": event.text, "event_id": event.event_id}
        await self.send("agent_response", "agent_response_event", told)

    async def _misbehave(self) -> None:
        if stalled := self.vendor.take("stall", where="voice"):
            self._muted.clear()
            asyncio.get_running_loop().call_later(stalled.seconds, self._muted.set)
        if self.vendor.take("malformed_frame", where="voice"):
            await self.socket.send_text('{"type": "audio", "audio_event": {"audio_base_64": "AAA')
            await self.socket.send_text('{"type": "agent_response"}')

    async def _send_audio(self, event: AudioOut) -> None:
        assert self.session is not None
        rate = self.session.output_rate
        self.kept.sounds.append((self.kept.seconds, rate, event.pcm))
        self._frames_of_reply += 1
        if self._frames_of_reply == 3 and self.vendor.take("drop_mid_word", where="voice"):
            self._drop()
            return
        wanted = int(self.output_format.split("_")[1])
        raw = encode(self._resampled(event.pcm, rate, wanted), self.output_format)
        told = {"audio_base_64": base64.b64encode(raw).decode(), "event_id": event.event_id}
        await self.send("audio", "audio_event", told)

    def _drop(self) -> None:
        self._closed = True
        self.kept.termination = "connection lost"
        self.socket.scope["standin.abort"]()

    async def _hang_up(self) -> None:
        if self.vendor.end_by_tool:
            # The client is to close; the agent waits for it.
            with contextlib.suppress(ToolFailed):
                await self._call_tool("end_call", {"reason": "the conversation is over"})
            return
        tool = {"tool_name": "end_call", "tool_call_id": f"call_{secrets.token_hex(4)}", "tool_type": "system"}
        await self.send("agent_tool_request", "agent_tool_request", {**tool, "event_id": 0})
        answer = {**tool, "is_error": False, "is_called": True, "event_id": 0}
        await self.send("agent_tool_response", "agent_tool_response", answer)
        self.kept.termination = "end_call tool was called."
        await self.close(1000, "")

    async def _call_tool(self, name: str, arguments: dict[str, Any]) -> str:
        call_id = f"call_{secrets.token_hex(6)}"
        asked = {"tool_name": name, "tool_call_id": call_id, "parameters": arguments, "event_id": len(self._lines) + 1}
        waiting: asyncio.Future[tuple[str, bool]] = asyncio.get_running_loop().create_future()
        self._tools[call_id] = waiting
        began = asyncio.get_running_loop().time()
        await self.send("client_tool_call", "client_tool_call", asked)
        try:
            result, failed = await asyncio.wait_for(waiting, TOOL_SECONDS)
        except TimeoutError:
            result, failed = "no answer", True
        called = {
            "request_id": call_id,
            "tool_name": name,
            "params_as_json": json.dumps(arguments),
            "tool_has_been_called": True,
            "type": "client",
        }
        told = {
            "request_id": call_id,
            "tool_name": name,
            "result_value": result,
            "is_error": failed,
            "tool_has_been_called": True,
            "tool_latency_secs": round(asyncio.get_running_loop().time() - began, 3),
        }
        self.kept.say("agent", None, tool_calls=[called], tool_results=[told])
        if failed:
            raise ToolFailed(result)
        return result

    async def fail(self, error_type: str, *, code: int, close: bool = True, message: str = "Something failed") -> None:
        event = {"code": code, "error_type": error_type, "message": message, "reason": error_type}
        await self.send("error", "error_event", event)
        if close:
            self.kept.error = {"code": code, "reason": error_type}
            self.kept.termination = error_type
            await self.close(code, error_type)

    async def close(self, code: int, reason: str) -> None:
        if not self._closed:
            self._closed = True
            await self.socket.close(code, reason)

    async def _ping(self) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            while True:
                await asyncio.sleep(self.vendor.ping_seconds)
                self._pings += 1
                await self.send("ping", "ping_event", {"event_id": self._pings, "ping_ms": None})


def _refused(wish: Mapping[str, Any], allowed: Mapping[str, Any], path: str = "") -> str:
    """The first wish that is not allowed, by its name; "" when all are."""
    for name, value in wish.items():
        may = allowed.get(name, allowed.get("conversation", {}).get(name) if not path else None)
        here = f"{path}.{name}" if path else name
        if isinstance(value, Mapping):
            if inner := _refused(value, may if isinstance(may, Mapping) else {}, here):
                return inner
        elif may is not True:
            return here
    return ""


def decode(raw: bytes, audio_format: str) -> tuple[bytes, int]:
    """16-bit PCM and its rate."""
    kind, rate = audio_format.split("_")
    return (raw[: len(raw) // 2 * 2] if kind == "pcm" else from_ulaw(raw)), int(rate)


def encode(pcm: bytes, audio_format: str) -> bytes:
    return pcm if audio_format.startswith("pcm") else to_ulaw(pcm)


def from_ulaw(raw: bytes) -> bytes:
    code = ~np.frombuffer(raw, np.uint8)
    magnitude = (((code & 0x0F).astype(np.int32) << 3) + 0x84) << ((code & 0x70) >> 4).astype(np.int32)
    samples = np.where(code & 0x80, 0x84 - magnitude, magnitude - 0x84)
    return samples.astype("<i2").tobytes()


def to_ulaw(pcm: bytes) -> bytes:
    samples = np.frombuffer(pcm, "<i2").astype(np.int32)
    sign = np.where(samples < 0, 0x80, 0)
    magnitude = np.minimum(np.abs(samples), 32635) + 0x84
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    return (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8).tobytes()
