"""The pure parts of the debrief: marked text, figures in words, times."""

from __future__ import annotations

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from scoring.bands import BANDS
from scoring.debrief.figures import figures_of, seconds
from scoring.debrief.transcript import Mark, Note, Segment, notes_of, percent, segments_of
from scoring.templatetags.scores import TONES, clock, marked, score_tone, seconds_number


def test_marks_cut_the_text_where_they_begin_and_end() -> None:
    marks = [Mark(0, 5, "Opening"), Mark(3, 8, "Discovery")]
    assert segments_of("Hello Marta", marks) == (
        Segment("Hel", ("Opening",)),
        Segment("lo", ("Opening", "Discovery")),
        Segment(" Ma", ("Discovery",)),
        Segment("rta"),
    )


def test_marks_outside_the_text_are_dropped() -> None:
    assert segments_of("Hello", [Mark(2, 99, "Opening"), Mark(3, 3, "Closing")]) == (Segment("Hello"),)
    assert segments_of("", [Mark(0, 1, "Opening")]) == ()


@given(
    st.text(max_size=80),
    st.lists(st.tuples(st.integers(-5, 90), st.integers(-5, 90), st.sampled_from(["a", "b"])), max_size=8),
)
def test_segments_joined_are_the_text(text: str, spans: list[tuple[int, int, str]]) -> None:
    segments = segments_of(text, [Mark(*span) for span in spans])
    assert "".join(segment.text for segment in segments) == text
    assert all(segment.text for segment in segments)


def test_marked_text_is_escaped_and_keeps_its_spaces() -> None:
    html = marked(segments_of("<b>Hello</b> you", [Mark(3, 8, 'Say "hi"')]))
    assert html == '&lt;b&gt;<mark class="evidence" title="Say &quot;hi&quot;">Hello</mark>&lt;/b&gt; you'


def test_notes_carry_an_effect_or_a_reason() -> None:
    trace = [
        {"rule": "x", "effect": "patience −1", "detail": "second pitch"},
        {"rule": "y", "effect": "", "detail": "you said goodbye"},
        {"rule": "z", "effect": "", "detail": ""},
        {"effect": "trust +1"},
    ]
    assert notes_of(trace) == (
        Note("patience −1", "second pitch"),
        Note("", "you said goodbye"),
        Note("trust +1", ""),
    )


def test_percent_is_written_for_css_in_every_language() -> None:
    with override("es"):
        assert percent(1, 3) == "33.33"
    assert percent(5, 0) == "0.00"
    assert percent(9, 3) == "100.00"


@pytest.mark.parametrize(("ms", "shown"), [(0, "0:00"), (None, "0:00"), (65_900, "1:05"), (3_725_000, "1:02:05")])
def test_clock(ms: int | None, shown: str) -> None:
    assert clock(ms) == shown


def test_every_band_has_a_colour() -> None:
    assert set(TONES) == {band for _floor, band in BANDS}
    assert [score_tone(value) for value in (95, 70, 55.4, 10, None)] == ["high", "good", "fair", "low", "none"]


def test_figures_say_values_in_words() -> None:
    figures = {
        figure.key: figure
        for figure in figures_of(
            {
                "talk_ratio": {"value": 54, "basis": "time"},
                "pace": {"value": None},
                "questions": {"value": 5, "open": 3, "closed": 2},
                "longest_monologue": {"value": 17900, "unit": "ms", "words": 46, "turn_id": "t", "timestamp_ms": 44000},
                "fillers": {"value": 1.9, "count": 3, "by_word": {"um": 2, "you know": 1}},
                "next_step": {"value": "agreed", "has_time": True, "turn_id": "t", "timestamp_ms": 9000},
                "objections": {"value": 2, "resolved": 1},
                "pains": {"value": 1, "total": 3},
                "invented": {"value": 1},
            }
        )
    }
    assert (figures["talk_ratio"].value, figures["talk_ratio"].share) == ("54 %", 54)
    assert figures["pace"].value == "–"
    assert figures["questions"].note == "3 open, 2 closed"
    assert (figures["longest_monologue"].value, figures["longest_monologue"].at_ms) == ("17.9 s", 44000)
    assert figures["fillers"].note == "3 in all: “um”, “you know”"
    assert (figures["next_step"].value, figures["next_step"].note) == ("agreed", "with a day or an hour")
    assert figures["objections"].value == "1 of 2 settled or softened"
    assert figures["pains"].value == "1 of 3 found"
    assert "invented" not in figures


def test_a_decimal_is_rounded_and_not_cut_off() -> None:
    assert seconds(5690) == "5.7 s"
    assert seconds_number(5690) == "5.7"
    assert figures_of({"fillers": {"value": 1.96, "count": 2}})[0].value == "2.0 per 100 words"


def test_figures_of_a_typed_call_count_words() -> None:
    figures = {
        figure.key: figure
        for figure in figures_of(
            {
                "talk_ratio": {"value": 40, "basis": "words"},
                "longest_monologue": {"value": 1, "unit": "words", "words": 1},
                "response_latency": {"value": None, "p90": None},
            }
        )
    }
    assert figures["talk_ratio"].note == "of all words"
    assert figures["longest_monologue"].value == "1 word"
    assert figures["response_latency"].value == "–"


def test_a_stretch_without_times_is_told_in_words() -> None:
    """As of a call that went past us, whose service tells when a turn began and not when it ended."""
    found = figures_of({"longest_monologue": {"value": 0, "unit": "ms", "words": 12}})
    assert [(figure.value, figure.note) for figure in found] == [("12 words", "")]


def test_figures_use_the_readers_decimal_sign() -> None:
    with override("es"):
        assert figures_of({"fillers": {"value": 1.9, "count": 0}})[0].value.startswith("1,9")


def test_time_that_a_fault_took_is_shown_where_there_was_one() -> None:
    [figure] = figures_of({"faults": {"value": 4700, "unit": "ms", "items": []}})
    assert (figure.value, figure.note) == ("4.7 s", "left out of every other number")
