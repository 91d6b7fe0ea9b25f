"""Metrics are what a person with a stopwatch would count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.embeddings.embedded import default_encoder
from scoring.lexicon import LANGUAGES, lexicon
from scoring.lexicon import en as english
from scoring.lexicon import es as spanish
from scoring.metrics import measure
from scoring.metrics.questions import question_kind
from scoring.metrics.timing import percentile_90
from scoring.signals import Reading
from scoring.signals.objecting import explored_objection
from scoring.transcripts import TranscriptTurn, fold, sentences_of
from scoring.wording import en as english_words
from scoring.wording import es as spanish_words

from .transcripts import CALLS, brief, turns_of


def turn(seq: int, role: str, content: str, start: int, end: int, **more: object) -> TranscriptTurn:
    return TranscriptTurn(f"t{seq}", seq, role, content, start, end, **more)  # type: ignore[arg-type]


def kind(text: str, language: str) -> str | None:
    (sentence,) = sentences_of(turn(1, "user", text, 0, 1))
    return question_kind(sentence, lexicon(language))


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("How do you plan your routes today?", "en", "open"),
        ("What happens when a delivery is late?", "en", "open"),
        ("how do you plan your routes today", "en", "open"),  # speech recognition drops the mark
        ("Tell me about your mornings.", "en", "open"),
        ("Could you walk me through a normal week?", "en", "open"),
        ("So why is that?", "en", "open"),
        ("Do you use any software?", "en", "closed"),
        ("How many vans do you run?", "en", "closed"),
        ("When does your contract end?", "en", "closed"),
        ("Is planning a problem for you?", "en", "closed"),
        ("Right?", "en", None),
        ("We help teams plan their routes.", "en", None),
        ("What we do is save you time.", "en", None),
        ("I know what you mean.", "en", None),
        ("¿Cómo organizan hoy las rutas?", "es", "open"),
        ("¿Qué pasa cuando una entrega llega tarde?", "es", "open"),
        ("Cuénteme cómo es un día normal.", "es", "open"),
        ("¿Por qué cambiaron de proveedor?", "es", "open"),
        ("¿Cuál es su mayor problema con las rutas?", "es", "open"),
        ("¿Usan algún programa?", "es", "closed"),
        ("¿Cuántas furgonetas tienen?", "es", "closed"),
        ("¿Tienen problemas con las rutas?", "es", "closed"),
        ("¿Verdad?", "es", None),
        ("Ayudamos a planificar rutas.", "es", None),
        ("Sería una locura decir que no.", "es", None),
    ],
)
def test_questions_are_told_apart(text: str, language: str, expected: str | None) -> None:
    assert kind(text, language) == expected


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_turn_without_any_punctuation_is_cut_where_questions_begin(language: str) -> None:
    said = {
        "en": "thanks for telling me that must be hard for all of the planners what happens when a delivery is late",
        "es": "gracias por contarme eso debe de ser duro para todo el equipo que pasa cuando una entrega llega tarde",
    }[language]
    sentences = list(sentences_of(turn(1, "user", said, 0, 1)))
    assert sentences[-1].text.startswith(("what happens", "que pasa"))
    assert all(said[item.start : item.end] == item.text for item in sentences)
    assert len(measure([turn(1, "user", said, 0, 1)], language=language).open_questions) == 1


def test_the_same_question_counts_once() -> None:
    turns = [turn(i, "user", "How do you plan your routes today?", i * 1000, i * 1000 + 500) for i in range(1, 6)]
    assert len(measure(turns, language="en").questions) == 1


def test_talk_share_is_by_time_when_spoken_and_by_words_when_typed() -> None:
    turns = [turn(1, "user", "one two three", 0, 9_000), turn(2, "assistant", "a b c d e f g h i", 9_000, 10_000)]
    spoken = measure(turns, language="en")
    typed = measure(turns, language="en", spoken=False)
    assert (spoken.talk_percent, spoken.talk_basis) == (90, "time")
    assert (typed.talk_percent, typed.talk_basis) == (25, "words")
    assert typed.pace_wpm is None
    assert typed.to_json()["response_latency"]["value"] is None


def test_pace_counts_own_speaking_time_only() -> None:
    words = " ".join(["word"] * 30)
    turns = [turn(1, "user", words, 0, 10_000), turn(2, "assistant", "yes", 10_000, 60_000)]
    assert measure(turns, language="en").pace_wpm == 180
    assert measure([turn(1, "user", "Hello there.", 0, 900)], language="en").pace_wpm is None


def test_neighbouring_turns_are_one_monologue() -> None:
    turns = [
        turn(1, "user", "one two", 0, 1000),
        turn(2, "user", "three four five", 1500, 3000),
        turn(3, "assistant", "yes", 3000, 3500),
        turn(4, "user", "six", 4000, 4200),
    ]
    monologue = measure(turns, language="en").monologue
    assert monologue is not None
    assert (monologue.turn_id, monologue.words, monologue.spoken_ms) == ("t1", 5, 2500)


def test_interruptions_go_both_ways() -> None:
    turns = [
        turn(1, "assistant", "We have a", 0, 1000, interrupted=True),
        turn(2, "user", "But listen to this", 1000, 4000),
        turn(3, "assistant", "Stop.", 3000, 3500),
        turn(4, "user", "Sorry.", 4000, 4500),
        turn(5, "assistant", "Fine.", 4400, 4800),  # a tenth of a second is no interruption
    ]
    assert measure(turns, language="en").interruptions == (1, 1)


def test_what_broke_off_by_itself_was_no_interruption() -> None:
    """The service lost its line and said it again; the trainee hung up while the buyer was speaking."""
    turns = [
        turn(1, "user", "How do you do it?", 0, 1000),
        turn(2, "assistant", "We", 1500, 1600, interrupted=True),
        turn(3, "assistant", "We manage it by hand.", 2400, 4000),
        turn(4, "user", "I see.", 5000, 5500),
        turn(5, "assistant", "Price is", 6000, 6500, interrupted=True),
    ]
    assert measure(turns, language="en").interruptions == (0, 0)


def test_latency_leaves_out_overlaps_and_long_gaps() -> None:
    turns = [
        turn(1, "assistant", "Hello.", 0, 1000),
        turn(2, "user", "Hi.", 1400, 2000),
        turn(3, "assistant", "Yes?", 2000, 2500),
        turn(4, "user", "Well.", 2400, 3000),
        turn(5, "assistant", "What?", 3000, 3500),
        turn(6, "user", "Sorry, I was away.", 90_000, 91_000),
    ]
    assert measure(turns, language="en").latencies_ms == (400,)
    assert percentile_90(list(range(1, 11))) == 9
    assert percentile_90([7]) == 7


def test_fillers_are_counted_per_hundred_words() -> None:
    metrics = measure([turn(1, "user", "Um, we, um, you know, help people plan their routes.", 0, 6000)], language="en")
    assert metrics.fillers == {"um": 2, "you know": 1}
    assert metrics.fillers_per_100 == 30.0
    assert measure([turn(1, "user", "O sea, eh, vendemos rutas.", 0, 1)], language="es").fillers == {
        "eh": 1,
        "o sea": 1,
    }


@pytest.mark.parametrize(
    ("said", "fillers"),
    [
        ("I am calling because teams like yours lose hours every week.", {}),
        ("Companies like your own do.", {}),
        ("How do you like it so far?", {}),
        ("It sounds like we should meet, and I'd like you to see it.", {}),
        ("It was, like, you see, we went, like so fast and like I said.", {"like": 3}),
    ],
)
def test_like_is_a_filler_only_where_it_means_nothing(said: str, fillers: dict[str, int]) -> None:
    assert measure([turn(1, "user", said, 0, 9)], language="en").fillers == fillers


@pytest.mark.parametrize("language", ["en", "es"])
def test_objections_and_their_answers_are_paired(language: str) -> None:
    outcomes = {}
    for quality in ("good", "mediocre", "bad"):
        metrics = measure(turns_of(CALLS[language, quality]), language=language, brief=brief(language))
        (item,) = metrics.objections
        outcomes[quality] = (item.outcome, item.acknowledged, item.explored)
        assert item.answer_ms == 600
    assert outcomes == {
        "good": ("resolved", True, True),
        "mediocre": ("open", True, False),
        "bad": ("hardened", False, False),
    }


def test_objections_are_heard_without_a_brief_and_without_a_trace() -> None:
    turns = [
        turn(1, "assistant", "That is far too expensive for us.", 0, 2000),
        turn(2, "user", "I understand. What would it have to cost to be worth a look for you?", 2500, 6000),
        turn(3, "assistant", "Fair enough, let me think.", 6500, 8000),
        turn(4, "assistant", "And I would have to talk to my boss.", 8000, 9000),
    ]
    first, second = measure(turns, language="en").objections
    assert (first.kind, first.outcome, first.explored) == ("price", "softened", True)
    assert (second.kind, second.outcome, second.answer_ms) == ("authority", "unanswered", None)


@pytest.mark.parametrize(
    ("language", "objection", "answer", "explored"),
    [
        ("en", "That is far too expensive for us.", "It's cheap, really, look at it. You want it?", False),
        ("en", "That is far too expensive for us.", "It's cheap, really. Are you in? Yes or no?", False),
        ("en", "That is far too expensive for us.", "I see. What are you paying for it today?", True),
        ("en", "That is far too expensive for us.", "I see. Do you want to spread it over two years?", True),
        ("es", "Eso es demasiado caro para nosotros.", "Es barato, de verdad. ¿Lo quiere?", False),
        ("es", "Eso es demasiado caro para nosotros.", "Es barato, de verdad. ¿Se lo queda?", False),
        ("es", "Eso es demasiado caro para nosotros.", "Entiendo. ¿Cuánto paga hoy por eso?", True),
    ],
)
def test_asking_for_the_order_explores_no_objection(language: str, objection: str, answer: str, explored: bool) -> None:
    turns = [turn(1, "assistant", objection, 0, 2000), turn(2, "user", answer, 2500, 6000)]
    [item] = measure(turns, language=language).objections
    assert item.explored is explored
    reading = Reading.of(turns, language=language, mode="cold_call", spoken=False, encoder=default_encoder())
    assert (explored_objection(reading).value == 100) is explored


def test_a_trace_alone_settles_nothing() -> None:
    trace = ({"rule": "objection_resolved", "effect": "", "detail": "", "subject": "budget"},)
    turns = [
        turn(1, "assistant", "We don't have the budget for another tool this year.", 0, 1000),
        turn(2, "assistant", "Well.", 1500, 1800, trace=trace),
    ]
    (item,) = measure(turns, language="en", brief=brief()).objections
    assert item.outcome == "unanswered"


@pytest.mark.parametrize(
    ("heard", "counts"),
    [("Look.", 0), ("Look. We don't have", 0), ("Look. We don't have the budget for", 1), ("In your words", 0)],
)
def test_an_objection_that_was_cut_off_before_it_was_heard_was_not_raised(heard: str, counts: int) -> None:
    trace = ({"rule": "objection_raised", "effect": "", "detail": "", "subject": "budget"},)
    turns = [
        turn(1, "assistant", heard, 0, 900, trace=trace, interrupted=True),
        turn(2, "user", "May I ask who else looks at these figures with you every month?", 800, 4000),
    ]
    assert len(measure(turns, language="en", brief=brief()).objections) == counts
    whole = [turn(1, "assistant", "There is no money left for this.", 0, 900, trace=trace), turns[1]]
    assert len(measure(whole, language="en", brief=brief()).objections) == 1


def test_a_pain_that_was_cut_off_before_it_was_heard_was_not_told() -> None:
    [pain] = brief().hidden_pains
    trace = ({"rule": "pain_revealed", "effect": "", "detail": "", "subject": pain.key},)

    def told(content: str, *, cut: bool) -> int:
        asked = turn(1, "user", "What happens when one is late?", 0, 900)
        turns = [asked, turn(2, "assistant", content, 1000, 1900, trace=trace, interrupted=cut)]
        return len(measure(turns, language="en", brief=brief()).reveals)

    assert told("That's the sore point.", cut=True) == 0
    assert told("That's the sore point. " + pain.reveal_text[: len(pain.reveal_text) * 2 // 3], cut=True) == 1
    assert told("That's the sore point.", cut=False) == 1


@pytest.mark.parametrize("language", ["en", "es"])
def test_next_steps_and_pains(language: str) -> None:
    states = {}
    for quality in ("good", "mediocre", "bad"):
        metrics = measure(turns_of(CALLS[language, quality]), language=language, brief=brief(language))
        states[quality] = (metrics.next_step.state, metrics.next_step.timed, len(metrics.reveals))
    assert states == {"good": ("agreed", True, 1), "mediocre": ("proposed", False, 0), "bad": ("none", False, 0)}


@pytest.mark.parametrize(
    ("language", "said", "reply", "state"),
    [
        ("en", "Could we look at your own numbers together on Tuesday at ten?", "Yes, that works for me.", "agreed"),
        ("es", "¿Podríamos verlo juntos el martes a las diez?", "Sí, me va bien.", "agreed"),
        ("en", "Could you tell me what happened on Monday?", "A lorry broke down.", "none"),
        ("es", "¿Qué pasó el lunes?", "Se averió un camión.", "none"),
    ],
)
def test_anything_done_together_at_a_time_is_a_next_step(language: str, said: str, reply: str, state: str) -> None:
    turns = [turn(1, "user", said, 0, 3000), turn(2, "assistant", reply, 3500, 5000)]
    assert measure(turns, language=language).next_step.state == state


def test_every_language_has_the_same_rules_and_lines() -> None:
    assert english.PHRASES.keys() == spanish.PHRASES.keys()
    assert english_words.SIGNALS.keys() == spanish_words.SIGNALS.keys()
    assert english_words.PHRASES.keys() == spanish_words.PHRASES.keys()
    assert set(LANGUAGES) == {"en", "es"}


CONTENT = st.text(max_size=200)
TURNS = st.lists(
    st.tuples(
        st.sampled_from(["user", "assistant"]), CONTENT, st.integers(0, 10**6), st.integers(0, 10**5), st.booleans()
    ),
    max_size=12,
).map(
    lambda rows: [
        turn(seq, role, content, start, start + length, interrupted=cut)
        for seq, (role, content, start, length, cut) in enumerate(rows, start=1)
    ]
)


@given(turns=TURNS, language=st.sampled_from(["en", "es", "fr"]), spoken=st.booleans())
def test_any_transcript_can_be_measured(turns: list[TranscriptTurn], language: str, spoken: bool) -> None:
    metrics = measure(turns, language=language, spoken=spoken, brief=brief())
    assert metrics == measure(turns, language=language, spoken=spoken, brief=brief())
    assert metrics.talk_percent is None or 0 <= metrics.talk_percent <= 100
    shown = metrics.to_json()
    assert shown["questions"]["open"] + shown["questions"]["closed"] == shown["questions"]["value"]


@given(content=CONTENT)
def test_sentences_are_stretches_of_their_turn(content: str) -> None:
    one = turn(1, "user", content, 0, 1)
    assert len(fold(content)) == len(content)
    last = 0
    for sentence in sentences_of(one):
        assert content[sentence.start : sentence.end] == sentence.text
        assert sentence.start >= last
        last = sentence.end
