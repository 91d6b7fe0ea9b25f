"""What the vendor is told of a buyer: a whole assistant for this one call, or what differs from one that is set up there.

Nothing here is ever sent to a browser. Options of the account, all texts:

    assistant_id     an assistant set up at the vendor; its voice and its ears are kept, the buyer's part is ours
    assistant_part   "own": that assistant's own prompt and first message are kept too
    model            "provider/model" that plays the buyer
    voice_<ours>     the vendor's voice for one of our voices, as "provider/voice" or a voice id of ElevenLabs
    voice_default    the same for all others; without it the vendor chooses
    credential_id    what the vendor signs its webhooks with, set up there
    phone_number_id  the number that calls trainees
    listen           "off": nobody listens in on calls that go past us, whatever the organisation allows
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from integrations.vendors import VendorKeys
from integrations.voice.base import SaidBefore, VoiceBrief
from integrations.voice.vapi.verifying import SECRET_HEADER, strategy_of

MODEL = "openai/gpt-4.1-mini"
RATE = 16000
FEWEST_SECONDS, MOST_SECONDS = 10, 43200  # what the vendor takes as a call's length
SPARE_SECONDS = 15  # our own limit comes first
MOST_ANSWER_TOKENS = 250
TEMPERATURE = 0.7
LOOK_UP = "lookup_knowledge"

# Over the socket: what the session understands. None of it reaches the browser as it is.
CLIENT_MESSAGES = [
    "transcript",
    "speech-update",
    "status-update",
    "user-interrupted",
    "assistant.speechStarted",
    "model-output",
    "hang",
    "tool-calls",
    "tool-calls-result",
]
# In a browser of its own: no model output, no conversation, nothing that could carry the buyer's instructions.
BROWSER_MESSAGES = ["transcript", "speech-update", "status-update", "user-interrupted", "hang"]
SERVER_MESSAGES = ["status-update", "end-of-call-report", "tool-calls", "hang"]
# Where nothing of a call passes us: what is said, while it is said. Guesses at words are not asked for.
LIVE_MESSAGES = ['transcript[transcriptType="final"]', "speech-update", "conversation-update"]

LOOK_UP_TEXTS = {
    "en": "What you know about yourself and your company. Ask it when you are asked for a fact you are not sure of.",
    "es": "Lo que sabes de ti y de tu empresa. Consúltalo cuando te pregunten un dato del que no estés seguro.",
}


def websocket_call(brief: VoiceBrief, keys: VendorKeys) -> dict[str, Any]:
    """The request for a call whose audio goes over our own socket."""
    audio = {"format": "pcm_s16le", "container": "raw", "sampleRate": RATE}
    transport = {"provider": "vapi.websocket", "conversationType": "voice", "audioFormat": audio}
    # Parley tapes such a call itself, where the trainee agreed to it; the vendor keeps no second copy.
    return {**_who(brief, keys, CLIENT_MESSAGES, recording=False, past_us=False), "transport": transport}


def web_call(brief: VoiceBrief, keys: VendorKeys, *, recording: bool) -> dict[str, Any]:
    """The request for a call that the browser holds with the vendor."""
    return _who(brief, keys, BROWSER_MESSAGES, recording=recording)


def phone_call(brief: VoiceBrief, keys: VendorKeys, *, number: str, recording: bool) -> dict[str, Any]:
    """The request for a call to a telephone. `number`: E.164."""
    return {
        **_who(brief, keys, [], recording=recording),
        "phoneNumberId": keys.options.get("phone_number_id", ""),
        "customer": {"number": number},
    }


def _who(
    brief: VoiceBrief, keys: VendorKeys, client_messages: list[str], *, recording: bool, past_us: bool = True
) -> dict[str, Any]:
    options = keys.options
    frame: dict[str, Any] = {
        "clientMessages": client_messages,
        "serverMessages": [*SERVER_MESSAGES, *LIVE_MESSAGES] if past_us else SERVER_MESSAGES,
        "maxDurationSeconds": max(FEWEST_SECONDS, min(MOST_SECONDS, brief.time_limit_seconds + SPARE_SECONDS)),
        "metadata": dict(brief.variables),
        "artifactPlan": {"recordingEnabled": recording, "videoRecordingEnabled": False, "pcapEnabled": False},
        "monitorPlan": {
            "listenEnabled": past_us and brief.observable and options.get("listen", "on") == "on",
            "listenAuthenticationEnabled": bool(options.get("public_key")),
            "controlEnabled": True,
            "controlAuthenticationEnabled": bool(options.get("public_key")),
        },
    }
    root = _callbacks(brief)
    if root:
        frame["server"] = _server(f"{root}/api/webhooks/vapi/", keys)
    part = {**_opening(brief), "model": _model(brief, keys, root)}
    assistant_id = options.get("assistant_id", "")
    if assistant_id:
        own = options.get("assistant_part") == "own" and not brief.history
        overrides = {**frame, **({} if own else part), "variableValues": dict(brief.variables)}
        return {"assistantId": assistant_id, "assistantOverrides": overrides}
    assistant = {
        "name": "Parley",
        **part,
        **frame,
        "transcriber": {"provider": "deepgram", "model": "nova-3", "language": brief.language},
        "firstMessageInterruptionsEnabled": True,
    }
    voice = _voice(brief.voice_id, options)
    if voice is not None:
        assistant["voice"] = voice
    return {"assistant": assistant, "assistantOverrides": {"variableValues": dict(brief.variables)}}


def _opening(brief: VoiceBrief) -> dict[str, Any]:
    if not brief.resumed and not brief.history:
        return {"firstMessage": brief.first_message, "firstMessageMode": "assistant-speaks-first"}
    unanswered = bool(brief.history) and brief.history[-1].role == "user"
    mode = "assistant-speaks-first-with-model-generated-message" if unanswered else "assistant-waits-for-user"
    return {"firstMessageMode": mode}


def _model(brief: VoiceBrief, keys: VendorKeys, root: str) -> dict[str, Any]:
    provider, _, model = keys.options.get("model", "").partition("/")
    if not model:
        provider, _, model = MODEL.partition("/")
    tools: list[dict[str, Any]] = [{"type": "endCall"}]
    if root:
        tools.append(_look_up(f"{root}/api/vapi/tools/knowledge-base/", brief.language, keys))
    return {
        "provider": provider,
        "model": model,
        "messages": [{"role": "system", "content": brief.prompt}, *map(_message, brief.history)],
        "temperature": TEMPERATURE,
        "maxTokens": MOST_ANSWER_TOKENS,
        "tools": tools,
    }


def _message(said: SaidBefore) -> dict[str, str]:
    return {"role": said.role, "content": said.text}


def _look_up(url: str, language: str, keys: VendorKeys) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {
            "name": LOOK_UP,
            "description": LOOK_UP_TEXTS.get(language, LOOK_UP_TEXTS["en"]),
            "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
        },
        "server": _server(url, keys),
    }


def _server(url: str, keys: VendorKeys) -> dict[str, Any]:
    """Where the vendor reports to, and how it proves who it is. Without a credential set up there, the secret goes along in
    the header that needs none."""
    server: dict[str, Any] = {
        "url": url,
        "timeoutSeconds": 20,
        "backoffPlan": {
            "type": "exponential",
            "maxRetries": 5,
            "baseDelaySeconds": 1,
            "excludedStatusCodes": [400, 401, 404, 413],
        },
    }
    credential = keys.options.get("credential_id", "")
    if credential:
        server["credentialId"] = credential
    elif strategy_of(keys) == "secret" and keys.webhook_secrets:
        server["headers"] = {keys.options.get("secret_header") or SECRET_HEADER: keys.webhook_secrets[0]}
    return server


def _callbacks(brief: VoiceBrief) -> str:
    """The organisation's address as the vendor reaches it; empty when the brief does not say whose call it is."""
    slug = brief.variables.get("parley_organization", "")
    return f"{settings.SITE_URL}/org/{slug}" if slug else ""


def _voice(voice_id: str, options: Mapping[str, str]) -> dict[str, str] | None:
    chosen = options.get(f"voice_{voice_id}") or options.get("voice_default", "")
    if not chosen:
        return None
    provider, slash, name = chosen.partition("/")
    if not slash:
        return {"provider": "11labs", "voiceId": chosen}
    return {"provider": provider, "voiceId": name}
