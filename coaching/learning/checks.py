"""A knowledge check as a form, its answers read from a request, and its result with what there is to learn from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from scenarios.training.items import Item
from scenarios.training.questions import Question, mark

from .models import Sitting

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ShownOption:
    """`value` is the option's index in the question; `place` the one that was given to it in an order, 0 for none."""

    value: int
    text: str
    chosen: bool
    right: bool
    place: int


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """One question as it is drawn. `passed` is None while it is being answered. `problem`: why it cannot be read."""

    name: str
    number: int
    question: Question
    options: tuple[ShownOption, ...]
    passed: bool | None = None
    problem: str = ""

    @property
    def places(self) -> range:
        return range(1, len(self.options) + 1)


def shown(
    item: Item, *, seed: str, answers: Sequence[Sequence[int]] = (), problems: Sequence[str] = ()
) -> list[ShownQuestion]:
    """The questions to answer; what was answered already stays chosen."""
    return [
        _shown(question, index, seed=seed, answer=_at(answers, index), problem=_at(problems, index) or "")
        for index, question in enumerate(item.questions)
    ]


def result(item: Item, sitting: Sitting, *, seed: str) -> list[ShownQuestion]:
    """The questions with what was answered and whether it was right."""
    right = mark(item.questions, sitting.answers).right
    return [
        _shown(question, index, seed=seed, answer=_at(sitting.answers, index), passed=right[index])
        for index, question in enumerate(item.questions)
    ]


def read(item: Item, data: QueryDict) -> tuple[list[list[int]], list[str]]:
    """The answers in a request, and for each question what is wrong with its answer ("": nothing).

    Values that no option has are left out, as if they had not been chosen.
    """
    answers: list[list[int]] = []
    problems: list[str] = []
    for index, question in enumerate(item.questions):
        name = _name(index)
        if question.kind == "order":
            places = {option: _number(data.get(f"{name}-{option}")) for option in range(len(question.options))}
            complete = sorted(place or 0 for place in places.values()) == list(range(1, len(question.options) + 1))
            answers.append(sorted(places, key=lambda option: places[option] or 0) if complete else [])
            problems.append("" if complete else _("Give every line a place of its own."))
        else:
            found = {_number(value) for value in data.getlist(name)}
            chosen = sorted(value for value in found if value is not None and value < len(question.options))
            answers.append(chosen[:1] if question.kind == "single" else chosen)
            problems.append("" if chosen else _("Choose an answer."))
    return answers, problems


def seed_of(enrolment_id: UUID, item: Item, attempt: int) -> str:
    """Options stand in another order at every attempt, and stay where they are while one thinks."""
    return f"{enrolment_id}{item.key}{attempt}"


def _shown(
    question: Question,
    index: int,
    *,
    seed: str,
    answer: Sequence[int] | None,
    passed: bool | None = None,
    problem: str = "",
) -> ShownQuestion:
    given = list(answer or ())
    options = tuple(
        ShownOption(
            value=value,
            text=question.options[value],
            chosen=value in given,
            right=value in question.right,
            place=given.index(value) + 1 if question.kind == "order" and value in given else 0,
        )
        for value in question.shuffled(seed)
    )
    return ShownQuestion(_name(index), index + 1, question, options, passed, problem)


def _name(index: int) -> str:
    return f"q{index}"


def _at(values: Sequence[T], index: int) -> T | None:
    return values[index] if index < len(values) else None


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isdecimal() and len(value) < 4 else None
