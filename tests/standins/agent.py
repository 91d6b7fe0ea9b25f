"""The brain of the stand-in voice vendors: it hears and speaks with the embedded engine, and says what its script says.

Spoken audio gets spoken answers. Certain words make it do what a vendor's agent does: "goodbye" ends the call by its tool,
"look up …" asks the knowledge tool and reads out what that found.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from integrations.speech.engine import Speech
from integrations.vendors import VendorKeys
from integrations.voice.base import Spoken, VoiceBrief, VoiceSession
from integrations.voice.embedded import EmbeddedProvider

# Name and arguments of a tool → what it gave. Raised: `ToolFailed`.
CallTool = Callable[[str, dict[str, Any]], Awaitable[str]]

GOODBYE = re.compile(r"\b(good ?bye|adi[oó]s|hasta luego)\b", re.IGNORECASE)
LOOK_UP = re.compile(r"\b(?:look up|busca)\b[:,]?\s*(.+)", re.IGNORECASE)
ODD_TOOL = re.compile(r"\bunknown tool\b", re.IGNORECASE)

LINES = {
    "en": (
        "We manage it with spreadsheets today, and honestly that costs us a lot of time.",
        "Price is my worry. We were burned by a long contract last year.",
        "That would help. Who else in our industry uses it?",
        "Fine. Send me a proposal and let us talk on Tuesday.",
    ),
    "es": (
        "Hoy lo hacemos con hojas de cálculo, y la verdad es que nos cuesta mucho tiempo.",
        "Me preocupa el precio. El año pasado firmamos un contrato largo y salió mal.",
        "Eso ayudaría. ¿Quién más de nuestro sector lo usa?",
        "Bien. Mándeme una propuesta y hablamos el martes.",
    ),
}
FAREWELL = {"en": "Thank you, goodbye.", "es": "Gracias, adiós."}


class ToolFailed(Exception):
    """The client said that its tool failed."""


@dataclass
class Script:
    """What the agent answers, in order and then again from the start. Empty `opening`: it waits to be spoken to."""

    language: str = "en"
    opening: str = "Hello?"
    lines: tuple[str, ...] = ()
    look_up_tool: str = "lookup_knowledge"
    end_tool: str = "end_call"

    def line(self, number: int) -> str:
        lines = self.lines or LINES.get(self.language, LINES["en"])
        return lines[number % len(lines)]


class ScriptedBuyer:
    """Answers by the script; fits the port's `Responder`."""

    def __init__(self, script: Script, *, call_tool: CallTool) -> None:
        self._script = script
        self._call_tool = call_tool
        self.heard: list[str] = []

    async def open(self) -> Spoken:
        return Spoken(self._script.opening)

    async def respond(self, text: str, *, at_ms: int) -> Spoken:
        self.heard.append(text)
        script = self._script
        if asked := LOOK_UP.search(text):
            return Spoken(await self._used(script.look_up_tool, {"query": asked[1].strip()}))
        if ODD_TOOL.search(text):
            return Spoken(await self._used("order_pizza", {"size": "large"}))
        if GOODBYE.search(text):
            farewell = FAREWELL.get(script.language, FAREWELL["en"])
            return Spoken(farewell, hang_up=script.end_tool)
        return Spoken(script.line(len(self.heard) - 1))

    async def _used(self, tool: str, arguments: dict[str, Any]) -> str:
        try:
            found = await self._call_tool(tool, arguments)
        except ToolFailed:
            return "I could not look that up."
        try:
            data = json.loads(found)
        except ValueError:
            return found or "Nothing."
        return data if isinstance(data, str) else json.dumps(data)

    async def silence(self, *, silent_ms: int) -> Spoken | None:
        return None

    def stock_lines(self) -> tuple[str, ...]:
        return ()


async def talk(
    script: Script,
    *,
    call_tool: CallTool,
    text_only: bool = False,
    resumed: bool = False,
    speech: Speech | None = None,
) -> tuple[VoiceSession, ScriptedBuyer]:
    """A started session of the agent; 16 kHz in, `output_rate` out. `speech`: other ears and another mouth than the real
    models. Its `events()` are what the stand-in turns into its vendor's frames."""
    began = time.monotonic()
    buyer = ScriptedBuyer(script, call_tool=call_tool)
    session = await EmbeddedProvider(speech).open(
        VoiceBrief(
            call_id="stand-in",
            prompt="",
            first_message=script.opening,
            language=script.language,
            # English is spoken by the quick voice, so that a developer's machine keeps up with all stand-ins at once.
            voice_id="ada" if script.language == "en" else "",
            text_only=text_only,
            resumed=resumed or not script.opening,
        ),
        keys=VendorKeys("embedded"),
        responder=buyer,
        clock=lambda: int((time.monotonic() - began) * 1000),
    )
    await session.start()
    return session, buyer
