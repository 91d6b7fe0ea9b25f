"""A voice vendor in the shape of ElevenLabs that says back what it hears: signed address by HTTP, conversation by WebSocket.

One process, written on picows on purpose, so that the vendor's place costs as little as it can.
"""

from __future__ import annotations

import json
import os
from uuid import uuid4

import picows
import uvloop
from picows.common import WSUpgradeResponse, WSUpgradeResponseWithListener

from benchmarks.load import rest

USER = b'{"user_audio_chunk":'
LOOK_SECONDS = 0.001
SIGNED_URL = b"/v1/convai/conversation/get-signed-url"


class Conversation(picows.WSListener):
    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        event = {
            "conversation_id": f"conv_{uuid4().hex}",
            "agent_output_audio_format": "pcm_16000",
            "user_input_audio_format": "pcm_16000",
        }
        told = {
            "type": "conversation_initiation_metadata",
            "conversation_initiation_metadata_event": event,
        }
        transport.send(picows.WSMsgType.TEXT, json.dumps(told).encode())

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.msg_type == picows.WSMsgType.CLOSE:
            transport.send_close(picows.WSCloseCode.OK)
            transport.disconnect()
            return
        payload = frame.get_payload_as_bytes()
        if payload.startswith(USER):
            audio = payload[payload.index(b'"', len(USER)) + 1 : payload.rindex(b'"')]
            echo = b'{"type":"audio","audio_event":{"audio_base_64":"' + audio + b'","event_id":1}}'
            transport.send(picows.WSMsgType.TEXT, echo)


async def main() -> None:
    port = int(os.environ["PORT"])

    def answer(request: picows.WSUpgradeRequest) -> picows.WSListener | WSUpgradeResponseWithListener:
        if request.path.startswith(SIGNED_URL):
            address = (
                f"ws://127.0.0.1:{port}/v1/convai/conversation?agent_id=bench&conversation_signature={uuid4().hex}"
            )
            body = json.dumps({"signed_url": address}).encode()
            response = WSUpgradeResponse.create_ok_response(body, {"Content-Type": "application/json"})
            return WSUpgradeResponseWithListener(response, None)
        return Conversation()

    await picows.ws_create_server(answer, "127.0.0.1", port)
    while True:
        await rest(LOOK_SECONDS)


if __name__ == "__main__":
    uvloop.run(main())
