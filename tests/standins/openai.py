"""A stand-in for OpenAI, and for OpenRouter below `/api/v1`: chat, transcription, speech, embeddings, models.

It checks what the vendors check (keys, parameters by model family, file size), hears with the embedded recogniser and speaks
with the quick voice. Paths answer with and without `/v1`. `script` holds what the next chat replies are; when it is empty the
model says what it was told to say, in slightly other words.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
import re
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date
from typing import Any, ClassVar

import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from integrations.speech.decoding import NotAudio, TooLong, decode
from integrations.speech.engine import default_engine
from tests.standins.base import StandIn
from tests.standins.models import honest_answer, keys_in
from tests.standins.openai_wire import (
    USAGE,
    Failed,
    Said,
    chunk,
    completion,
    embedding,
    envelope,
    event,
    smallest,
    verbose,
)

MODELS: dict[str, str | None] = {  # and the day from which each is gone
    "gpt-6-luna": None,
    "gpt-6-sol": None,
    "gpt-4o": "2027-01-14",
    "gpt-4o-mini": "2027-01-14",
    "gpt-transcribe": None,
    "gpt-4o-transcribe": "2027-02-26",
    "whisper-1": "2027-02-26",
    "gpt-4o-mini-tts": "2027-01-06",
    "tts-1": "2027-01-06",
    "text-embedding-3-small": None,
}
RETIRED = {"gpt-4", "gpt-3.5-turbo", "o1"}
VOICES = frozenset(
    ["alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse", "marin", "cedar"]
)
CHAT_FIELDS = frozenset(
    [
        *("model", "messages", "response_format", "max_completion_tokens", "max_tokens", "temperature"),
        *("reasoning_effort", "seed", "stream", "stream_options", "verbosity"),
    ]
)
ROUTER_FIELDS = CHAT_FIELDS | {"provider", "models"}
MOST_FILE_BYTES = 25 * 1024 * 1024
DIMENSIONS = 1536
TO_SAY = re.compile(r"<line>(.*?)</line>", re.DOTALL)


class ConnectionCut(Exception):
    """Raised inside a streamed answer, so that the server drops the connection."""


class OpenAI(StandIn):
    """`hear(pcm, language)` and `speak(text, voice)` may be replaced by something quicker than models (16 and 24 kHz)."""

    name: ClassVar[str] = "openai"

    def __init__(
        self,
        *,
        hear: Callable[[bytes, str], str] | None = None,
        speak: Callable[[str, str], Iterator[bytes]] | None = None,
    ) -> None:
        super().__init__()
        self.script: list[Said | Failed] = []
        self.refused_efforts: set[str] = set()
        self._hear = hear or real_ears
        self._speak = speak or real_voice

    @property
    def router_url(self) -> str:
        return f"{self.base_url}/api/v1"

    def forget(self) -> None:
        self.script.clear()
        self.refused_efforts.clear()

    def routes(self) -> list[BaseRoute]:
        routes: list[BaseRoute] = []
        for prefix in ("", "/v1", "/api/v1"):
            routes += [
                Route(f"{prefix}/chat/completions", self.chat, methods=["POST"]),
                Route(f"{prefix}/models", self.models, methods=["GET"]),
                Route(f"{prefix}/embeddings", self.embeddings, methods=["POST"]),
            ]
        for prefix in ("", "/v1"):
            routes += [
                Route(f"{prefix}/audio/transcriptions", self.transcriptions, methods=["POST"]),
                Route(f"{prefix}/audio/speech", self.speech, methods=["POST"]),
            ]
        return routes

    def refusal(self, status: int, path: str) -> Response:
        code = {401: "invalid_api_key", 429: "rate_limit_exceeded", 500: "server_error"}[status]
        headers = {"retry-after": "1"} if status == 429 else {}
        return self._error(path, Failed(status, code, headers=headers))

    def _error(self, path: str, failed: Failed) -> Response:
        headers = {"x-request-id": "req_standin", **failed.headers}
        if path.startswith("/api/v1"):
            inner: dict[str, Any] = {
                "code": failed.status,
                "message": failed.message,
                "metadata": {"provider_name": "Stand-in", "raw": str(failed.code)},
            }
        else:
            inner = {
                "message": failed.message,
                "type": "insufficient_quota" if failed.code == "insufficient_quota" else "invalid_request_error",
                "param": failed.param,
                "code": failed.code or None,
            }
        return JSONResponse({"error": inner}, status_code=200 if failed.inside else failed.status, headers=headers)

    def _wrong_key(self, request: Request) -> Response | None:
        if request.headers.get("authorization") == f"Bearer {self.key}":
            return None
        return self._error(request.url.path, Failed(401, "invalid_api_key", "Incorrect API key provided."))

    async def _serve(self, server: uvicorn.Server, listener: socket.socket) -> None:
        if self._hear is real_ears:
            # The vendor's models are loaded long before anybody asks. (Ended in the middle of that, a process would crash.)
            threading.Thread(target=default_engine().load, args=("en",)).start()
        await super()._serve(server, listener)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # An answer that is never completed: the server hangs up on it.
        with contextlib.suppress(ConnectionCut):
            await super().__call__(scope, receive, send)

    # -- chat ---------------------------------------------------------------------------------------------------------
    async def chat(self, request: Request) -> Response:
        path, body = request.url.path, await request.json()
        if wrong := self._wrong_key(request):
            return wrong
        if problem := self._problem(body, router=path.startswith("/api/v1")):
            return self._error(path, problem)
        planned = self.script.pop(0) if self.script else None
        if isinstance(planned, Failed):
            return self._error(path, planned)
        said = planned or Said(self._answer(body))
        if self.take("drop_mid_word", where="voice", path=path):
            said = Said(said.text, cut=True)
        if self.take("malformed_frame", where="voice", path=path):
            return Response(b'data: {"choices": [\n\n', media_type="text/event-stream")
        if body.get("stream"):
            return StreamingResponse(self._stream(body, said, path), media_type="text/event-stream")
        await asyncio.sleep(said.seconds)
        return JSONResponse(completion(body["model"], said))

    def _problem(self, body: dict[str, Any], *, router: bool) -> Failed | None:
        model = str(body.get("model", ""))
        if not router and (model in RETIRED or model not in MODELS):
            return Failed(404, "model_not_found", f"The model `{model}` does not exist")
        if unknown := set(body) - (ROUTER_FIELDS if router else CHAT_FIELDS):
            name = sorted(unknown)[0]
            return Failed(400, "unsupported_parameter", f"Unsupported parameter: {name}", param=name)
        if router:
            return None
        if model.startswith("gpt-4"):
            refused = "reasoning_effort" if "reasoning_effort" in body else ""
        else:
            refused = next((name for name in ("max_tokens", "temperature") if name in body), "")
        if refused:
            return Failed(400, "unsupported_parameter", f"Unsupported parameter: '{refused}'", param=refused)
        if body.get("reasoning_effort") in self.refused_efforts:
            return Failed(400, "unsupported_value", "Unsupported value", param="reasoning_effort")
        return None

    def _answer(self, body: dict[str, Any]) -> str:
        form = body.get("response_format") or {}
        if form.get("type") == "json_schema":
            schema = form["json_schema"]["schema"]
            prompt = body["messages"][-1]["content"]
            if "criteria" in schema["properties"]:
                return json.dumps(honest_answer(prompt, keys_in(schema), deep="key_moments" in prompt, level=3))
            return json.dumps(smallest(schema))
        told = TO_SAY.search(body["messages"][-1]["content"])
        return f"Well, {told[1][:1].lower()}{told[1][1:]}" if told else "I see. Tell me more."

    async def _stream(self, body: dict[str, Any], said: Said, path: str) -> AsyncIterator[bytes]:
        if path.startswith("/api/v1"):
            yield b": OPENROUTER PROCESSING\n\n"
        yield chunk(body["model"], {"role": "assistant", "content": ""})
        for word in re.findall(r"\S+\s*", said.text):
            await asyncio.sleep(said.seconds)
            yield chunk(body["model"], {"refusal" if said.refusal else "content": word})
        if said.cut:
            raise ConnectionCut
        if said.broken:
            yield event({"error": {"message": "upstream failed", "type": "server_error", "code": 502}})
            return
        yield chunk(body["model"], {}, finish=said.finish)
        if (body.get("stream_options") or {}).get("include_usage"):
            yield event({**envelope(body["model"], "chat.completion.chunk"), "choices": [], "usage": USAGE})
        yield b"data: [DONE]\n\n"

    # -- audio --------------------------------------------------------------------------------------------------------
    async def transcriptions(self, request: Request) -> Response:
        path = request.url.path
        if wrong := self._wrong_key(request):
            return wrong
        form = await request.form()
        model, kind = str(form.get("model")), str(form.get("response_format", "json"))
        if model not in MODELS:
            return self._error(path, Failed(404, "model_not_found", "no such model"))
        if model.startswith("gpt-") and kind != "json":
            return self._error(path, Failed(400, "unsupported_value", "json only", param="response_format"))
        upload = form["file"]
        assert not isinstance(upload, str)
        data = await upload.read()
        if len(data) > MOST_FILE_BYTES:
            return self._error(path, Failed(413, "file_too_large", "Maximum content size limit exceeded"))
        try:
            pcm = await run_in_threadpool(decode, io.BytesIO(data), most_seconds=1500)
        except (NotAudio, TooLong):
            return self._error(path, Failed(400, "invalid_file", "Invalid file format."))
        if self.take("malformed_frame", where="voice", path=path):
            return Response(b"not json", media_type="application/json")
        text = await run_in_threadpool(self._hear, pcm, str(form.get("language", "en")))
        seconds = len(pcm) / 32000
        if kind == "verbose_json":
            return JSONResponse(verbose(text, seconds))
        return JSONResponse({"text": text, "usage": {"type": "duration", "seconds": round(seconds)}})

    async def speech(self, request: Request) -> Response:
        path, body = request.url.path, await request.json()
        if wrong := self._wrong_key(request):
            return wrong
        if body.get("model") not in MODELS:
            return self._error(path, Failed(404, "model_not_found", "no such model"))
        if body.get("voice") not in VOICES:
            return self._error(path, Failed(400, "invalid_value", "no such voice", param="voice"))
        if not body.get("input") or len(body["input"]) > 4096:
            return self._error(path, Failed(400, "string_too_long", "input", param="input"))
        if body.get("model", "").startswith("tts-1") and "instructions" in body:
            return self._error(path, Failed(400, "unsupported_parameter", "instructions", param="instructions"))
        if self.take("malformed_frame", where="voice", path=path):
            return JSONResponse({"error": {"message": "no audio today", "code": "server_error"}}, status_code=200)
        cut = self.take("drop_mid_word", where="voice", path=path)
        return StreamingResponse(self._spoken(body, cut=bool(cut)), media_type="audio/pcm")

    async def _spoken(self, body: dict[str, Any], *, cut: bool) -> AsyncIterator[bytes]:
        pieces = await run_in_threadpool(lambda: list(self._speak(body["input"], body["voice"])))
        pcm = b"".join(pieces)
        most = len(pcm) // 2 if cut else len(pcm)
        for at in range(0, most, 4801):  # odd, as a network cuts it
            yield pcm[at : min(at + 4801, most)]
            await asyncio.sleep(0)
        if cut:
            raise ConnectionCut

    # -- the rest -----------------------------------------------------------------------------------------------------
    async def models(self, request: Request) -> Response:
        if wrong := self._wrong_key(request):
            return wrong
        rows = [
            {"id": name, "object": "model", "created": 1767225600, "owned_by": "openai", "shutdown_date": gone}
            for name, gone in MODELS.items()
            if gone is None or date.fromisoformat(gone) > date(2026, 11, 1)
        ]
        return JSONResponse({"object": "list", "data": rows})

    async def embeddings(self, request: Request) -> Response:
        path, body = request.url.path, await request.json()
        if wrong := self._wrong_key(request):
            return wrong
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        if not texts or len(texts) > 2048 or not all(texts):
            return self._error(path, Failed(400, "invalid_value", "input", param="input"))
        size = int(body.get("dimensions", DIMENSIONS))
        rows = [embedding(text, size) for text in texts]
        return JSONResponse(
            {
                "object": "list",
                "data": [
                    {
                        "object": "embedding",
                        "index": index,
                        "embedding": base64.b64encode(row.tobytes()).decode()
                        if body.get("encoding_format") == "base64"
                        else row.tolist(),
                    }
                    for index, row in enumerate(rows)
                ],
                "model": body["model"],
                "usage": {"prompt_tokens": 8, "total_tokens": 8},
            }
        )


def real_ears(pcm: bytes, language: str) -> str:
    return default_engine().stt.transcribe(pcm, rate=16000, language=language or "en").text


def real_voice(text: str, voice: str) -> Iterator[bytes]:
    spanish = re.search(r"[áéíóúñ¿¡]", text) is not None
    return default_engine().tts.stream(text, voice_id="" if spanish else "ada", language="es" if spanish else "en")
