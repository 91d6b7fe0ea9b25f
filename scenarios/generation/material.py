"""What is known of a business, as statements that remember where they were said. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .phrases import kind_of_objection


@dataclass(frozen=True, slots=True)
class Statement:
    """Words from the given text. `passage`: the number of the passage that holds them; None: a field of the form."""

    text: str
    passage: int | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """An objection that buyers raise, and what is answered to it."""

    kind: str
    objection: Statement
    answers: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that a draft may claim about the seller and the market. Empty: nothing was given."""

    company: Statement | None = None
    product: Statement | None = None
    audience: Statement | None = None
    role: Statement | None = None
    next_step: Statement | None = None
    prices: tuple[Statement, ...] = ()
    proofs: tuple[Statement, ...] = ()
    process: tuple[Statement, ...] = ()
    competitors: tuple[Statement, ...] = ()
    objections: tuple[Heard, ...] = ()
    pains: tuple[Statement, ...] = ()
    questions: tuple[Statement, ...] = ()
    rules: tuple[Statement, ...] = ()
    tone: tuple[Statement, ...] = ()
    banned: tuple[str, ...] = ()

    def statements(self) -> list[Statement]:
        """All of them, in no particular order."""
        singles = (self.company, self.product, self.audience, self.role, self.next_step)
        lists = (
            *(self.prices, self.proofs, self.process, self.competitors),
            *(self.pains, self.questions, self.rules, self.tone),
        )
        found = [one for one in singles if one is not None]
        found += [one for many in lists for one in many]
        return [*found, *(one for heard in self.objections for one in (heard.objection, *heard.answers))]

    def text(self) -> str:
        """All that was given, as one text to look names and figures up in."""
        return "\n".join(statement.text for statement in self.statements())


@dataclass(slots=True)
class Made:
    """One working copy's values, in the shape of the API, and where its statements come from: `{path: passage number}`,
    -1 for the form."""

    values: dict[str, Any]
    sources: dict[str, int] = field(default_factory=dict)

    def cite(self, path: str, statements: Iterable[Statement]) -> None:
        """Remember the first statement's place as the source of what stands at `path`."""
        for statement in statements:
            self.sources[path] = -1 if statement.passage is None else statement.passage
            return


def first(statements: Iterable[Statement]) -> Statement | None:
    return next(iter(statements), None)


def from_form(business: Mapping[str, Any], branding: Mapping[str, Any], *, language: str) -> Material:
    """The business form as material. Objections get their kind by the words in them."""

    def one(name: str) -> Statement | None:
        text = str(business.get(name, "")).strip()
        return Statement(text) if text else None

    def many(source: Mapping[str, Any], name: str) -> tuple[Statement, ...]:
        return tuple(Statement(str(text).strip()) for text in source.get(name, ()) if str(text).strip())

    return Material(
        company=one("company"),
        product=one("sells"),
        audience=one("audience"),
        next_step=one("next_step"),
        prices=tuple(item for item in (one("price"),) if item),
        proofs=many(business, "proof_points"),
        process=tuple(item for item in (one("process"),) if item),
        competitors=many(business, "competitors"),
        objections=tuple(
            Heard(kind_of_objection(item.text, language=language) or "need", item)
            for item in many(business, "objections")
        ),
        tone=tuple(Statement(text) for text in (str(branding.get("tone", "")).strip(),) if text),
        banned=tuple(str(word).strip() for word in branding.get("banned_words", ()) if str(word).strip()),
    )
