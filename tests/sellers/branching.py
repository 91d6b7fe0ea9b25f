"""The scripted sellers on the preset scenarios that branch: the lines they have for the buyer, and some for the others."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from calls.engine import Reply, player
from integrations.embeddings.embedded import default_encoder
from scenarios import presets
from tests.sellers.play import MOST_TURNS, PAUSE_MS, Played, Seller, _add, scripts


@dataclass(slots=True)
class BranchingPlayed(Played):
    """`path`: ids of the stages that the call went through; `speakers`: who said what on the buyer's side, in order."""

    path: list[str] = field(default_factory=list)
    speakers: list[str] = field(default_factory=list)


def branching_keys() -> list[tuple[str, str]]:
    return sorted(key for key, scenario in presets.scenarios().items() if scenario.graph is not None)


def script_for(slug: str, language: str, quality: str) -> dict[str, Any]:
    written = yaml.safe_load((Path(__file__).parent / "scripts" / "branching.yaml").read_text("utf-8"))
    own = written[f"{slug}.{language}"]
    script = {**scripts(own["base"], language)[quality]}
    for name, value in own[quality].items():
        script[name] = {**script.get(name, {}), **value} if isinstance(value, dict) else value
    return script


@functools.cache
def play_branching(slug: str, language: str, quality: str) -> BranchingPlayed:
    """Hold the call to its end. The same arguments always give the same call."""
    buyer = player(presets.scenarios()[slug, language].brief(), encoder=default_encoder())
    script = script_for(slug, language, quality)
    seller, played = Seller(quality, script), BranchingPlayed()
    clock = _buyer(played, buyer.open(), 400)
    said = seller.opening()
    for _ in range(MOST_TURNS):
        clock = _add(played, "user", said, clock + PAUSE_MS[quality], quality)
        reply = buyer.hear(said, at_ms=clock)
        clock = _buyer(played, reply, clock + PAUSE_MS["buyer"])
        if reply.hang_up:
            played.outcome, played.reason = reply.hang_up.outcome, reply.hang_up.reason
            break
        seller.listen(reply)
        said = script.get("greet", {}).get(played.path[-1], "") if reply.then else ""
        said = said or seller.answer(buyer.state())
    played.state = buyer.state()
    return played


def _buyer(played: BranchingPlayed, reply: Reply, start_ms: int) -> int:
    said: Reply | None = reply
    clock = start_ms
    while said is not None:
        clock = _add(played, "assistant", said, clock, "buyer")
        played.path += [entry.subject for entry in said.trace if entry.rule == "stage_entered"]
        played.speakers.append(said.speaker)
        said, clock = said.then, clock + 300
    return clock
