"""What is made of the vendor's frames, in every order in which they may come."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import Any

from integrations.voice.base import SaidBefore
from integrations.voice.elevenlabs import wire
from integrations.voice.elevenlabs.dialogue import Dialogue
from integrations.voice.events import AudioOut, BuyerCut, BuyerFinished, BuyerSaid, Tentative, UserSaid, Vendor
from tests.integrations.voice import virtual


class Talk:
    """A dialogue and what comes out of it, on a clock that the test turns."""

    def __init__(self, *said: SaidBefore, text_only: bool = False) -> None:
        self.now = 0
        self.out: list[Any] = []
        self.dialogue = Dialogue(
            said, clock=lambda: self.now, text_only=text_only, emit=self.out.append, hand_out=self.out.append
        )

    def audio(self, theirs: int, ms: int) -> None:
        frame = wire.audio_frame(theirs, b64encode(bytes(ms * 32)))
        assert self.dialogue.more_audio(frame) or self.dialogue.audio(frame)

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.out if isinstance(event, kind)]


def test_sound_may_come_before_its_words() -> None:
    talk = Talk()
    talk.dialogue.transcript(1, "Hi there")
    talk.now = 300
    talk.audio(2, 800)
    talk.dialogue.response(2, "Good morning to you.")
    talk.now = 2000
    talk.dialogue.tick()
    said, finished = talk.of(BuyerSaid)[0], talk.of(BuyerFinished)[0]
    assert (said.start_ms, finished.end_ms) == (300, 1100)
    assert finished.first_audio_ms == 300 - talk.of(UserSaid)[0].end_ms


def test_more_of_a_voice_takes_the_short_way_to_the_same_end() -> None:
    short, whole = Talk(), Talk()
    frame = wire.audio_frame(1, b64encode(bytes(640)))
    for talk in (short, whole):
        talk.dialogue.response(1, "One two three.")
        assert not talk.dialogue.more_audio(frame), "nothing of it was heard yet"
        assert talk.dialogue.audio(frame)
    for step in range(1, 50):
        short.now = whole.now = step * 15
        assert short.dialogue.more_audio(frame)
        assert whole.dialogue.audio(frame)
    assert short.out == whole.out
    assert short.dialogue.playing_ms == whole.dialogue.playing_ms > 0
    for talk in (short, whole):
        talk.dialogue.hold()
        assert not talk.dialogue.more_audio(frame), "nobody is there to hear it"
        talk.dialogue.release()
    assert short.out == whole.out


def test_a_reply_goes_on_as_long_as_its_sound() -> None:
    talk = Talk()
    talk.dialogue.response(1, "One two three.")
    for _ in range(10):
        talk.audio(1, 500)
    talk.now = 4900
    talk.dialogue.tick()
    assert talk.of(BuyerFinished) == []
    talk.now = 5500
    talk.dialogue.tick()
    assert talk.of(BuyerFinished)[0].end_ms == 5000


def test_two_texts_under_one_number_are_two_turns() -> None:
    talk = Talk()
    talk.dialogue.response(4, "Let me see.")
    talk.dialogue.response(4, "Let me see.")
    talk.audio(4, 500)
    talk.now = 5000
    talk.dialogue.tick()
    talk.dialogue.response(4, "Twelve people.")
    talk.dialogue.response(4, "Twelve people.")
    talk.audio(4, 1000)
    talk.dialogue.response(5, "And you?")
    said = talk.of(BuyerSaid)
    assert [event.text for event in said] == ["Let me see.", "Twelve people.", "And you?"]
    ids = [event.event_id for event in said]
    assert len(set(ids)) == 3
    # None of ours is above theirs: a browser drops all sound up to the number of an interruption.
    assert max(ids) == 5
    assert ids[1] < 0


def test_a_transcript_that_is_repeated_is_told_once_and_one_that_is_new_is_told() -> None:
    talk = Talk()
    talk.dialogue.transcript(1, "Hello")
    talk.dialogue.transcript(1, "Hello")
    talk.dialogue.transcript(1, "Hello again")
    assert [event.text for event in talk.of(UserSaid)] == ["Hello", "Hello again"]
    assert len({event.event_id for event in talk.of(UserSaid)}) == 2


def test_an_interruption_is_told_with_its_correction() -> None:
    async def story() -> None:
        talk = Talk()
        talk.dialogue.response(1, "One two three four five six.")
        talk.audio(1, 3000)
        talk.now = 1500
        talk.dialogue.interruption(1)
        talk.dialogue.correction(1, "One two three")
        cut = talk.of(BuyerCut)[0]
        assert (cut.spoken, cut.end_ms) == ("One two three", 1500)
        assert talk.dialogue.said[-1] == SaidBefore("assistant", "One two three –")
        talk.dialogue.correction(1, "One two three")
        assert len(talk.of(BuyerCut)) == 1

    virtual.run(story)


def test_without_a_correction_the_share_of_the_sound_decides() -> None:
    async def story() -> None:
        talk = Talk()
        talk.dialogue.response(1, "one two three four")
        talk.audio(1, 4000)
        talk.now = 2000
        talk.dialogue.interruption(1)
        assert talk.of(BuyerCut) == []
        await asyncio.sleep(1)
        assert talk.of(BuyerCut)[0].spoken == "one two"
        talk.dialogue.response(3, "Yes?")
        assert talk.of(BuyerFinished) == []

    virtual.run(story)


def test_what_comes_after_an_interruption_settles_it_first() -> None:
    async def story() -> None:
        talk = Talk()
        talk.dialogue.response(1, "one two three four")
        talk.audio(1, 4000)
        talk.now = 1000
        talk.dialogue.interruption(1)
        talk.dialogue.transcript(2, "Wait")
        talk.audio(3, 500)
        assert [type(event) for event in talk.out] == [BuyerSaid, AudioOut, BuyerCut, UserSaid, AudioOut]

    virtual.run(story)


def test_a_reply_of_which_only_sound_is_known_is_silenced() -> None:
    talk = Talk()
    talk.audio(1, 500)
    talk.dialogue.interruption(1)
    assert talk.of(Vendor)[0].frame == wire.interruption(1)
    assert talk.of(BuyerCut) == []


def test_after_a_lost_line_numbers_go_on_above_the_old_ones() -> None:
    talk = Talk()
    talk.dialogue.transcript(7, "Hi")
    talk.dialogue.response(8, "Hello, how are you doing today?")
    talk.audio(8, 100)
    assert talk.dialogue.line_lost()
    assert talk.of(BuyerCut)[0].spoken == ""
    assert talk.dialogue.standing(midway=True)[1] == ["Hi"]
    talk.audio(1, 100)
    talk.dialogue.response(1, "Hello.")
    assert talk.of(BuyerSaid)[-1].event_id == 9
    assert b'"event_id":9' in talk.of(AudioOut)[-1].frame


def test_where_another_conversation_goes_on() -> None:
    buyer, trainee = SaidBefore("assistant", "Hello?"), SaidBefore("user", "Hi")
    assert Talk().dialogue.standing(midway=False) == ([], [])
    assert Talk(buyer).dialogue.standing(midway=False) == ([buyer], [])
    assert Talk(buyer).dialogue.standing(midway=True) == ([], [])
    assert Talk(buyer, trainee, trainee).dialogue.standing(midway=False) == ([buyer], ["Hi", "Hi"])
    assert Talk(buyer, trainee, buyer).dialogue.standing(midway=True) == ([buyer, trainee, buyer], ["Hi"])


def test_a_held_line_keeps_what_was_not_played() -> None:
    talk = Talk()
    talk.dialogue.response(1, "one two three four")
    for _ in range(4):
        talk.audio(1, 1000)
    talk.now = 1500
    talk.dialogue.hold()
    talk.audio(1, 1000)
    assert len(talk.of(AudioOut)) == 4
    talk.now = 60_000
    talk.dialogue.tick()
    assert talk.of(BuyerFinished) == []
    talk.dialogue.release()
    # The second piece was being played, the fifth came meanwhile.
    assert len(talk.of(AudioOut)) == 4 + 4
    assert talk.dialogue.playing_ms == 4000


def test_the_end_of_the_call_cuts_what_is_still_to_be_heard() -> None:
    talk = Talk()
    talk.dialogue.response(1, "one two three four")
    talk.audio(1, 4000)
    talk.now = 3000
    talk.dialogue.tentative("I have to")
    talk.dialogue.cut_off()
    talk.dialogue.response(2, "Not heard any more")
    talk.audio(2, 100)
    talk.dialogue.unfinished_said()
    assert talk.of(BuyerCut)[0].spoken == "one two three"
    assert talk.of(Tentative)[0].text == talk.of(UserSaid)[0].text == "I have to"
    assert len(talk.of(BuyerSaid)) == len(talk.of(AudioOut)) == 1


def test_times_of_a_turn_by_the_voice_score() -> None:
    talk = Talk()
    for now in range(2000, 5000, 100):
        talk.now = now
        talk.dialogue.voice(0.9)
    talk.now = 5600
    talk.dialogue.voice(0.1)
    talk.dialogue.transcript(1, "What do you use?")
    heard = talk.of(UserSaid)[0]
    assert (heard.start_ms, heard.end_ms, heard.latency["text"]) == (2000, 4900, 700)


def test_times_without_any_score_never_run_backwards() -> None:
    talk = Talk()
    ends = [0]
    for number in range(1, 5):
        talk.now += 700
        talk.dialogue.transcript(number, "A rather long sentence that takes its time to be said")
        heard = talk.of(UserSaid)[-1]
        assert ends[-1] <= heard.start_ms <= heard.end_ms <= talk.now
        ends.append(heard.end_ms)


def test_words_are_awaited_while_somebody_speaks_guessed_at_or_not() -> None:
    talk = Talk()
    trainee = talk.dialogue.trainee
    assert not trainee.midway
    talk.now = 1000
    talk.dialogue.voice(0.9)
    talk.now = 2000
    assert trainee.midway
    talk.dialogue.transcript(1, "Well")
    assert not trainee.midway
    talk.dialogue.voice(0.9)
    talk.now = 4000
    assert not trainee.midway
    talk.dialogue.tentative("So")
    assert trainee.midway
