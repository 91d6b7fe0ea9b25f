"""A rubric from the one that ships with Parley, with criteria that hold what is said against the playbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scenarios import presets
from scenarios.briefs import LONGEST_SOURCE
from scenarios.generation.material import Made, Material, Statement
from scenarios.generation.words import filled, talk

BASE = "five-criterion"
FACTS_WEIGHT, RULES_WEIGHT = 15, 10


def rubric(wish: Mapping[str, Any], material: Material) -> Made:
    """Values in the shape of the API's `rubrics/`. Weights add up to 100."""
    language = wish["language"]
    words = talk(language)["rubric"]
    base = presets.rubrics()[BASE, language].spec
    own: list[tuple[dict[str, Any], Sequence[Statement]]] = []
    facts = [*material.prices, *material.proofs, *material.process]
    if facts:
        own.append((_grounded("playbook-facts", words["grounded"], words["grounded_text"], facts, FACTS_WEIGHT), facts))
    if material.rules:
        text = words["must_text"]
        own.append((_grounded("playbook-rules", words["must"], text, material.rules, RULES_WEIGHT), material.rules))
    left = 100 - sum(criterion["weight"] for criterion, _sources in own)
    criteria = [item.to_json() for item in base.criteria]
    for criterion, weight in zip(criteria, shares([item.weight for item in base.criteria], left), strict=True):
        criterion["weight"] = weight
    seller = material.company.text if material.company else ""
    made = Made(
        {
            "language": language,
            "name": (filled(words["name"], {"seller": seller}, language=language) if seller else words["plain"])[:120],
            "description": words["description"] if own else words["description_plain"],
            "pass_mark": base.pass_mark,
            "criteria": [*criteria, *(criterion for criterion, _sources in own)],
        }
    )
    for offset, (_criterion, sources) in enumerate(own):
        made.cite(f"criteria[{len(criteria) + offset}].source", sources)
    return made


def _grounded(key: str, name: str, definition: str, statements: Sequence[Statement], weight: int) -> dict[str, Any]:
    source = "\n".join(dict.fromkeys(statement.text for statement in statements))
    return {
        "key": key,
        "name": name,
        "definition": definition,
        "weight": weight,
        "kind": "grounded",
        "source": source[:LONGEST_SOURCE],
    }


def shares(weights: Sequence[int], total: int) -> list[int]:
    """The same proportions with another sum, in whole numbers: the largest remainders are rounded up."""
    whole = sum(weights)
    exact = [weight * total / whole for weight in weights]
    given = [int(value) for value in exact]
    order = sorted(range(len(weights)), key=lambda index: (given[index] - exact[index], index))
    for index in order[: total - sum(given)]:
        given[index] += 1
    return given
