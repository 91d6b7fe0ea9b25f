"""A good, a mediocre and a bad seller score in that order, with a margin, on every preset scenario; the same bytes twice."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from integrations.embeddings.embedded import EmbeddedEncoder, default_encoder
from scenarios import presets
from scenarios.briefs import RubricSpec
from scoring.evidence import Span, is_verbatim
from scoring.judges.base import Case
from scoring.judges.embedded import EmbeddedJudge
from scoring.reproduction import canonical
from scoring.results import result_of
from scoring.transcripts import TranscriptTurn
from tests.sellers.play import QUALITIES, play, scenario_keys

from .rubrics import FIVE
from .transcripts import CALLS, brief, turns_of

MARGIN = 12


def rubric_of(slug: str, language: str) -> RubricSpec:
    return presets.rubrics()[slug, language].spec


def case_of(slug: str, language: str, quality: str, *, rubric: str = "") -> Case:
    scenario = presets.scenarios()[slug, language]
    return Case(
        turns=tuple(play(slug, language, quality)),
        rubric=rubric_of(rubric or scenario.rubric, language),
        language=language,
        mode=scenario.mode,
        brief=scenario.brief(),
    )


@pytest.mark.parametrize(("slug", "language"), scenario_keys())
def test_sellers_score_in_order_on_every_preset(slug: str, language: str) -> None:
    judge = EmbeddedJudge(default_encoder())
    scores = []
    for quality in QUALITIES:
        case = case_of(slug, language, quality)
        result = result_of(case, judge.judge(case, track="quick"), flags=[])
        scores.append(result["overall_score"])
        for item in result["criteria"]:
            assert bool(item["evidence"]) == (item["score"] > 0)
            assert all(is_verbatim(Span(**span), case.turns) for span in item["evidence"])
    good, mediocre, bad = scores
    assert good >= mediocre + MARGIN, scores
    assert mediocre >= bad + MARGIN, scores


def unpunctuated(turn: TranscriptTurn) -> TranscriptTurn:
    """As a recogniser gives it that knows no punctuation."""
    return replace(turn, content=re.sub(r"[.,;:!?¿¡…]", "", turn.content).lower()) if turn.by_trainee else turn


@pytest.mark.parametrize(("slug", "language"), scenario_keys())
def test_the_order_holds_without_any_punctuation(slug: str, language: str) -> None:
    judge = EmbeddedJudge(default_encoder())
    scores = []
    for quality in QUALITIES:
        case = case_of(slug, language, quality)
        heard = replace(case, turns=tuple(unpunctuated(turn) for turn in case.turns))
        scores.append(result_of(heard, judge.judge(heard, track="quick"), flags=[])["overall_score"])
    good, mediocre, bad = scores
    assert good >= mediocre + MARGIN, scores
    assert mediocre >= bad + MARGIN, scores


@pytest.mark.parametrize("rubric", ["five-criterion", "six-dimension", "checklist"])
def test_the_order_holds_under_every_preset_rubric(rubric: str) -> None:
    judge = EmbeddedJudge(default_encoder())
    for language in ("en", "es"):
        scores = []
        for quality in QUALITIES:
            case = case_of("freight-cold-call", language, quality, rubric=rubric)
            scores.append(result_of(case, judge.judge(case, track="quick"), flags=[])["overall_score"])
        assert scores[0] >= scores[1] + MARGIN, scores
        assert scores[1] >= scores[2] + MARGIN, scores


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_same_call_scores_to_the_same_bytes_even_on_another_day(language: str) -> None:
    """A new encoder, the turns in another order of asking: nothing is left to chance or to a cache."""
    for quality in QUALITIES:
        case = Case(tuple(turns_of(CALLS[language, quality])), FIVE, language, "discovery", True, brief(language))
        first = result_of(case, EmbeddedJudge(default_encoder()).judge(case, track="deep"), flags=[])
        second = result_of(case, EmbeddedJudge(EmbeddedEncoder()).judge(case, track="deep"), flags=[])
        assert canonical(first) == canonical(second)


def test_the_interval_holds_the_score_and_comes_from_one_sentence() -> None:
    judge = EmbeddedJudge(default_encoder())
    for (language, quality), lines in CALLS.items():
        case = Case(tuple(turns_of(lines)), FIVE, language, "discovery", True, brief(language))
        result = result_of(case, judge.judge(case, track="deep"), flags=[])
        interval = result["interval"]
        assert 0 <= interval["low"] <= result["overall_score"] <= interval["high"] <= 100
        assert interval["source"] == "one_sentence"
        if quality == "good":
            assert interval["low"] < result["overall_score"]


def test_both_tracks_of_the_embedded_judge_agree() -> None:
    judge = EmbeddedJudge(default_encoder())
    case = case_of("bakery-discovery", "en", "mediocre")
    quick = result_of(case, judge.judge(case, track="quick"), flags=[])
    deep = result_of(case, judge.judge(case, track="deep"), flags=[])
    assert quick["overall_score"] == deep["overall_score"]
    assert quick["criteria"] == deep["criteria"]


@pytest.mark.parametrize("quality", QUALITIES)
def test_feedback_is_three_to_five_points_in_the_language_of_the_call(quality: str) -> None:
    judge = EmbeddedJudge(default_encoder())
    for slug, language in scenario_keys():
        case = case_of(slug, language, quality)
        judgement = judge.judge(case, track="quick")
        assert len(judgement.strengths) <= 5
        assert 3 <= len(judgement.improvements) <= 5
        assert judgement.summary
        assert "{" not in canonical(result_of(case, judgement, flags=[])["strengths"]).decode().replace('{"', "")
        said = {turn.start_ms: turn.content for turn in case.turns}
        for strength in judgement.strengths:
            assert strength.example in said[strength.timestamp_ms]
        for moment in judgement.key_moments:
            assert moment.quote in said[moment.timestamp_ms]
        times = [moment.timestamp_ms for moment in judgement.key_moments]
        assert times == sorted(times)
    if quality == "good":
        assert len(judgement.strengths) >= 3
