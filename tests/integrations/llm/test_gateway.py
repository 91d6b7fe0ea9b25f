"""The door to language models: who is asked next, what is asked again, when it ends, and what is written down."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from integrations.errors import (
    AnswerCutOff,
    ModelRetired,
    OverBudget,
    ProviderInvalidAnswer,
    ProviderNotConfigured,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from integrations.llm import gateway
from integrations.llm.base import Usage
from integrations.llm.purpose import on_behalf_of
from integrations.models import Budget, ModelCall
from integrations.resilience import ProviderResting
from tenants.models import Organization
from tests.cast import Cast
from tests.standins import models as standins
from tests.standins.models import KEY, Fault

from .models import ASK, READY, Told

# Every request is in a ledger, those that no organisation pays for, too.
pytestmark = pytest.mark.django_db


def unfit(tokens: tuple[int, int] = (300, 50)) -> ProviderInvalidAnswer:
    error = ProviderInvalidAnswer("ready does not fit the schema (type)", provider="groq")
    error.tokens = tokens
    return error


def entries() -> list[tuple[str, str, str]]:
    return [(row.vendor, row.outcome, row.model) for row in ModelCall.objects.order_by("pk")]


def test_the_first_that_answers_ends_it() -> None:
    first, second = Told(), Told(slug="gemini")
    done = gateway.complete(ASK, task="deep", order=[first, second])
    assert (done.answer.data, done.vendor, done.tried) == (READY, "groq", ())
    assert (done.usage, str(done.cost.usd)) == (Usage(200, 100), "0.000090")
    assert not second.asked


def test_the_next_vendor_is_asked_where_one_fails() -> None:
    first = Told(ProviderRefused("no", provider="groq", status=401))
    done = gateway.complete(ASK, task="deep", order=[first, Told(slug="gemini", model="gemini-3.8-flash")])
    assert done.vendor == "gemini"
    assert [(one.vendor, one.code) for one in done.tried] == [("groq", "refused")]


def test_nobody_left_to_ask_is_said() -> None:
    with pytest.raises(ProviderNotConfigured):
        gateway.complete(ASK, task="deep", order=[])
    with pytest.raises(ProviderRefused):
        gateway.complete(ASK, task="deep", order=[Told(ProviderRefused("no", provider="groq"))])


def test_an_answer_of_no_use_is_repaired_once() -> None:
    model = Told(unfit())
    done = gateway.complete(ASK, task="deep", order=[model])
    assert done.answer.data == READY
    assert "ready does not fit the schema" in model.asked[1].prompt
    assert model.asked[1].prompt.startswith(ASK.prompt)
    assert done.usage == Usage(500, 150), "both answers are paid for"


def test_after_one_repair_it_is_the_next_ones_turn() -> None:
    stubborn = Told(unfit(), unfit(), unfit())
    done = gateway.complete(ASK, task="deep", order=[stubborn, Told(slug="gemini")])
    assert len(stubborn.asked) == 2
    assert [(one.vendor, one.code) for one in done.tried] == [("groq", "invalid_answer")]


def test_what_the_caller_finds_wrong_is_repaired_too() -> None:
    def check(data: Mapping[str, Any]) -> None:
        if not data["ready"]:
            raise ProviderInvalidAnswer("it is not ready", provider="groq")

    model = Told({"ready": False})
    assert gateway.complete(ASK, task="deep", order=[model], check=check).answer.data == READY
    assert "it is not ready" in model.asked[1].prompt


def test_an_answer_that_was_cut_off_may_be_longer() -> None:
    model = Told(AnswerCutOff("the answer was cut off", provider="groq"))
    gateway.complete(ASK, task="deep", order=[model])
    assert [ask.max_output_tokens for ask in model.asked] == [1_000, 2_000]
    assert model.asked[1].prompt == ASK.prompt


def test_a_bad_moment_does_not_use_up_the_repair() -> None:
    down = ProviderUnavailable("answered 503", provider="groq", status=503)
    model = Told(down, unfit(), down)
    assert gateway.complete(ASK, task="deep", order=[model]).answer.data == READY
    assert len(model.asked) == 4


def test_a_vendor_that_is_down_rests() -> None:
    def down() -> ProviderUnavailable:
        return ProviderUnavailable("answered 503", provider="groq", status=503)

    for _round in range(2):
        with pytest.raises(ProviderUnavailable):
            gateway.complete(ASK, task="deep", order=[Told(*[down() for _number in range(3)])])
    waiting = Told()
    with pytest.raises(ProviderResting):
        gateway.complete(ASK, task="deep", order=[waiting])
    assert not waiting.asked


@pytest.fixture
def dripping() -> Iterator[Told]:
    """A vendor that drips its answer: never silent long enough for its client's own timeout, and done when the test is."""
    over = threading.Event()
    yield Told(first=lambda: over.wait(timeout=20))
    over.set()


def test_time_is_kept_whatever_a_connection_does(dripping: Told) -> None:
    with pytest.raises((ProviderTimeout, ProviderUnavailable)):
        gateway.complete(ASK, task="quick", order=[dripping], deadline=0.2)


def test_a_task_ends_by_its_own_limit(dripping: Told, settings: Any) -> None:
    settings.QUICK_SCORE_SECONDS = 0.2
    with pytest.raises((ProviderTimeout, ProviderUnavailable)):
        gateway.complete(ASK, task="quick", order=[dripping], deadline=60)


def test_everyone_gets_a_share_of_the_time(dripping: Told) -> None:
    """The first is given up in time for the second to answer."""
    done = gateway.complete(ASK, task="quick", order=[dripping, Told(slug="gemini")], deadline=4.0)
    assert done.vendor == "gemini"


@pytest.mark.parametrize(
    ("waiting", "share"), [(1, 2.0), (2, 1.0), (3, 1.0), (4, 1.0)], ids=["last", "two", "three", "four"]
)
def test_many_keys_leave_the_first_one_time_for_an_answer(waiting: int, share: float) -> None:
    assert gateway.share_of(2.0, waiting) == share


def test_a_judge_that_takes_a_second_is_heard_though_four_have_a_key() -> None:
    """A quarter of the time would be too little for it."""
    slow = Told(first=lambda: time.sleep(3.2))
    others = [Told(slug=slug) for slug in ("gemini", "openrouter", "openai")]
    done = gateway.complete(ASK, task="deep", order=[slow, *others], deadline=12.0)
    assert done.vendor == "groq"


def test_every_request_is_written_down_without_a_word_of_it(in_acme: Cast) -> None:
    gone = Told(ProviderRefused("no", provider="groq"))
    with on_behalf_of(in_acme.ada.pk, reference="call-7"):
        gateway.complete(
            ASK,
            task="deep",
            order=[gone, Told(unfit(), slug="gemini", model="gemini-3.8-flash")],
            prompt_version="deep-1",
        )
    assert [row[:2] for row in entries()] == [("groq", "refused"), ("gemini", "invalid_answer"), ("gemini", "ok")]
    last = ModelCall.objects.order_by("pk").last()
    assert last is not None
    assert (last.task, last.prompt_version, last.repair, last.reference) == ("deep", "deep-1", True, "call-7")
    assert (last.input_tokens, last.output_tokens, str(last.cost_usd)) == (200, 100, "0.001050")
    assert len(last.teams) == 1
    kept = [value for row in ModelCall.objects.values() for value in row.values()]
    assert not any(text in str(value) for value in kept for text in (ASK.system, ASK.prompt, "ready"))


def test_a_model_without_a_price_counts_as_the_dearest(in_acme: Cast) -> None:
    done = gateway.complete(ASK, task="deep", order=[Told(model="somebody/new-model")])
    assert (str(done.cost.usd), done.cost.known) == ("0.001050", False)
    assert not ModelCall.objects.get().price_known


def test_the_order_of_a_task_is_a_setting(settings: Any) -> None:
    settings.VENDOR_KEYS = {"groq": KEY, "gemini": KEY, "openai": KEY}
    settings.LLM_ORDERS = {**settings.LLM_ORDERS, "deep": ["openai", "openrouter", "groq"]}
    assert gateway.order_for("deep") == ["openai", "groq"]
    assert gateway.order_for("deep", first="gemini") == ["gemini", "openai", "groq"]


def test_only_those_that_the_organisation_allows_are_asked(in_acme: Cast, settings: Any) -> None:
    settings.VENDOR_KEYS = {"groq": KEY, "gemini": KEY}
    Organization.objects.filter(pk=in_acme.acme.pk).update(allowed_ai_providers=["gemini", "embedded"])
    assert gateway.order_for("quick") == ["gemini"]
    with pytest.raises(ProviderNotConfigured):
        gateway.complete(ASK, task="quick", order=["groq"])


class TestRetiredModels:
    GONE = {"error": {"code": "model_decommissioned", "message": "The model has been decommissioned."}}

    def use(self, settings: Any, vendor: Any) -> None:
        settings.VENDOR_KEYS = {"groq": KEY}
        settings.VENDOR_BASE_URLS = {**settings.VENDOR_BASE_URLS, "groq": vendor.base_url}

    def test_the_next_model_in_line_takes_over_and_stays(
        self, in_acme: Cast, settings: Any, mailoutbox: list[Any]
    ) -> None:
        in_acme.dee.is_staff = True
        in_acme.dee.save()
        with standins.standing_in(standins.groq) as vendor:
            self.use(settings, vendor)
            vendor.script = [Fault(400, self.GONE), '{"ready": true}', '{"ready": true}']
            done = gateway.complete(ASK, task="deep", order=["groq"])
            gateway.complete(ASK, task="deep", order=["groq"])
        assert done.asked == "openai/gpt-oss-20b"
        assert [request["model"] for request in vendor.requests] == [
            "openai/gpt-oss-120b",
            "openai/gpt-oss-20b",
            "openai/gpt-oss-20b",
        ]
        assert [row[1] for row in entries()] == ["model_retired", "ok", "ok"]
        assert [mail.to for mail in mailoutbox] == [["dee@cast.test"]]
        assert "openai/gpt-oss-20b has taken its place" in mailoutbox[0].body

    def test_no_model_left_is_the_next_vendors_turn(self, in_acme: Cast, settings: Any) -> None:
        with standins.standing_in(standins.groq) as vendor:
            self.use(settings, vendor)
            vendor.script = [Fault(400, self.GONE), Fault(404, self.GONE)]
            done = gateway.complete(ASK, task="deep", order=["groq", Told(slug="gemini")])
        assert [(one.vendor, one.code) for one in done.tried] == [("groq", ModelRetired.code)]


def test_what_a_budget_does_not_cover_is_not_asked(in_acme: Cast) -> None:
    Budget.objects.create(monthly_usd=Decimal("0.01"))
    dear, cheap = Told(slug="gemini", model="gemini-3.8-flash"), Told()
    done = gateway.complete(ASK, task="deep", order=[dear, cheap])
    assert [(one.vendor, one.code) for one in done.tried] == [("gemini", OverBudget.code)]
    assert not dear.asked
    assert done.vendor == "groq"


def test_a_cheaper_model_of_the_same_vendor_is_asked_first(in_acme: Cast, settings: Any) -> None:
    Budget.objects.create(monthly_usd=Decimal("0.01"))
    with standins.standing_in(standins.gemini) as vendor:
        settings.VENDOR_KEYS = {"gemini": KEY}
        settings.VENDOR_BASE_URLS = {**settings.VENDOR_BASE_URLS, "gemini": vendor.base_url}
        vendor.script = ['{"ready": true}']
        done = gateway.complete(ASK, task="deep", order=["gemini", Told()])
    assert (done.vendor, done.asked) == ("gemini", "gemini-3.5-flash-lite")
