"""The second task beside the audio: writes turns in their order, then sends their frames.

A database that is away for a moment costs patience, not turns: the queue waits and tries again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import stamina
import structlog
from django.db import InterfaceError, OperationalError
from psycopg_pool import PoolTimeout

from calls import events, services, turns
from calls.voice import frames
from calls.voice.following import Following
from integrations.voice.events import BuyerCut, BuyerFinished, BuyerSaid, Reconnected, UserSaid
from tenants.context import in_schema

logger = structlog.get_logger(__name__)
DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)
# How long a turn waits for a database that is away, in seconds.
PATIENCE = 120.0


def _record(**kwargs: Any) -> UUID:
    return turns.record(**kwargs).pk


record_turn = in_schema(_record)
cut_turn = in_schema(turns.cut)
finish_turn = in_schema(turns.finish)
complete_call = in_schema(services.complete)
note_conversation = in_schema(services.note_conversation)


def _keep(call_id: UUID, type: str, data: dict[str, Any], at_ms: int) -> None:
    events.keep(call_id, type, data, at_ms=at_ms)


keep_event = in_schema(_keep)


async def lasting(work: Callable[[], Awaitable[Any]]) -> Any:
    """Do it, again and again while the database is away. Raises the last error when it stays away."""
    async for attempt in stamina.retry_context(
        on=DATABASE_AWAY, attempts=None, timeout=PATIENCE, wait_initial=0.1, wait_max=2.0, wait_jitter=0.1
    ):
        with attempt:
            return await work()
    raise AssertionError("unreachable: the last attempt raises")


class TurnJournal:
    """One call's queue of things to write. `generation` keeps event ids of successive sessions apart. `following`: goes
    along with a branching call whose buyer is not ours, turn by turn."""

    def __init__(
        self,
        *,
        schema_name: str,
        call_id: UUID,
        generation: str,
        send: Callable[[bytes], None],
        following: Following | None = None,
    ) -> None:
        self._schema = schema_name
        self._call_id = call_id
        self._generation = generation
        self._send = send
        self._following = following
        self._queue: asyncio.Queue[Callable[[], Awaitable[None]] | None] = asyncio.Queue()
        self._turn_ids: dict[int, UUID] = {}
        self._task = asyncio.create_task(self._write())

    # -- what the bridge puts in --------------------------------------------------------------------------------------
    def user_said(self, event: UserSaid) -> None:
        async def write() -> None:
            await record_turn(
                self._schema,
                call_id=self._call_id,
                role="user",
                content=event.text,
                start_ms=event.start_ms,
                end_ms=event.end_ms,
                confidence=event.confidence,
                latency=event.latency,
                provider_event_id=f"{self._generation}.u{event.event_id}",
            )
            self._send(frames.user_transcript(event.event_id, event.text))
            if self._following is not None:
                await self._following.heard(event)

        self._queue.put_nowait(write)

    def buyer_said(self, event: BuyerSaid) -> None:
        said = event

        async def write() -> None:
            nonlocal said
            if self._following is not None and said is event:  # once, however often writing is tried
                said = await self._following.known_of(event)
            self._turn_ids[event.event_id] = await record_turn(
                self._schema,
                call_id=self._call_id,
                role="assistant",
                content=event.text,
                start_ms=event.start_ms,
                end_ms=event.end_ms,
                trace=said.trace,
                latency=event.latency,
                engine_state=said.state,
                speaker=said.speaker,
                provider_event_id=f"{self._generation}.a{event.event_id}",
            )
            self._send(frames.agent_response(event.event_id, event.text))

        self._queue.put_nowait(write)

    def buyer_cut(self, event: BuyerCut) -> None:
        async def write() -> None:
            turn_id = self._turn_ids.get(event.event_id)
            if turn_id is not None:
                await cut_turn(self._schema, turn_id=turn_id, spoken=event.spoken, end_ms=event.end_ms)
            self._send(frames.agent_correction(event.event_id, event.original, event.spoken))

        self._queue.put_nowait(write)

    def buyer_finished(self, event: BuyerFinished) -> None:
        async def write() -> None:
            turn_id = self._turn_ids.get(event.event_id)
            if turn_id is not None:
                await finish_turn(
                    self._schema, turn_id=turn_id, end_ms=event.end_ms, first_audio_ms=event.first_audio_ms
                )

        self._queue.put_nowait(write)

    def note(self, type: str, data: dict[str, Any], *, at_ms: int) -> None:
        """For the flight record; told to nobody."""

        async def write() -> None:
            await keep_event(self._schema, self._call_id, type, data, at_ms)

        self._queue.put_nowait(write)

    def reconnected(self, event: Reconnected) -> None:
        async def write() -> None:
            await note_conversation(self._schema, call_id=self._call_id, conversation_id=event.conversation_id)

        self._queue.put_nowait(write)

    # -- the end ------------------------------------------------------------------------------------------------------
    async def close(self) -> None:
        """Returns when everything that was put in is written."""
        self._queue.put_nowait(None)
        await self._task

    async def _write(self) -> None:
        while (write := await self._queue.get()) is not None:
            try:
                await lasting(write)
            except Exception as error:
                # This turn is lost and was never shown; those that come after it are not to be lost with it.
                logger.error("a turn could not be written", call_id=str(self._call_id), error_type=type(error).__name__)
