"""Getting a voice for a call: the best service first, the next one when it does not answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.utils import timezone

from calls import metering, serving
from calls import worded as worded_by
from calls.forks import memory_after
from calls.models import Call, Turn
from calls.voice.admission import Admitted
from calls.voice.following import Following, following_of
from calls.voice.responder import BuyerResponder
from calls.voice.responder_llm import WordedResponder
from integrations.errors import OverBudget, ProviderError, ProviderTimeout, ProviderUnavailable
from integrations.llm.registry import chat_route
from integrations.resilience import count_failure
from integrations.vendors import VendorKeys
from integrations.voice.base import Responder, SaidBefore, VoiceBrief, VoiceSession
from integrations.voice.registry import provider
from integrations.voice.routing import EMBEDDED, Candidate, routes
from scenarios.prompts import buyer_prompt
from tenants.context import current_organization, in_schema

logger = structlog.get_logger(__name__)
# Services whose buyer is our engine's, in the words of a language model where one is to be had.
WORDED = frozenset({"openai"})
# What a vendor may take to answer. The embedded engine may have to load its models first, and it is the last resort.
OPEN_SECONDS = 11.0
LOAD_SECONDS = 60.0


class NoVoiceLeft(ProviderUnavailable):
    """Every voice service that this organisation may use failed, or there is none."""

    code = "none_left"
    retryable = False

    def __init__(self) -> None:
        super().__init__("no voice service answers", provider="voice")


@dataclass(frozen=True, slots=True)
class Failure:
    """A service that was tried in vain. `code`: `ProviderError.code`."""

    provider: str
    code: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that speaks. `failures`: who was tried before, in order. `following`: goes along with a branching call whose
    buyer is not ours."""

    session: VoiceSession
    provider: str
    failures: tuple[Failure, ...] = ()
    following: Following | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """Who can be tried, best first, and what was said so far. `chat`: the accounts that may word the buyer's replies.
    `zero_ms`: what the clock shows when the call begins to be spoken in; None where something was said already."""

    routes: tuple[Candidate, ...]
    call: Call
    turns: tuple[Turn, ...]
    chat: tuple[VendorKeys, ...] = ()
    zero_ms: int | None = None


def _outlook(call_id: UUID) -> Outlook:
    call = Call.objects.get(pk=call_id)
    turns = tuple(call.turns.order_by("seq"))
    # Who was spoken with goes on, if they can: another voice in mid-call is a lesser evil, but one.
    organization = current_organization()
    spoken = serving.spoken(call).exists()
    found = routes(organization, first=call.provider if spoken else "")
    shunned = serving.shunned(call)
    ordered = tuple(sorted(found, key=lambda one: one.name in shunned))
    worded = any(candidate.name in WORDED for candidate in ordered)
    zero_ms = None if spoken else max((turn.end_ms for turn in turns), default=0)
    return Outlook(
        ordered,
        call,
        turns,
        worded_by.accounts_for(organization, trainee_id=call.trainee_id) if worded else (),
        zero_ms,
    )


outlook_of = in_schema(_outlook)
note_failure = in_schema(serving.note_failure)
note_replies = in_schema(worded_by.note_replies)
note_session = in_schema(serving.note_session)
give_back = in_schema(serving.give_back)
afford = in_schema(metering.afford)


async def open_session(admitted: Admitted, *, clock: Callable[[], int], set_clock: Callable[[int], None]) -> Opened:
    """A started session for this call. Whoever fails is noted and the next one tried. Raises `NoVoiceLeft`.

    Waiting for a voice is no part of the call: until something was said, its clock begins anew with each attempt.
    """
    told = admitted
    outlook = await outlook_of(told.schema_name, told.call_id)
    state = await asyncio.to_thread(_memory, outlook)
    following = await asyncio.to_thread(following_of, told.brief, outlook.turns, outlook.call.engine_state)
    failures: list[Failure] = []
    for candidate in outlook.routes:
        if (candidate.name != EMBEDDED or failures) and not await afford(
            told.schema_name, call_id=told.call_id, provider=candidate.name
        ):
            failures.append(Failure(candidate.name, OverBudget.code))
            continue
        # A vendor's library may take seconds to load, which other people's calls would hear.
        await asyncio.to_thread(provider, candidate.name)
        if outlook.zero_ms is not None:
            set_clock(outlook.zero_ms)
        try:
            session = await _start(candidate, _brief(told, outlook, following), told, state, clock, outlook.chat)
        except ProviderError as error:
            logger.warning("a voice service failed", call=str(told.call_id), provider=candidate.name, code=error.code)
            failures.append(Failure(candidate.name, error.code))
            await note_failure(
                told.schema_name,
                call_id=told.call_id,
                provider=candidate.name,
                code=error.code,
                message=error.message,
                # The clock begins anew with the next attempt: this one was before the call.
                at_ms=max(0, clock()) if outlook.zero_ms is None else outlook.zero_ms,
            )
            continue
        await note_session(
            told.schema_name,
            call_id=told.call_id,
            provider=candidate.name,
            conversation_id=session.conversation_id,
            started_at=zero_of(clock) if outlook.zero_ms is not None else None,
        )
        if following is not None:
            following.direct = session.direct
        followed = following if session.speaks_for_itself else None
        return Opened(session, candidate.name, tuple(failures), followed)
    logger.error("no voice service is left", call=str(told.call_id), tried=[failure.provider for failure in failures])
    raise NoVoiceLeft


def zero_of(clock: Callable[[], int]) -> datetime:
    return timezone.now() - timedelta(milliseconds=clock())


async def _start(
    candidate: Candidate,
    brief: VoiceBrief,
    told: Admitted,
    state: dict[str, Any],
    clock: Callable[[], int],
    chat: tuple[VendorKeys, ...],
) -> VoiceSession:
    """Raises a `ProviderError`, whatever goes wrong: a vendor's surprise must not cost the call."""
    session: VoiceSession | None = None
    try:
        buyer = BuyerResponder(told.brief, state=state, schema_name=told.schema_name)
        responder: Responder = buyer
        if candidate.name in WORDED and chat:
            # Making the clients takes tens of milliseconds, which other people's calls would hear.
            route = await asyncio.to_thread(chat_route, chat)
            note = partial(note_replies, told.schema_name, call_id=told.call_id)
            responder = WordedResponder(buyer, route=route, history=brief.history, note=note)
        async with asyncio.timeout(LOAD_SECONDS if candidate.name == EMBEDDED else OPEN_SECONDS):
            session = await provider(candidate.name).open(brief, keys=candidate.keys, responder=responder, clock=clock)
            await session.start()
    except ProviderError:
        await _let_go(session)
        raise
    except TimeoutError:
        await _let_go(session)
        late = ProviderTimeout("no answer in time", provider=candidate.name)
        await asyncio.to_thread(count_failure, candidate.name, late, account=candidate.keys.account)
        raise late from None
    except Exception as error:
        await _let_go(session)
        logger.exception("a voice service failed in an unknown way", provider=candidate.name)
        raise ProviderUnavailable(f"failed ({type(error).__name__})", provider=candidate.name) from None
    return session


async def _let_go(session: VoiceSession | None) -> None:
    if session is not None:
        with contextlib.suppress(ProviderError, OSError, RuntimeError):
            await session.close()


def _brief(told: Admitted, outlook: Outlook, following: Following | None) -> VoiceBrief:
    prompt = buyer_prompt(told.brief)
    if following is not None and outlook.turns:
        prompt = f"{prompt}\n\n{following.standing}"
    return VoiceBrief(
        call_id=str(told.call_id),
        prompt=prompt,
        first_message=told.brief.first_words,
        language=told.language,
        voice_id=told.brief.voice_id,
        text_only=told.text_only,
        resumed=told.resumed,
        history=tuple(SaidBefore(turn.role, turn.content) for turn in outlook.turns),
        variables={"parley_call_id": str(told.call_id), "parley_organization": told.slug},
        time_limit_seconds=told.time_limit_ms // 1000,
    )


def _memory(outlook: Outlook) -> dict[str, Any]:
    """What our own buyer goes on from: its memory, or, where a vendor played the buyer so far, what it would remember."""
    if outlook.call.engine_state or not outlook.turns:
        return outlook.call.engine_state
    return memory_after(outlook.call, list(outlook.turns))
