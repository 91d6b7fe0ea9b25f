"""Sentences of a document that speak to a model instead of to people. Layers above register what recognises them here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .models import Chunk, KnowledgeDocument

# Where such sentences stand in a text: start and end of each, in order, without overlap.
Finder = Callable[[str], Sequence[tuple[int, int]]]

_finders: dict[str, Finder] = {}


def register_finder(name: str, finder: Finder) -> None:
    """Ask `finder` where a text speaks to a model; the same name again replaces it."""
    _finders[name] = finder


def hostile_sentences(document: KnowledgeDocument) -> list[str]:
    """What in the passages that are found now speaks to a model, in the document's order, each sentence once."""
    passages = Chunk.objects.filter(document=document, revision=document.live_revision).order_by("position")
    found = (
        " ".join(text[start:end].split())
        for text in passages.values_list("text", flat=True)
        for finder in _finders.values()
        for start, end in finder(text)
    )
    return list(dict.fromkeys(found))


def without_hostile(text: str) -> str:
    """The text less what in it speaks to a model."""
    for finder in _finders.values():
        for start, end in sorted(finder(text), reverse=True):
            text = text[:start] + text[end:]
    return text
