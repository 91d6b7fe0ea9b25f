"""The smallest question that uses what scoring uses: a key, the model's name, an answer by schema."""

from __future__ import annotations

from .base import Ask

QUESTION = Ask(
    system="You check that a connection works.",
    prompt="Answer with ready set to true.",
    schema={
        "type": "object",
        "properties": {"ready": {"type": "boolean"}},
        "required": ["ready"],
        "additionalProperties": False,
    },
    name="ready",
    temperature=0.0,
    max_output_tokens=200,
)
