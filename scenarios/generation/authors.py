"""A language model as the writer of drafts. Whatever it answers is checked by code before anybody sees it."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from string import Template
from typing import Any

from integrations.errors import ProviderInvalidAnswer
from integrations.llm import gateway
from integrations.llm.base import Ask
from scenarios import briefs
from scenarios.signals import SIGNALS

from . import schemas
from .composing import rubric as written_rubric
from .composing.rubric import shares
from .composing.scenario import MINUTES
from .composing.slots import setting, voice_of
from .material import Made, Material
from .reading import Playbook
from .refusals import refuse_unless_fit

VERSION = "author-1"
HERE = Path(__file__).parent / "prompts"
TEMPERATURE = 0.7
MAX_OUTPUT = 6_000
MOST_DATA = 24_000  # characters of the playbook that are sent
OBJECTIONS = {"easy": "Two", "medium": "Three", "hard": "Four"}
NAMES = {"en": "English", "es": "Spanish"}


def vendors_for() -> list[str]:
    """Who is asked to write, in order: those that have a key and that the organisation allows."""
    return gateway.order_for("author_persona")


class ModelWriter:
    """Asks the vendors in line; `made_by` is whoever answered last."""

    def __init__(self, vendors: Sequence[str]) -> None:
        self._vendors = list(vendors)
        self.made_by = ""
        self.model = ""
        self.prompt_version = VERSION
        self.cost_usd: Decimal | None = Decimal(0)

    def persona(self, wish: Mapping[str, Any], material: Material, playbook: Playbook) -> Made:
        place = setting(wish, material)
        values = {
            "industry": wish.get("industry") or place.slots["industry"],
            "role": wish.get("role") or place.slots["role"],
            "personality": wish["personality"],
            "difficulty": wish["difficulty"],
            "count": OBJECTIONS[wish["difficulty"]],
        }
        given = _given(wish, material, playbook)

        def read(data: Mapping[str, Any]) -> Made:
            made = _persona(data, wish, playbook)
            made.values["voice_id"] = voice_of(replace(place, gender=data["gender"]))
            return made

        return self._ask("persona", schemas.PERSONA, values, wish, material, playbook, given=given, read=read)

    def rubric(self, wish: Mapping[str, Any], material: Material, playbook: Playbook) -> Made:
        values = {"signals": "\n".join(f"- {name}" for name in SIGNALS)}
        given = _given(wish, material, playbook)
        base = written_rubric(wish, material).values["pass_mark"]
        return self._ask(
            "rubric",
            schemas.RUBRIC,
            values,
            wish,
            material,
            playbook,
            given=given,
            read=lambda data: _rubric(data, wish, playbook, pass_mark=base),
        )

    def scenario(
        self, wish: Mapping[str, Any], material: Material, playbook: Playbook, buyer: Mapping[str, Any]
    ) -> Made:
        known = {name: buyer[name] for name in ("name", "role", "company", "industry", "personality")}
        values = {"mode": wish["mode"].replace("_", " "), "buyer": json.dumps(known, ensure_ascii=False)}
        given = _given(wish, material, playbook)
        return self._ask(
            "scenario",
            schemas.SCENARIO,
            values,
            wish,
            material,
            playbook,
            given=given,
            read=lambda data: _scenario(data, wish, playbook),
            buyer=buyer,
        )

    def _ask(
        self,
        part: str,
        schema: Mapping[str, Any],
        values: Mapping[str, str],
        wish: Mapping[str, Any],
        material: Material,
        playbook: Playbook,
        *,
        given: str,
        read: Callable[[Mapping[str, Any]], Made],
        buyer: Mapping[str, Any] | None = None,
    ) -> Made:
        data = data_of(wish, playbook)
        fence = f"=== data {hashlib.sha256(data.encode()).hexdigest()[:16]} ==="
        tone = "" if not material.tone else "How the seller speaks is part of the data; let good answers sound like it."
        filled = {**values, "language": NAMES[wish["language"]], "data": data, "fence": fence, "tone": tone}
        ask = Ask(
            system=prompt_text("author-1.system"),
            prompt=Template(prompt_text(f"{part}-1.user")).substitute(filled),
            schema=schema,
            name=f"{part}_draft",
            temperature=TEMPERATURE,
            max_output_tokens=MAX_OUTPUT,
            seed=int(wish.get("seed", 0)) or None,
        )

        def check(answer: Mapping[str, Any]) -> None:
            try:
                made = read(answer)
            except (KeyError, ValueError) as error:
                raise ProviderInvalidAnswer(str(error), provider="author") from None
            language = wish["language"]
            refuse_unless_fit(part, made.values, given=given, language=language, buyer=buyer, provider="author")

        try:
            done = gateway.complete(
                ask, task=f"author_{part}", order=self._vendors, check=check, prompt_version=f"{part}-1"
            )
        except ProviderInvalidAnswer as error:
            error.provider = self._vendors[-1]  # a check does not know whose answer it looks at
            raise
        self.made_by, self.model = done.vendor, done.answer.model
        if self.cost_usd is not None:
            self.cost_usd = self.cost_usd + done.cost.usd if done.cost.known else None
        return read(done.answer.data)


@functools.cache
def prompt_text(name: str) -> str:
    return (HERE / f"{name}.md").read_text("utf-8")


def data_of(wish: Mapping[str, Any], playbook: Playbook) -> str:
    """The form and the passages, one JSON object per line."""
    lines = []
    form = {name: wish[name] for name in ("business", "branding") if wish.get(name)}
    if form:
        lines.append(json.dumps({"n": -1, "form": form}, ensure_ascii=False))
    size = sum(len(line) for line in lines)
    for number, passage in enumerate(playbook.passages, start=1):
        line = json.dumps({"n": number, "heading": passage.heading, "text": passage.text}, ensure_ascii=False)
        size += len(line)
        if size > MOST_DATA:
            break
        lines.append(line)
    return "\n".join(lines) or json.dumps({"n": 0, "text": "nothing was given"})


def _given(wish: Mapping[str, Any], material: Material, playbook: Playbook) -> str:
    """Everything that may be repeated: what was typed and what the file says."""
    typed = json.dumps(
        {name: wish.get(name) for name in ("business", "branding", "industry", "role")}, ensure_ascii=False
    )
    return "\n".join([typed, material.text(), *(one.text for one in playbook.passages)])


def _cited(made: Made, path: str, source: int, playbook: Playbook) -> None:
    """Passages are numbered from 1 for the model, from 0 here. A number that no passage has cites nothing."""
    if source == -1:
        made.sources[path] = -1
    elif 1 <= source <= len(playbook.passages):
        made.sources[path] = source - 1


def _persona(data: Mapping[str, Any], wish: Mapping[str, Any], playbook: Playbook) -> Made:
    made = Made(
        {
            "language": wish["language"],
            "personality": wish["personality"],
            "difficulty": wish["difficulty"],
            **{name: " ".join(str(data[name]).split()) for name in ("name", "company", "backstory", "competitor")},
            "role": wish.get("role") or data["role"],
            "industry": wish.get("industry") or data["industry"],
            "gender": data["gender"],
            "facts": {
                one["topic"]: one["answer"] for one in data["facts"] if one["topic"].strip() and one["answer"].strip()
            },
            "objections": [
                {**{name: value for name, value in one.items() if name != "source"}, "required": 1}
                for one in data["objections"]
            ],
            "hidden_pains": [
                {**{name: value for name, value in one.items() if name != "source"}, "weight": 2 if not index else 1}
                for index, one in enumerate(data["hidden_pains"])
            ],
        }
    )
    for name, wanted in (("objections", "text"), ("hidden_pains", "pain")):
        for index, one in enumerate(data[name]):
            _cited(made, f"{name}[{index}].{wanted}", one["source"], playbook)
    _cited(made, "competitor", data["competitor_source"], playbook)
    return made


def _rubric(data: Mapping[str, Any], wish: Mapping[str, Any], playbook: Playbook, *, pass_mark: int) -> Made:
    """Weights are made to add up to 100 here: models find that hard, and code does not."""
    weights = [max(int(item["weight"]), 0) for item in data["criteria"]]
    if not sum(weights):
        raise ValueError("criteria: the weights add up to nothing")
    made = Made(
        {
            "language": wish["language"],
            "name": data["name"][:120],
            "description": data["description"],
            "pass_mark": pass_mark,
            "criteria": [],
        }
    )
    for index, (item, weight) in enumerate(zip(data["criteria"], shares(weights, 100), strict=True)):
        grounded = item["kind"] == "grounded"
        made.values["criteria"].append(
            {
                "name": item["name"][:120],
                "definition": item["definition"],
                "kind": item["kind"],
                "weight": weight,
                "anchors": {} if grounded else {str(one["score"]): one["text"] for one in item["anchors"]},
                "signals": [] if grounded else list(dict.fromkeys(item["signals"])),
                "source": item["source_text"][: briefs.LONGEST_SOURCE] if grounded else "",
            }
        )
        _cited(made, f"criteria[{index}].{'source' if grounded else 'definition'}", item["source"], playbook)
    return made


def _scenario(data: Mapping[str, Any], wish: Mapping[str, Any], playbook: Playbook) -> Made:
    made = Made(
        {
            "language": wish["language"],
            "mode": wish["mode"],
            "title": data["title"][:160],
            "summary": data["summary"][:300],
            "trainee_brief": data["trainee_brief"],
            "product": data["product"][:200],
            "goal": data["goal"],
            "next_step": data["next_step"][:200],
            "first_message": data["first_message"][:300],
            "time_limit_minutes": MINUTES[wish["mode"]],
        }
    )
    for index, source in enumerate(data["brief_sources"]):
        _cited(made, f"trainee_brief#{index + 1}", source, playbook)
    return made
