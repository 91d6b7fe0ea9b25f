"""What each family of models may be sent, as data: the first entry whose beginning fits a model's name counts.

What a model still refuses after all is left out by its adapter, where the vendor says what it was.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """`temperature`: it takes one. `effort`: how hard it is told to think, "" where it is told nothing. A rubric leaves
    little to reason about, and reasoning would use up a quick answer's time."""

    temperature: bool = True
    effort: str = ""


FAMILIES: dict[str, tuple[tuple[str, Family], ...]] = {
    "groq": (
        ("openai/gpt-oss", Family(effort="low")),
        ("qwen/qwen3.8", Family(effort="low")),
    ),
    # From generation 3 on sampling parameters are deprecated and thinking has levels.
    "gemini": (
        ("gemini-1", Family()),
        ("gemini-2", Family()),
        ("gemini-", Family(temperature=False, effort="low")),
    ),
    # Families from before reasoning take a temperature and know no effort.
    "openai": (
        ("gpt-3", Family()),
        ("gpt-4", Family()),
        ("chatgpt-4", Family()),
        ("", Family(temperature=False, effort="low")),
    ),
    # Whatever is behind it: what the upstream vendor does not take would be refused, since all parameters are required.
    "openrouter": (("", Family(temperature=False)),),
}
PLAIN = Family()


def family_of(vendor: str, model: str) -> Family:
    return next((family for start, family in FAMILIES.get(vendor, ()) if model.startswith(start)), PLAIN)
