"""Whatever is said, the embedded judge answers, stays on the scale and quotes only what is there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.embeddings.embedded import default_encoder
from scenarios.briefs import CriterionSpec, RubricSpec
from scenarios.signals import SIGNALS as AUTHORED_SIGNALS
from scoring.evidence import Span, is_verbatim
from scoring.judges.base import Case
from scoring.judges.embedded import EmbeddedJudge
from scoring.reproduction import canonical
from scoring.results import flags_for, result_of
from scoring.signals import MEASURED, SIGNALS
from scoring.transcripts import TranscriptTurn
from scoring.wording import wording

from .rubrics import FIVE
from .transcripts import GOOD_EN, GOOD_ES, MEDIOCRE_EN, brief, turns_of


class HashEncoder:
    """Vectors without meaning, but the same for the same text: what is tested here is not understanding."""

    dimensions = 8

    def encode(self, texts: Sequence[str]) -> Any:
        rows = [np.frombuffer(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], np.uint8) for text in texts]
        vectors = np.array(rows, dtype=np.float32).reshape(len(rows), 8) + 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


SCRAPS = st.sampled_from([text for _speaker, text in [*GOOD_EN, *GOOD_ES, *MEDIOCRE_EN]])
CONTENT = st.one_of(st.text(max_size=120), SCRAPS, st.tuples(SCRAPS, SCRAPS).map(" ".join))
TURNS = st.lists(
    st.tuples(st.sampled_from(["user", "assistant"]), CONTENT, st.integers(0, 10**6), st.integers(0, 10**5)), max_size=8
).map(
    lambda rows: [
        TranscriptTurn(f"t{seq}", seq, role, content, start, start + length)
        for seq, (role, content, start, length) in enumerate(rows, start=1)
    ]
)


@settings(max_examples=60, deadline=None)
@given(turns=TURNS, language=st.sampled_from(["en", "es"]), spoken=st.booleans(), briefed=st.booleans())
def test_any_call_gets_a_verdict_on_the_scale(
    turns: list[TranscriptTurn], language: str, spoken: bool, briefed: bool
) -> None:
    case = Case(tuple(turns), FIVE, language, "discovery", spoken, brief(language) if briefed else None)
    judge = EmbeddedJudge(HashEncoder())
    result = result_of(case, judge.judge(case, track="deep"), flags=flags_for(case))
    again = result_of(case, judge.judge(case, track="deep"), flags=flags_for(case))
    assert canonical(result) == canonical(again)
    assert 0 <= result["interval"]["low"] <= result["overall_score"] <= result["interval"]["high"] <= 100
    assert [item["key"] for item in result["criteria"]] == [item.key for item in FIVE.criteria]
    for item in result["criteria"]:
        assert 0 <= item["score"] <= 100
        assert (item["score"] > 0) == bool(item["evidence"])
        assert all(is_verbatim(Span(**span), turns) for span in item["evidence"])
    assert len(result["strengths"]) <= 5
    assert len(result["improvements"]) <= 5


def test_leaving_the_trainee_out_earns_nothing() -> None:
    turns = [turn for turn in turns_of(GOOD_EN) if not turn.by_trainee]
    case = Case(tuple(turns), FIVE, "en", "discovery", True, brief())
    assert result_of(case, EmbeddedJudge(default_encoder()).judge(case, track="deep"), flags=[])["overall_score"] == 0


def test_swapping_the_roles_does_not_let_the_buyers_words_count() -> None:
    """A buyer who talks like a good seller makes no good call."""
    swapped = [replace(turn, role="assistant" if turn.by_trainee else "user") for turn in turns_of(GOOD_EN)]
    case = Case(tuple(swapped), FIVE, "en", "discovery", True, brief())
    assert result_of(case, EmbeddedJudge(default_encoder()).judge(case, track="quick"), flags=[])["overall_score"] < 50


@pytest.mark.parametrize(
    ("name", "definition", "expected"),
    [
        ("Curiosity", "Asks open questions that invite the buyer to talk.", "asked_open_questions"),
        ("Wrap-up", "Proposes a concrete next step with a date.", "asked_next_step"),
        ("Manos abiertas", "Hace preguntas abiertas que dejan hablar al comprador.", "asked_open_questions"),
    ],
)
def test_a_criterion_without_signals_is_read_by_meaning_with_low_confidence(
    name: str, definition: str, expected: str
) -> None:
    language = "es" if "preguntas" in definition else "en"
    rubric = RubricSpec("Own", language, (CriterionSpec("own", name, definition, 100),))
    lines = GOOD_ES if language == "es" else GOOD_EN
    case = Case(tuple(turns_of(lines)), rubric, language, "discovery", True, brief(language))
    judge = EmbeddedJudge(default_encoder())
    signals, named = judge._signals_for((), f"{name}. {definition}", wording(language))
    assert not named
    assert expected in signals
    (criterion,) = result_of(case, judge.judge(case, track="quick"), flags=[])["criteria"]
    assert criterion["confidence"] == "low"
    assert criterion["score"] > 0


def test_a_yes_needs_every_signal_and_a_blocker_forbids_passing() -> None:
    criteria = (
        CriterionSpec("agreed", "Agreed", "d", 100, "binary", signals=("asked_next_step", "agreed_next_step")),
        CriterionSpec("respect", "Respect", "d", 0, "blocker", signals=("respectful",)),
    )
    rubric = RubricSpec("Yes or no", "en", criteria, pass_mark=0)
    judge = EmbeddedJudge(default_encoder())
    good = Case(tuple(turns_of(GOOD_EN)), rubric, "en", "discovery", True, brief())
    result = result_of(good, judge.judge(good, track="quick"), flags=[])
    assert [item["score"] for item in result["criteria"]] == [100, 100]
    assert result["passed"]
    rude = [
        *turns_of(GOOD_EN),
        TranscriptTurn("t99", 99, "user", "You idiot, shut up and sign today.", 10**6, 10**6 + 2000),
    ]
    bad = Case(tuple(rude), rubric, "en", "discovery", True, brief())
    result = result_of(bad, judge.judge(bad, track="quick"), flags=[])
    assert result["overall_score"] == 100
    assert result["criteria"][1]["score"] == 0
    assert not result["passed"]


def test_authors_may_name_exactly_the_signals_that_are_read() -> None:
    assert set(AUTHORED_SIGNALS) == set(SIGNALS)
    assert set(SIGNALS) >= MEASURED
    for language in ("en", "es"):
        assert set(wording(language).signals) == set(SIGNALS)
