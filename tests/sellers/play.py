"""Scripted sellers who hold a whole call with the engine: good, mediocre and bad, on every preset scenario.

A script (`scripts/<scenario>.<language>.yaml`) holds what each seller has to say; the policy below says when. The good
one asks, finds out what is behind an objection before answering it, and closes once; the mediocre one pitches early and
answers by halves; the bad one neither asks nor listens. `play()` gives the transcript as the judges read it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from calls.engine import Buyer, Reply
from integrations.embeddings.embedded import default_encoder
from scenarios import presets
from scenarios.briefs import PersonaBrief
from scoring.transcripts import TranscriptTurn

QUALITIES = ("good", "mediocre", "bad")
MOST_TURNS = 26
WORDS_PER_SECOND = {"good": 2.4, "mediocre": 2.7, "bad": 3.4, "buyer": 2.6}
PAUSE_MS = {"good": 700, "mediocre": 500, "bad": 150, "buyer": 600}


@dataclass(slots=True)
class Played:
    """A finished call."""

    turns: list[TranscriptTurn] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    outcome: str = ""
    reason: str = ""
    state: dict[str, Any] = field(default_factory=dict)


class Seller:
    """What a seller says next, given what the buyer just said and how the call stands."""

    def __init__(self, quality: str, script: dict[str, Any]) -> None:
        self._quality = quality
        self._script = script
        self._queues: dict[str, Iterator[str]] = {}
        self._met: set[str] = set()
        self._met_at_last_close: set[str] = set()
        self._said_bye = False
        self._asked = ""

    def opening(self) -> str:
        return str(self._script["opening"])

    def answer(self, state: dict[str, Any]) -> str:
        """`state`: the engine's, from which the seller sees which objection or question is on the table."""
        if state["committed_turn"] or self._said_bye:
            return str(self._script["bye"])
        active, asked = state["active"], self._asked
        self._asked = ""
        if active:
            return self._meet(active)
        if asked and (line := self._next(f"back.{asked}", self._script.get("back", {}).get(asked))):
            return line
        for queue in ("questions", "pitches", "close"):
            if line := self._next(queue, self._script.get(queue)):
                return line
        if self._quality == "good" and self._met != self._met_at_last_close:
            self._met_at_last_close = set(self._met)  # an objection came in between: ask once more
            return str(self._script["close"][0])
        return self._give_up()

    def listen(self, reply: Reply) -> None:
        """Note a question that the buyer asked back."""
        self._asked = next((entry.subject for entry in reply.trace if entry.rule == "asked_back"), "")

    def _meet(self, key: str) -> str:
        first = key not in self._met
        self._met.add(key)
        if first and (line := self._next(f"explore.{key}", self._script.get("explore", {}).get(key))):
            return line
        answers = self._script.get("answers", {}).get(key)
        if line := self._next(f"answers.{key}", answers):
            return line
        return (
            self._next("pitches", self._script.get("pitches"))
            or self._next("close", self._script["close"])
            or self._give_up()
        )

    def _give_up(self) -> str:
        self._said_bye = True
        return str(self._script["bye"])

    def _next(self, queue: str, lines: Any) -> str:
        if queue not in self._queues:
            self._queues[queue] = iter([lines] if isinstance(lines, str) else list(lines or []))
        return next(self._queues[queue], "")


@functools.cache
def scripts(scenario_slug: str, language: str) -> dict[str, Any]:
    path = Path(__file__).parent / "scripts" / f"{scenario_slug}.{language}.yaml"
    return yaml.safe_load(path.read_text("utf-8"))


def scenario_keys() -> list[tuple[str, str]]:
    """(slug, language) of every preset scenario with one buyer; those that branch are in `tests.sellers.branching`."""
    return sorted(key for key, scenario in presets.scenarios().items() if scenario.graph is None)


@functools.cache
def play_call(scenario_slug: str, language: str, quality: str) -> Played:
    """Hold the call to its end. The same arguments always give the same call."""
    brief = presets.scenarios()[scenario_slug, language].brief()
    return hold(brief, quality, scripts(scenario_slug, language)[quality])


def hold(brief: PersonaBrief, quality: str, script: dict[str, Any]) -> Played:
    """A whole call of a seller with this script and any buyer."""
    buyer = Buyer(brief, encoder=default_encoder())
    seller = Seller(quality, script)
    played = Played()
    clock = _add(played, "assistant", buyer.open(), 400, "buyer")
    said = seller.opening()
    for _ in range(MOST_TURNS):
        clock = _add(played, "user", said, clock + PAUSE_MS[quality], quality)
        reply = buyer.hear(said, at_ms=clock)
        clock = _add(played, "assistant", reply, clock + PAUSE_MS["buyer"], "buyer")
        if reply.hang_up:
            played.outcome, played.reason = reply.hang_up.outcome, reply.hang_up.reason
            break
        seller.listen(reply)
        said = seller.answer(buyer.state())
    played.state = buyer.state()
    return played


def play(scenario_slug: str, language: str, quality: str) -> list[TranscriptTurn]:
    """The transcript of `play_call`, oldest turn first."""
    return list(play_call(scenario_slug, language, quality).turns)


def _add(played: Played, role: Any, said: str | Reply, start_ms: int, speaker: str) -> int:
    """Append a turn; returns the ms at which it ends."""
    text = said if isinstance(said, str) else said.text
    seconds = max(1, len(text.split())) / WORDS_PER_SECOND[speaker]
    end_ms = start_ms + round(seconds * 1000)
    trace: tuple[dict[str, Any], ...] = ()
    if isinstance(said, Reply):
        played.replies.append(said)
        trace = tuple(entry.to_json() for entry in said.trace)
    seq = len(played.turns) + 1
    played.turns.append(
        TranscriptTurn(id=f"t{seq}", seq=seq, role=role, content=text, start_ms=start_ms, end_ms=end_ms, trace=trace)
    )
    return end_ms
