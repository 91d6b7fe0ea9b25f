"""A quote counts only where the trainee really said it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scoring.evidence import find_quote, is_verbatim, verified
from scoring.transcripts import TranscriptTurn


def said(seq: int, role: str, content: str) -> TranscriptTurn:
    return TranscriptTurn(f"t{seq}", seq, role, content, seq * 1000, seq * 1000 + 500)  # type: ignore[arg-type]


TURNS = [
    said(1, "assistant", "We lost two customers last month."),
    said(2, "user", "I’m sorry to hear that – “late” deliveries hurt. What did it cost you?"),
    said(3, "user", "Thanks."),
    said(4, "user", "¿Qué pasa   cuando una entrega llega tarde?"),
    said(5, "user", "Could we meet on Thursday? Could we meet on Thursday at ten?"),
]


def quote_of(quote: str, turn_id: str = "") -> str | None:
    span = find_quote(quote, TURNS, turn_id=turn_id)
    return span.quote if span else None


def test_what_no_listener_could_tell_apart_is_forgiven() -> None:
    assert quote_of('i\'m sorry to hear that - "late" deliveries hurt', "t2") == (
        "I’m sorry to hear that – “late” deliveries hurt"
    )
    assert quote_of("que pasa cuando una entrega", "t4") == "Qué pasa   cuando una entrega"
    assert quote_of("…What did it cost you?", "t2") == "What did it cost you"


def test_a_wrong_turn_number_is_corrected_when_only_one_turn_holds_the_words() -> None:
    span = find_quote("What did it cost you?", TURNS, turn_id="t5")
    assert span is not None
    assert span.turn_id == "t2"
    twice = [*TURNS, said(6, "user", "What did it cost you?")]
    assert find_quote("What did it cost you?", twice, turn_id="t5") is None


def test_the_buyers_words_are_no_evidence() -> None:
    assert quote_of("We lost two customers last month.", "t1") is None


def test_paraphrase_invention_and_scraps_are_refused() -> None:
    assert quote_of("What did that cost your company?", "t2") is None
    assert quote_of("I am very sorry that you feel so bad about it", "t2") is None
    assert quote_of("late", "t2") is None
    assert quote_of("it cost yo", "t2") is None
    assert quote_of("", "t2") is None
    assert quote_of("...", "t2") is None
    assert quote_of("x" * 500, "t2") is None


def test_a_copying_slip_in_a_long_quote_is_forgiven_but_stored_as_said() -> None:
    assert quote_of("Im sorry to hear that – “late” deliverys hurt", "t2") == (
        "I’m sorry to hear that – “late” deliveries hurt"
    )


def test_one_word_counts_only_as_the_whole_turn() -> None:
    assert quote_of("Thanks", "t3") == "Thanks"
    assert quote_of("Thursday", "t5") is None


def test_repeats_are_dropped() -> None:
    spans = verified(
        [("t2", "What did it cost you?"), ("t2", "what did it cost you"), ("t9", "never said this")], TURNS
    )
    assert len(spans) == 1


CONTENT = st.text(min_size=1, max_size=120)


@given(contents=st.lists(CONTENT, min_size=1, max_size=5), data=st.data())
def test_every_span_found_is_verbatim(contents: list[str], data: st.DataObject) -> None:
    turns = [said(i, data.draw(st.sampled_from(["user", "assistant"])), text) for i, text in enumerate(contents)]
    source = data.draw(st.sampled_from(contents))
    start = data.draw(st.integers(0, len(source)))
    quote = source[start : data.draw(st.integers(start, len(source)))]
    span = find_quote(quote, turns, turn_id=data.draw(st.sampled_from([turn.id for turn in turns])))
    if span is not None:
        assert is_verbatim(span, turns)


@given(quote=st.text(max_size=80))
def test_any_claim_is_either_verbatim_or_refused(quote: str) -> None:
    span = find_quote(quote, TURNS, turn_id="t2")
    assert span is None or is_verbatim(span, TURNS)
