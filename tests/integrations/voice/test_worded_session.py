"""A reply that is spoken while it is being worded, in virtual time."""

from __future__ import annotations

import asyncio

from integrations.voice.events import AudioOut, BuyerCut, BuyerFinished, BuyerSaid, UserSaid
from tests.integrations.voice.virtual import Call, FakeSpeech, Writer, run


def test_sentences_follow_each_other_without_a_gap() -> None:
    async def story() -> None:
        writer = Writer("We do that by hand.", "It takes all morning.", pause=0.4)
        async with Call(writer, FakeSpeech()) as call:
            await call.quiet(1500)
            await call.say("How do you plan your routes?", 1200, then_quiet_ms=4000)
            said, finished = call.of(BuyerSaid)[1], call.of(BuyerFinished)[1]
            assert said.text == "We do that by hand. It takes all morning."
            assert writer.finished == [said.text]
            assert 400 <= said.latency["reply"] < 500
            assert finished.first_audio_ms < 1000
            # Audio came before the words were known, and the text of the turn before its end.
            assert call.when(AudioOut, 4) < call.when(BuyerSaid) < call.when(BuyerFinished)

    run(story)


def test_nobody_talks_into_an_afterthought() -> None:
    async def story() -> None:
        writer = Writer("We do that by hand.", pause=1.2)
        async with Call(writer, FakeSpeech()) as call:
            await call.quiet(1500)
            await call.say("How do you plan your routes?", 1200, then_quiet_ms=1200)
            await call.say("Or do you use a system for that?", 1500, then_quiet_ms=6000)
            assert call.of(BuyerCut) == []
            assert [event.text for event in call.of(UserSaid)] == writer.heard
            assert len(writer.heard) == 2
            spoken_on_at = call.of(UserSaid)[1].start_ms
            first = call.of(BuyerSaid)[1]
            assert first.start_ms > spoken_on_at

    run(story)


def test_a_reply_is_cut_where_it_was_heard() -> None:
    async def story() -> None:
        writer = Writer("We looked at three of those last year.", "None of them stuck.", pause=0.2)
        async with Call(writer, FakeSpeech()) as call:
            await call.quiet(1500)
            await call.say("Have you tried one?", 900, then_quiet_ms=1500)
            await call.say("Which ones were they?", 1200, then_quiet_ms=3000)
            cut = call.of(BuyerCut)[0]
            assert cut.original == call.of(BuyerSaid)[1].text
            assert cut.original.startswith(cut.spoken)
            assert 0 < len(cut.spoken) < len(cut.original)

    run(story)


def test_a_call_that_ends_in_the_middle_keeps_what_was_worded() -> None:
    async def story() -> None:
        writer = Writer("We looked at three of those last year.", "None of them stuck.", pause=0.2)
        async with Call(writer, FakeSpeech()) as call:
            await call.quiet(1500)
            await call.say("Have you tried one?", 900, then_quiet_ms=1000)
            await call.session.flush()
            await asyncio.sleep(0)
            assert len(writer.finished) == 1
            assert call.of(BuyerSaid)[1].text == writer.finished[0]

    run(story)
