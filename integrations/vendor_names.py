"""Vendors as people know them, and what each account may be told besides its key."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

EMBEDDED = "embedded"
NAMES: dict[str, object] = {
    EMBEDDED: _("Parley's own engine"),
    "elevenlabs": "ElevenLabs",
    "vapi": "Vapi",
    "openai": "OpenAI",
    "openrouter": "OpenRouter",
    "groq": "Groq",
    "gemini": "Google Gemini",
    "identity": _("Identity service"),
    "resend": "Resend",
}
# Who can speak in a call, in the order in which they are offered.
VOICES = ("elevenlabs", "vapi", "openai", EMBEDDED)
# Whom what is said in a call may be sent to.
AI_PROVIDERS = ("elevenlabs", "vapi", "openai", "openrouter", "groq", "gemini", EMBEDDED)
# Whom an organisation can have an account of its own with.
ACCOUNTS = ("elevenlabs", "vapi", "openai", "openrouter", "groq", "gemini", "identity")
# Vendors that post to us; the others have no webhook secret.
POSTING = ("elevenlabs", "vapi", "identity")
# Vendors that are told by a secret only: we never call them.
KEYLESS = ("identity",)

VOICE_OPTION = "voice_"
OPTIONS: dict[str, Mapping[str, object]] = {
    "elevenlabs": {
        "agent_id": _("the agent that plays the buyers"),
        "voice_…": _("the vendor's voice for one of ours, such as voice_ada"),
    },
    "vapi": {
        "public_key": _("the key for browsers"),
        "assistant_id": _("an assistant of yours, instead of one made for each call"),
        "assistant_part": _("own: your assistant keeps its instructions"),
        "model": _("provider/model that words the replies"),
        "phone_number_id": _("the number that calls trainees"),
        "phone_countries": _("countries that may be called, such as US ES; empty: all"),
        "web_calls": _("on: browsers may join its calls without us"),
        "listen": _("off: nobody listens in on calls that do not go through us"),
        "listen_rate": _("sound for who listens in, in Hz, where the vendor does not say it; default 16000"),
        "listen_channels": _("2 where that sound has the trainee beside the buyer; default 1"),
        "credential_id": _("the credential that signs what is posted here"),
        "webhook_auth": _("how it is signed: hmac (default), bearer or secret"),
        "secret_header": _("the header of a secret"),
        "hmac_signature_header": _("default x-signature"),
        "hmac_timestamp_header": _("default x-timestamp"),
        "hmac_message_id_header": _("default webhook-id"),
        "hmac_algorithm": _("sha256 (default), sha1 or sha512"),
        "hmac_encoding": _("hex (default) or base64"),
        "hmac_payload_format": _("default {timestamp}.{body}"),
        "hmac_include_timestamp": _("true (default) or false"),
        "hmac_secret_is_base64": _("true or false (default)"),
        "hmac_prefix": _("what stands before the signature, such as sha256="),
        "voice_…": _("the vendor's voice for one of ours, such as voice_ada; voice_default for all others"),
    },
    "openai": {
        "model": _("the model that words the replies"),
        "stt_model": _("the model that listens"),
        "tts_model": _("the model that speaks"),
        "voice_…": _("the vendor's voice for one of ours, such as voice_ada"),
    },
    "openrouter": {"model": _("the model that words the replies")},
    "groq": {"model": _("the model that judges")},
    "gemini": {"model": _("the model that judges")},
}


def name_of(vendor: str) -> str:
    return str(NAMES.get(vendor, vendor))


def knows_option(vendor: str, option: str) -> bool:
    known = OPTIONS.get(vendor, {})
    return option in known or ("voice_…" in known and option.startswith(VOICE_OPTION) and option != VOICE_OPTION)
