"""The labelled set: our own documents in two languages, and questions with the passage that answers each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scenarios.knowledge import ingestion, library
from scenarios.knowledge.models import KnowledgeDocument
from scenarios.knowledge.retrieval import Match

HERE = Path(__file__).parent
PLAYBOOKS = sorted((HERE / "playbooks").glob("*.md"))


@dataclass(frozen=True)
class Question:
    """`says`: words that stand in the passage of `document` that answers."""

    ask: str
    document: str
    says: str

    def is_answered_by(self, source: str, text: str) -> bool:
        return source == self.document and self.says in " ".join(text.split())


def questions(*, held_out: bool = False) -> tuple[list[Question], list[str]]:
    """Those that are answered, and those that no document answers. `held_out`: those that nothing was set by."""
    data = yaml.safe_load((HERE / "questions.yaml").read_text())
    answered, none = ("held_out", "held_out_none") if held_out else ("answered", "none")
    return [Question(**row) for row in data[answered]], list(data[none])


def place_of(question: Question, found: Sequence[Match]) -> int:
    """Where the answer stands among the first five, from 1; 0 where it does not."""
    places = enumerate(found[:5], start=1)
    return next((at for at, one in places if question.is_answered_by(one.document.source, one.text)), 0)


def recall(places: Sequence[int]) -> float:
    """At five."""
    return sum(place > 0 for place in places) / len(places)


def mrr(places: Sequence[int]) -> float:
    """The mean of reciprocal ranks, at five."""
    return sum(1 / place for place in places if place) / len(places)


def bring_in(actor: Any) -> list[KnowledgeDocument]:
    """All documents, searchable, in the organisation at hand."""
    documents = [library.add(file=path.read_bytes(), file_name=path.name, actor=actor) for path in PLAYBOOKS]
    for document in documents:
        assert ingestion.ingest(document.pk)
        document.refresh_from_db()
    return documents
