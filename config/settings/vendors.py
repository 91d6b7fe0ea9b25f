"""Vendors: keys, addresses, models, who is asked first. Without a key the embedded engine serves the role."""

from __future__ import annotations

from pathlib import Path

from .environment import VAR_DIR, env

VENDORS = ("ELEVENLABS", "VAPI", "GROQ", "GEMINI", "OPENAI", "OPENROUTER", "HIGHLEVEL", "STRIPE")
VENDOR_KEYS = {vendor.lower(): env(f"{vendor}_API_KEY", default="") for vendor in VENDORS}
VENDOR_BASE_URLS = {vendor.lower(): env(f"{vendor}_BASE_URL", default="") for vendor in VENDORS}
VENDOR_WEBHOOK_SECRETS = {vendor.lower(): env(f"{vendor}_WEBHOOK_SECRET", default="") for vendor in VENDORS}
# One identity service for the whole installation; an organisation's own secret goes before it.
VENDOR_WEBHOOK_SECRETS["identity"] = env("IDENTITY_WEBHOOK_SECRET", default="")
# The mail service tells of addresses that take no mail.
VENDOR_WEBHOOK_SECRETS["resend"] = env("RESEND_WEBHOOK_SECRET", default="")
# What a vendor needs besides, by vendor and name; an organisation's own account may say otherwise.
VENDOR_OPTIONS = {
    "elevenlabs": {
        "agent_id": env("ELEVENLABS_AGENT_ID", default=""),
        # The vendor's voice for each of ours: ada=21m00…,carl=…; those left out speak with the agent's own.
        **{f"voice_{ours}": theirs for ours, theirs in env.dict("ELEVENLABS_VOICES", default={}).items()},
    },
    # phone_number_id=…,webhook_auth=secret,…: docs/voices.md names them.
    "vapi": {**env.dict("VAPI_OPTIONS", default={}), "public_key": env("VAPI_PUBLIC_KEY", default="")},
}
# Days that the contents of vendors' messages are kept after they were handled.
INBOUND_KEEP_DAYS = env.int("INBOUND_KEEP_DAYS", default=30)
GROQ_MODEL = env("GROQ_MODEL", default="openai/gpt-oss-120b")
GEMINI_MODEL = env("GEMINI_MODEL", default="gemini-3.8-flash")
OPENAI_MODEL = env("OPENAI_MODEL", default="gpt-6-luna")
OPENROUTER_MODEL = env("OPENROUTER_MODEL", default="openai/gpt-6-luna")
# Vendors announce when a model goes: docs/voices.md says what is known. Without its voice a call goes on with our own.
VENDOR_OPTIONS["openai"] = {
    "stt_model": env("OPENAI_STT_MODEL", default="gpt-transcribe"),
    "tts_model": env("OPENAI_TTS_MODEL", default="gpt-4o-mini-tts"),
}
VOICE_PROVIDER = env("VOICE_PROVIDER", default="")
QUICK_SCORER = env("QUICK_SCORER", default="")
DEEP_SCORER = env("DEEP_SCORER", default="")
SPEECH_MODEL_DIR = env("SPEECH_MODEL_DIR", default="")
SPEECH_WARM = env.bool("SPEECH_WARM", default=True)  # load the speech models when a web process starts
SPEECH_CACHE_DIR = Path(env("SPEECH_CACHE_DIR", default=str(VAR_DIR / "cache" / "speech")))
# US dollars per million tokens in and out, for models that integrations/llm/prices.py does not list or lists otherwise.
LLM_PRICES: dict[str, list[float]] = env.json("LLM_PRICES", default={})
# US dollars a minute by kind of work and vendor ("voice.elevenlabs", "hear.openai", "say.openai"), where they differ from
# integrations/budgets/minutes.py.
MINUTE_PRICES: dict[str, float] = env.json("MINUTE_PRICES", default={})
# US dollars a month for what the installation asks for itself, such as trials of judges; empty: no limit.
OWN_BUDGET_USD = env.float("OWN_BUDGET_USD", default=None)
# Days that entries about single requests to language models are kept.
LLM_LEDGER_DAYS = env.int("LLM_LEDGER_DAYS", default=400)
# Which vendors' models are asked for each kind of work, in this order, where they have a key (integrations/llm/tasks.py).
LLM_ORDERS = {
    "quick": env.list("LLM_ORDER_QUICK", default=["groq", "gemini", "openrouter", "openai"]),
    "deep": env.list("LLM_ORDER_DEEP", default=["gemini", "groq", "openrouter", "openai"]),
    "coach": env.list("LLM_ORDER_COACH", default=["groq", "gemini", "openrouter", "openai"]),
    "flight": env.list("LLM_ORDER_FLIGHT", default=["groq", "gemini", "openrouter", "openai"]),
    "author": env.list("LLM_ORDER_AUTHOR", default=["gemini", "openai", "openrouter", "groq"]),
}
