"""Vapi: its REST addresses, its calls and its webhooks. The conversation over the socket is in `vapi_line`.

Its assistant has the embedded engine's ears and mouth (`agent`). A telephone call (`vapi_phone`) has no voices here:
`phone_script` says what the customer says, and what can be heard is a tone.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import secrets
import time
from typing import Any, ClassVar
from uuid import uuid4

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from integrations.speech.engine import Speech
from tests.standins.agent import Script
from tests.standins.base import Outgoing, StandIn
from tests.standins.vapi_line import Line
from tests.standins.vapi_phone import PHONE_NUMBER_ID, overhear, ring
from tests.standins.vapi_record import RATE, Kept
from tests.standins.vapi_signing import signed

PUBLIC_KEY = "public-test-key"
LINK_SECONDS = 60
WHO = ("assistant", "assistantId", "squad", "squadId", "workflow", "workflowId")
CALL_FIELDS = {
    *WHO,
    "assistantOverrides",
    "squadOverrides",
    "workflowOverrides",
    "assistantVersion",
    "transport",
    "name",
    "phoneNumberId",
    "phoneNumber",
    "customerId",
    "customer",
    "customers",
    "schedulePlan",
}
WEB_FIELDS = {*WHO, "assistantOverrides", "squadOverrides", "workflowOverrides", "assistantVersion"}
WEB_FIELDS |= {"roomDeleteOnUserLeaveEnabled"}
DEFAULT_SERVER_MESSAGES = [
    "conversation-update",
    "end-of-call-report",
    "function-call",
    "hang",
    "speech-update",
    "status-update",
    "tool-calls",
    "transfer-destination-request",
    "handoff-destination-request",
    "user-interrupted",
    "assistant.started",
]
RECORDINGS = ("mono-recording", "stereo-recording", "customer-recording", "assistant-recording")


def refused(status: int, *messages: str) -> Response:
    name = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}.get(status, "Error")
    message: Any = messages[0] if len(messages) == 1 else list(messages)
    return JSONResponse({"message": message, "error": name, "statusCode": status}, status_code=status)


class Vapi(StandIn):
    """`wrapped`: socket messages come in an envelope. `chatty`: they repeat the assistant and the conversation, instructions
    included. `split_finals`: one utterance of the user comes as two final transcripts. `late_transcripts`: the assistant's
    words come after its sound. `line_noise`: silent frames between utterances. `tells_hang`: a stall is announced.
    `credential`: how webhooks are signed, None: not at all. `tool_shape`: openai, object, parameters, arguments or with_tool.
    `listen_start`: what the listening socket says first, None: nothing.
    """

    name: ClassVar[str] = "vapi"

    def __init__(self, *, speech: Speech | None = None) -> None:
        super().__init__()
        self.speech = speech
        self.public_key = PUBLIC_KEY
        self.webhook_secret = "vapi_test_secret"
        self.forget()

    def forget(self) -> None:
        self.script: Script | None = None
        self.wrapped = False
        self.chatty = True
        self.split_finals = True
        self.late_transcripts = False
        self.line_noise = False
        self.tells_hang = True
        self.credential: dict[str, Any] | None = {}
        self.tool_shape = "openai"
        self.report_seconds = 0.2
        self.ring_seconds = 0.1
        self.phone_answers = "in-progress"  # or an endedReason of a call that never came about
        self.phone_script: tuple[str, ...] = ("Hello, this is Ada from Parley.", "How do you do it today?")
        self.phone_hangs_up = True
        self.phone_pause_seconds = 0.1  # before each line of the customer
        self.listen_start: dict[str, Any] | None = {"type": "start", "sampleRate": RATE, "channels": 2}
        self.calls: dict[str, Kept] = {}
        self.lines: dict[str, Line] = {}
        self.links: dict[str, tuple[str, str, float]] = {}
        self.assistants: dict[str, dict[str, Any]] = {
            "as_demo": {"id": "as_demo", "orgId": "org_standin", "name": "Demo"}
        }
        self.tool_answers: list[Any] = []

    def refusal(self, status: int, path: str) -> Response:
        words = {
            401: "Invalid Key. Hot tip, you may be using the private key instead of the public key.",
            429: "Slow down",
        }
        return refused(status, words.get(status, "Internal server error"))

    def routes(self) -> list[BaseRoute]:
        call = "/call/{call_id}"
        return [
            Route("/call", self._private(self.create_call), methods=["POST"]),
            Route("/call", self._private(self.list_calls), methods=["GET"]),
            Route("/call/web", self._private(self.create_web_call, public=True), methods=["POST"]),
            Route(call, self._private(self.get_call), methods=["GET"]),
            Route(call, self._private(self.patch_call), methods=["PATCH"]),
            Route(call, self._private(self.delete_call), methods=["DELETE"]),
            *(Route(f"{call}/{name}", self._private(self.get_recording), methods=["GET"]) for name in RECORDINGS),
            Route("/assistant", self._private(self.create_assistant), methods=["POST"]),
            Route("/assistant", self._private(self.list_assistants), methods=["GET"]),
            Route("/assistant/{assistant_id}", self._private(self.get_assistant), methods=["GET"]),
            Route("/assistant/{assistant_id}", self._private(self.patch_assistant), methods=["PATCH"]),
            Route("/storage/{token}", self.download),
            Route("/private-bucket/{name}", self.private_bucket),
            Route("/{call_id}/control", self.control, methods=["POST"]),
            WebSocketRoute("/{call_id}/transport", self.transport),
            WebSocketRoute("/{call_id}/listen", self.listen),
        ]

    def _private(self, answer: Any, *, public: bool = False) -> Any:
        async def checked(request: Request) -> Response:
            given = request.headers.get("authorization", "").removeprefix("Bearer ")
            if given not in ({self.key, self.public_key} if public else {self.key}):
                return self.refusal(401, request.url.path)
            made: Response = await answer(request)
            return made

        return checked

    # -- calls --------------------------------------------------------------------------------------------------------
    async def create_call(self, request: Request) -> Response:
        body = await request.json()
        if problems := self._problems(body, CALL_FIELDS):
            return refused(400, *problems)
        transport = body.get("transport") or {}
        if transport.get("provider") == "vapi.websocket":
            if any(name in body for name in ("phoneNumber", "phoneNumberId", "customer", "customers")):
                return refused(400, "phoneNumber is not permitted with the websocket transport")
            return self._made(body, "vapi.websocketCall")
        if body.get("phoneNumberId") != PHONE_NUMBER_ID:
            return refused(400, "phoneNumberId must be a known phone number")
        number = (body.get("customer") or {}).get("number", "")
        if not re.fullmatch(r"\+[1-9]\d{6,14}", number):
            return refused(400, "customer.number must be a valid phone number in the E.164 format")
        answer = self._made(body, "outboundPhoneCall")
        self.spawn(ring(self, list(self.calls.values())[-1]))
        return answer

    async def create_web_call(self, request: Request) -> Response:
        body = await request.json()
        if problems := self._problems(body, WEB_FIELDS):
            return refused(400, *problems)
        return self._made(body, "webCall")

    def _problems(self, body: dict[str, Any], known: set[str]) -> list[str]:
        problems = [f"property {name} should not exist" for name in sorted(set(body) - known)]
        if not any(body.get(name) for name in WHO):
            problems.append("Need Either `assistant`, `assistantId`, `squad`, Or `squadId`.")
        if body.get("assistantId") and body["assistantId"] not in self.assistants:
            problems.append("Couldn't Get Assistant. `assistantId` does not exist")
        spoken = {**(body.get("assistant") or {}), **(body.get("assistantOverrides") or {})}
        if not 10 <= spoken.get("maxDurationSeconds", 600) <= 43200:
            problems.append("assistant.maxDurationSeconds must not be less than 10")
        if len(spoken.get("name", "")) > 40:
            problems.append("assistant.name must be shorter than or equal to 40 characters")
        model = spoken.get("model")
        if model is not None and not (model.get("provider") and model.get("model")):
            problems.append("assistant.model.provider should not be empty")
        audio = (body.get("transport") or {}).get("audioFormat")
        if audio is not None and (audio.get("format") not in ("pcm_s16le", "mulaw") or "sampleRate" not in audio):
            problems.append("transport.audioFormat.format must be one of pcm_s16le, mulaw")
        return problems

    def _made(self, body: dict[str, Any], kind: str) -> Response:
        call_id = str(uuid4())
        ws = self.base_url.replace("http", "ws", 1)
        monitor = {"listenUrl": f"{ws}/{call_id}/listen", "controlUrl": f"{self.base_url}/{call_id}/control"}
        kept = Kept(call_id, kind, body, monitor)
        if kind == "vapi.websocketCall":
            kept.transport = {"provider": "vapi.websocket", "websocketCallUrl": f"{ws}/{call_id}/transport"}
        self.calls[call_id] = kept
        answer = kept.to_json(self.base_url)
        if kind == "webCall":
            url = f"https://vapi.daily.co/{secrets.token_urlsafe(12)}"
            answer |= {"webCallUrl": url, "transport": {"provider": "daily", "callUrl": url}}
        return JSONResponse(answer, status_code=201)

    async def list_calls(self, request: Request) -> Response:
        size = int(request.query_params.get("limit", "100"))
        newest = sorted(self.calls.values(), key=lambda kept: -kept.created)[:size]
        return JSONResponse([kept.to_json(self.base_url) for kept in newest])

    async def get_call(self, request: Request) -> Response:
        kept = self.calls.get(request.path_params["call_id"])
        return JSONResponse(kept.to_json(self.base_url)) if kept else refused(404, "Call not found")

    async def patch_call(self, request: Request) -> Response:
        kept = self.calls.get(request.path_params["call_id"])
        if kept is None:
            return refused(404, "Call not found")
        kept.request["name"] = (await request.json()).get("name")
        return JSONResponse(kept.to_json(self.base_url))

    async def delete_call(self, request: Request) -> Response:
        kept = self.calls.pop(request.path_params["call_id"], None)
        return JSONResponse(kept.to_json(self.base_url)) if kept else refused(404, "Call not found")

    async def transport(self, socket: WebSocket) -> None:
        kept = self.calls.get(socket.path_params["call_id"])
        if kept is None or kept.transport is None or kept.started is not None:
            await socket.close(1008, "unknown call")
            return
        await socket.accept()
        line = Line(self, kept, socket)
        self.lines[kept.id] = line
        await line.run()

    async def listen(self, socket: WebSocket) -> None:
        await overhear(self, socket)

    async def control(self, request: Request) -> Response:
        kept = self.calls.get(request.path_params["call_id"])
        if kept is None or kept.ended is not None:
            return refused(404, "Call not found")
        plan = kept.assistant.get("monitorPlan") or {}
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if plan.get("controlAuthenticationEnabled") and given != self.public_key:
            return self.refusal(401, request.url.path)
        asked = await request.json()
        line = self.lines.get(kept.id)
        if line is not None and line.session is not None:
            known = await line.obey(asked)
            return JSONResponse({"success": True}) if known else refused(400, "unknown control message")
        if asked.get("type") == "end-call":
            self.end(kept, "manually-canceled")
        return JSONResponse({"success": True})

    def end(self, kept: Kept, reason: str) -> None:
        """Over: the status at once, the report after a while of analysis. Twice is once."""
        if kept.ended is None:
            kept.ended, kept.status, kept.ended_reason = time.time(), "ended", reason
            self.spawn(self._wind_up(kept))

    async def _wind_up(self, kept: Kept) -> None:
        await self.tell(kept, {"type": "status-update", "status": "ended", "endedReason": kept.ended_reason})
        await asyncio.sleep(self.report_seconds)
        kept.reported = True
        call = kept.to_json(self.base_url)
        report = {
            name: call[name] for name in ("endedReason", "startedAt", "endedAt", "cost", "analysis") if name in call
        }
        await self.tell(kept, {"type": "end-of-call-report", **report, "artifact": call["artifact"]})

    # -- webhooks -----------------------------------------------------------------------------------------------------
    async def tell(self, kept: Kept, message: dict[str, Any]) -> None:
        """A server message, where the assistant asks for it."""
        wanted = kept.assistant.get("serverMessages", DEFAULT_SERVER_MESSAGES)
        if message["type"] not in {name.partition("[")[0] for name in wanted}:
            return
        server = kept.assistant.get("server") or {}
        webhook = self.webhook(kept, message, server.get("headers") or {})
        webhook.url = server.get("url") or ""
        await self.deliver(webhook)

    def webhook(self, kept: Kept, message: dict[str, Any], headers: dict[str, str] | None = None) -> Outgoing:
        body = json.dumps({"message": self.server_message(kept, message)}).encode()
        signing = signed(body, self.webhook_secret, self.credential) if self.credential is not None else {}
        return Outgoing(body, {**(headers or {}), **signing})

    def server_message(self, kept: Kept, message: dict[str, Any]) -> dict[str, Any]:
        """With everything that the vendor repeats in each of them."""
        call = kept.to_json(self.base_url)
        made = {"timestamp": int(time.time() * 1000), **message, "call": call, "assistant": kept.assistant}
        if customer := kept.request.get("customer"):
            made["customer"] = customer
        return made

    async def request_assistant(self) -> Any:
        """Somebody calls a number that has no assistant; what our side answered."""
        kept = Kept(str(uuid4()), "inboundPhoneCall", {"customer": {"number": "+14155550100"}}, {})
        webhook = self.webhook(kept, {"type": "assistant-request"})
        async with httpx.AsyncClient(timeout=7.5) as client:
            answer = await client.post(
                self.webhook_url,
                content=webhook.body,
                headers={"content-type": "application/json", **webhook.headers},
            )
        return answer.json()

    # -- recordings ---------------------------------------------------------------------------------------------------
    async def get_recording(self, request: Request) -> Response:
        kept = self.calls.get(request.path_params["call_id"])
        name = request.url.path.rsplit("/", 1)[1]
        if kept is None or not kept.reported or not kept.recorded:
            return refused(404, "Artifact not found.")
        token = hashlib.sha256(secrets.token_bytes(16)).hexdigest()
        self.links[token] = (kept.id, name, time.time() + LINK_SECONDS)
        return RedirectResponse(f"{self.base_url}/storage/{token}", status_code=302)

    async def download(self, request: Request) -> Response:
        call_id, name, until = self.links.get(request.path_params["token"], ("", "", 0.0))
        if time.time() > until:
            return Response("<Error><Code>AccessDenied</Code></Error>", status_code=403, media_type="application/xml")
        sound = await asyncio.to_thread(self.calls[call_id].wav, stereo=name.startswith("stereo"))
        return Response(sound, media_type="audio/wav")

    async def private_bucket(self, request: Request) -> Response:
        return Response("<Error><Code>AccessDenied</Code></Error>", status_code=403, media_type="application/xml")

    # -- assistants ---------------------------------------------------------------------------------------------------
    async def create_assistant(self, request: Request) -> Response:
        made = {**(await request.json()), "id": str(uuid4()), "orgId": "org_standin"}
        self.assistants[made["id"]] = made
        return JSONResponse(made, status_code=201)

    async def list_assistants(self, request: Request) -> Response:
        return JSONResponse(list(self.assistants.values())[: int(request.query_params.get("limit", "100"))])

    async def get_assistant(self, request: Request) -> Response:
        found = self.assistants.get(request.path_params["assistant_id"])
        return JSONResponse(found) if found else refused(404, "Couldn't Find Assistant")

    async def patch_assistant(self, request: Request) -> Response:
        found = self.assistants.get(request.path_params["assistant_id"])
        if found is None:
            return refused(404, "Couldn't Find Assistant")
        found.update(await request.json())
        return JSONResponse(found)
