"""The shapes in which a language model writes drafts: strict JSON schemas, every property required, no others."""

from __future__ import annotations

from integrations.llm.schemas import NUMBER, TEXT, list_of, object_of
from scenarios.briefs import OBJECTION_KINDS
from scenarios.signals import SIGNALS

TEXTS = list_of(TEXT)
PERSONA = object_of(
    name=TEXT,
    gender={"type": "string", "enum": ["f", "m"]},
    role=TEXT,
    company=TEXT,
    industry=TEXT,
    backstory=TEXT,
    competitor=TEXT,
    competitor_source=NUMBER,
    facts=list_of(object_of(topic=TEXT, answer=TEXT)),
    objections=list_of(
        object_of(
            kind={"type": "string", "enum": list(OBJECTION_KINDS)},
            text=TEXT,
            concern=TEXT,
            resolve_hints=TEXTS,
            harden_hints=TEXTS,
            resolved_text=TEXT,
            hardened_text=TEXT,
            source=NUMBER,
        )
    ),
    hidden_pains=list_of(object_of(pain=TEXT, reveal_hints=TEXTS, reveal_text=TEXT, source=NUMBER)),
)
RUBRIC = object_of(
    name=TEXT,
    description=TEXT,
    criteria=list_of(
        object_of(
            name=TEXT,
            definition=TEXT,
            kind={"type": "string", "enum": ["rated", "binary", "grounded"]},
            weight=NUMBER,
            anchors=list_of(object_of(score=NUMBER, text=TEXT)),
            signals=list_of({"type": "string", "enum": list(SIGNALS)}),
            source_text=TEXT,
            source=NUMBER,
        )
    ),
)
SCENARIO = object_of(
    title=TEXT,
    summary=TEXT,
    trainee_brief=TEXT,
    brief_sources=list_of(NUMBER),
    product=TEXT,
    goal=TEXT,
    next_step=TEXT,
    first_message=TEXT,
)
