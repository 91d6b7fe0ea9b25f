"""The one door to language models: who is asked, for how long, for how much, and what becomes of an answer of no use.

A request goes to the vendors in the order given, each with half of the time that is left; a vendor's models are asked in
line, the next one where the vendor serves one no more. Before a request its price is reserved. An answer that does not fit
is asked for once more, with what was wrong; after that it is the next one's turn. Every request is written down (`ledger`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import structlog

from integrations.budgets import governor
from integrations.budgets.governor import Ticket
from integrations.catalogue import served
from integrations.errors import (
    AnswerCutOff,
    ModelRetired,
    OverBudget,
    ProviderError,
    ProviderInvalidAnswer,
    ProviderNotConfigured,
    ProviderTimeout,
)
from integrations.own_calls import spending
from integrations.resilience import call_provider
from integrations.tasks import tell_operators
from tenants.schemas import in_public

from .base import ANSWERED, Answer, Ask, LanguageModel, Usage
from .ledger import Entry, record
from .prices import Cost, cost_of, most_usage
from .purpose import purpose
from .registry import configured, language_model, usable_keys
from .tasks import CHEAPER, Task, task_named

logger = structlog.get_logger(__name__)

Check = Callable[[Mapping[str, Any]], None]
REPAIR = (
    "Your last answer could not be used: {problem}. "
    "Give the whole answer again, as JSON of exactly the shape that was asked for, and nothing else."
)
SHARING = 2  # are reckoned with when time is shared out, however many there are
# Vendors' clients limit each read, not the whole request; here a request is left behind when its time is up.
_requests = ThreadPoolExecutor(max_workers=32, thread_name_prefix="language-model")


@dataclass(frozen=True, slots=True)
class Try:
    """A vendor that did not answer, and why."""

    vendor: str
    code: str
    ms: int


@dataclass(frozen=True, slots=True)
class Completion:
    """`usage` and `cost` are of all requests that were paid for. `asked`: the name of the model that was asked for."""

    answer: Answer
    vendor: str
    asked: str
    usage: Usage
    cost: Cost
    ms: int
    tried: tuple[Try, ...] = ()


class StillInvalid(ProviderInvalidAnswer):
    """The repair was of no use either."""

    retryable = False


def order_for(task: str, *, first: str = "") -> list[str]:
    """The vendors to ask for this work: `first`, then those of its order; of all these, who has a key and is allowed."""
    allowed = configured()
    return [slug for slug in dict.fromkeys((first, *task_named(task).order)) if slug in allowed]


def complete(
    ask: Ask,
    *,
    task: str,
    order: Sequence[str | LanguageModel],
    deadline: float | None = None,
    check: Check | None = None,
    prompt_version: str = "",
) -> Completion:
    """The first answer that can be had, within `deadline` seconds and what the task may take, whichever is less.

    `order`: vendors' names, or adapters. `check` looks at an answer that fits the schema and raises `ProviderInvalidAnswer`
    where it is of no use all the same. Raises the last `ProviderError` when nobody answers: `OverBudget` says that the money
    was the matter.
    """
    rules = task_named(task)
    began = time.monotonic()
    until = began + min(rules.seconds, rules.seconds if deadline is None else deadline)
    last: ProviderError = ProviderNotConfigured("no language model is configured", provider="gateway")
    tried: list[Try] = []
    for place, wanted in enumerate(order):
        slug = wanted if isinstance(wanted, str) else wanted.slug
        started = time.monotonic()
        share = share_of(until - started, len(order) - place)
        try:
            done = _vendor(wanted, _Errand(ask, rules, check, prompt_version), until=started + share)
        except ProviderError as error:
            last = error
            tried.append(Try(slug, error.code, _ms(started)))
            continue
        return replace(done, ms=_ms(began), tried=tuple(tried))
    raise last


def share_of(left: float, waiting: int) -> float:
    """The seconds that the next one may take of those that are left, where `waiting` are to be asked, that one included.

    Half of it, and all of it for the last one. Even shares would leave nobody enough for an answer where many have a key;
    and whoever is away says so at once, so that the others still have nearly all of the time.
    """
    return max(left, 0.0) / min(max(waiting, 1), SHARING)


@dataclass(frozen=True, slots=True)
class _Errand:
    ask: Ask
    rules: Task
    check: Check | None
    prompt_version: str


def _vendor(wanted: str | LanguageModel, errand: _Errand, *, until: float) -> Completion:
    """One vendor's models, one after another where one is served no more, or where the money is enough for a cheaper one."""
    last: ProviderError | None = None
    for model in _models(wanted, errand.rules.name):
        try:
            return _paid(model, errand, until=until)
        except ModelRetired as error:
            last = error
            if not isinstance(wanted, LanguageModel):
                note_gone(model)
        except OverBudget as error:
            last = error
    assert last is not None
    raise last


def _models(wanted: str | LanguageModel, task: str) -> Iterator[LanguageModel]:
    if isinstance(wanted, LanguageModel):
        yield wanted
        return
    keys = usable_keys(wanted)
    names = list(served.models_for(keys, task=task))
    if task in CHEAPER:
        names += served.models_for(keys, task=CHEAPER[task])
    for name in dict.fromkeys(names):
        yield language_model(wanted, keys=keys, name=name)


def note_gone(model: LanguageModel) -> None:
    """Its vendor serves it no more: keep that in mind, and tell those who can choose another."""
    keys = usable_keys(model.slug)
    if served.note_gone(keys, model.model):
        tell_operators.delay(model.slug, model.model)


def _paid(model: LanguageModel, errand: _Errand, *, until: float) -> Completion:
    """Ask one model, with its price put aside."""
    once = most_usage(errand.ask)
    # Its answer and the repair, which may be twice as long.
    most = cost_of(model.model, Usage(2 * once.input_tokens, 3 * once.output_tokens)).usd
    if in_public():
        # Nobody's but the installation's own, whose limit is for all of them together.
        spending.refuse_beyond(most, provider=model.slug)
        ticket = Ticket()
    else:
        ticket = governor.reserve(most, teams=purpose().teams, provider=model.slug)
    try:
        return _Conversation(model, errand, ticket, until).answer()
    finally:
        governor.settle(ticket)


class _Conversation:
    """One model's way to an answer: attempts by the vendor's retry policy, and one repair."""

    def __init__(self, model: LanguageModel, errand: _Errand, ticket: Ticket, until: float) -> None:
        self._model, self._errand, self._ticket, self._until = model, errand, ticket, until
        self._repairing = ""
        self._paid: list[tuple[Usage, Cost]] = []

    def answer(self) -> Completion:
        seconds = max(self._until - time.monotonic(), 0.0)
        answer = call_provider(
            self._model.slug, lambda left: self._attempt(), seconds=seconds, account=self._model.account
        )
        usage = Usage(
            sum(one.input_tokens for one, _cost in self._paid), sum(one.output_tokens for one, _cost in self._paid)
        )
        cost = Cost(
            sum((one.usd for _usage, one in self._paid), Decimal(0)), all(one.known for _usage, one in self._paid)
        )
        return Completion(answer, self._model.slug, self._model.model, usage, cost, ms=0)

    def _attempt(self) -> Answer:
        try:
            return self._request(self._asked())
        except ProviderInvalidAnswer as error:
            if not error.retryable:
                raise
            if self._repairing:
                raise StillInvalid(error.message, provider=error.provider, status=error.status) from None
            self._repairing = error.code if isinstance(error, AnswerCutOff) else error.message
        try:
            return self._request(self._asked())
        except ProviderInvalidAnswer as error:
            raise StillInvalid(error.message, provider=error.provider, status=error.status) from None

    def _asked(self) -> Ask:
        ask = self._errand.ask
        if self._repairing == AnswerCutOff.code:
            return replace(ask, max_output_tokens=2 * ask.max_output_tokens)
        if self._repairing:
            return replace(ask, prompt=f"{ask.prompt}\n\n{REPAIR.format(problem=self._repairing)}")
        return ask

    def _request(self, ask: Ask) -> Answer:
        seconds = min(self._errand.rules.attempt_seconds, self._until - time.monotonic())
        if seconds <= 0:
            raise ProviderTimeout("no time left", provider=self._model.slug)
        repair = bool(self._repairing)
        began = time.monotonic()
        answer: Answer | None = None
        try:
            answer = _within(seconds, self._model, ask)
            if self._errand.check is not None:
                self._errand.check(answer.data)
        except ProviderError as error:
            usage = answer.usage if answer is not None else Usage(*error.tokens)
            self._record(error.code, began, usage, answer, repair)
            raise
        self._record(ANSWERED, began, answer.usage, answer, repair)
        return answer

    def _record(self, outcome: str, began: float, usage: Usage, answer: Answer | None, repair: bool) -> None:
        entry = Entry(
            task=self._errand.rules.name,
            vendor=self._model.slug,
            asked=self._model.model,
            model=answer.model if answer is not None else "",
            outcome=outcome,
            ms=_ms(began),
            usage=usage,
            prompt_version=self._errand.prompt_version,
            repair=repair,
            own_account=bool(self._model.account),
        )
        self._paid.append((usage, entry.cost))
        record(entry, ticket=self._ticket)


def _within(seconds: float, model: LanguageModel, ask: Ask) -> Answer:
    """The answer, or `ProviderTimeout` when the seconds are over, whatever the vendor's connection does."""
    request = _requests.submit(model.answer, ask, timeout=seconds)
    try:
        return request.result(timeout=seconds)
    except TookTooLong:
        request.cancel()
        raise ProviderTimeout("no answer in time", provider=model.slug) from None


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
