"""The signals by name. Rubrics name them; the embedded judge reads them; docs/scoring.md explains them."""

from __future__ import annotations

from collections.abc import Callable

from .asking import (
    asked_impact_questions,
    asked_open_questions,
    asked_problem_questions,
    empathised,
    listened,
    summarised,
)
from .base import Finding, Reading
from .conduct import few_fillers, no_long_monologue, pace, respectful, talk_balance
from .objecting import acknowledged_objection, answered_objection, explored_objection
from .offering import (
    agreed_next_step,
    asked_next_step,
    gave_evidence,
    introduced_clearly,
    product_fit,
    stated_reason,
    tied_value_to_need,
)

Signal = Callable[[Reading], Finding]

SIGNALS: dict[str, Signal] = {
    "introduced_clearly": introduced_clearly,
    "stated_reason": stated_reason,
    "asked_open_questions": asked_open_questions,
    "asked_problem_questions": asked_problem_questions,
    "asked_impact_questions": asked_impact_questions,
    "listened": listened,
    "empathised": empathised,
    "summarised": summarised,
    "tied_value_to_need": tied_value_to_need,
    "gave_evidence": gave_evidence,
    "product_fit": product_fit,
    "acknowledged_objection": acknowledged_objection,
    "explored_objection": explored_objection,
    "answered_objection": answered_objection,
    "asked_next_step": asked_next_step,
    "agreed_next_step": agreed_next_step,
    "talk_balance": talk_balance,
    "pace": pace,
    "few_fillers": few_fillers,
    "no_long_monologue": no_long_monologue,
    "respectful": respectful,
}
# Measured over the whole call; the quote beside them is a sample of the talk, not the thing itself.
MEASURED = frozenset({"talk_balance", "pace", "few_fillers", "no_long_monologue"})
# What was done with what the buyer objected to.
OF_OBJECTIONS = frozenset({"acknowledged_objection", "explored_objection", "answered_objection"})

__all__ = ["MEASURED", "OF_OBJECTIONS", "SIGNALS", "Finding", "Reading", "Signal"]
