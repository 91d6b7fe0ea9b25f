"""What a language model may not write, whatever it was asked: found by code, and why its answer is asked for again.

Messages go into the request that asks once more, so they say what to change, in English.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from integrations.errors import ProviderInvalidAnswer
from scenarios.knowledge.languages import language_of
from scenarios.linting import Draft, lint

from . import drafts
from .leaks import leaks, told_of
from .phrases import INSTRUCTIONS

FEWEST = {"objections": 2, "hidden_pains": 1, "facts": 2}
LEAST_TEXT = 60  # characters from which a text shows its language
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_COMPANIES = Path(__file__).parent / "words" / "companies.txt"


@functools.cache
def companies() -> re.Pattern[str]:
    """Names of well-known firms, as they are written."""
    names = [re.escape(line) for line in _COMPANIES.read_text("utf-8").splitlines() if line.strip()]
    return re.compile(rf"(?<!\w)(?:{'|'.join(names)})(?!\w)")


def refuse_unless_fit(
    part: str,
    values: Mapping[str, Any],
    *,
    given: str,
    language: str,
    buyer: Mapping[str, Any] | None = None,
    provider: str,
) -> None:
    """Raises `ProviderInvalidAnswer` for the first thing that cannot stay. `given`: all the text that it was made from."""
    for problem in _problems(part, values, given=given, language=language, buyer=buyer):
        raise ProviderInvalidAnswer(problem, provider=provider)


def _problems(
    part: str, values: Mapping[str, Any], *, given: str, language: str, buyer: Mapping[str, Any] | None
) -> Iterable[str]:
    try:
        drafts.validated(part, values, partial=part == "scenario")
    except drafts.DoesNotFit as error:
        yield f"{error.problem}"
    texts = list(_texts(values))
    whole = " ".join(texts)
    if found := INSTRUCTIONS.search(whole):
        yield f"the words “{found[0][:60]}” instruct a machine; leave them out"
    if found := next(
        (name for name in companies().finditer(whole) if name[0].casefold() not in given.casefold()), None
    ):
        yield f"“{found[0]}” is a real company that the data does not name; invent another name or leave it out"
    if any(len(text) >= LEAST_TEXT and language_of(text, otherwise=language) != language for text in (whole, *texts)):
        yield f"everything must be written in the language {language}"
    checks = {"persona": _persona, "rubric": _rubric, "scenario": _scenario}
    yield from checks[part](values, given, language, buyer)


def _persona(values: Mapping[str, Any], given: str, language: str, buyer: Any) -> Iterable[str]:
    for name, least in FEWEST.items():
        if len(values.get(name, ())) < least:
            yield f"{name}: at least {least} are needed"
    for index, objection in enumerate(values["objections"]):
        if not [hint for hint in objection["resolve_hints"] if hint.strip()]:
            yield f"objections[{index}].resolve_hints: say what settles it"
        if not objection["concern"].strip():
            yield f"objections[{index}].concern: say what is behind it"
    for index, pain in enumerate(values["hidden_pains"]):
        if not [hint for hint in pain["reveal_hints"] if "?" in hint]:
            yield f"hidden_pains[{index}].reveal_hints: questions are needed"
    for path, _sentence in leaks(values, [("first_message", str(values.get("first_message", "")))]):
        yield f"{path} tells a hidden pain before anybody asked"
    for path, _sentence in leaks(
        values, [(f"objections[{i}]", one["text"]) for i, one in enumerate(values["objections"])]
    ):
        yield f"{path} tells a hidden pain"
    name = str(values.get("competitor", ""))
    if name[:1].isupper() and " " not in name and given.strip() and name.casefold() not in given.casefold():
        yield f"competitor: “{name}” is not named in the data; describe how the buyer works today instead"


def _rubric(values: Mapping[str, Any], given: str, language: str, buyer: Any) -> Iterable[str]:
    criteria = [
        Draft(
            index=index,
            key=str(index),
            name=item["name"],
            definition=item["definition"],
            kind=item["kind"],
            weight=item["weight"],
            anchors=item.get("anchors", {}),
            signals=tuple(item.get("signals", ())),
        )
        for index, item in enumerate(values["criteria"])
    ]
    if not 2 <= len(criteria) <= 12:
        yield "criteria: between two and twelve are needed"
    for finding in lint(criteria, language=language):
        if finding.blocks and finding.rule != "weights":
            yield f"{finding.field} judges how somebody sounds or feels (“{finding.words}”); describe words or timing"
    flat = _flat(given)
    for index, item in enumerate(values["criteria"]):
        if item["kind"] != "grounded":
            continue
        for line in str(item.get("source", "")).splitlines():
            if line.strip() and _flat(line) not in flat:
                yield f"criteria[{index}].source_text must be copied word for word from the passages"
                break
        if not str(item.get("source", "")).strip():
            yield f"criteria[{index}].source_text: a grounded criterion needs the statements it is held against"


def _scenario(values: Mapping[str, Any], given: str, language: str, buyer: Mapping[str, Any] | None) -> Iterable[str]:
    for path, _sentence in leaks(buyer or {}, told_of(values)):
        yield f"{path} gives away what the buyer hides; take it out"
    known = set(_NUMBER.findall(given)) | set(_NUMBER.findall(" ".join(str(one) for one in _texts(buyer or {}))))
    for number in _NUMBER.findall(values["trainee_brief"]):
        if number not in known:
            yield f"trainee_brief: the figure {number} is not in the data"
    for name in ("title", "trainee_brief", "goal"):
        if not values[name].strip():
            yield f"{name}: a text is needed"


def _texts(node: Any) -> Iterable[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            if key not in {
                "language",
                "personality",
                "difficulty",
                "kind",
                "key",
                "voice_id",
                "mode",
                "signals",
                "gender",
            }:
                yield from _texts(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _texts(value)


def _flat(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold()).strip()
