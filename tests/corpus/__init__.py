"""Hand-written calls with reference marks, as an experienced coach would give them, and the reasons.

`calls/<scenario>.<language>.yaml` holds calls of every preset scenario in five qualities, `calls/edges.yaml` what is
adversarial or hardly a call at all. Each criterion of the five-criterion rubric has a mark from 0 (missing or harmful) to 4
(as the best anchor says), or none where the call gave no occasion. The author of a call marked it while writing it, before
any judge had read it; no mark was changed afterwards.

A third of the calls is held out: which, a hash of the name decides. The judge's rules may learn from the others only.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import yaml

from scenarios import presets
from scenarios.briefs import RubricSpec
from scoring.judges.base import Case
from scoring.transcripts import TranscriptTurn, count_words

FOLDER = Path(__file__).parent / "calls"
RUBRIC = "five-criterion"
HIGHEST_MARK = 4
HELD_OUT_EVERY = 3
BUYER_WPM = 150
GAP_MS = 650
CUT_SHORT_MS = 200
Kind = Literal["sales", "adversarial", "degenerate", "code_switching", "long"]


@dataclass(frozen=True, slots=True)
class Mark:
    """`mark` from 0 to 4; None where the call gave no occasion. `why`: the person's reason."""

    mark: int | None
    why: str


@dataclass(frozen=True, eq=False)
class Sample:
    """One call. `level`: 1 (poor) to 5 (excellent) as it was meant, None at the edges; `marks` by criterion, empty for a call
    that nobody would sit through."""

    id: str
    scenario: str
    language: str
    kind: Kind
    seller: str
    level: int | None
    turns: tuple[TranscriptTurn, ...]
    marks: dict[str, Mark]

    @property
    def held_out(self) -> bool:
        return int(hashlib.sha256(self.id.encode()).hexdigest(), 16) % HELD_OUT_EVERY == 0

    @property
    def rubric(self) -> RubricSpec:
        return presets.rubrics()[RUBRIC, self.language].spec

    @property
    def reference(self) -> float:
        """The overall mark as a score from 0 to 100: the rubric's weights over the criteria that had an occasion."""
        weights = {item.key: item.weight for item in self.rubric.criteria}
        given = [(weights[key], item.mark) for key, item in self.marks.items() if item.mark is not None]
        return (
            sum(weight * mark for weight, mark in given) * 100 / (HIGHEST_MARK * sum(weight for weight, _mark in given))
        )

    def case(self) -> Case:
        """The call as a judge is given it."""
        scenario = presets.scenarios()[self.scenario, self.language]
        return Case(
            turns=self.turns,
            rubric=self.rubric,
            language=self.language,
            mode=scenario.mode,
            brief=scenario.brief(),
        )


@functools.cache
def corpus() -> tuple[Sample, ...]:
    """All calls in the order of their names."""
    rows: list[dict[str, Any]] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        name = path.stem.split(".")
        home = {"scenario": name[0], "language": name[1]} if len(name) == 2 else {}
        rows += [home | row for row in yaml.safe_load(path.read_text("utf-8"))]
    written = {row["id"]: _sample(row) for row in rows if "lines" in row}
    made = {row["id"]: _joined(row, written) for row in rows if "parts" in row}
    return tuple(sample for _id, sample in sorted((written | made).items()))


def marked() -> list[Sample]:
    """The calls that have reference marks."""
    return [sample for sample in corpus() if sample.marks]


def _sample(row: dict[str, Any]) -> Sample:
    return Sample(
        id=row["id"],
        scenario=row["scenario"],
        language=row["language"],
        kind=row.get("kind", "sales"),
        seller=row["seller"],
        level=row.get("level"),
        turns=_turns(row["lines"], wpm=row.get("wpm", BUYER_WPM)),
        marks={key: Mark(*pair) for key, pair in row["marks"].items()},
    )


def _turns(lines: str, *, wpm: int) -> tuple[TranscriptTurn, ...]:
    """One turn a line, "T:" the trainee and "B:" the buyer; a line that ends in a dash was cut short by the next."""
    turns: list[TranscriptTurn] = []
    at = 400
    for seq, line in enumerate((line for line in lines.splitlines() if line.strip()), start=1):
        speaker, _colon, said = line.partition(":")
        content = said.strip()
        pace = wpm if speaker == "T" else BUYER_WPM
        end = at + max(count_words(content) * 60_000 // pace, 300)
        cut = content.endswith("—")
        role: Any = {"T": "user", "B": "assistant"}[speaker]
        turns.append(TranscriptTurn(f"t{seq}", seq, role, content, at, end, interrupted=cut))
        at = end - CUT_SHORT_MS if cut else end + GAP_MS
    return tuple(turns)


def _joined(row: dict[str, Any], written: dict[str, Sample]) -> Sample:
    """A very long call: others one after the other, again and again until the hours are full."""
    turns: list[TranscriptTurn] = []
    shift = 0
    while not turns or turns[-1].end_ms < row["hours"] * 3_600_000:
        for part in row["parts"]:
            for turn in written[part].turns:
                seq = len(turns) + 1
                moved = replace(turn, id=f"t{seq}", seq=seq, start_ms=turn.start_ms + shift, end_ms=turn.end_ms + shift)
                turns.append(moved)
            shift = turns[-1].end_ms + GAP_MS
    return Sample(
        id=row["id"],
        scenario=row["scenario"],
        language=row["language"],
        kind="long",
        seller=row["seller"],
        level=None,
        turns=tuple(turns),
        marks={},
    )
