"""From findings to a verdict, and to what the page shows of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .course import Scored
from .findings import Finding
from .wording import CHECKS, sentence, where


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence under a check. `run` and `turn` lead to the place in the transcripts, where there is one."""

    text: str
    where: str
    blocks: bool
    trainee: str = ""
    seed: int = 0
    turn: int = 0
    times: int = 1


@dataclass(frozen=True, slots=True)
class Check:
    """`state`: "ok", "noted" (worth a look) or "failed" (nothing is published)."""

    key: str
    title: str
    state: str
    reasons: tuple[Reason, ...] = ()


def is_green(findings: Iterable[Finding]) -> bool:
    return not any(finding.blocks for finding in findings)


def checks(findings: Sequence[Finding], *, branching: bool) -> list[Check]:
    """Every check in order; the same thing found in several calls is told once, with how often."""
    rows = []
    for key, (title, codes) in CHECKS.items():
        if key == "branches" and not branching:
            continue
        reasons = _reasons([finding for finding in findings if finding.code in codes])
        failed = any(reason.blocks for reason in reasons)
        state = "failed" if failed else ("noted" if reasons else "ok")
        rows.append(Check(key, str(title), state, reasons))
    return rows


def blocking_sentences(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    """(code, sentence) of everything that stops publishing, each once."""
    told = {sentence(finding): finding.code for finding in findings if finding.blocks}
    return [(code, text) for text, code in told.items()]


def _reasons(findings: Sequence[Finding]) -> tuple[Reason, ...]:
    told: dict[str, list[Finding]] = {}
    for finding in findings:
        told.setdefault(sentence(finding), []).append(finding)
    rows = [
        Reason(
            text=text,
            where=where(same[0]),
            blocks=same[0].blocks,
            trainee=same[0].trainee,
            seed=same[0].seed,
            turn=same[0].seq,
            times=len(same),
        )
        for text, same in told.items()
    ]
    return tuple(sorted(rows, key=lambda row: not row.blocks))


def scores_by_trainee(runs: Sequence[Scored]) -> dict[str, list[int]]:
    """Scores of every scored trainee, in the order in which they flew."""
    found: dict[str, list[int]] = {}
    for run in runs:
        if run.result:
            found.setdefault(run.flown.trainee, []).append(run.score)
    return found
