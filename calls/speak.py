"""A call turn by turn: what the trainee said goes in as a file or as text, the buyer's answer comes out.

The second way into a conversation, for browsers that cannot stream. One turn at a time: turns of the same call wait for one
another, and a call that is spoken in over a socket takes none.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from django.db import connection
from django.utils import timezone

from calls import events, services, turns
from calls.errors import CallAlreadyEnded, CallHeld, TurnInProgress, UnusableAudio
from calls.forks import memory_after
from calls.models import Call, Turn
from calls.services import Ending
from calls.spoken import RATE, TurnVoice
from calls.voice.recorder import Side, spool_folder
from calls.voice.responder import BuyerResponder
from calls.voice.responder_llm import WordedResponder
from calls.worded import note_replies
from integrations.llm.chat import Reply
from integrations.llm.registry import chat_route
from integrations.speech.base import Transcript
from integrations.speech.decoding import BYTES_PER_SECOND, NotAudio, TooLong, decode
from integrations.voice.base import SaidBefore, Spoken
from tenants.schemas import current_schema

MOST_BYTES = 25 * 1024 * 1024
MOST_SECONDS = 120
LEAST_SECONDS = 0.1
WAIT_SECONDS = 30.0  # for the turn before
STEP_SECONDS = 0.05
SILENT_MS_PER_CHARACTER = 65  # how long a line takes that nobody hears


@dataclass(frozen=True, slots=True)
class Said:
    """A turn of the trainee. `pcm` is empty for what was typed."""

    text: str
    confidence: float | None = None
    pcm: bytes = b""
    transcribe_ms: int = 0

    @property
    def ms(self) -> int:
        return len(self.pcm) * 1000 // BYTES_PER_SECOND


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request led to. `opening`: the buyer's first words, when this picked up the phone. `pcm` of the buyer's words
    at `rate`; empty in a call by text. `hang_up`: reason and outcome, when the buyer left. `next_turn`: what somebody else
    said right after, who was put on the line; its sound is in `pcm`, too."""

    call: Call
    user_turn: Turn | None
    opening: Turn | None
    assistant_turn: Turn
    pcm: bytes
    rate: int
    hang_up: dict[str, str] | None
    next_turn: Turn | None = None


def samples_of(file: BinaryIO, *, size: int) -> bytes:
    """An uploaded file at `RATE`. Raises `UnusableAudio`, which says why."""
    if size == 0:
        raise UnusableAudio("empty")
    if size > MOST_BYTES:
        raise UnusableAudio("too_large")
    try:
        pcm = decode(file, most_seconds=MOST_SECONDS)
    except NotAudio:
        raise UnusableAudio("not_audio") from None
    except TooLong:
        raise UnusableAudio("too_long") from None
    if len(pcm) < LEAST_SECONDS * BYTES_PER_SECOND:
        raise UnusableAudio("empty")
    return pcm


def words_of(pcm: bytes, *, voice: TurnVoice, language: str) -> Transcript:
    """Raises `UnusableAudio` where nobody speaks."""
    heard = voice.hear(pcm, language=language)
    if not heard.text:
        raise UnusableAudio("no_speech")
    return heard


def refuse_unless_open(call: Call) -> None:
    """Before anything is worked out. Raises `CallAlreadyEnded`, and `CallHeld` while somebody speaks in it by socket."""
    if not call.is_live:
        raise CallAlreadyEnded
    if services.is_held(call) and call.transport != Call.Transport.TURNS:
        raise CallHeld


def take_turn(*, call_id: UUID, said: Said | None, voice: TurnVoice) -> Answer:
    """Hold one turn of the conversation. `said` is None to hear the buyer pick up the phone.

    Raises `CallAlreadyEnded`, `CallHeld`, and `TurnInProgress` when the turn before takes too long.
    """
    arrived = timezone.now()
    with _one_at_a_time(call_id):
        call = _begun(call_id, provider=voice.provider)
        if said is None and call.turns.exists():
            raise UnusableAudio("missing")
        return _Exchange(call, voice, arrived).run(said)


def _begun(call_id: UUID, *, provider: str) -> Call:
    refuse_unless_open(Call.objects.get(pk=call_id))
    call, _first = services.begin(call_id=call_id)
    Call.objects.filter(pk=call_id).update(transport=Call.Transport.TURNS, provider=provider)
    call.refresh_from_db()
    assert call.started_at is not None
    if (timezone.now() - call.started_at).total_seconds() * 1000 > call.time_limit_ms:
        services.complete(call_id=call_id, ending=Ending(by="system", reason="time_limit"))
        raise CallAlreadyEnded
    return call


class _Exchange:
    """One turn and its answer, with the call's lock held."""

    def __init__(self, call: Call, voice: TurnVoice, arrived: datetime) -> None:
        assert call.started_at is not None
        self._call = call
        self._voice = voice
        self._started = call.started_at
        self._arrived_ms = self._ms(arrived)
        self._silent = call.channel == Call.Channel.TEXT
        self._taped = call.recording_consent and not self._silent
        self._replies: list[Reply] = []

    def _ms(self, at: datetime) -> int:
        return max(0, int((at - self._started).total_seconds() * 1000))

    def _now(self) -> int:
        return self._ms(timezone.now())

    def run(self, said: Said | None) -> Answer:
        before = list(self._call.turns.order_by("seq"))
        state = self._call.engine_state or (memory_after(self._call, before) if before else {})
        history = tuple(SaidBefore(turn.role, turn.content) for turn in before)
        buyer = BuyerResponder(services.brief_of(self._call), state=state)
        last_ms = before[-1].end_ms if before else 0
        opening, pcm, rate = None, b"", 0
        if not before:
            spoken = asyncio.run(buyer.open())
            opening, pcm, rate = self._say(spoken, from_ms=0, latency={}, aloud=said is None)
            history, last_ms = (SaidBefore("assistant", spoken.text),), opening.end_ms
        if said is None:
            assert opening is not None
            return Answer(self._call, None, opening, opening, pcm, rate, None)
        user_turn = self._hear(said, after_ms=last_ms)
        began = time.monotonic()
        spoken = asyncio.run(self._reply(buyer, history, said.text, at_ms=user_turn.end_ms))
        note_replies(call_id=self._call.pk, replies=self._replies)
        latency = {"transcribe": said.transcribe_ms, "reply": round((time.monotonic() - began) * 1000)}
        turn, pcm, rate = self._say(spoken, from_ms=user_turn.end_ms, latency=latency, aloud=True)
        next_turn = None
        if spoken.then is not None:
            next_turn, more, rate = self._say(spoken.then, from_ms=turn.end_ms, latency={}, aloud=True)
            pcm += more
        return Answer(self._call, user_turn, opening, turn, pcm, rate, self._hang_up(spoken, turn), next_turn)

    async def _reply(self, buyer: BuyerResponder, history: tuple[SaidBefore, ...], text: str, *, at_ms: int) -> Spoken:
        if not self._voice.chat:
            return await buyer.respond(text, at_ms=at_ms)
        route = chat_route(self._voice.chat)
        worded = WordedResponder(buyer, route=route, history=history)
        try:
            return await worded.respond(text, at_ms=at_ms)
        finally:
            await worded.close()
            self._replies += route.replies

    def _hear(self, said: Said, *, after_ms: int) -> Turn:
        start = max(after_ms, self._arrived_ms - said.ms)
        turn = turns.record(
            call_id=self._call.pk,
            role=Turn.Role.USER,
            content=said.text,
            start_ms=start,
            end_ms=start + said.ms,
            confidence=said.confidence,
            latency={"transcribe": said.transcribe_ms} if said.pcm else {},
        )
        if self._taped and said.pcm:
            self._tape("trainee", RATE, start, said.pcm)
        return turn

    def _say(self, spoken: Spoken, *, from_ms: int, latency: dict[str, int], aloud: bool) -> tuple[Turn, bytes, int]:
        """Write the buyer's turn, spoken when somebody is to hear it."""
        pcm, rate, took_ms = b"", 0, len(spoken.text) * SILENT_MS_PER_CHARACTER
        brief = self._call.brief
        if aloud and not self._silent:
            began = time.monotonic()
            voice_id = spoken.voice_id or brief.get("voice_id", "")
            pcm, rate = self._voice.say(spoken.text, voice_id=voice_id, language=self._call.language)
            latency = {**latency, "speak": round((time.monotonic() - began) * 1000)}
            took_ms = len(pcm) * 1000 // (rate * 2)
        if spoken.trouble:
            self._voice.faults.append(("llm", spoken.trouble))
        start = max(from_ms, self._now())
        turn = turns.record(
            call_id=self._call.pk,
            role=Turn.Role.ASSISTANT,
            content=spoken.text,
            start_ms=start,
            end_ms=start if self._silent else start + took_ms,
            trace=spoken.trace,
            latency=latency,
            engine_state=spoken.state or None,
            speaker=spoken.speaker,
        )
        self._note_faults(start)
        if self._taped and pcm:
            self._tape("buyer", rate, start, pcm)
        return turn, pcm, rate

    def _tape(self, name: str, rate: int, start_ms: int, pcm: bytes) -> None:
        folder = spool_folder(current_schema(), self._call.pk)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        side = Side(folder / f"{name}-{rate}.pcm", rate)
        side.pad_to(start_ms)
        side.write(pcm)
        side.close()

    def _note_faults(self, at_ms: int) -> None:
        for part, code in self._voice.faults:
            data: dict[str, Any] = {
                "provider": self._voice.provider,
                "part": part,
                "error_type": code,
                "message": "",
                "fatal": False,
                "covered": True,  # by ourselves, so the turn lost nothing
            }
            events.keep(self._call.pk, "provider:fault", data, at_ms=at_ms)
        self._voice.faults.clear()

    def _hang_up(self, spoken: Spoken, turn: Turn) -> dict[str, str] | None:
        if not spoken.hang_up:
            return None
        ending = Ending(by="persona", reason=spoken.hang_up, outcome=spoken.outcome)
        services.complete(call_id=self._call.pk, ending=ending)
        self._call.refresh_from_db()
        return {"reason": spoken.hang_up, "outcome": spoken.outcome}


@contextlib.contextmanager
def _one_at_a_time(call_id: UUID) -> Iterator[None]:
    """A lock of the database session: no transaction stays open while models think, and a process that dies lets go."""
    name = f"{current_schema()}.speak.{call_id}"
    until = time.monotonic() + WAIT_SECONDS
    while not _asked("pg_try_advisory_lock", name):
        if time.monotonic() > until:
            raise TurnInProgress
        time.sleep(STEP_SECONDS)
    try:
        yield
    finally:
        _asked("pg_advisory_unlock", name)


def _asked(function: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [name])  # one of two literals
        return bool(cursor.fetchone()[0])
