"""How sellers talk, by language: phrase patterns kept as data beside this file."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Patterns = tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Patterns are searched in plain text (see `calls.engine.text.plain`)."""

    stopwords: frozenset[str]
    questions: Mapping[str, Patterns]
    bare_questions: frozenset[str]
    not_questions: Patterns
    acts: Mapping[str, Patterns]
    topics: Mapping[str, Patterns]
    fillers: frozenset[str]
    own: frozenset[str]
    foreign: frozenset[str]
    numbers: Patterns
    durations: Patterns
    pitch_examples: tuple[str, ...]


def _compile(patterns: list[str]) -> Patterns:
    return tuple(re.compile(pattern) for pattern in patterns)


@functools.cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of "en" or "es"."""
    data: dict[str, Any] = yaml.safe_load((Path(__file__).parent / f"{language}.yaml").read_text("utf-8"))
    return Lexicon(
        stopwords=frozenset(data["stopwords"].split()),
        questions={kind: _compile(patterns) for kind, patterns in data["questions"].items()},
        bare_questions=frozenset(data["bare_questions"]),
        not_questions=_compile(data["not_questions"]),
        acts={act: _compile(patterns) for act, patterns in data["acts"].items()},
        topics={topic: _compile(patterns) for topic, patterns in data["topics"].items()},
        fillers=frozenset(data["fillers"].split()),
        own=frozenset(data["own"].split()),
        foreign=frozenset(data["foreign"].split()),
        numbers=_compile(data["numbers"]),
        durations=_compile(data["durations"]),
        pitch_examples=tuple(data["pitch_examples"]),
    )


def any_match(patterns: Patterns, text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)
