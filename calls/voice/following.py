"""A branching call whose buyer a vendor's agent plays: our reading goes along, and tells the agent of each new stage.

It is asked by the journal, beside the audio. Where the reading fails, the call goes on without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import structlog

from calls.engine.follower import Follower, Overheard, followed
from calls.models import Turn
from integrations.embeddings.embedded import default_encoder
from integrations.voice.events import BuyerSaid, UserSaid
from scenarios.branching.graph import Node
from scenarios.briefs import PersonaBrief
from scenarios.prompts import stage_direction

logger = structlog.get_logger(__name__)
T = TypeVar("T")
Direct = Callable[[str], Awaitable[None]]


class Following:
    """One call. `direct` tells the agent; the follower's work is done in threads, one step after the other."""

    def __init__(self, brief: PersonaBrief, follower: Follower) -> None:
        self._brief = brief
        self._follower: Follower | None = follower
        self.direct: Direct | None = None

    @property
    def standing(self) -> str:
        """What an agent is told that comes into the call now."""
        follower = self._follower
        return "" if follower is None else self._direction(follower, follower.node)

    @property
    def outcome(self) -> str:
        """How the call went by its graph; "" where it has come to no end of it."""
        return "" if self._follower is None else self._follower.outcome

    async def heard(self, event: UserSaid) -> None:
        entered = await self._step(lambda follower: follower.heard(event.text, at_ms=event.end_ms))
        await self._tell(entered)

    async def known_of(self, event: BuyerSaid) -> BuyerSaid:
        """The same words with who says them, what they led to, and what is remembered after them."""

        def step(follower: Follower) -> tuple[Overheard, dict[str, Any]]:
            overheard = follower.said(event.text, at_ms=event.start_ms)
            return overheard, follower.state()

        found = await self._step(step)
        if found is None:
            return event
        overheard, state = found
        await self._tell(overheard.entered)
        trace = tuple(entry.to_json() for entry in overheard.trace)
        return replace(event, speaker=overheard.speaker, trace=(*event.trace, *trace), state=state)

    async def _step(self, work: Callable[[Follower], T]) -> T | None:
        follower = self._follower
        if follower is None:
            return None
        try:
            return await asyncio.to_thread(work, follower)
        except Exception as error:  # the words must be written whatever became of their reading
            logger.error("a branching call is not followed any more", error_type=type(error).__name__)
            self._follower = None
            return None

    async def _tell(self, entered: Node | None) -> None:
        if entered is not None and self._follower is not None and self.direct is not None:
            await self.direct(self._direction(self._follower, entered))

    def _direction(self, follower: Follower, node: Node) -> str:
        return stage_direction(self._brief, node, speaker=follower.speaker.name)


def following_of(brief: PersonaBrief, turns: Sequence[Turn], state: dict[str, Any]) -> Following | None:
    """Standing where these turns of a call left it; None for a call that does not branch. `state`: of the last turn that
    has one, as `Call.engine_state`."""
    follower = follower_after(brief, turns, state)
    return None if follower is None else Following(brief, follower)


def follower_after(brief: PersonaBrief, turns: Sequence[Turn], state: dict[str, Any]) -> Follower | None:
    """Goes through the turns that were said since the state was kept."""
    if brief.script is None:  # nor is the encoder's model loaded for it
        return None
    follower = followed(brief, encoder=default_encoder(), state=state)
    if follower is None:
        return None
    for turn in turns[_known(turns) if "script" in state else 0 :]:
        if turn.role == Turn.Role.USER:
            follower.heard(turn.content, at_ms=turn.end_ms)
        else:
            follower.said(turn.content, at_ms=turn.timestamp_ms)
    return follower


def _known(turns: Sequence[Turn]) -> int:
    """How many turns the kept state knows: up to the one that it was kept with; where that is not told, all that were
    answered."""
    kept = [place for place, turn in enumerate(turns, start=1) if turn.engine_state]
    answered = [place for place, turn in enumerate(turns, start=1) if turn.role == Turn.Role.ASSISTANT]
    return max(kept or answered, default=0)
