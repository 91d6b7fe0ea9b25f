"""Knowledge checks: their questions as data and as an author writes them, and what answers earn. Pure.

An author writes one question after the other, with an empty line between them:

```
What do you ask first when the buyer says “too expensive”?
* Compared with what?
- Shall I take ten per cent off?
! A price means nothing before you know what it is compared with.

Put the parts of a call in order:
1. Opening
2. Discovery
3. Closing
```

`*` marks a right answer and `-` a wrong one: with one right answer one is chosen, with several all of them. Numbered lines
are to be put in order. `!` explains the answer afterwards.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _

Kind = Literal["single", "multiple", "order"]
KINDS: tuple[Kind, ...] = ("single", "multiple", "order")
MOST_QUESTIONS = 50
MOST_OPTIONS = 12
LONGEST = 500
ORDERED = re.compile(r"\d{1,2}[.)]\s*(?P<text>.+)")


class QuestionsInvalid(ValueError):
    """What is wrong, as a sentence; `number` is the question's, from 1, where it is one question's fault."""

    def __init__(self, problem: str, *, number: int = 0) -> None:
        self.number = number
        place = _("Question %(number)d: %(problem)s") % {"number": number, "problem": problem} if number else problem
        super().__init__(place)


@dataclass(frozen=True, slots=True)
class Question:
    """`right` holds the indexes of the right options; of an order, the options are in the right one already."""

    kind: Kind
    text: str
    options: tuple[str, ...]
    right: frozenset[int]
    explanation: str = ""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Question:
        options = data["options"]
        return cls(
            kind=data["kind"],
            text=data["text"],
            options=tuple(option["text"] for option in options),
            right=frozenset(index for index, option in enumerate(options) if option.get("right")),
            explanation=data.get("explanation", ""),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "text": self.text,
            "options": [{"text": text, "right": index in self.right} for index, text in enumerate(self.options)],
            "explanation": self.explanation,
        }

    def shuffled(self, seed: str) -> list[int]:
        """The options' indexes as they are shown: in another order, but always the same one for the same seed."""
        order = list(range(len(self.options)))
        random.Random(f"{seed}{self.text}").shuffle(order)  # noqa: S311  for show, not for secrets
        if self.kind == "order" and order == sorted(order):
            order.reverse()
        return order

    def is_right(self, answer: Sequence[int]) -> bool:
        if self.kind == "order":
            return list(answer) == list(range(len(self.options)))
        return bool(answer) and frozenset(answer) == self.right


@dataclass(frozen=True, slots=True)
class Marked:
    """`score` 0–100, the share of questions that were answered right."""

    score: int
    right: tuple[bool, ...]


def mark(questions: Sequence[Question], answers: Sequence[Sequence[int]]) -> Marked:
    """A question that was left out is wrong; halves round up."""
    given = [*answers, *[()] * (len(questions) - len(answers))]
    right = tuple(question.is_right(answer) for question, answer in zip(questions, given, strict=False))
    return Marked((200 * sum(right) + len(right)) // (2 * len(right)) if right else 0, right)


def checked(rows: Any) -> list[dict[str, Any]]:
    """Questions as they are kept, from what somebody sent. Raises `QuestionsInvalid`."""
    if not isinstance(rows, list) or len(rows) > MOST_QUESTIONS:
        raise QuestionsInvalid(_("Give a list of at most %(most)d questions.") % {"most": MOST_QUESTIONS})
    return [_checked(row, number).to_json() for number, row in enumerate(rows, start=1)]


def _checked(row: Any, number: int) -> Question:
    if not isinstance(row, Mapping):
        raise QuestionsInvalid(_("An object is needed."), number=number)
    if unknown := set(row) - {"kind", "text", "options", "explanation"}:
        raise QuestionsInvalid(_("There is no field “%(name)s”.") % {"name": min(map(str, unknown))}, number=number)
    options = row.get("options")
    if not isinstance(options, list) or not all(
        isinstance(option, Mapping) and isinstance(option.get("text"), str) and set(option) <= {"text", "right"}
        for option in options
    ):
        raise QuestionsInvalid(_("Its options are a list of {text, right}."), number=number)
    texts = tuple(option["text"].strip() for option in options)
    right = frozenset(index for index, option in enumerate(options) if option.get("right") is True)
    kind = row.get("kind") or ("single" if len(right) == 1 else "multiple")
    if kind not in KINDS:
        message = _("The kind is one of %(kinds)s.") % {"kinds": ", ".join(KINDS)}
        raise QuestionsInvalid(message, number=number)
    if kind == "order":
        right = frozenset()
    text, explanation = row.get("text"), row.get("explanation") or ""
    if not isinstance(text, str) or not isinstance(explanation, str):
        raise QuestionsInvalid(_("Text and explanation are texts."), number=number)
    question = Question(kind, text.strip(), texts, right, explanation.strip())
    _refuse(question, number)
    return question


def _refuse(question: Question, number: int) -> None:
    """Raises `QuestionsInvalid` for a question that cannot be answered."""
    texts = (question.text, question.explanation, *question.options)
    problem = ""
    if not question.text:
        problem = _("Write what is asked.")
    elif any(len(text) > LONGEST for text in texts):
        problem = _("A text has more than %(most)d characters.") % {"most": LONGEST}
    elif not 2 <= len(question.options) <= MOST_OPTIONS or not all(question.options):
        problem = _("Give two to %(most)d options.") % {"most": MOST_OPTIONS}
    elif len({text.casefold() for text in question.options}) < len(question.options):
        problem = _("Two options are the same.")
    elif question.kind == "single" and len(question.right) != 1:
        problem = _("Mark one option as right.")
    elif question.kind == "multiple" and len(question.right) < 2:
        problem = _("Mark the right options: one, or several.")
    if problem:
        raise QuestionsInvalid(problem, number=number)


def parse(text: str) -> list[dict[str, Any]]:
    """Questions from what an author wrote. Raises `QuestionsInvalid`."""
    blocks = [block for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()) if block.strip()]
    return checked([_parsed(block, number) for number, block in enumerate(blocks, start=1)])


def _parsed(block: str, number: int) -> dict[str, Any]:
    asked: list[str] = []
    explained: list[str] = []
    options: list[dict[str, Any]] = []
    order: list[dict[str, Any]] = []
    for line in (line.strip() for line in block.splitlines()):
        if line.startswith("!"):
            explained.append(line[1:].strip())
        elif line[:1] in {"*", "-", "–"}:
            options.append({"text": line[1:].strip(), "right": line[0] == "*"})
        elif found := ORDERED.fullmatch(line):
            order.append({"text": found["text"].strip(), "right": False})
        elif options or order:
            message = _("Begin “%(line)s” with *, -, ! or a number.") % {"line": line[:40]}
            raise QuestionsInvalid(message, number=number)
        else:
            asked.append(line)
    if options and order:
        raise QuestionsInvalid(_("Either mark options with * and -, or number them."), number=number)
    row: dict[str, Any] = {"text": " ".join(asked), "options": order or options, "explanation": " ".join(explained)}
    return {**row, "kind": "order"} if order else row


def as_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """The same questions as an author writes them."""
    return "\n\n".join(_as_lines(Question.from_json(row)) for row in rows)


def _as_lines(question: Question) -> str:
    if question.kind == "order":
        lines = [f"{number}. {text}" for number, text in enumerate(question.options, start=1)]
    else:
        lines = [f"{'*' if index in question.right else '-'} {text}" for index, text in enumerate(question.options)]
    return "\n".join([question.text, *lines, *([f"! {question.explanation}"] if question.explanation else [])])
