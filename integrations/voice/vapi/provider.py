"""The vendor behind the voice port: calls by websocket, by telephone and in the browser, and what it keeps of them."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.conf import settings

from integrations.embeddings.embedded import default_encoder
from integrations.resilience import call_provider
from integrations.vendors import VendorKeys
from integrations.voice.base import Responder, VoiceBrief, VoiceProvider, VoiceSession
from integrations.voice.records import RecordedAudio, VoiceRecord
from integrations.voice.vapi import records
from integrations.voice.vapi.api import PROVIDER, VapiApi
from integrations.voice.vapi.session import VapiSession


class VapiProvider(VoiceProvider):
    """The buyer's part is played by the vendor's model, so the `responder` of a session is not asked."""

    name = PROVIDER

    def warm(self) -> None:
        """The buyer's tool looks things up by the encoder: a second's loading that would be heard as silence."""
        if settings.VENDOR_KEYS.get(self.name):
            load = threading.Thread(target=lambda: default_encoder().encode(["Hello?"]), name="vapi-warm", daemon=True)
            load.start()

    async def open(
        self, brief: VoiceBrief, *, keys: VendorKeys, responder: Responder, clock: Callable[[], int]
    ) -> VoiceSession:
        return VapiSession(brief, keys=keys, clock=clock)

    def check(self, keys: VendorKeys) -> None:
        VapiApi(keys).check()

    def fetch_record(self, conversation_id: str, *, keys: VendorKeys) -> VoiceRecord | None:
        api = VapiApi(keys)
        call = call_provider(PROVIDER, lambda _left: api.call(conversation_id), account=keys.account)
        return records.of_call(call) if call is not None else None

    def fetch_recording(self, conversation_id: str, *, keys: VendorKeys) -> RecordedAudio | None:
        api = VapiApi(keys)
        return call_provider(PROVIDER, lambda _left: api.recording(conversation_id), account=keys.account)
