"""What else has to be true before a scenario or a rubric is published: layers above register their conditions here.

A gate is asked inside the transaction that publishes, so it answers from what is known already and computes nothing long.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tenants.errors import Conflict

from .models import Rubric, Scenario


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a scenario must not be published as it is, as a stable code and a sentence. `url`: the page that says more."""

    code: str
    message: str
    url: str = ""


Gate = Callable[[Scenario], Sequence[Problem]]
RubricGate = Callable[[Rubric], Sequence[Problem]]

_gates: dict[str, Gate] = {}
_rubric_gates: dict[str, RubricGate] = {}


class GateClosed(Conflict):
    """A scenario or a rubric is complete, but something that publishing depends on has not happened or did not go well (409).

    `details`: `problems` (code and message of each) and `report`, the address of the page that says more.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        first = self.problems[0]
        report = next((problem.url for problem in self.problems if problem.url), "")
        super().__init__(
            _("This cannot be published yet: %(problem)s") % {"problem": first.message},
            details={
                "issue": first.message,
                "report": report,
                "problems": [{"code": problem.code, "message": problem.message} for problem in self.problems],
            },
        )


def register_gate(name: str, gate: Gate) -> None:
    """Ask `gate` before every publishing of a scenario; the same name again replaces it."""
    _gates[name] = gate


def problems_of(scenario: Scenario) -> list[Problem]:
    """What every gate has against publishing the scenario as it is now."""
    return [problem for gate in _gates.values() for problem in gate(scenario)]


def refuse_unless_open(scenario: Scenario) -> None:
    """Raises `GateClosed` where a gate has something against publishing."""
    if problems := problems_of(scenario):
        raise GateClosed(problems)


def register_rubric_gate(name: str, gate: RubricGate) -> None:
    """Ask `gate` before a rubric is published by a program; the same name again replaces it. Who publishes on a page is shown
    there what it changes."""
    _rubric_gates[name] = gate


def refuse_unseen(rubric: Rubric) -> None:
    """Raises `GateClosed` where a gate has something against publishing this rubric."""
    if problems := [problem for gate in _rubric_gates.values() for problem in gate(rubric)]:
        raise GateClosed(problems)
