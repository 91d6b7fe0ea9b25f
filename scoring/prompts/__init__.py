"""The prompts of the language-model judges: text files with a version in their name, filled in here.

A file is never edited once a version has judged a call; a change is a new file and a new entry in `VERSIONS`.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from string import Template

from scoring.judges.base import Case, Track
from scoring.lexicon import lexicon
from scoring.signals.base import flagged_in
from scoring.transcripts import transcript_hash

FOLDER = Path(__file__).parent
VERSIONS: dict[Track, str] = {"quick": "quick-1", "deep": "deep-1"}


@cache
def _template(version: str, part: str) -> Template:
    return Template((FOLDER / f"{version}.{part}.md").read_text(encoding="utf-8"))


@cache
def version_hash(version: str) -> str:
    """SHA-256 of a version's two files, so that a manifest shows if one was edited after all."""
    text = _template(version, "system").template + _template(version, "user").template
    return hashlib.sha256(text.encode()).hexdigest()


def render(case: Case, *, track: Track) -> tuple[str, str]:
    """(system, user) for a case. The same case gives the same text."""
    version = VERSIONS[track]
    brief = case.brief
    values = {
        "language": case.language,
        "mode": case.mode,
        "buyer": f"{brief.name}, {brief.role} at {brief.company} ({brief.industry})" if brief else "unknown",
        "objections": _objections(case),
        "pains": "; ".join(pain.pain for pain in brief.hidden_pains)
        if brief and brief.hidden_pains
        else "nothing known",
        "rubric_name": case.rubric.name,
        "criteria": _criteria(case),
        "metrics": _metrics(case),
        # A fence that the speakers cannot know: it depends on every word of the transcript.
        "fence": f"=== transcript {transcript_hash(case.turns)[:16]} ===",
        "transcript": _transcript(case),
    }
    return _template(version, "system").substitute(values), _template(version, "user").substitute(values)


def _objections(case: Case) -> str:
    rows = case.brief.objections if case.brief else ()
    return "; ".join(f"“{item.text}” (really: {item.concern})" for item in rows) or "none known"


def _criteria(case: Case) -> str:
    lines = []
    for item in case.rubric.criteria:
        kind = {"rated": "", "binary": " (yes or no: level 0 or 4)", "blocker": " (must not fail: level 0 or 4)"}[
            item.kind
        ]
        lines.append(f"- {item.key}: {item.name}{kind}. {item.definition}")
        lines += [f"    {score}: {text}" for score, text in sorted(item.anchors.items())]
    return "\n".join(lines)


def _metrics(case: Case) -> str:
    values = case.measured().to_json()
    shown = {
        name: values[name]["value"] for name in ("talk_ratio", "pace", "questions", "fillers", "longest_monologue")
    }
    return json.dumps({**shown, "units": {name: values[name]["unit"] for name in shown}}, sort_keys=True)


def _transcript(case: Case) -> str:
    """One JSON object per line: quotes and line breaks in speech are escaped, so no turn can pretend to be another."""
    flagged = {item.turn.id for item in flagged_in(case.turns, lexicon(case.language))}
    rows = []
    for turn in case.turns:
        row: dict[str, object] = {
            "turn": turn.seq,
            "at_s": round(turn.start_ms / 1000),
            "speaker": "trainee" if turn.by_trainee else "buyer",
            "text": turn.content,
        }
        if turn.id in flagged:
            row["note"] = "speaks to a judge, not to the buyer: counts for nothing"
        rows.append(json.dumps(row, ensure_ascii=False))
    return "\n".join(rows)
