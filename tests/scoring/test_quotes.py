"""Misquotes are counted by model and by why they were refused, and shown to who runs the place."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from scoring import quotes
from scoring.evidence import Refusal, find_quote, why_refused
from scoring.judges.base import QuoteCount
from scoring.models import QuoteTally
from scoring.transcripts import TranscriptTurn
from tests.cast import Cast
from tests.factories import make_call, make_run

TURNS = (
    TranscriptTurn("t1", 1, "user", "Good morning, this is Ada from Acme Logistics.", 0, 3000),
    TranscriptTurn("t2", 2, "assistant", "We lost two accounts last month because of late vans.", 3000, 6000),
    TranscriptTurn("t3", 3, "user", "What would a missed delivery cost you in an average week?", 6000, 9000),
    TranscriptTurn("t4", 4, "user", "That makes sense to me.", 9000, 10_000),
    TranscriptTurn("t5", 5, "user", "Right, that makes sense to me.", 11_000, 12_000),
)


@pytest.mark.parametrize(
    ("quote", "turn", "why"),
    [
        ("I closed the deal before lunch on Friday", "t1", Refusal.NOT_SAID),
        ("We lost two accounts last month", "t2", Refusal.BUYER),
        ("We lost two accounts last month", "t3", Refusal.BUYER),
        ("In an average week a missed delivery would cost you what", "t3", Refusal.PARAPHRASED),
        ("that makes sense to me", "t1", Refusal.AMBIGUOUS),
        ("morning", "t1", Refusal.TOO_SHORT),
        ("", "t1", Refusal.TOO_SHORT),
        ("x" * 500, "t1", Refusal.TOO_SHORT),
    ],
)
def test_a_refused_quote_says_why(quote: str, turn: str, why: Refusal) -> None:
    assert find_quote(quote, TURNS, turn_id=turn) is None
    assert why_refused(quote, TURNS, turn_id=turn) is why


def test_counts_add_up() -> None:
    both = QuoteCount(3, 1, {"buyer": 2}) + QuoteCount(2, 1, {"buyer": 1})
    assert both.to_json() == {"claimed": 5, "verified": 2, "refused": {"buyer": 3}}


@pytest.fixture
def tallies(in_acme: Cast) -> Cast:
    run = make_run(make_call(trainee=in_acme.ada), judged_by="groq", model="m-1")
    other = make_run(make_call(trainee=in_acme.ada), judged_by="gemini", model="m-2")
    quotes.add(run, language="en", count=QuoteCount(10, 7, {"buyer": 1, "not_said": 2}), readings=3)
    quotes.add(run, language="en", count=QuoteCount(10, 9, {"not_said": 1}), readings=1)
    quotes.add(run, language="es", count=QuoteCount(5, 5), readings=1)
    quotes.add(other, language="en", count=QuoteCount(4, 4), readings=1)
    quotes.add(other, language="en", count=QuoteCount(), readings=1)
    return in_acme


def test_a_days_quotes_are_one_row_by_model_and_language(tallies: Cast) -> None:
    assert QuoteTally.objects.count() == 3
    row = QuoteTally.objects.get(model="m-1", language="en")
    assert (row.readings, row.claimed, row.verified, row.not_said, row.buyer) == (4, 20, 16, 3, 1)
    assert row.refused == 4


def test_the_least_faithful_model_comes_first(tallies: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        first, second = quotes.by_model()
    assert (first.model, first.claimed, first.misquoted_percent) == ("m-1", 25, 16.0)
    assert first.refused == (("not_said", 3), ("buyer", 1))
    assert (second.model, second.misquoted_percent) == ("m-2", 0.0)


def test_operators_see_it(tallies: Cast, cy_client: Client) -> None:
    out = StringIO()
    call_command("misquotes", stdout=out)
    assert "acme: groq m-1: 25 quotes in 5 readings, 21 found, 16.0 % misquoted (not_said 3, buyer 1)" in out.getvalue()
    page = cy_client.get("/org/acme/admin/scoring/quotetally/")
    assert page.status_code == 200
    assert "m-1" in page.content.decode()
    assert cy_client.get("/org/acme/admin/scoring/quotetally/add/").status_code == 403


def test_two_prompts_of_a_model_are_told_apart_on_the_page(in_acme: Cast, cy_client: Client) -> None:
    for version in ("deep-7", "deep-8"):
        run = make_run(make_call(trainee=in_acme.ada), judged_by="groq", model="m-1", prompt_version=version)
        quotes.add(run, language="en", count=QuoteCount(10, 9, {"not_said": 1}), readings=1)
    page = cy_client.get("/org/acme/admin/scoring/quotetally/").content.decode()
    shown = re.findall(r"field-prompt_version[^>]*>\s*([\w-]+)", page)
    assert sorted(shown) == ["deep-7", "deep-8"]


def test_nothing_quoted_is_said_plainly(in_acme: Cast) -> None:
    out = StringIO()
    call_command("misquotes", "--organization", "acme", stdout=out)
    assert "No language model has quoted" in out.getvalue()
