from hypothesis import given
from hypothesis import strategies as st

from integrations.speech.patience import (
    LONGEST_MS,
    SHORTEST_MS,
    Endpointer,
    Patience,
    SpeechBegan,
    SpeechEnded,
    SpeechPaused,
    SpeechResumed,
    completeness,
)

FRAME = 32


def feed(ends: Endpointer, voiced: bool, ms: int) -> list[object]:
    return [signal for _ in range(ms // FRAME) for signal in ends.feed(0.9 if voiced else 0.05)]


def test_an_utterance_begins_pauses_goes_on_and_ends() -> None:
    ends = Endpointer(frame_ms=FRAME)
    assert feed(ends, False, 320) == []
    assert feed(ends, True, 640) == [SpeechBegan(320)]
    assert feed(ends, False, 256) == [SpeechPaused(960)]
    assert feed(ends, True, 320) == [SpeechResumed(1216)]
    signals = feed(ends, False, 1280)
    assert signals == [SpeechPaused(1536), SpeechEnded(320, 1536, 960)]


def test_a_click_is_not_speech() -> None:
    ends = Endpointer(frame_ms=FRAME)
    assert feed(ends, True, 64) == []
    assert feed(ends, False, 640) == []


def test_words_that_sound_unfinished_earn_patience() -> None:
    assert completeness("We help teams and") > 1
    assert completeness("y eso es porque") > 1
    assert completeness("How does that sound?") < 1
    assert completeness("we help teams grow") == 1


def test_patience_learns_from_pauses() -> None:
    slow, quick = Patience(), Patience()
    for _ in range(6):
        slow.paused_within(700)
        quick.paused_within(150)
    assert slow.timeout_ms() > Patience().timeout_ms() > quick.timeout_ms() == SHORTEST_MS


@given(st.lists(st.integers(0, 5000)), st.floats(0.5, 2))
def test_patience_stays_within_its_bounds(pauses: list[int], factor: float) -> None:
    patience = Patience()
    for pause in pauses:
        patience.paused_within(pause)
    assert SHORTEST_MS <= patience.timeout_ms(factor=factor) <= LONGEST_MS


@given(st.lists(st.floats(0, 1), max_size=400))
def test_signals_come_in_order_whatever_is_heard(probabilities: list[float]) -> None:
    ends = Endpointer(frame_ms=FRAME)
    order = [type(signal) for probability in probabilities for signal in ends.feed(probability)]
    state = SpeechEnded
    allowed = {
        SpeechEnded: {SpeechBegan},
        SpeechBegan: {SpeechPaused},
        SpeechPaused: {SpeechResumed, SpeechEnded},
        SpeechResumed: {SpeechPaused},
    }
    for kind in order:
        assert kind in allowed[state]
        state = kind
