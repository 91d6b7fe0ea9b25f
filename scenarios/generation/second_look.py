"""Does a draft contradict what it was made from? Asked of a language model, by an author who wants to know.

It stands beside the rules of `coherence`, which cost nothing and always run. What the model says counts only where it quotes
the draft and what speaks against it, and both quotes are really there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from string import Template
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.errors import ProviderError, ProviderInvalidAnswer
from integrations.llm import gateway
from integrations.llm.base import Ask
from integrations.llm.purpose import on_behalf_of
from integrations.llm.schemas import TEXT, list_of, object_of
from scenarios.contents import SCENARIO_FIELDS, persona_content, pick
from tenants.errors import Conflict

from . import remarks
from .authors import NAMES, data_of, prompt_text
from .models import Generation
from .reading import Playbook

TASK = "author_coherence"
VERSION = "coherence-1"
MAX_OUTPUT = 1_500
MOST = 6
MOST_FIELDS = 120
CODES = (remarks.CONTRADICTION, remarks.NO_CONTRADICTION, remarks.NOT_LOOKED)
UNSAID = {"language", "personality", "difficulty", "gender", "voice_id", "key", "kind", "mode"}


def possible(generation: Generation) -> bool:
    """Is there a draft, something it could contradict, and a model that is asked?"""
    known = generation.input.get("business") or generation.playbook.get("passages")
    made = generation.persona is not None and not generation.is_proposal
    return bool(generation.state == Generation.State.DONE and known and made and gateway.order_for(TASK))


def look(generation: Generation, *, by: Any) -> int:
    """Ask, and keep what was found with the job's remarks in the place of what was found before; answers how many.

    Raises `Conflict` where nobody can be asked. A model that does not answer, or has no money left, is a remark too.
    """
    if not possible(generation):
        raise Conflict(_("There is no language model that could be asked, or nothing to compare."))
    draft = dict(_fields(generation))
    data = data_of(generation.input, Playbook.from_json(generation.playbook))
    try:
        with on_behalf_of(by.pk, reference=f"generation:{generation.pk}"):
            done = gateway.complete(
                _ask(generation.language, data, draft),
                task=TASK,
                order=gateway.order_for(TASK),
                check=lambda answer: _refuse_made_up(answer, draft, data),
                prompt_version=VERSION,
            )
    except ProviderError as error:
        _keep(generation, [remarks.remark(remarks.NOT_LOOKED, problem=error.code)], Decimal(0))
        return 0
    found = [
        remarks.remark(
            remarks.CONTRADICTION,
            vendor=done.vendor,
            field=one["field"],
            draft=one["draft"],
            known=one["known"],
            why=one["why"],
        )
        for one in done.answer.data["contradictions"][:MOST]
    ]
    told = found or [remarks.remark(remarks.NO_CONTRADICTION, vendor=done.vendor)]
    _keep(generation, told, done.cost.usd if done.cost.known else None)
    return len(found)


def _fields(generation: Generation) -> Iterator[tuple[str, str]]:
    """The texts of the drafts as they are now, by their paths."""
    assert generation.persona is not None
    found = list(_texts(persona_content(generation.persona), "persona"))
    if generation.scenario is not None:
        found += _texts(
            pick(generation.scenario, tuple(name for name in SCENARIO_FIELDS if name != "graph")), "scenario"
        )
    yield from found[:MOST_FIELDS]


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if value.strip() and path.rpartition(".")[2] not in UNSAID:
            yield path, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{path}[{index}]")


def _ask(language: str, data: str, draft: Mapping[str, str]) -> Ask:
    lines = "\n".join(json.dumps({"field": path, "text": text}, ensure_ascii=False) for path, text in draft.items())
    fence = f"=== data {hashlib.sha256((data + lines).encode()).hexdigest()[:16]} ==="
    filled = {"language": NAMES[language], "data": data, "draft": lines, "fence": fence}
    return Ask(
        system=prompt_text("coherence-1.system"),
        prompt=Template(prompt_text("coherence-1.user")).substitute(filled),
        schema=object_of(contradictions=list_of(object_of(field=TEXT, draft=TEXT, known=TEXT, why=TEXT))),
        name="contradictions",
        temperature=0.0,
        max_output_tokens=MAX_OUTPUT,
    )


def _refuse_made_up(answer: Mapping[str, Any], draft: Mapping[str, str], data: str) -> None:
    """Raises `ProviderInvalidAnswer` for a quote that is not there: then it is no contradiction but an invention."""
    known = [_plain(data.replace('\\"', '"').replace("\\n", " ")), *(_plain(text) for text in draft.values())]
    for one in answer["contradictions"]:
        quote, against = _plain(one["draft"]), _plain(one["known"])
        problem = ""
        if one["field"] not in draft:
            problem = f"“{one['field'][:60]}” is no field of the draft"
        elif not quote or quote not in _plain(draft[one["field"]]):
            problem = f"{one['field']}: `draft` is not in its text, word for word"
        elif not against or against == quote or not any(against in text for text in known):
            problem = f"{one['field']}: `known` is neither in the data nor in the draft, word for word"
        if problem:
            raise ProviderInvalidAnswer(problem, provider="author")


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


@transaction.atomic
def _keep(generation: Generation, told: list[dict[str, Any]], cost: Decimal | None) -> None:
    job = Generation.objects.select_for_update(of=("self",)).get(pk=generation.pk)
    job.remarks = [one for one in job.remarks if one["code"] not in CODES] + told
    job.cost_usd = None if job.cost_usd is None or cost is None else job.cost_usd + cost
    job.save(update_fields=["remarks", "cost_usd", "updated_at"])
