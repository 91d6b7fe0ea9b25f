"""The vendor behind the voice port: calls by websocket, by telephone and in the browser, and what it keeps of them."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Callable

from django.conf import settings

from integrations.embeddings.embedded import default_encoder
from integrations.errors import ProviderInvalidAnswer, ProviderNotConfigured
from integrations.resilience import call_provider, guarded
from integrations.vendors import VendorKeys
from integrations.voice.base import DirectSession, Responder, VoiceBrief, VoiceProvider, VoiceSession
from integrations.voice.records import OverheardSound, RecordedAudio, VoiceRecord
from integrations.voice.vapi import assistant, listening, records
from integrations.voice.vapi.api import PROVIDER, SECONDS, VapiApi
from integrations.voice.vapi.control import VapiControl
from integrations.voice.vapi.session import VapiSession

# The vendor's rooms are Daily's. Its software loads the greater part of itself from there; told to, it does without `eval`.
# https://docs.daily.co/guides/privacy-and-security/content-security-policy
BROWSER_SOURCES = {
    "script-src": ["https://c.daily.co"],
    "connect-src": ["https://*.daily.co", "wss://*.daily.co", "https://*.pluot.blue", "wss://*.pluot.blue"],
    "worker-src": ["blob:"],
}


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

    def telephones(self, keys: VendorKeys) -> bool:
        return bool(keys.api_key and keys.options.get("phone_number_id"))

    def place_call(self, brief: VoiceBrief, *, number: str, keys: VendorKeys, recording: bool) -> str:
        if not self.telephones(keys):
            raise ProviderNotConfigured("no telephone number is set up", provider=self.name)
        body = assistant.phone_call(brief, keys, number=number, recording=recording)
        # Once: who asks again after a time-out may make a telephone ring twice.
        with guarded(self.name, account=keys.account):
            return str(VapiApi(keys).create_call(body)["id"])

    def joined_by_browser(self, keys: VendorKeys) -> bool:
        return keys.options.get("web_calls") == "on"

    def direct_sources(self, keys: VendorKeys) -> dict[str, list[str]]:
        return BROWSER_SOURCES if self.joined_by_browser(keys) else {}

    def browser_call(self, brief: VoiceBrief, *, keys: VendorKeys, recording: bool) -> DirectSession | None:
        if not self.joined_by_browser(keys):
            return None
        body = assistant.web_call(brief, keys, recording=recording)
        api = VapiApi(keys)
        call = call_provider(
            self.name,
            lambda left: api.create_web_call(body, seconds=left or SECONDS),
            seconds=SECONDS,
            account=keys.account,
        )
        url = call.get("webCallUrl")
        if not isinstance(url, str) or not url.startswith("https://"):
            raise ProviderInvalidAnswer("a call without an address", provider=self.name)
        return DirectSession(url=url, agent_id=self.name, conversation_id=call["id"])

    def lets_listen(self, keys: VendorKeys) -> bool:
        return keys.options.get("listen", "on") == "on"

    def listen(self, conversation_id: str, *, keys: VendorKeys) -> AsyncGenerator[OverheardSound]:
        return listening.listen(conversation_id, keys=keys)

    def hang_up(self, conversation_id: str, *, keys: VendorKeys) -> None:
        VapiControl(conversation_id, keys=keys).end()

    def check(self, keys: VendorKeys) -> None:
        VapiApi(keys).check()

    def fetch_record(self, conversation_id: str, *, keys: VendorKeys) -> VoiceRecord | None:
        api = VapiApi(keys)
        call = call_provider(PROVIDER, lambda _left: api.call(conversation_id), account=keys.account)
        return records.of_call(call) if call is not None else None

    def fetch_recording(self, conversation_id: str, *, keys: VendorKeys) -> RecordedAudio | None:
        api = VapiApi(keys)
        return call_provider(PROVIDER, lambda _left: api.recording(conversation_id), account=keys.account)
