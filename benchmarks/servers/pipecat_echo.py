"""A Pipecat pipeline, input straight to output, on its own FastAPI websocket transport."""

from __future__ import annotations

import base64
import json
import os

import uvicorn
from fastapi import FastAPI, WebSocket
from loguru import logger
from pipecat.frames.frames import Frame, InputAudioRawFrame, OutputAudioRawFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.serializers.base_serializer import FrameSerializer
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.workers.runner import WorkerRunner

RATE = 16000
logger.remove()
app = FastAPI()


class Framing(FrameSerializer):
    async def serialize(self, frame: Frame) -> str | bytes | None:
        if isinstance(frame, OutputAudioRawFrame):
            event = {"audio_base_64": base64.b64encode(frame.audio).decode(), "event_id": 1}
            return json.dumps({"type": "audio", "audio_event": event})
        return None

    async def deserialize(self, data: str | bytes) -> Frame | None:
        content = json.loads(data)
        if "user_audio_chunk" not in content:
            return None
        return InputAudioRawFrame(base64.b64decode(content["user_audio_chunk"]), sample_rate=RATE, num_channels=1)


class Echo(FrameProcessor):
    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            frame = OutputAudioRawFrame(frame.audio, sample_rate=RATE, num_channels=1)
        await self.push_frame(frame, direction)


@app.websocket("/ws")
async def call(websocket: WebSocket) -> None:
    await websocket.accept()
    parameters = FastAPIWebsocketParams(
        audio_in_enabled=True,
        audio_out_enabled=True,
        audio_in_sample_rate=RATE,
        audio_out_sample_rate=RATE,
        audio_out_10ms_chunks=2,
        serializer=Framing(),
    )
    transport = FastAPIWebsocketTransport(websocket, parameters)
    worker = PipelineWorker(
        Pipeline([transport.input(), Echo(), transport.output()]),
        params=PipelineParams(audio_in_sample_rate=RATE, audio_out_sample_rate=RATE),
        enable_rtvi=False,
        enable_turn_tracking=False,
    )

    @transport.event_handler("on_client_disconnected")
    async def gone(_transport: object, _client: object) -> None:
        await worker.cancel()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        ws_per_message_deflate=False,
        log_level="warning",
    )
