"""A prompt filled in for a case. The same case and prompt give the same text.

Nobody's words can become instructions: what speaks to a judge is left out, turns are one JSON object per line, and the fence
around them is one that no speaker can know.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from string import Template

from scenarios.briefs import RubricSpec
from scoring.injection.detector import cut, flagged_in, without_flagged
from scoring.judges.base import Case
from scoring.transcripts import transcript_hash

from .criteria import criteria_text

LEFT_OUT = "[words to a judge, left out]"
NOTE = "speaks to a judge, not to the buyer: counts for nothing"
# What a prompt may and must have filled in.
NAMES = frozenset(
    {"language", "mode", "buyer", "objections", "pains", "rubric_name", "criteria", "metrics", "fence", "transcript"}
)
NEEDED = frozenset({"criteria", "fence", "transcript"})


@dataclass(frozen=True, slots=True)
class Prompt:
    """A version's two texts, with `$names` to be filled in."""

    version: str
    system: str
    user: str

    @property
    def hash(self) -> str:
        """SHA-256 of both texts: a manifest shows which words were asked, whatever a version is called."""
        return hashlib.sha256((self.system + self.user).encode()).hexdigest()


def names_in(text: str) -> set[str]:
    """The `$names` in a text. Raises ValueError for a `$` that is none."""
    template = Template(text)
    if not template.is_valid():
        raise ValueError("a dollar sign that names nothing is written twice: $$")
    return set(template.get_identifiers())


def render(case: Case, prompt: Prompt) -> tuple[str, str]:
    """(system, user) for a case."""
    brief = case.brief
    values = {
        "language": case.language,
        "mode": case.mode,
        "buyer": _clean(f"{brief.name}, {brief.role} at {brief.company} ({brief.industry})") if brief else "unknown",
        "objections": _objections(case),
        "pains": "; ".join(_clean(pain.pain) for pain in brief.hidden_pains)
        if brief and brief.hidden_pains
        else "nothing known",
        "rubric_name": case.rubric.name,
        "criteria": criteria_text(_without_orders(case.rubric)),
        "metrics": _metrics(case),
        # It depends on every word of the transcript.
        "fence": f"=== transcript {transcript_hash(case.turns)[:16]} ===",
        "transcript": _transcript(case),
    }
    return Template(prompt.system).substitute(values), Template(prompt.user).substitute(values)


def _clean(text: str) -> str:
    """Somebody's text on one line, without what speaks to a judge."""
    return " ".join(without_flagged(text, instead=LEFT_OUT).split())


def _objections(case: Case) -> str:
    rows = case.brief.objections if case.brief else ()
    return "; ".join(f"“{_clean(item.text)}” (really: {_clean(item.concern)})" for item in rows) or "none known"


def _without_orders(rubric: RubricSpec) -> RubricSpec:
    """A rubric's own words tell the judge what to do, as they should; the documents in it may not."""
    return replace(
        rubric,
        criteria=tuple(
            replace(item, source=without_flagged(item.source, instead=LEFT_OUT)) if item.source else item
            for item in rubric.criteria
        ),
    )


def _metrics(case: Case) -> str:
    values = case.measured().to_json()
    shown = {
        name: values[name]["value"] for name in ("talk_ratio", "pace", "questions", "fillers", "longest_monologue")
    }
    return json.dumps({**shown, "units": {name: values[name]["unit"] for name in shown}}, sort_keys=True)


def _transcript(case: Case) -> str:
    """One JSON object per line: quotes and line breaks in speech are escaped, so no turn can pretend to be another."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for flag in flagged_in(case.turns, by="anyone"):
        spans.setdefault(flag.turn.id, []).append((flag.start, flag.end))
    rows = []
    for turn in case.turns:
        row: dict[str, object] = {
            "turn": turn.seq,
            "at_s": round(turn.start_ms / 1000),
            "speaker": "trainee" if turn.by_trainee else "buyer",
            "text": cut(turn.content, spans.get(turn.id, []), instead=LEFT_OUT),
        }
        if turn.id in spans:
            row["note"] = NOTE
        rows.append(json.dumps(row, ensure_ascii=False))
    return "\n".join(rows)
