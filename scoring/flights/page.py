"""What the page of a test flight shows: checks, the matrix of trainees, a chart of scores, two transcripts side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from . import work
from .models import FlightRun, TestFlight
from .plans import Plan
from .report import checks
from .trainees import PATH, STRENGTHS
from .wording import OUTCOMES, REASONS, TRAINEES

# The chart, in units of its own view box.
LEFT, WIDTH, ROW, TOP = 150, 500, 44, 34
DOT = 7


@dataclass(frozen=True, slots=True)
class Row:
    """One simulated call in the matrix."""

    run: FlightRun
    name: str
    outcome: str
    reason: str
    turns: int
    minutes: str
    pains: str
    objections: str
    problems: int
    mood: str


def context_of(flight: TestFlight, *, left: str = "", right: str = "") -> dict[str, Any]:
    """`left` and `right`: positions of the runs to be shown side by side, as the page's address has them."""
    runs = list(flight.runs.all())
    plan = Plan.from_json(flight.plan)
    finished = [run for run in runs if run.finished_at]
    findings = work.all_findings(flight)
    rows = checks(findings, branching=plan.branches) if flight.is_finished else []
    return {
        "flight": flight,
        "checks": rows,
        "failed": [check for check in rows if check.state == "failed"],
        "rows": [row_of(run, plan) for run in finished],
        "chart": chart_of(finished, plan) if finished else None,
        "sides": sides_of(finished, plan, left=left, right=right),
        "choices": [(str(run.position), name_of(run, plan)) for run in finished],
        "language": plan.language,
    }


def name_of(run: FlightRun, plan: Plan) -> str:
    name = str(TRAINEES.get(run.trainee, run.trainee))
    if run.buyer:
        return _("%(trainee)s, buyer worded by a language model") % {"trainee": name}
    if run.trainee in STRENGTHS:
        return _("%(trainee)s, call %(number)d") % {"trainee": name, "number": run.seed + 1}
    if run.trainee == PATH and plan.brief.script:
        graph = plan.brief.script.graph
        titles = {node.id: node.title or node.id for node in graph.nodes}
        edge = graph.edges[run.seed]
        return f"{name}: {titles[edge.source]} → {titles[edge.target]}"
    return name


def row_of(run: FlightRun, plan: Plan) -> Row:
    state = run.state
    # What was answered before the buyer said it never came up.
    raised = [item for item in state.get("objections", {}).values() if item.get("raised_turn")]
    settled = [item for item in raised if item.get("status") == "resolved"]
    seconds = run.turns[-1]["end_ms"] // 1000 if run.turns else 0
    return Row(
        run=run,
        name=name_of(run, plan),
        outcome=str(OUTCOMES.get(run.outcome, run.outcome)),
        reason=str(REASONS.get(run.reason, run.reason)),
        turns=len(run.turns),
        minutes=f"{seconds // 60}:{seconds % 60:02d}",
        pains=f"{len(state.get('pains', {}))}/{len(plan.brief.hidden_pains)}",
        objections=f"{len(settled)}/{len(raised)}",
        problems=len(run.findings),
        mood=" · ".join(str(state.get(name, "–")) for name in ("patience", "trust", "interest")),
    )


def chart_of(runs: Sequence[FlightRun], plan: Plan) -> dict[str, Any]:
    """Each scored call as a dot on a line from 0 to 100, one line a trainee, and the pass mark across them."""
    scored = [run for run in runs if run.score is not None and not run.buyer]
    names = list(dict.fromkeys(run.trainee for run in scored))
    lines = []
    for place, name in enumerate(names):
        y = TOP + place * ROW + ROW // 2
        dots = [
            {"x": at(run.score), "y": y, "score": run.score, "passed": run.passed}
            for run in scored
            if run.trainee == name and run.score is not None
        ]
        mean = round(sum(dot["score"] for dot in dots) / len(dots))
        lines.append({"name": str(TRAINEES.get(name, name)), "y": y, "dots": dots, "mean": mean, "mean_x": at(mean)})
    mark = plan.rubric.pass_mark
    return {
        "lines": lines,
        "height": TOP + len(names) * ROW + 24,
        "bottom": TOP + len(names) * ROW,
        "left": LEFT,
        "right": LEFT + WIDTH,
        "ticks": [{"x": at(value), "value": value} for value in (0, 25, 50, 75, 100)],
        "mark": mark,
        "mark_x": at(mark),
    }


def at(score: int) -> int:
    return LEFT + score * WIDTH // 100


def sides_of(runs: Sequence[FlightRun], plan: Plan, *, left: str, right: str) -> list[dict[str, Any]]:
    """The two runs to compare: those asked for, else the first poor and the first strong seller."""
    by_place = {str(run.position): run for run in runs}
    usual = [next((run for run in runs if run.trainee == key and not run.buyer), None) for key in ("poor", "strong")]
    chosen = [by_place.get(asked) or other for asked, other in zip((left, right), usual, strict=True)]
    return [
        {
            "run": run,
            "name": name_of(run, plan),
            "turns": [{**turn, "speaker": _called(turn["speaker"], plan)} for turn in run.turns],
            "side": side,
            "flagged": {item["seq"] for item in run.findings if item["seq"]},
        }
        for side, run in zip(("left", "right"), chosen, strict=True)
        if run is not None
    ]


def _called(speaker: str, plan: Plan) -> str:
    """The name of somebody whom a graph means by the id of their persona; the scenario's own buyer has none there."""
    person = plan.brief.script.people.get(speaker) if plan.brief.script else None
    return person.name if person else plan.brief.name
