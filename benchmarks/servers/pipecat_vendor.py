"""The Pipecat pipeline of `pipecat_echo` with a vendor behind it: audio goes to the vendor and comes back from it."""

from __future__ import annotations

import asyncio
import base64
import json
import os

import uvicorn
import websockets
from fastapi import FastAPI, WebSocket
from pipecat.frames.frames import Frame, InputAudioRawFrame, OutputAudioRawFrame, StartFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.workers.runner import WorkerRunner

from benchmarks.servers.pipecat_echo import RATE, Framing

app = FastAPI()


class Vendor(FrameProcessor):
    """Speaks with the vendor over its own socket, as a Pipecat service does."""

    def __init__(self, connection: websockets.ClientConnection) -> None:
        super().__init__()
        self._connection = connection
        self._listening: asyncio.Task[None] | None = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, StartFrame):
            self._listening = asyncio.create_task(self._listen())
        if isinstance(frame, InputAudioRawFrame):
            await self._connection.send(json.dumps({"user_audio_chunk": base64.b64encode(frame.audio).decode()}))
            return
        await self.push_frame(frame, direction)

    async def _listen(self) -> None:
        async for message in self._connection:
            event = json.loads(message)
            if event["type"] == "audio":
                audio = base64.b64decode(event["audio_event"]["audio_base_64"])
                await self.push_frame(OutputAudioRawFrame(audio, sample_rate=RATE, num_channels=1))


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
    async with websockets.connect(os.environ["VENDOR_URL"], compression=None) as connection:
        transport = FastAPIWebsocketTransport(websocket, parameters)
        worker = PipelineWorker(
            Pipeline([transport.input(), Vendor(connection), transport.output()]),
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
