"""Do scores follow skill, and can the call be held and won at all? Looks at all runs of a flight together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

from scenarios.branching.graph import START

from .findings import Finding
from .plans import Plan
from .simulator import Flown
from .trainees import STRENGTHS

MARGIN = 8  # points that a better trainee must be ahead
WON = ("won",)


@dataclass(frozen=True, slots=True)
class Scored:
    """A run with its result; `result` is empty for callers who are not scored."""

    flown: Flown
    result: Mapping[str, Any]

    @property
    def score(self) -> int:
        return int(self.result["overall_score"])


def of_strength(runs: Sequence[Scored], strength: str) -> list[Scored]:
    return [run for run in runs if run.flown.trainee == strength]


def course(plan: Plan, runs: Sequence[Scored]) -> list[Finding]:
    found = [*order(plan, runs), *objections(plan, runs), *pains(plan, runs), *endings(plan, runs)]
    return [*found, *branches(plan, runs)]


def order(plan: Plan, runs: Sequence[Scored]) -> list[Finding]:
    """Poor, average and strong trainees come out in that order; the strong pass, the poor do not."""
    found: list[Finding] = []
    means = {
        strength: round(mean(run.score for run in of_strength(runs, strength)))
        for strength in STRENGTHS
        if of_strength(runs, strength)
    }
    for worse, better in (("poor", "average"), ("average", "strong")):
        if worse in means and better in means and means[better] < means[worse] + MARGIN:
            values = {
                "worse": worse,
                "better": better,
                "worse_score": means[worse],
                "better_score": means[better],
                "margin": MARGIN,
            }
            found.append(Finding("not_in_order", values=values))
    strong, poor = of_strength(runs, "strong"), of_strength(runs, "poor")
    if strong and means["strong"] < plan.rubric.pass_mark:
        found.append(Finding("strong_fails", values={"score": means["strong"], "mark": plan.rubric.pass_mark}))
    elif failed := next((run for run in strong if not run.result["passed"]), None):
        values = {"score": failed.score, "mark": plan.rubric.pass_mark}
        found.append(_about(failed, "strong_sometimes_fails", values, blocks=False))
    if passing := next((run for run in poor if run.result["passed"]), None):
        found.append(_about(passing, "poor_passes", {"score": passing.score, "mark": plan.rubric.pass_mark}))
    return found


def objections(plan: Plan, runs: Sequence[Scored]) -> list[Finding]:
    """Each objection comes up for somebody, and one that a strong trainee meets can be settled."""
    found: list[Finding] = []
    for name, person in plan.people.items():
        for objection in person.objections:
            states = [_objection(run, name, objection.key) for run in runs]
            if not any(state.get("raised_turn") for state in states):
                found.append(Finding("objection_never_raised", blocks=False, values={"objection": objection.text}))
                continue
            strong = [run for run in of_strength(runs, "strong") if not _let_through(plan, run, name)]
            met = [state for run in strong if (state := _objection(run, name, objection.key)).get("raised_turn")]
            if met and not any(state.get("status") == "resolved" for state in met):
                values = {"objection": objection.text, "runs": len(met)}
                found.append(Finding("objection_never_settled", values=values))
    return found


def pains(plan: Plan, runs: Sequence[Scored]) -> list[Finding]:
    """Each hidden pain is found by a strong trainee, who asks what its author wrote. In a branching call not everybody is
    met on the way, so a pain of somebody else is only worth a look."""
    strong = of_strength(runs, "strong")
    return [
        Finding("pain_never_found", blocks=not name, values={"pain": pain.pain, "runs": len(strong)})
        for name, person in plan.people.items()
        for pain in person.hidden_pains
        if strong and not any(pain.key in run.flown.memory_of(name).get("pains", {}) for run in strong)
    ]


def branches(plan: Plan, runs: Sequence[Scored]) -> list[Finding]:
    """Stages and ways of a branching call that no call came by. Where trainees who set out to get there did not, people may
    not either; it may also be that nobody thought of how."""
    if plan.brief.script is None:
        return []
    graph = plan.brief.script.graph
    entered = {name for run in runs for name in run.flown.passed_by("stage_entered")}
    taken = {name for run in runs for name in run.flown.passed_by("branch_taken")}
    titles = {node.id: node.title or node.id for node in graph.nodes}
    found = [
        Finding("stage_never_reached", blocks=False, values={"title": titles[node.id]})
        for node in graph.nodes
        if node.kind != START and node.id not in entered
    ]
    return found + [
        Finding("way_never_taken", blocks=False, values={"label": f"{titles[edge.source]} → {titles[edge.target]}"})
        for edge in graph.edges
        if edge.id not in taken and edge.source in entered and edge.target in entered
    ]


def endings(plan: Plan, runs: Sequence[Scored]) -> list[Finding]:
    """A strong trainee gets to the next step, the call comes to an end, and the time is enough."""
    found: list[Finding] = []
    strong = of_strength(runs, "strong")
    if strong and not any(run.flown.outcome in WON for run in strong):
        found.append(
            _about(strong[0], "never_won", {"runs": len(strong), "reason": strong[0].flown.reason or "endless"})
        )
    for run in strong:
        if not run.flown.ended:
            found.append(_about(run, "never_ends", {"turns": len(run.flown.turns)}))
            break
    limit = plan.time_limit_minutes * 60_000
    longest = max(strong, key=lambda run: run.flown.ms, default=None)
    if longest is not None and longest.flown.ms > limit:
        values = {"minutes": -(-longest.flown.ms // 60_000), "limit": plan.time_limit_minutes}
        found.append(_about(longest, "time_too_short", values))
    return found


def _let_through(plan: Plan, run: Scored, name: str) -> bool:
    """Whoever keeps the door put the call through, so what they objected to was settled enough."""
    return name in plan.doors and bool(run.flown.memory_of(""))


def _objection(run: Scored, name: str, key: str) -> Mapping[str, Any]:
    state: Mapping[str, Any] = run.flown.memory_of(name).get("objections", {}).get(key, {})
    return state


def _about(run: Scored, code: str, values: Mapping[str, Any], *, blocks: bool = True) -> Finding:
    return Finding(code, blocks=blocks, values=values, trainee=run.flown.trainee, seed=run.flown.seed)
