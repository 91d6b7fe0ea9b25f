"""What an embedded call does and when, in virtual time."""

from __future__ import annotations

import asyncio

import numpy as np
import soxr

from integrations.voice.base import SaidBefore, Spoken
from integrations.voice.events import (
    AudioOut,
    BuyerCut,
    BuyerFinished,
    BuyerSaid,
    Ended,
    Fault,
    Tentative,
    UserSaid,
)
from integrations.voice.speaking import AHEAD_MS
from tests.integrations.voice.virtual import OUT_RATE, RATE, Call, FakeResponder, FakeSpeech, clock, run

LONG = "We looked at three of those last year and none of them stuck. My team went back to what it knew."


def test_buyer_opens_and_lines_are_prepared() -> None:
    async def story() -> None:
        async with Call(FakeResponder(), FakeSpeech()) as call:
            await asyncio.sleep(2)
            said, finished = call.of(BuyerSaid)[0], call.of(BuyerFinished)[0]
            assert said.text == "Hello?"
            assert finished.event_id == said.event_id
            assert finished.first_audio_ms is None
            assert call.audio_ms(said.event_id) == 300
            assert call.speech.prepared == ["Hello?", "Mm."]

    run(story)


def test_a_spoken_turn_is_heard_answered_and_timed() -> None:
    async def story() -> None:
        async with Call(FakeResponder("Go on."), FakeSpeech()) as call:
            await call.quiet(1500)
            start = clock()
            await call.say("Hi, this is Ada from Parley.", 1600, then_quiet_ms=1500)
            heard = call.of(UserSaid)[0]
            assert heard.text == "Hi, this is Ada from Parley."
            assert abs(heard.start_ms - start) < 100
            assert abs(heard.end_ms - (start + 1600)) < 100
            assert heard.latency["endpoint"] < 600
            reply = call.of(BuyerSaid)[1]
            assert reply.text == "Go on."
            assert reply.state == {"turn": 1}
            assert reply.event_id > heard.event_id
            finished = call.of(BuyerFinished)[1]
            # A finished sentence needs less than half a second of silence, and recognition ran during it.
            assert finished.first_audio_ms is not None
            assert 350 <= finished.first_audio_ms < 600

    run(story)


def test_times_do_not_drift_with_odd_chunks() -> None:
    async def story() -> None:
        async with Call(FakeResponder(), FakeSpeech()) as call:
            await call.play(bytes(RATE * 2 * 60), size=662)
            start = clock()
            await call.play(call.speech.voice("Still here.", 1000) + bytes(RATE * 2), size=662)
            assert abs(call.of(UserSaid)[0].start_ms - start) < 120

    run(story)


def test_a_pause_inside_a_turn_does_not_end_it() -> None:
    async def story() -> None:
        async with Call(FakeResponder(), FakeSpeech()) as call:
            await call.quiet(1500)
            await call.say("We help sales teams and", 900, then_quiet_ms=600)
            await call.say("cut the ramp time of new reps.", 1200, then_quiet_ms=1500)
            assert [event.text for event in call.of(UserSaid)] == [
                "We help sales teams and cut the ramp time of new reps."
            ]

    run(story)


def test_patience_follows_the_speaker() -> None:
    async def story() -> None:
        async with Call(FakeResponder(), FakeSpeech()) as call:
            await call.quiet(1500)
            for _ in range(6):
                await call.say("so I think maybe", 700, then_quiet_ms=440)
            await call.say("we could talk.", 700, then_quiet_ms=2500)
            slow = call.of(UserSaid)[-1].latency["endpoint"]
        async with Call(FakeResponder(), FakeSpeech()) as call:
            await call.quiet(1500)
            for _ in range(6):
                await call.say("so I think maybe", 700, then_quiet_ms=160)
            await call.say("we could talk.", 700, then_quiet_ms=2500)
            quick = call.of(UserSaid)[-1].latency["endpoint"]
        assert quick < slow
        assert quick >= 350
        assert slow <= 1250

    run(story)


def test_words_appear_while_they_are_spoken() -> None:
    async def story() -> None:
        async with Call(FakeResponder(), FakeSpeech()) as call:
            await call.quiet(1500)
            await call.say("This is a rather long thing to say", 4000)
            assert [event.text for event in call.of(Tentative)] == ["This is a rather long thing to say"] * 2
            assert call.of(UserSaid) == []

    run(story)


def test_a_long_answer_is_recognised_in_parts() -> None:
    async def story() -> None:
        async with Call(FakeResponder(), FakeSpeech()) as call:
            await call.quiet(1500)
            for number in range(4):
                await call.say(f"part {number} and", 9000, then_quiet_ms=300)
            await call.say("the end.", 800, then_quiet_ms=2000)
            assert [event.text for event in call.of(UserSaid)] == [
                "part 0 and part 1 and part 2 and part 3 and the end."
            ]
            assert call.speech.recognised[-1] == "the end."

    run(story)


def test_a_talker_without_pauses_is_cut_below_the_recognisers_window() -> None:
    async def story() -> None:
        async with Call(FakeResponder(), FakeSpeech()) as call:
            await call.quiet(1500)
            for number in range(7):
                await call.say(f"word{number}", 5000)
            await call.quiet(1500)
            words = call.of(UserSaid)[0].text.split()
            assert list(dict.fromkeys(words)) == [f"word{number}" for number in range(7)]
            assert len(call.speech.recognised) == 2

    run(story)


def test_audio_leaves_only_a_little_ahead() -> None:
    async def story() -> None:
        async with Call(FakeResponder(opening=LONG), FakeSpeech()) as call:
            await asyncio.sleep(8)
            sent = 0
            began = call.when(AudioOut, 0)
            for at, event in call.events:
                if isinstance(event, AudioOut):
                    sent += len(event.pcm) * 1000 // OUT_RATE // 2
                    assert sent <= at - began + AHEAD_MS + 200

    run(story)


def test_cutting_in_stops_the_buyer_and_tells_what_was_heard() -> None:
    async def story() -> None:
        async with Call(FakeResponder("Sorry, yes?", opening=LONG), FakeSpeech()) as call:
            await call.quiet(2000)
            before = clock()
            await call.say("Can I just ask something?", 1200, then_quiet_ms=3000)
            cut = call.of(BuyerCut)[0]
            assert call.when(BuyerCut, 0) - before <= 320
            assert cut.original == LONG
            assert LONG.startswith(cut.spoken)
            share = len(cut.spoken) * 50
            assert 1500 < share < 2400
            assert not cut.spoken.endswith(" ")
            late = [at for at, event in call.events if isinstance(event, AudioOut) and event.event_id == cut.event_id]
            assert max(late) <= call.when(BuyerCut, 0)
            assert call.responder.heard == ["Can I just ask something?"]
            assert call.of(BuyerSaid)[-1].text == "Sorry, yes?"
            assert cut.event_id not in [event.event_id for event in call.of(BuyerFinished)]

    run(story)


def test_uh_huh_does_not_cut_and_is_no_turn() -> None:
    async def story() -> None:
        async with Call(FakeResponder(opening=LONG), FakeSpeech()) as call:
            await call.quiet(1500)
            await call.say("uh-huh", 190, then_quiet_ms=6000)
            assert call.of(BuyerCut) == []
            assert call.of(UserSaid) == []
            assert call.of(BuyerFinished)

    run(story)


def test_the_buyers_own_echo_does_not_cut() -> None:
    async def story() -> None:
        async with Call(FakeResponder(opening=LONG), FakeSpeech()) as call:
            await call.quiet(2000)
            played = b"".join(event.pcm for event in call.of(AudioOut))
            echo = np.frombuffer(played, "<i2")[24000 : 24000 + 36000].astype(np.float32) * 0.3
            heard = soxr.resample(echo, OUT_RATE, 16000).astype("<i2").tobytes()
            await call.play(heard)
            await call.quiet(4000)
            assert call.of(BuyerCut) == []
            assert call.of(UserSaid) == []

    run(story)


def test_a_cough_that_cuts_lets_the_buyer_finish() -> None:
    async def story() -> None:
        async with Call(FakeResponder(opening=LONG), FakeSpeech()) as call:
            await call.quiet(2000)
            await call.say("", 400, then_quiet_ms=6000)
            cut = call.of(BuyerCut)[0]
            resumed = call.of(BuyerSaid)[1]
            assert f"{cut.spoken} {resumed.text}" == LONG
            assert call.of(UserSaid) == []

    run(story)


def test_noise_is_no_turn() -> None:
    async def story() -> None:
        async with Call(FakeResponder(), FakeSpeech()) as call:
            await call.quiet(1500)
            await call.say("", 600, then_quiet_ms=1500)
            await call.say("x", 64, then_quiet_ms=1500)
            assert call.of(UserSaid) == []
            assert call.responder.heard == []

    run(story)


def test_speech_that_goes_on_belongs_to_the_turn_that_was_closed_too_early() -> None:
    async def story() -> None:
        speech = FakeSpeech()
        speech.read_ms = 900  # a slow machine: the words come after the speaker has gone on
        async with Call(FakeResponder(), speech) as call:
            await call.quiet(1500)
            await call.say("We help teams", 900, then_quiet_ms=700)
            await call.say("that hire a lot.", 900, then_quiet_ms=3000)
            assert [event.text for event in call.of(UserSaid)] == ["We help teams that hire a lot."]

    run(story)


def test_silence_is_noticed_at_eight_and_sixteen_seconds_and_may_end_the_call() -> None:
    async def story() -> None:
        responder = FakeResponder()
        responder.on_silence = [Spoken("Are you there?"), Spoken("Goodbye.", hang_up="silence", outcome="lost")]
        async with Call(responder, FakeSpeech()) as call:
            await call.quiet(20000)
            assert responder.silences == [8000, 16000]
            assert [event.text for event in call.of(BuyerSaid)] == ["Hello?", "Are you there?", "Goodbye."]
            assert call.of(Ended) == [Ended("persona", "silence", "lost")]

    run(story)


def test_speaking_starts_the_silence_anew() -> None:
    async def story() -> None:
        async with Call(FakeResponder(), FakeSpeech()) as call:
            await call.quiet(7000)
            await call.say("One moment.", 800, then_quiet_ms=7000)
            assert call.responder.silences == []
            await call.quiet(3000)
            assert call.responder.silences == [8000]

    run(story)


def test_a_held_call_is_quiet_and_counts_no_silence() -> None:
    async def story() -> None:
        async with Call(FakeResponder(opening=LONG), FakeSpeech()) as call:
            await asyncio.sleep(1.5)
            await call.session.hold(True)
            await asyncio.sleep(0.01)
            sent = len(call.of(AudioOut))
            await asyncio.sleep(25)
            assert len(call.of(AudioOut)) == sent
            assert call.responder.silences == []
            await call.session.hold(False)
            await asyncio.sleep(6)
            # What had been sent but not heard was sent again.
            assert call.audio_ms(1) > len(LONG) * 50 + 220
            assert call.of(BuyerFinished)
            assert call.responder.silences == []

    run(story)


def test_hanging_up_comes_after_the_last_word_and_cannot_be_cut() -> None:
    async def story() -> None:
        bye = Spoken("I have to go, goodbye.", hang_up="patience", outcome="lost")
        async with Call(FakeResponder(bye), FakeSpeech()) as call:
            await call.quiet(1500)
            await call.say("Buy it now!", 800, then_quiet_ms=900)
            await call.say("Wait, wait, please wait!", 1200, then_quiet_ms=2000)
            assert call.of(BuyerCut) == []
            assert call.of(Ended) == [Ended("persona", "patience", "lost")]
            assert call.when(Ended) >= call.of(BuyerFinished)[-1].end_ms

    run(story)


def test_typed_turns_are_answered_without_audio() -> None:
    async def story() -> None:
        async with Call(FakeResponder("Fine."), FakeSpeech(), text_only=True) as call:
            await asyncio.sleep(0.1)
            await call.session.hear_text("Hello, how are you?")
            await asyncio.sleep(0.1)
            assert [event.text for event in call.of(BuyerSaid)] == ["Hello?", "Fine."]
            assert call.of(AudioOut) == []
            assert len(call.of(BuyerFinished)) == 2
            assert call.of(UserSaid)[0].text == "Hello, how are you?"
            await asyncio.sleep(30)
            await call.session.activity()
            await asyncio.sleep(45)
            assert call.responder.silences == []

    run(story)


def test_typing_cuts_the_speaking_buyer() -> None:
    async def story() -> None:
        async with Call(FakeResponder("Yes?", opening=LONG), FakeSpeech()) as call:
            await asyncio.sleep(1.5)
            await call.session.hear_text("May I ask?")
            await asyncio.sleep(2)
            assert call.of(BuyerCut)
            assert call.responder.heard == ["May I ask?"]

    run(story)


def test_a_resumed_call_has_no_opening() -> None:
    async def story() -> None:
        async with Call(FakeResponder(), FakeSpeech(), resumed=True) as call:
            await call.quiet(2000)
            assert call.of(BuyerSaid) == []

    run(story)


def test_what_was_left_unanswered_is_answered_first_and_not_told_again() -> None:
    async def story() -> None:
        history = (SaidBefore("assistant", "Hello?"), SaidBefore("user", "What does it cost you?"))
        async with Call(FakeResponder("A lot."), FakeSpeech(), resumed=True, history=history) as call:
            await call.quiet(3000)
            assert call.responder.heard == ["What does it cost you?"]
            assert [event.text for event in call.of(BuyerSaid)] == ["A lot."]
            assert call.of(UserSaid) == []

    run(story)


def test_a_microphone_that_falls_silent_ends_the_turn() -> None:
    async def story() -> None:
        async with Call(FakeResponder(), FakeSpeech()) as call:
            await call.quiet(1500)
            await call.say("And that is why", 1000)
            await asyncio.sleep(3)
            assert [event.text for event in call.of(UserSaid)] == ["And that is why"]

    run(story)


def test_last_words_are_told_when_the_call_ends() -> None:
    async def story() -> None:
        async with Call(FakeResponder(), FakeSpeech()) as call:
            await call.quiet(1500)
            await call.say("Thank you, good", 900)
            await call.session.flush()
            await call.session.close()
            await asyncio.sleep(0)
            assert [event.text for event in call.of(UserSaid)] == ["Thank you, good"]
            assert call.responder.heard == []

    run(story)


def test_hanging_up_on_the_buyer_tells_what_was_heard() -> None:
    async def story() -> None:
        async with Call(FakeResponder(opening=LONG), FakeSpeech()) as call:
            await asyncio.sleep(1.5)
            await call.session.flush()
            await call.session.close()
            await asyncio.sleep(0)
            assert LONG.startswith(call.of(BuyerCut)[0].spoken)

    run(story)


def test_failing_recognition_is_said_and_the_call_goes_on() -> None:
    async def story() -> None:
        speech = FakeSpeech()
        async with Call(FakeResponder(), speech) as call:
            await call.quiet(1500)
            speech.deaf = True
            await call.say("Hello there.", 900, then_quiet_ms=1500)
            speech.deaf = False
            await call.say("Hello again.", 900, then_quiet_ms=1500)
            assert call.of(Fault)[0].error_type == "asr_transcription_error"
            assert not call.of(Fault)[0].fatal
            assert call.responder.heard == ["Hello again."]

    run(story)


def test_failing_voice_leaves_the_words() -> None:
    async def story() -> None:
        speech = FakeSpeech()
        speech.mute = True
        async with Call(FakeResponder("Fine."), speech) as call:
            await call.quiet(1500)
            await call.say("Hello there.", 900, then_quiet_ms=1500)
            assert [event.text for event in call.of(BuyerSaid)] == ["Hello?", "Fine."]
            assert {event.error_type for event in call.of(Fault)} == {"tts_cascade_error"}

    run(story)


def test_a_broken_buyer_ends_the_session_aloud() -> None:
    async def story() -> None:
        async with Call(FakeResponder(), FakeSpeech()) as call:
            call.responder.broken = True
            await call.session.hear_text("Hello")
            await asyncio.sleep(2)
            assert call.of(Fault)[-1].fatal

    run(story)


def test_closing_twice_is_fine() -> None:
    async def story() -> None:
        async with Call(FakeResponder(), FakeSpeech()) as call:
            await call.session.close()
            await call.session.close()

    run(story)
