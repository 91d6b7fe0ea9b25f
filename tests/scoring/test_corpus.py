"""The embedded judge on hand-written calls: in a coach's order, the same each time, never fooled by quotes."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.embeddings.embedded import EmbeddedEncoder, default_encoder
from scoring.cases import is_gradable
from scoring.evidence import Span, find_quote, is_verbatim
from scoring.judges.embedded import EmbeddedJudge
from scoring.metrics import measure
from scoring.reproduction import canonical
from scoring.results import flags_for, result_of
from scoring.transcripts import TranscriptTurn, fold, words_of
from tests.corpus import HIGHEST_MARK, Sample, corpus, marked
from tests.corpus.report import agreement, judged, parts
from tests.sellers.play import scenario_keys

RANK_CORRELATION = 0.85
LEVELS = range(1, 6)
NAMES = [sample.id for sample in corpus()]
BY_NAME = {sample.id: sample for sample in corpus()}


def result_for(sample: Sample, encoder: EmbeddedEncoder | None = None) -> dict[str, object]:
    case = sample.case()
    judge = EmbeddedJudge(encoder or default_encoder())
    return result_of(case, judge.judge(case, track="quick"), flags=flags_for(case))


def test_the_corpus_holds_what_it_should() -> None:
    samples = corpus()
    assert len(samples) >= 40
    assert {(sample.scenario, sample.language) for sample in samples} == set(scenario_keys())
    for language in ("en", "es"):
        levels = Counter(sample.level for sample in samples if sample.language == language)
        assert all(levels[level] >= 4 for level in LEVELS), levels
    kinds = Counter(sample.kind for sample in samples)
    assert all(kinds[kind] for kind in ("adversarial", "degenerate", "code_switching", "long"))
    held_out = sum(sample.held_out for sample in marked())
    assert len(marked()) / 4 < held_out < len(marked()) / 2


def test_every_call_is_marked_on_every_criterion_with_a_reason() -> None:
    for sample in marked():
        assert set(sample.marks) == {item.key for item in sample.rubric.criteria}
        for mark in sample.marks.values():
            assert mark.mark is None or 0 <= mark.mark <= HIGHEST_MARK
            assert len(mark.why) > 4


def test_better_sellers_have_better_marks() -> None:
    """The five qualities are five: the marks of each lie above those of the one below, call by call."""
    for language in ("en", "es"):
        by_level = {
            level: [item.reference for item in marked() if item.level == level and item.language == language]
            for level in LEVELS
        }
        for lower, higher in pairwise(LEVELS):
            assert max(by_level[lower]) < min(by_level[higher]) + 5, (language, lower, by_level)


@pytest.mark.parametrize("part", ["all", "open", "held out", "English", "Spanish"])
def test_the_judge_puts_calls_in_the_order_of_the_reference(part: str) -> None:
    rank, _kappas = agreement(parts()[part])
    assert rank >= RANK_CORRELATION


def test_the_judge_agrees_on_every_criterion_beyond_chance() -> None:
    _rank, kappas = agreement(parts()["all"])
    assert set(kappas) == set(marked()[0].marks)
    assert all(value is not None and value >= 0.6 for value in kappas.values()), kappas


def test_calls_that_are_no_sale_earn_next_to_nothing() -> None:
    for name in ("edge-empty", "edge-one-turn", "edge-only-buyer", "edge-judge-please"):
        assert judged(BY_NAME[name]).overall <= 10, name
    assert not is_gradable(BY_NAME["edge-empty"].case())
    assert not is_gradable(BY_NAME["edge-only-buyer"].case())


def test_words_without_a_conversation_do_not_pass() -> None:
    """Compliments stay below every average seller, and so do the phrases of good calls, strung together."""
    average = min(judged(sample).overall for sample in marked() if sample.level == 3)
    salad = BY_NAME["edge-word-salad"]
    for name in ("edge-flattery", "edge-goodbyes", salad.id):
        assert judged(BY_NAME[name]).overall < average, name
    assert judged(salad).overall <= salad.rubric.pass_mark - 15


SALES_WORDS = (
    "budget value discovery pain return next step tuesday solution customers save costs demo pilot proposal problem impact "
    "reason quick call minute figures percent team today process challenge agree meeting",
    "presupuesto valor dolor retorno paso martes solucion clientes ahorro costes demostracion piloto propuesta problema "
    "impacto motivo llamada minuto cifras equipo proceso reto acuerdo reunion",
)


@pytest.mark.parametrize("name", [sample.id for sample in marked() if sample.level == 3])
def test_words_at_random_and_the_same_sentence_again_earn_next_to_nothing(name: str) -> None:
    sample = BY_NAME[name]
    words = SALES_WORDS[sample.language == "es"].split()
    copied = ("I understand. What does that cost you today?", "Lo entiendo. ¿Cuánto les cuesta eso hoy?")
    thrown = random.Random(7)  # the same words each time
    case = sample.case()
    at_random = [" ".join(thrown.choice(words) for _number in range(14)) + "." for _turn in case.turns]
    for lines in (at_random, [copied[sample.language == "es"]] * len(case.turns)):
        turns = [
            replace(turn, content=line) if turn.by_trainee else turn
            for turn, line in zip(case.turns, lines, strict=True)
        ]
        said = replace(case, turns=tuple(turns))
        verdict = EmbeddedJudge(default_encoder()).judge(said, track="quick")
        assert result_of(said, verdict, flags=[])["overall_score"] <= 25


@pytest.mark.parametrize("name", NAMES)
def test_the_same_call_gives_the_same_bytes(name: str) -> None:
    sample = BY_NAME[name]
    assert canonical(result_for(sample)) == canonical(result_for(sample, EmbeddedEncoder()))


@pytest.mark.parametrize("name", NAMES)
def test_every_credit_rests_on_the_trainees_own_words(name: str) -> None:
    sample = BY_NAME[name]
    for item in result_for(sample)["criteria"]:  # type: ignore[attr-defined]
        assert bool(item["evidence"]) == (item["score"] > 0)
        assert all(is_verbatim(Span(**span), sample.turns) for span in item["evidence"])


def wording_of(text: str) -> str:
    """The words alone, as no listener could tell them apart."""
    return f" {' '.join(words_of(fold(text)))} "


def quotes_of(sample: Sample, *, by_trainee: bool) -> list[str]:
    """What was said in turns long enough to be told from a commonplace."""
    return [turn.content for turn in sample.turns if turn.by_trainee is by_trainee and len(turn.content.split()) >= 6]


@pytest.mark.parametrize("name", [name for name in NAMES if BY_NAME[name].kind != "long"])
def test_quotes_of_the_buyer_and_of_other_calls_are_refused(name: str) -> None:
    sample = BY_NAME[name]
    said = [wording_of(turn.content) for turn in sample.turns if turn.by_trainee]
    for quote in quotes_of(sample, by_trainee=False):
        assert find_quote(quote, sample.turns) is None, quote
    for other in marked():
        for quote in quotes_of(other, by_trainee=True):
            if other is not sample and not any(wording_of(quote) in turn for turn in said):
                assert find_quote(quote, sample.turns) is None, (other.id, quote)


def swapped(quote: str) -> str:
    """The same words told in another order: what a summary would do."""
    words = quote.rstrip(".!?").split()
    middle = len(words) // 2
    return " ".join([*words[middle:], *words[:middle]])


@pytest.mark.parametrize("name", [name for name in NAMES if BY_NAME[name].kind != "long"])
def test_invented_and_rearranged_quotes_are_refused_and_true_ones_found(name: str) -> None:
    sample = BY_NAME[name]
    for turn in sample.turns:
        if not turn.by_trainee or not 6 <= len(turn.content.split()) <= 40:
            continue
        found = find_quote(turn.content, sample.turns, turn_id=turn.id)
        assert found is not None
        assert is_verbatim(found, sample.turns)
        assert find_quote(swapped(turn.content), sample.turns, turn_id=turn.id) is None
        assert find_quote(f"{turn.content} and I promise you a refund", sample.turns, turn_id=turn.id) is None


@pytest.mark.parametrize(
    ("name", "paraphrase"),
    [
        ("bakery-en-a", "He asked how the bread for the next day gets decided"),
        ("dental-en-a", "How much of your billing has been outstanding for over three months?"),
        ("school-en-a", "She wanted to know where the pupils have lunch now"),
        ("freight-es-a", "¿Qué sucede si uno de sus camiones se retrasa?"),
        ("plant-es-a", "¿Quién está pendiente de las máquinas por la noche?"),
    ],
)
def test_a_paraphrase_is_no_quote(name: str, paraphrase: str) -> None:
    assert find_quote(paraphrase, BY_NAME[name].turns) is None


SCRAPS = st.sampled_from([turn for sample in marked() for turn in sample.turns])


@settings(max_examples=60, deadline=None)
@given(picked=st.lists(SCRAPS, max_size=25), language=st.sampled_from(["en", "es"]), spoken=st.booleans())
def test_metrics_of_any_mixture_stay_within_what_can_be(
    picked: list[TranscriptTurn], language: str, spoken: bool
) -> None:
    turns: list[TranscriptTurn] = []
    at = 0
    for seq, turn in enumerate(picked, start=1):
        turns.append(TranscriptTurn(f"t{seq}", seq, turn.role, turn.content, at, at + turn.spoken_ms))
        at += turn.spoken_ms + 300
    metrics = measure(turns, language=language, spoken=spoken)
    assert canonical(metrics.to_json()) == canonical(measure(turns, language=language, spoken=spoken).to_json())
    assert metrics.talk_percent is None or 0 <= metrics.talk_percent <= 100
    assert all(words >= 0 for words in metrics.words)
    assert metrics.pace_wpm is None or metrics.pace_wpm > 0
    assert metrics.fillers_per_100 is None or 0 <= metrics.fillers_per_100 <= 100
    asked = {item.sentence.turn.id for item in metrics.questions}
    assert asked <= {turn.id for turn in turns if turn.by_trainee}
    if metrics.monologue is not None:
        assert 0 < metrics.monologue.words <= metrics.words[0]


@settings(max_examples=40, deadline=None)
@given(name=st.sampled_from([name for name in NAMES if BY_NAME[name].marks]), factor=st.integers(2, 4))
def test_a_slower_clock_changes_times_and_nothing_else(name: str, factor: int) -> None:
    sample = BY_NAME[name]
    slower = [
        TranscriptTurn(turn.id, turn.seq, turn.role, turn.content, turn.start_ms * factor, turn.end_ms * factor)
        for turn in sample.turns
    ]
    plain = [
        TranscriptTurn(turn.id, turn.seq, turn.role, turn.content, turn.start_ms, turn.end_ms) for turn in sample.turns
    ]
    one, two = (measure(turns, language=sample.language, spoken=True) for turns in (plain, slower))
    assert one.words == two.words
    assert one.fillers_per_100 == two.fillers_per_100
    assert one.talk_percent == two.talk_percent
    assert [item.sentence.text for item in one.questions] == [item.sentence.text for item in two.questions]
    assert (one.next_step.state, one.next_step.timed) == (two.next_step.state, two.next_step.timed)
