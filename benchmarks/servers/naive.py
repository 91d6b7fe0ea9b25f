"""What one writes first: a Channels JSON consumer, served by the same uvicorn with the same settings."""

from __future__ import annotations

import base64
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

import django

django.setup()

import uvicorn  # noqa: E402
from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402

from config.runtime.serve import configuration  # noqa: E402


class NaiveConsumer(AsyncJsonWebsocketConsumer):
    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        if "user_audio_chunk" in content:
            pcm = base64.b64decode(content["user_audio_chunk"])
            event = {"audio_base_64": base64.b64encode(pcm).decode(), "event_id": 1}
            await self.send_json({"type": "audio", "audio_event": event})


def main() -> None:
    settings = configuration()
    settings.app = NaiveConsumer.as_asgi()
    uvicorn.Server(settings).run()


if __name__ == "__main__":
    main()
