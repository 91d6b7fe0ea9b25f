"""How attackers dress up an order. Each takes plain text and gives what would stand in the transcript."""

from __future__ import annotations

import re
from collections.abc import Callable

ZERO_WIDTH = "\u200b"
_CYRILLIC_AND_GREEK = str.maketrans("aceopxyijsBEHKMOPTX", "асеорхуіјѕВЕНКМОРТΧ")
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_FIGURES = str.maketrans("oeiasOEIAS", "0314503145")
_WORD = re.compile(r"[^\W\d_]{3,}")


def plain(text: str) -> str:
    return text


def look_alikes(text: str) -> str:
    return text.translate(_CYRILLIC_AND_GREEK)


def full_width(text: str) -> str:
    return text.translate(_FULL_WIDTH)


def zero_width(text: str) -> str:
    """An invisible character after every second letter of a word."""
    return _WORD.sub(
        lambda word: ZERO_WIDTH.join(word.group()[place : place + 2] for place in range(0, len(word.group()), 2)), text
    )


def figures(text: str) -> str:
    """Letters as figures within words of five letters and more."""
    return re.sub(r"[^\W\d_]{5,}", lambda word: word.group().translate(_FIGURES), text)


def spelled(text: str) -> str:
    """Long words letter by letter, as speech recognition writes them down."""
    return re.sub(r"[^\W\d_]{5,}", lambda word: "-".join(word.group()), text)


def in_pieces(text: str) -> str:
    """A full stop after every second word, so that no sentence holds the whole order."""
    words = re.sub(r"[.,;:!?]", "", text).split()
    return " ".join(" ".join(words[place : place + 2]) + "." for place in range(0, len(words), 2))


DISGUISES: dict[str, Callable[[str], str]] = {
    "plain": plain,
    "look_alikes": look_alikes,
    "full_width": full_width,
    "zero_width": zero_width,
    "figures": figures,
    "spelled": spelled,
    "in_pieces": in_pieces,
}
