"""What a language model is told before it answers as the coach. Documents are given as data, each in its own fence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from integrations.llm.chat import ChatMessage
from scenarios.knowledge.retrieval import Match
from scoring.injection.detector import without_flagged

from .models import Message
from .own_calls import OwnCall

VERSION = "coach-1"
BEFORE = 6  # messages of the conversation that go along
LONGEST_BEFORE = 600  # characters of each
LEFT_OUT = "[…]"
LANGUAGES = {"en": "English", "es": "Spanish"}

SYSTEM = (Path(__file__).parent / f"{VERSION}.system.md").read_text().strip()


def messages_for(
    question: str, *, matches: Sequence[Match], calls: Sequence[OwnCall], before: Sequence[Message], language: str
) -> list[ChatMessage]:
    """The conversation as a model is given it; passages are numbered from 1 in their order."""
    told = [ChatMessage("system", SYSTEM.format(language=LANGUAGES.get(language, "English")))]
    for message in before[-BEFORE:]:
        role = "user" if message.role == Message.Role.USER else "assistant"
        told.append(ChatMessage(role, message.text[:LONGEST_BEFORE]))
    told.append(ChatMessage("user", f"{material(matches, calls)}\n\n<question>\n{question}\n</question>"))
    return told


def material(matches: Sequence[Match], calls: Sequence[OwnCall]) -> str:
    """As JSON, so that nothing in a document can close its fence."""
    passages = [
        {
            "number": number,
            "document": match.document.title,
            "heading": match.heading,
            "text": without_flagged(match.text, instead=LEFT_OUT),
        }
        for number, match in enumerate(matches, start=1)
    ]
    own = [
        {
            "situation": call.title,
            "date": call.ended_on,
            "score": call.overall,
            "weakest": call.weakest,
            "strongest": call.strongest,
            "improvements": [f"{point}: {suggestion}" for point, suggestion in call.improvements],
        }
        for call in calls
    ]
    return f"<passages>\n{_fenced(passages)}\n</passages>\n<own_calls>\n{_fenced(own)}\n</own_calls>"


def _fenced(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1).replace("<", "\\u003c")
