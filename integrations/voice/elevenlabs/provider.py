"""ElevenLabs as the registry knows it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.conf import settings

from integrations.errors import ProviderNotConfigured, ProviderRefused
from integrations.vendors import VendorKeys
from integrations.voice.base import DirectSession, Responder, VoiceBrief, VoiceProvider, VoiceSession
from integrations.voice.elevenlabs import agents, api
from integrations.voice.elevenlabs.records import record_of
from integrations.voice.elevenlabs.session import ElevenLabsSession
from integrations.voice.records import RecordedAudio, VoiceRecord

RECORDING_TYPE = "audio/mpeg"


class ElevenLabsProvider(VoiceProvider):
    name = "elevenlabs"

    def warm(self) -> None:
        if settings.VENDOR_KEYS.get(self.name):
            threading.Thread(target=api.load, name="elevenlabs-warm", daemon=True).start()

    async def open(
        self, brief: VoiceBrief, *, keys: VendorKeys, responder: Responder, clock: Callable[[], int]
    ) -> VoiceSession:
        return ElevenLabsSession(brief, keys=keys, responder=responder, clock=clock)

    def direct_sources(self, keys: VendorKeys) -> dict[str, list[str]]:
        return {"connect-src": [api.origin(keys)]}

    def direct_session(self, brief: VoiceBrief, *, keys: VendorKeys, recording: bool) -> DirectSession | None:
        return agents.direct_session(brief, keys=keys, recording=recording)

    def check(self, keys: VendorKeys) -> None:
        agent_id = keys.options.get("agent_id", "")
        if not agent_id:
            raise ProviderNotConfigured("no agent is named", provider=self.name)
        agent = api.agent(keys, agent_id)
        if agent is None:
            raise ProviderRefused("the agent is not known", provider=self.name)
        if forbidden := agents.forbidden_overrides(agent, keys):
            raise ProviderRefused(
                f"the agent's security settings must allow to override: {', '.join(forbidden)}", provider=self.name
            )

    def fetch_record(self, conversation_id: str, *, keys: VendorKeys) -> VoiceRecord | None:
        data = api.conversation(keys, conversation_id)
        return None if data is None else record_of(data)

    def fetch_recording(self, conversation_id: str, *, keys: VendorKeys) -> RecordedAudio | None:
        chunks = api.recording(keys, conversation_id)
        return None if chunks is None else RecordedAudio(RECORDING_TYPE, chunks)
