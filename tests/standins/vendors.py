"""The stand-ins by name, and what points a running Parley at them."""

from __future__ import annotations

from importlib import import_module

from tests.standins.base import StandIn
from tests.standins.vapi import PUBLIC_KEY
from tests.standins.vapi_phone import PHONE_NUMBER_ID

STAND_INS = {
    "elevenlabs": "tests.standins.elevenlabs.ElevenLabs",
    "vapi": "tests.standins.vapi.Vapi",
    "openai": "tests.standins.openai.OpenAI",
}
# Where `make standins` serves them.
FIXED_PORTS = {name: 9301 + place for place, name in enumerate(STAND_INS)}
AGENT_ID = "agent_demo"


def stand_in(name: str) -> StandIn:
    """A new one, not yet serving. Raises `KeyError` for a name that is none."""
    module, _, class_name = STAND_INS[name].rpartition(".")
    made = getattr(import_module(module), class_name)()
    assert isinstance(made, StandIn)
    return made


def environment(stand: StandIn) -> dict[str, str]:
    """The settings by which Parley takes this stand-in for the vendor."""
    name = stand.name.upper()
    settings = {f"{name}_API_KEY": stand.key, f"{name}_BASE_URL": stand.base_url}
    if stand.webhook_secret:
        settings[f"{name}_WEBHOOK_SECRET"] = stand.webhook_secret
    if stand.name == "elevenlabs":
        settings["ELEVENLABS_AGENT_ID"] = AGENT_ID
    elif stand.name == "vapi":
        settings["VAPI_PUBLIC_KEY"] = PUBLIC_KEY
        settings["VAPI_OPTIONS"] = f"phone_number_id={PHONE_NUMBER_ID}"
    elif stand.name == "openai":
        settings["OPENAI_BASE_URL"] = f"{stand.base_url}/v1"
        # The same server is OpenRouter below another path; replies are worded there first.
        settings["OPENROUTER_API_KEY"] = stand.key
        settings["OPENROUTER_BASE_URL"] = f"{stand.base_url}/api/v1"
    return settings


def report_to(stand: StandIn, organization_url: str) -> None:
    """Send its webhooks to an organisation (`http://host/org/slug`)."""
    stand.webhook_url = f"{organization_url.rstrip('/')}/api/webhooks/{stand.name}/"
