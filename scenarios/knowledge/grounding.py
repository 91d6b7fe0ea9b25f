"""A criterion that must agree with a document of the knowledge base: `document: price-list.md` instead of its text.

What the document says of the criterion is frozen with the rubric when it is published, as everything else is: a score stays
explicable by what was asked then, whatever the document says later.
"""

from __future__ import annotations

import re

from scenarios.briefs import LONGEST_SOURCE

from .models import Chunk, KnowledgeDocument
from .retrieval import MOST_COUNT, match_knowledge

_NAMED = re.compile(r"\A\s*(?:document|documento)\s*:\s*(\S[^\n]{0,199}?)\s*\Z", re.IGNORECASE)


def named_in(source: str) -> str:
    """The document that a criterion's source names; "" where the source is the text itself."""
    match = _NAMED.match(source)
    return match[1] if match else ""


def document_named(name: str) -> KnowledgeDocument | None:
    """By its source, else by its title; only what can be searched."""
    documents = KnowledgeDocument.objects.searchable()
    return documents.filter(source=name).first() or documents.filter(title__iexact=name).first()


def text_for(source: str, *, about: str) -> str:
    """What a criterion is held against: the source as it stands, or what the document that it names says of the criterion.

    A short document goes along whole; of a long one the passages that are likest to `about`, in the document's order. A
    document that is not there leaves the source as it is; publishing refuses that (`scenarios.validation`).
    """
    name = named_in(source)
    document = document_named(name) if name else None
    if document is None:
        return source
    chunks = list(Chunk.objects.filter(document=document, revision=document.live_revision).order_by("position"))
    whole = "\n\n".join(chunk.text for chunk in chunks)
    if len(whole) <= LONGEST_SOURCE:
        return whole
    chosen: list[tuple[int, str]] = []
    room = LONGEST_SOURCE
    for match in match_knowledge(about, threshold=-1.0, count=MOST_COUNT, source=document.source):
        room -= len(match.text) + 2
        if room < 0:
            break
        chosen.append((match.position, match.text))
    if not chosen:  # no encoder answers: its beginning
        return whole[:LONGEST_SOURCE]
    return "\n\n".join(text for _position, text in sorted(chosen))
