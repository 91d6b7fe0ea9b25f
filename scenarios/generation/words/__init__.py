"""What the embedded generator is made of: industries, people, objections and sentences, by language. Pure."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

HERE = Path(__file__).parent
OTHER = "other"  # the industry where none is recognised
T = TypeVar("T")
_SLOT = re.compile(r"\{(\w+)\}")
# "a el" and "de el" are one word in Spanish; slots begin with their article.
_JOINED = ((re.compile(r"\b([Aa]) el\b"), r"\1l"), (re.compile(r"\b([Dd])e el\b"), r"\1el"))


@functools.cache
def industries(language: str) -> Mapping[str, Mapping[str, Any]]:
    """By key; `other` is among them."""
    files = [yaml.safe_load((HERE / f"{group}.{language}.yaml").read_text("utf-8")) for group in ("goods", "services")]
    return {key: pack for file in files for key, pack in file.items()}


@functools.cache
def talk(language: str) -> Mapping[str, Any]:
    words: Mapping[str, Any] = yaml.safe_load((HERE / f"talk.{language}.yaml").read_text("utf-8"))
    return words


def pick(options: Sequence[T], *, seed: int, of: str) -> T:
    """One of the options: the same for the same seed and purpose, whatever else is picked."""
    digest = hashlib.sha256(f"{seed}:{of}".encode()).digest()
    return options[int.from_bytes(digest[:6], "big") % len(options)]


def filled(text: str, slots: Mapping[str, str], *, language: str) -> str:
    """The text with its slots filled, those within what fills them too. Raises `KeyError` for an unknown slot."""
    for _ in range(3):
        text = _SLOT.sub(lambda match: slots[match[1]], text)
    if language == "es":
        for pattern, joined in _JOINED:
            text = pattern.sub(joined, text)
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """The first letter small, unless the first word is a name or an abbreviation."""
    first = text.split(" ", 1)[0]
    return text if not first[1:].islower() and len(first) > 1 else text[:1].lower() + text[1:]


def industry_of(texts: Sequence[str], *, language: str) -> str:
    """The key of the industry that these words speak of most, or `other`. The first text counts double."""
    best, most = OTHER, 0
    for key, pack in industries(language).items():
        stems = "|".join(re.escape(stem) for stem in pack["match"])
        if not stems:
            continue
        found = [len(re.findall(rf"\b(?:{stems})", text, re.IGNORECASE)) for text in texts]
        count = sum(found) + (found[0] if found else 0)
        if count > most:
            best, most = key, count
    return best
