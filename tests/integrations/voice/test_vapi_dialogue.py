"""What the vendor's messages mean, with a clock that the test turns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from integrations.voice.events import AudioOut, BuyerCut, BuyerFinished, BuyerSaid, Ended, Fault, Tentative, UserSaid
from integrations.voice.vapi import endings
from integrations.voice.vapi.dialogue import Dialogue

LOUD = (np.cos(np.arange(1600) * 0.1) * 8000).astype("<i2").tobytes()  # 100 ms
QUIET = bytes(3200)


class Story:
    def __init__(self, *, silent: bool = False) -> None:
        self.now = 0
        self.events: list[Any] = []
        self.dialogue = Dialogue(clock=lambda: self.now, emit=self.events.append, silent=silent)

    def at(self, now: int, *messages: dict[str, Any] | bytes) -> None:
        self.now = now
        for message in messages:
            if isinstance(message, bytes):
                self.dialogue.audio(message)
            else:
                self.dialogue.message(message)
        self.dialogue.tick()

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def speech(role: str, status: str, **more: Any) -> dict[str, Any]:
    return {"type": "speech-update", "role": role, "status": status, **more}


def words(role: str, text: str, kind: str = "final") -> dict[str, Any]:
    return {"type": "transcript", "role": role, "transcriptType": kind, "transcript": text}


def said(story: Story) -> list[tuple[str, str]]:
    names = {UserSaid: "user", BuyerSaid: "buyer"}
    return [(names[type(event)], event.text) for event in story.events if type(event) in names]


def test_pieces_of_one_turn_are_one_turn() -> None:
    story = Story()
    story.at(0, speech("user", "started"))
    story.at(500, words("user", "we have", "partial"))
    story.at(900, words("user", "We have offices"))
    story.at(1500, words("user", "in Spain."), speech("user", "stopped"))
    assert [event.text for event in story.of(Tentative)] == ["we have"]
    assert not story.of(UserSaid)
    story.at(1800, speech("assistant", "started"), LOUD)
    [turn] = story.of(UserSaid)
    assert (turn.text, turn.start_ms, turn.end_ms) == ("We have offices in Spain.", 0, 1500)


def test_a_turn_that_nobody_answers_is_told_after_a_moment() -> None:
    story = Story()
    story.at(0, speech("user", "started"))
    story.at(900, words("user", "Hello?"), speech("user", "stopped"))
    story.at(2300)
    assert not story.of(UserSaid)
    story.at(2400)
    assert said(story) == [("user", "Hello?")]


def test_a_cough_is_no_turn() -> None:
    story = Story()
    story.at(0, speech("user", "started"))
    story.at(200, speech("user", "stopped"))
    story.at(5000)
    assert not story.events


def test_a_reply_is_timed_by_its_sound() -> None:
    story = Story()
    story.at(0, words("user", "Hello?"))
    story.at(100, {"type": "model-output", "output": "Hi ", "turnId": "t1"})
    story.at(400, speech("assistant", "started", turn=1))
    for step in range(5):
        story.at(500 + step * 100, LOUD)
    story.at(1000, words("assistant", "Hi there."), speech("assistant", "stopped", turn=1))
    story.at(1700)
    [reply], [finished] = story.of(BuyerSaid), story.of(BuyerFinished)
    assert (reply.text, reply.start_ms, reply.end_ms) == ("Hi there.", 500, 1000)
    assert (finished.end_ms, finished.first_audio_ms) == (1000, 500)
    assert {event.event_id for event in story.of(AudioOut)} == {reply.event_id}


@pytest.mark.parametrize(("silent", "first_audio_ms"), [(False, 500), (True, None)])
def test_who_reads_the_answer_does_not_wait_for_its_sound(silent: bool, first_audio_ms: int | None) -> None:
    story = Story(silent=silent)
    story.dialogue.typed("Hello?")
    story.at(400, speech("assistant", "started", turn=1))
    story.at(500, LOUD)
    story.at(600, words("assistant", "Hi there."), speech("assistant", "stopped", turn=1))
    story.at(1300)
    [finished] = story.of(BuyerFinished)
    assert finished.first_audio_ms == first_audio_ms


def test_words_that_come_late_are_not_said_twice() -> None:
    story = Story()
    story.at(0, speech("assistant", "started"), {"type": "assistant.speechStarted", "text": "Hi there."}, LOUD)
    story.at(100, speech("assistant", "stopped"))
    story.at(300, speech("user", "started"))
    story.at(350, words("assistant", "Hi, there"))
    story.at(1000, words("user", "Hello."), speech("user", "stopped"))
    story.at(4000)
    assert said(story) == [("buyer", "Hi there."), ("user", "Hello.")]


def test_words_without_any_speech_update_are_heard_too() -> None:
    story = Story()
    story.at(0, words("assistant", "Hi there."), LOUD)
    story.at(5000)
    assert said(story) == [("buyer", "Hi there.")]


def test_what_was_not_heard_of_a_cut_reply_is_not_counted() -> None:
    story = Story()
    text = "one two three four five six seven eight nine ten"
    story.at(0, speech("assistant", "started"), {"type": "assistant.speechStarted", "text": text})
    for step in range(10):
        story.at(step * 100, LOUD)
    story.at(1000, speech("user", "started"), {"type": "user-interrupted"}, LOUD)
    [cut] = story.of(BuyerCut)
    assert cut.original == text
    assert cut.spoken == "one two three"
    # Sound and words of it that were on their way are dropped.
    heard = len(story.of(AudioOut))
    story.at(1200, LOUD, words("assistant", "one two three four"))
    assert len(story.of(AudioOut)) == heard
    story.at(9000)
    assert said(story) == [("buyer", text)]


def test_a_reply_that_is_read_is_whole_though_a_line_was_typed_into_it() -> None:
    story = Story(silent=True)
    story.at(0, {"type": "model-output", "output": "We have fifty lorries.", "turnId": "t1"})
    story.at(100, speech("assistant", "started", turn=0), LOUD)
    story.now = 300
    story.dialogue.typed("And how many drivers?")
    story.at(400, LOUD, speech("assistant", "stopped", turn=0))
    story.at(5000)
    assert said(story) == [("buyer", "We have fifty lorries."), ("user", "And how many drivers?")]
    assert not story.of(BuyerCut)
    assert [turn.text for turn in story.dialogue.said] == ["We have fifty lorries.", "And how many drivers?"]


@pytest.mark.parametrize("length", [1, 319, 321, 641])
def test_a_frame_may_end_in_the_middle_of_a_sample(length: int) -> None:
    story = Story()
    sound = LOUD * 3
    for at in range(0, len(sound), length):
        story.at(0, sound[at : at + length])
    assert b"".join(event.pcm for event in story.of(AudioOut)) == sound
    assert all(len(event.pcm) % 2 == 0 for event in story.of(AudioOut))


def test_quiet_on_the_line_is_no_reply() -> None:
    story = Story()
    for step in range(50):
        story.at(step * 100, QUIET)
    assert not story.events


def test_a_goodbye_is_heard_to_its_end() -> None:
    story = Story()
    story.at(
        0, speech("assistant", "started"), words("assistant", "Goodbye."), *[LOUD] * 20
    )  # faster than it is played
    story.at(100, {"type": "status-update", "status": "ended", "endedReason": "assistant-ended-call"})
    story.at(1500)
    assert not story.of(Ended)
    story.at(2000)
    assert said(story) == [("buyer", "Goodbye.")]
    assert not story.of(BuyerCut)
    assert story.of(Ended) == [Ended("persona", "goodbye")]


def test_envelopes_unknown_kinds_and_broken_ones() -> None:
    story = Story()
    story.at(0, {"message": words("user", "Hello?")})
    story.at(10, {"type": "something.new"}, {"message": 7}, {}, {"type": None}, {"type": "transcript"})
    story.at(20, {"type": "model-output", "output": {"tool": 1}}, {"type": "status-update", "status": "ringing"})
    story.dialogue.flush()
    assert said(story) == [("user", "Hello?")]


@pytest.mark.parametrize(
    ("reason", "by", "fault", "started"),
    [
        ("customer-ended-call", "trainee", "", True),
        ("customer-ended-call-during-transfer", "trainee", "", True),
        ("assistant-said-end-call-phrase", "persona", "", True),
        ("exceeded-max-duration", "system", "", True),
        ("customer-did-not-answer", "system", "", False),
        ("call.start.error-get-transport", "system", "http_exception", False),
        ("pipeline-error-deepgram-transcriber-failed", "system", "asr_transcription_error", True),
        ("call.in-progress.error-vapifault-eleven-labs-voice-failed", "system", "tts_cascade_error", True),
        ("call.in-progress.error-providerfault-openai-llm-failed", "system", "llm_error", True),
        ("worker-shutdown", "system", "unknown", True),
        ("a-word-of-next-year", "system", "", True),
        ("some-error-of-next-year", "system", "unknown", True),
        ("", "system", "", True),
    ],
)
def test_reasons_for_an_end(reason: str, by: str, fault: str, started: bool) -> None:
    ending = endings.ending(reason)
    assert (ending.by, ending.fault, ending.started) == (by, fault, started)
    story = Story()
    story.at(0, {"type": "status-update", "status": "ended", "endedReason": reason})
    story.at(100)
    [event] = story.events
    assert isinstance(event, Fault if fault else Ended)
