"""A call in which somebody else comes on the line: who says what, in which voice, and that both can be cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping

from integrations.voice.base import Spoken, SpokenStream
from integrations.voice.events import AudioOut, BuyerCut, BuyerSaid
from tests.integrations.voice.virtual import Call, FakeResponder, FakeSpeech, Writer, run

GREETING = Spoken("Dana here.", state={"turn": 2}, speaker="Dana", voice_id="martha")
THROUGH = Spoken(
    "One moment, I'll put you through to Dana, she is at her desk.",
    state={"turn": 1},
    speaker="Gail",
    voice_id="june",
    then=GREETING,
)


class Listening(FakeSpeech):
    """Remembers whose voice was asked for what."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken: list[tuple[str, str]] = []
        self.ahead: dict[str, list[str]] = {}

    async def speak(self, text: str, *, voice_id: str, language: str, needed_in: float) -> AsyncGenerator[bytes]:
        self.spoken.append((voice_id, text))
        async for pcm in super().speak(text, voice_id=voice_id, language=language, needed_in=needed_in):
            yield pcm

    def prepare(self, lines: object, *, voice_id: str, language: str) -> None:
        self.ahead.setdefault(voice_id, []).extend(lines)  # type: ignore[arg-type]


class FrontDesk(FakeResponder):
    def lines_by_voice(self) -> Mapping[str, tuple[str, ...]]:
        return {"june": ("Hello?",), "": ("Dana here.",)}


def test_each_speaks_in_their_own_voice_one_after_the_other() -> None:
    async def story() -> None:
        async with Call(FrontDesk(THROUGH, "Go on."), Listening()) as call:
            await call.quiet(1500)
            await call.say("Is Dana in?", 900, then_quiet_ms=9000)
            _hello, through, greeting = call.of(BuyerSaid)
            assert (through.speaker, greeting.speaker) == ("Gail", "Dana")
            assert (through.state, greeting.state) == ({"turn": 1}, {"turn": 2})
            assert greeting.start_ms >= through.start_ms + call.audio_ms(through.event_id)
            assert isinstance(call.speech, Listening)
            voices = [voice for voice, _text in call.speech.spoken]
            assert voices == sorted(voices, key=["ada", "june", "martha"].index)
            assert set(voices) == {"ada", "june", "martha"}
            await call.say("Hello Dana.", 900, then_quiet_ms=2500)
            assert call.of(BuyerSaid)[-1].text == "Go on."
            assert call.speech.spoken[-1][0] == "ada"  # nobody named: the call's own voice

    run(story)


def test_lines_are_made_ahead_for_everybody() -> None:
    async def story() -> None:
        async with Call(FrontDesk(), Listening()) as call:
            await asyncio.sleep(1)
            assert isinstance(call.speech, Listening)
            assert call.speech.ahead == {"june": ["Hello?"], "ada": ["Dana here."]}

    run(story)


def test_who_cuts_in_while_being_put_through_is_greeted_all_the_same() -> None:
    async def story() -> None:
        async with Call(FrontDesk(THROUGH), Listening()) as call:
            await call.quiet(1500)
            await call.say("Is Dana in?", 900, then_quiet_ms=1200)
            await call.say("Thank you so much for that.", 1400, then_quiet_ms=6000)
            assert call.of(BuyerCut)
            assert "Dana here." in [said.text for said in call.of(BuyerSaid)]

    run(story)


def test_in_a_call_by_text_both_lines_come_at_once() -> None:
    async def story() -> None:
        async with Call(FrontDesk(THROUGH), Listening(), text_only=True) as call:
            await call.session.hear_text("Is Dana in?")
            await asyncio.sleep(1)
            assert [said.speaker for said in call.of(BuyerSaid)] == ["", "Gail", "Dana"]
            assert not call.of(AudioOut)

    run(story)


def test_a_reply_that_is_worded_as_it_is_spoken_hands_over_too() -> None:
    class Wording(Writer):
        async def respond_stream(self, text: str, *, at_ms: int) -> SpokenStream:
            stream = await super().respond_stream(text, at_ms=at_ms)
            return SpokenStream(stream.sentences, lambda said: THROUGH, voice_id="june")

    async def story() -> None:
        async with Call(Wording("One moment, please.", "I'll put you through."), Listening()) as call:
            await call.quiet(1500)
            await call.say("Is Dana in?", 900, then_quiet_ms=9000)
            assert [said.speaker for said in call.of(BuyerSaid)][-2:] == ["Gail", "Dana"]
            assert isinstance(call.speech, Listening)
            assert ("june", "One moment, please.") in call.speech.spoken
            assert call.speech.spoken[-1] == ("martha", "Dana here.")

    run(story)
