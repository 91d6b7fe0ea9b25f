"""How well questions find their answers: by meaning, by words, by both, and by plain full text search.

`python -m benchmarks.retrieval`: needs PostgreSQL and Redis (`make bench` starts both). The labelled set of tests/knowledge,
our own documents and questions, is searched in an organisation of its own; what was held out was written after every weight
and threshold was set. Writes `var/bench/retrieval.json`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.contest import bench_organization, write

TARGET_RECALL = 0.9


def ways() -> dict[str, Callable[[str], Sequence[Any]]]:
    """Each gives at most five passages, best first."""
    from scenarios.knowledge import retrieval

    return {
        "plain full text (every word)": lambda text: retrieval.by_words(text, count=5, every_word=True),
        "full text (any word)": lambda text: retrieval.by_words(text, count=5),
        "meaning (match_knowledge)": lambda text: retrieval.match_knowledge(text, threshold=-1.0),
        "both (search)": lambda text: retrieval.search(text, threshold=-1.0),
    }


def figures(asked: Sequence[Any], none: Sequence[str]) -> dict[str, Any]:
    """`{ways: {name: {recall_at_5, mrr, p50_ms, p95_ms}}, questions, refused, unanswerable, silent}`."""
    from scenarios.knowledge import retrieval
    from tests.knowledge.labelled import mrr, place_of, recall

    told: dict[str, Any] = {"questions": len(asked), "unanswerable": len(none), "ways": {}}
    for name, find in ways().items():
        places, times = [], []
        for question in asked:
            began = time.perf_counter()
            found = find(question.ask)
            times.append((time.perf_counter() - began) * 1000)
            places.append(place_of(question, found))
        told["ways"][name] = {
            "recall_at_5": round(recall(places), 3),
            "mrr": round(mrr(places), 3),
            "p50_ms": round(statistics.median(times), 1),
            "p95_ms": round(statistics.quantiles(times, n=20)[-1], 1),
        }
    told["refused"] = sum(not retrieval.search(question) for question in none)
    told["silent"] = sum(not retrieval.search(question.ask) for question in asked)
    return told


def measure() -> dict[str, Any]:
    organization, user = bench_organization()
    from django_tenants.utils import schema_context

    from scenarios.knowledge import retrieval
    from scenarios.knowledge.models import Chunk, KnowledgeDocument
    from tests.knowledge.labelled import bring_in, questions

    with schema_context(organization.schema_name):
        KnowledgeDocument.objects.all().delete()
        bring_in(user)
        retrieval.search("Warm up, please.")
        told = {
            "documents": KnowledgeDocument.objects.count(),
            "passages": Chunk.objects.count(),
            "set_by": figures(*questions()),
            "held_out": figures(*questions(held_out=True)),
        }
        KnowledgeDocument.objects.all().delete()
    return told


def main() -> None:
    told = measure()
    print(f"{told['documents']} documents in English and Spanish, {told['passages']} passages")
    for name in ("set_by", "held_out"):
        part = told[name]
        print(f"\n{name}: {part['questions']} questions with an answer")
        print(f"{'':40}{'recall@5':>10}{'MRR':>8}{'p50 ms':>9}{'p95 ms':>9}")
        for way, row in part["ways"].items():
            print(f"{way:40}{row['recall_at_5']:>10.3f}{row['mrr']:>8.3f}{row['p50_ms']:>9.1f}{row['p95_ms']:>9.1f}")
        print(f"nothing is found for {part['refused']} of {part['unanswerable']} questions without an answer,", end=" ")
        print(f"and for {part['silent']} of {part['questions']} with one")
    met = min(told[name]["ways"]["both (search)"]["recall_at_5"] for name in ("set_by", "held_out")) >= TARGET_RECALL
    print(f"\ntarget: recall@5 of both ≥ {TARGET_RECALL}: {'met' if met else 'missed'}")
    write("retrieval", told | {"target_met": met})


if __name__ == "__main__":
    main()
