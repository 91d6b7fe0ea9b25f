"""A real call as material: what the customer objected, what was answered, what hurt, and the questions that brought it out.

Only that is kept of the call, masked as in `scenarios.from_calls`: the same words that a draft made of it holds anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scenarios.briefs import OBJECTION_KINDS
from scenarios.from_calls import Line, find
from scenarios.knowledge.reading.outline import Passage

from .material import Heard, Material, Statement
from .reading import QUOTE, Playbook, without_instructions

OBJECTION, ANSWER, PAIN, QUESTION, NEXT_STEP = "objection", "answer", "pain", "question", "next_step"


def playbook_of_call(lines: Sequence[Line], *, language: str, names: Iterable[str] = ()) -> Playbook:
    """What was found, as passages whose heading says what each is: `objection price`, `answer`, `pain`, …"""
    found = find(lines, language=language, names=names)
    passages: list[Passage] = []
    aside: list[str] = []

    def keep(text: str, heading: str) -> None:
        clean, flagged = without_instructions(text)
        aside.extend(line[:QUOTE] for line in flagged)
        if clean:
            passages.append(Passage(clean, heading))

    for objection in found.objections:
        keep(str(objection["text"]), f"{OBJECTION} {objection['kind']}")
        for answer in objection["resolve_hints"]:
            keep(answer, ANSWER)
    for pain in found.pains:
        keep(str(pain["pain"]), PAIN)
        for question in pain["reveal_hints"]:
            keep(question, QUESTION)
    if found.next_step:
        keep(found.next_step, NEXT_STEP)
    return Playbook(tuple(passages), tuple(aside))


def material_of_call(playbook: Playbook) -> Material:
    """The passages as material, each citing itself. An answer belongs to the objection before it."""
    objections: list[Heard] = []
    pains: list[Statement] = []
    questions: list[Statement] = []
    next_step: Statement | None = None
    for number, passage in enumerate(playbook.passages):
        statement = Statement(passage.text, number)
        kind, _space, detail = passage.heading.partition(" ")
        if kind == OBJECTION and detail in OBJECTION_KINDS:
            objections.append(Heard(detail, statement))
        elif kind == ANSWER and objections:
            last = objections.pop()
            objections.append(Heard(last.kind, last.objection, (*last.answers, statement)))
        elif kind == PAIN:
            pains.append(statement)
        elif kind == QUESTION:
            questions.append(statement)
        elif kind == NEXT_STEP:
            next_step = statement
    return Material(objections=tuple(objections), pains=tuple(pains), questions=tuple(questions), next_step=next_step)
