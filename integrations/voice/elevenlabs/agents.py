"""Direct mode: the browser talks to ElevenLabs without us, so the buyer's instructions must live there and stay there.

Each content (instructions, first message, language, voice, limits) is an agent of its own with overrides switched off, made
once and remembered. Its frames to the browser are limited to what a call needs: never its thoughts or its tools.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from django.db import IntegrityError, transaction

from integrations.errors import ProviderRefused
from integrations.models import VendorAgent
from integrations.resilience import call_provider
from integrations.vendors import VendorKeys
from integrations.voice.base import DirectSession, VoiceBrief
from integrations.voice.elevenlabs import api
from integrations.voice.elevenlabs.wire import literal

OPEN_SECONDS = 8.0
END_CALL = "End the call once you have said goodbye, when the caller says goodbye, or when you have lost patience."
CLIENT_EVENTS = (
    "conversation_initiation_metadata",
    "ping",
    "audio",
    "interruption",
    "user_transcript",
    "tentative_user_transcript",
    "agent_response",
    "agent_response_correction",
)


def direct_session(brief: VoiceBrief, *, keys: VendorKeys, recording: bool) -> DirectSession:
    """An agent that is this buyer, and an address to talk to it. Raises a `ProviderError`."""
    config, settings = conversation_config(brief, keys), platform_settings(recording=recording)
    known = _remembered(keys, config, settings) or _made(keys, config, settings)
    try:
        signed = _signed(keys, known.agent_id)
    except ProviderRefused as error:
        if error.code != api.NotFound.code:
            raise
        # Somebody has deleted it at the vendor.
        known.delete()
        known = _made(keys, config, settings)
        signed = _signed(keys, known.agent_id)
    return DirectSession(signed.url, known.agent_id, signed.conversation_id)


def conversation_config(brief: VoiceBrief, keys: VendorKeys) -> dict[str, Any]:
    voice = keys.options.get(f"voice_{brief.voice_id}", "")
    end_call = {"name": "end_call", "description": END_CALL, "params": {"system_tool_type": "end_call"}}
    return {
        "agent": {
            "first_message": literal(brief.first_message),
            "language": brief.language,
            "prompt": {"prompt": literal(brief.prompt), "built_in_tools": {"end_call": end_call}},
        },
        "tts": {"agent_output_audio_format": "pcm_16000", **({"voice_id": voice} if voice else {})},
        "asr": {"user_input_audio_format": "pcm_16000"},
        "conversation": {
            "text_only": brief.text_only,
            "max_duration_seconds": brief.time_limit_seconds,
            "client_events": list(CLIENT_EVENTS),
        },
    }


def platform_settings(*, recording: bool) -> dict[str, Any]:
    """Only by signed address, nothing for the client to decide, and no sound kept without consent."""
    return {
        "auth": {"enable_auth": True},
        "overrides": {
            "conversation_config_override": {
                "agent": {"first_message": False, "language": False, "prompt": {"prompt": False, "llm": False}},
                "tts": {"voice_id": False},
                # Somebody without a microphone may type instead; the clients ask for it in this way.
                "conversation": {"text_only": True},
            },
            "custom_llm_extra_body": False,
            "enable_conversation_initiation_client_data_from_webhook": False,
        },
        "privacy": {"record_voice": recording},
    }


# What each call brings along, and where the agent's settings say whether it may.
NEEDED_OVERRIDES = {
    "system prompt": ("agent", "prompt", "prompt"),
    "first message": ("agent", "first_message"),
    "language": ("agent", "language"),
}


def forbidden_overrides(agent: Mapping[str, Any], keys: VendorKeys) -> list[str]:
    """What a call through Parley needs to decide and this agent does not allow, in the words of the vendor's console."""
    needed = dict(NEEDED_OVERRIDES)
    if any(name.startswith("voice_") for name in keys.options):
        needed["voice"] = ("tts", "voice_id")
    found = []
    for name, path in needed.items():
        value: Any = agent
        for step in ("platform_settings", "overrides", "conversation_config_override", *path):
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is not True:
            found.append(name)
    return found


def _remembered(keys: VendorKeys, config: dict[str, Any], settings: dict[str, Any]) -> VendorAgent | None:
    return VendorAgent.objects.filter(
        vendor=api.VENDOR, account=_account(keys), content_hash=_hash(config, settings)
    ).first()


def _made(keys: VendorKeys, config: dict[str, Any], settings: dict[str, Any]) -> VendorAgent:
    content_hash = _hash(config, settings)
    agent_id = api.create_agent(
        keys, name=f"Parley {content_hash[:10]}", conversation_config=config, platform_settings=settings
    )
    row = {"vendor": api.VENDOR, "account": _account(keys), "content_hash": content_hash}
    try:
        with transaction.atomic():
            return VendorAgent.objects.create(**row, agent_id=agent_id)
    except IntegrityError:  # two calls began together; theirs is as good as ours
        return VendorAgent.objects.get(**row)


def _signed(keys: VendorKeys, agent_id: str) -> api.Signed:
    return call_provider(
        api.VENDOR,
        lambda left: api.signed_url(keys, agent_id, timeout=left or OPEN_SECONDS),
        seconds=OPEN_SECONDS,
        account=keys.account,
    )


def _hash(config: dict[str, Any], settings: dict[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps([config, settings], option=orjson.OPT_SORT_KEYS)).hexdigest()


def _account(keys: VendorKeys) -> str:
    """Tells accounts apart without saying anything of their keys."""
    return hashlib.sha256(f"{keys.base_url}\n{keys.api_key}".encode()).hexdigest()[:16]
