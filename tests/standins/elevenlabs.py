"""ElevenLabs: its REST addresses and post-call webhooks. The conversation itself is in `elevenlabs_socket`.

Its agent has the embedded engine's ears and mouth (`agent`). What it keeps of a conversation is what the API and the webhooks
then tell, as the vendor's own client library reads them.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from integrations.speech.engine import Speech
from tests.standins.agent import Script
from tests.standins.base import Outgoing, StandIn
from tests.standins.elevenlabs_record import Kept, mp3
from tests.standins.elevenlabs_socket import Talk

SIGNED_SECONDS = 900
OVERRIDES_ALLOWED = {
    "conversation_config_override": {
        "agent": {"first_message": True, "language": True, "prompt": {"prompt": True}},
        "tts": {"voice_id": True},
        "conversation": {"text_only": True},
    },
    "custom_llm_extra_body": True,
}


def error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"detail": {"status": code, "message": message}}, status_code=status)


def invalid(*where: str) -> Response:
    detail = [{"loc": list(where), "msg": "Field required", "type": "missing"}]
    return JSONResponse({"detail": detail}, status_code=422)


def signature(secret: str, body: bytes, *, at: int | None = None) -> str:
    """The `ElevenLabs-Signature` header."""
    stamp = int(time.time()) if at is None else at
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v0={digest}"


class ElevenLabs(StandIn):
    """`script`: what the agent says. `echo_typed`: a typed message comes back as a transcript. `end_by_tool`: the agent asks
    the client to end the call instead of closing. `chatty`: it also sends the frames that only its own console uses."""

    name: ClassVar[str] = "elevenlabs"

    def __init__(self, *, speech: Speech | None = None) -> None:
        super().__init__()
        self.speech = speech
        self.webhook_secret = "wsec_test"
        self.forget()

    def forget(self) -> None:
        self.script: Script | None = None
        self.echo_typed = True
        self.end_by_tool = False
        self.chatty = True
        self.send_audio_webhook = True
        self.ping_seconds = 2.0
        self.processing_seconds = 0.2
        self.input_format = "pcm_16000"
        self.output_format = ""  # empty: whatever the mouth speaks
        self.conversations: dict[str, Kept] = {}
        self.talks: dict[str, Talk] = {}
        self.signatures: dict[str, dict[str, Any]] = {}
        self.agents: dict[str, dict[str, Any]] = {"agent_demo": agent_json("agent_demo", {})}

    def refusal(self, status: int, path: str) -> Response:
        if status == 401:
            return error(401, "invalid_api_key", "Invalid API key")
        if status == 429:
            return error(429, "too_many_concurrent_requests", "Too many concurrent requests")
        return error(500, "internal_error", "Something went wrong")

    def routes(self) -> list[BaseRoute]:
        one = "/v1/convai/conversations/{conversation_id}"
        agent = "/v1/convai/agents/{agent_id}"
        return [
            Route("/v1/convai/conversation/get-signed-url", self._private(self.get_signed_url)),
            Route("/v1/convai/conversation/token", self._private(self.get_token)),
            Route("/v1/convai/conversations", self._private(self.list_conversations)),
            Route(one, self._private(self.get_conversation)),
            Route(one, self._private(self.delete_conversation), methods=["DELETE"]),
            Route(f"{one}/audio", self._private(self.get_audio)),
            Route("/v1/convai/agents/create", self._private(self.create_agent), methods=["POST"]),
            Route(agent, self._private(self.get_agent)),
            Route(agent, self._private(self.update_agent), methods=["PATCH"]),
            Route(agent, self._private(self.delete_agent), methods=["DELETE"]),
            WebSocketRoute("/v1/convai/conversation", self.converse),
        ]

    def _private(self, answer: Any) -> Any:
        async def checked(request: Request) -> Response:
            if request.headers.get("xi-api-key") != self.key:
                return self.refusal(401, request.url.path)
            made: Response = await answer(request)
            return made

        return checked

    # -- sessions -----------------------------------------------------------------------------------------------------
    async def get_signed_url(self, request: Request) -> Response:
        agent_id = request.query_params.get("agent_id")
        if not agent_id:
            return invalid("query", "agent_id")
        if agent_id not in self.agents:
            return error(404, "agent_not_found", "No such agent")
        sign, once = f"cvtkn_{secrets.token_hex(12)}", request.query_params.get("include_conversation_id") == "true"
        known = {"agent_id": agent_id, "until": time.time() + SIGNED_SECONDS, "once": once, "used": False}
        query = f"agent_id={agent_id}&conversation_signature={sign}"
        if once:
            known["conversation_id"] = new_conversation_id()
            query += f"&conversation_id={known['conversation_id']}"
        self.signatures[sign] = known
        url = f"{self.base_url.replace('http', 'ws', 1)}/v1/convai/conversation?{query}"
        return JSONResponse({"signed_url": url})

    async def get_token(self, request: Request) -> Response:
        return JSONResponse({"token": secrets.token_hex(16), "conversation_id": new_conversation_id()})

    async def converse(self, socket: WebSocket) -> None:
        agent_id = socket.query_params.get("agent_id", "")
        sign = socket.query_params.get("conversation_signature")
        known = self.signatures.get(sign or "")
        refused = agent_id not in self.agents or (sign is not None and known is None)
        if known is not None:
            refused |= (
                known["agent_id"] != agent_id or known["until"] < time.time() or (known["once"] and known["used"])
            )
            known["used"] = True
        if refused:
            await socket.close(3000, "invalid signature")
            return
        offered = socket.scope.get("subprotocols", [])
        await socket.accept(subprotocol="convai" if "convai" in offered else None)
        talk = Talk(self, socket, agent=self.agents[agent_id], known=known or {})
        self.talks[talk.kept.id] = talk
        await talk.run()
        if talk.kept.began:
            self.spawn(self.wind_up(talk.kept))

    async def wind_up(self, kept: Kept) -> None:
        """What happens after a call: a while of analysis, then the webhooks."""
        kept.status = "processing"
        await asyncio.sleep(self.processing_seconds)
        kept.status = "failed" if kept.error else "done"
        await self.deliver(self.webhook("post_call_transcription", kept.to_json()))
        if self.send_audio_webhook and kept.has_audio:
            sound = base64.b64encode(await asyncio.to_thread(mp3, kept)).decode()
            data = {"agent_id": kept.agent_id, "conversation_id": kept.id, "full_audio": sound}
            await self.deliver(self.webhook("post_call_audio", data, chunked=True))

    async def fail_initiation(self, reason: str = "no-answer", **variables: str) -> str:
        """A telephone call that never came about."""
        conversation_id = new_conversation_id()
        data = {
            "agent_id": "agent_demo",
            "conversation_id": conversation_id,
            "failure_reason": reason,
            "metadata": {"type": "twilio", "body": {"CallStatus": reason}},
        }
        if variables:
            data["conversation_initiation_client_data"] = {"dynamic_variables": variables}
        await self.deliver(self.webhook("call_initiation_failure", data))
        return conversation_id

    def webhook(self, kind: str, data: dict[str, Any], *, chunked: bool = False) -> Outgoing:
        body = json.dumps({"type": kind, "event_timestamp": int(time.time()), "data": data}).encode()
        return Outgoing(body, {"ElevenLabs-Signature": signature(self.webhook_secret, body)}, chunked)

    def run_error(self, error_type: str, *, code: int = 1011, close: bool = True) -> None:
        """Every conversation that goes on gets this error frame; `close` ends it with the code."""
        for talk in list(self.talks.values()):
            with contextlib.suppress(RuntimeError):
                self.run(talk.fail(error_type, code=code, close=close))

    # -- what was said ------------------------------------------------------------------------------------------------
    async def list_conversations(self, request: Request) -> Response:
        asked = request.query_params
        size = int(asked.get("page_size", "30"))
        start = int(asked.get("cursor") or 0)
        found = [
            kept
            for kept in sorted(self.conversations.values(), key=lambda kept: -kept.started)
            if asked.get("agent_id") in (None, kept.agent_id)
            and asked.get("user_id") in (None, kept.user_id)
            and kept.started >= float(asked.get("call_start_after_unix", 0))
            and kept.started <= float(asked.get("call_start_before_unix", 1e12))
        ]
        page = [kept.summary() for kept in found[start : start + size]]
        more = len(found) > start + size
        return JSONResponse(
            {"conversations": page, "next_cursor": str(start + size) if more else None, "has_more": more}
        )

    def _kept(self, request: Request) -> Kept | None:
        return self.conversations.get(request.path_params["conversation_id"])

    async def get_conversation(self, request: Request) -> Response:
        kept = self._kept(request)
        if kept is None:
            return error(404, "conversation_not_found", "No such conversation")
        return JSONResponse(kept.to_json())

    async def delete_conversation(self, request: Request) -> Response:
        if self.conversations.pop(request.path_params["conversation_id"], None) is None:
            return error(404, "conversation_not_found", "No such conversation")
        return JSONResponse({})

    async def get_audio(self, request: Request) -> Response:
        kept = self._kept(request)
        if kept is None or not kept.has_audio or kept.status != "done":
            return error(404, "conversation_audio_not_found", "No audio for this conversation")
        sound = await asyncio.to_thread(mp3, kept)

        async def pieces() -> AsyncIterator[bytes]:
            for at in range(0, len(sound), 8192):
                yield sound[at : at + 8192]

        return StreamingResponse(pieces(), media_type="audio/mpeg")

    # -- agents -------------------------------------------------------------------------------------------------------
    async def create_agent(self, request: Request) -> Response:
        body = await request.json()
        if not isinstance(body.get("conversation_config"), dict):
            return invalid("body", "conversation_config")
        agent_id = f"agent_{secrets.token_hex(8)}"
        self.agents[agent_id] = agent_json(agent_id, body)
        return JSONResponse({"agent_id": agent_id})

    async def get_agent(self, request: Request) -> Response:
        agent = self.agents.get(request.path_params["agent_id"])
        return JSONResponse(agent) if agent else error(404, "agent_not_found", "No such agent")

    async def update_agent(self, request: Request) -> Response:
        agent = self.agents.get(request.path_params["agent_id"])
        if agent is None:
            return error(404, "agent_not_found", "No such agent")
        agent.update({name: value for name, value in (await request.json()).items() if value is not None})
        return JSONResponse(agent)

    async def delete_agent(self, request: Request) -> Response:
        if self.agents.pop(request.path_params["agent_id"], None) is None:
            return error(404, "agent_not_found", "No such agent")
        return Response(status_code=200, content=b"{}", media_type="application/json")


def new_conversation_id() -> str:
    return f"conv_{secrets.token_hex(12)}"


def agent_json(agent_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """An agent as it was made. One that says nothing of overrides allows none, as the vendor's do; the one that is there
    from the start allows what a role-play needs."""
    now = int(time.time())
    fresh = not body
    platform = {"overrides": OVERRIDES_ALLOWED} if fresh else body.get("platform_settings") or {}
    config = body.get("conversation_config") or {"agent": {"first_message": "Hello?", "prompt": {"prompt": "A buyer."}}}
    return {
        "agent_id": agent_id,
        "name": body.get("name") or "Demo",
        "conversation_config": config,
        "platform_settings": platform,
        "metadata": {"created_at_unix_secs": now, "updated_at_unix_secs": now},
        "tags": body.get("tags") or [],
    }
