"""Sentences of a document that speak to a model instead of to people. Layers above register what recognises them here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .models import Chunk, KnowledgeDocument

Finder = Callable[[str], Sequence[str]]

_finders: dict[str, Finder] = {}


def register_finder(name: str, finder: Finder) -> None:
    """Ask `finder` which sentences of a text speak to a model; the same name again replaces it."""
    _finders[name] = finder


def hostile_sentences(document: KnowledgeDocument) -> list[str]:
    """What in the passages that are found now speaks to a model, in the document's order, each sentence once."""
    passages = Chunk.objects.filter(document=document, revision=document.live_revision).order_by("position")
    texts = list(passages.values_list("text", flat=True))
    return list(dict.fromkeys(found for text in texts for finder in _finders.values() for found in finder(text)))
