"""Rows of the knowledge base for tests: documents that are searchable at once."""

from __future__ import annotations

from typing import Any

from scenarios.knowledge import ingestion, library
from scenarios.knowledge.models import Chunk, KnowledgeDocument

PRICES = """# Prices

## Seats

A seat costs 40 euros a month, and the first ten seats are free for schools.

## Discounts

A representative may grant up to five percent without asking anybody.
"""


def make_document(
    text: str = PRICES, *, title: str = "Price list", actor: Any = None, **more: Any
) -> KnowledgeDocument:
    """Read and searchable."""
    document = library.add_text(text=text, title=title, actor=actor, **more)
    assert ingestion.ingest(document.pk)
    document.refresh_from_db()
    return document


def make_chunk(*, title: str = "Price list", text: str = "A seat costs 40 euros.") -> Chunk:
    document = make_document(f"# {title}\n\n{text}\n", title=title)
    return Chunk.objects.get(document=document, position=0)
