"""The embedded models themselves: does what is spoken come back as text?"""

from __future__ import annotations

import queue
from pathlib import Path

import jiwer
import numpy as np
import pytest

from integrations.speech.cache import SpokenCache
from integrations.speech.engine import SpeechEngine, default_weights
from integrations.speech.kokoro import Kokoro
from integrations.speech.phonemes import Phonemizer
from integrations.speech.stt import plain
from integrations.speech.tts import EmbeddedTextToSpeech
from integrations.speech.vad import FRAME_BYTES, SileroDetector
from integrations.speech.voices import voice_for
from integrations.speech.weights import Weights
from tests.recordings import librivox

pytestmark = pytest.mark.slow

SPOKEN = {
    "ada": "What happens today when a new rep joins your team?",
    "martha": "We already have a vendor for that, and it works fine.",
    "carl": "It costs us about twelve thousand dollars a year.",
    "lucia": "Ya tenemos un proveedor para eso y funciona bien.",
    "marcos": "Ahora mismo no tenemos presupuesto para cambiar de sistema.",
}


@pytest.mark.parametrize("voice_id", SPOKEN)
def test_what_a_voice_says_is_understood(engine: SpeechEngine, voice_id: str) -> None:
    language = "es" if voice_id in {"lucia", "marcos"} else "en"
    pcm = b"".join(engine.tts.stream(SPOKEN[voice_id], voice_id=voice_id, language=language))
    heard = engine.stt.transcribe(pcm, rate=engine.rate, language=language)
    said = plain(SPOKEN[voice_id]).replace("twelve thousand dollars", "12 000")
    assert jiwer.wer(said, plain(heard.text)) <= 0.2
    assert heard.confidence > 0.5


def test_a_quick_long_answer_is_heard_to_its_end(engine: SpeechEngine) -> None:
    said = (
        "Hi Tom, thanks for taking the call. You filled in our form and I'd like to find out whether we can be of any "
        "help at all to you and to your people in the shops. Is now still a good time to talk about your orders?"
    )
    pcm = b"".join(engine.tts.stream(said, voice_id="ada", language="en"))
    assert plain(engine.stt.transcribe(pcm, rate=engine.rate, language="en").text).endswith("about your orders")


def test_people_are_understood(engine: SpeechEngine) -> None:
    clips = [(clip.pcm(), 16000, clip.text) for clip in librivox()] or [
        (b"".join(engine.tts.stream(SPOKEN["ada"], voice_id="ada", language="en")), engine.rate, plain(SPOKEN["ada"]))
    ]
    said = [plain(text).replace("mister", "mr") for _, _, text in clips]
    heard = [plain(engine.stt.transcribe(pcm, rate=rate, language="en").text) for pcm, rate, _ in clips]
    assert jiwer.wer(said, heard) <= 0.08


@pytest.mark.parametrize("level", [0, 60, 2000])
def test_noise_has_no_words(engine: SpeechEngine, level: int) -> None:
    noise = (np.random.default_rng(1).normal(size=32000) * level).clip(-32000, 32000).astype("<i2").tobytes()
    assert engine.stt.transcribe(noise, rate=16000, language="en").text == ""


def test_detector_tells_speech_from_silence_and_hum(engine: SpeechEngine) -> None:
    import soxr

    pcm = b"".join(engine.tts.stream(SPOKEN["ada"], voice_id="ada", language="en"))
    speech = soxr.resample(np.frombuffer(pcm, "<i2"), engine.rate, 16000).astype("<i2").tobytes()
    hum = (np.sin(np.arange(32000) * 2 * np.pi * 100 / 16000) * 3000).astype("<i2").tobytes()
    assert np.mean(scores(speech)) > 0.6
    assert np.max(scores(bytes(64000))) < 0.3
    assert np.mean(scores(hum)) < 0.3


def scores(pcm: bytes) -> list[float]:
    detector = SileroDetector()
    return [detector.score(pcm[at : at + FRAME_BYTES]) for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES)]


def test_same_words_sound_the_same_every_time(engine: SpeechEngine) -> None:
    voice = voice_for("ada", language="en")
    fresh = EmbeddedTextToSpeech(
        kokoro=Kokoro(default_weights(), threads=1),
        idle_kokoro=Kokoro(default_weights(), threads=1),
        phonemizer=Phonemizer(),
        cache=SpokenCache(None),
    )
    assert fresh.say("Fine.", voice) == engine.tts.say("Fine.", voice)


def test_without_fetched_voices_speech_is_still_understood(engine: SpeechEngine, tmp_path: Path) -> None:
    weights = default_weights()
    bare = Weights(cache=tmp_path, voice_dirs=())
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "kokoro").symlink_to(weights.model("kokoro"))
    tts = EmbeddedTextToSpeech(
        kokoro=Kokoro(bare, threads=2),
        idle_kokoro=Kokoro(bare, threads=1),
        phonemizer=Phonemizer(),
        cache=SpokenCache(None),
    )
    for voice_id, language in (("carl", "en"), ("marcos", "es")):
        pcm = b"".join(tts.stream(SPOKEN[voice_id], voice_id=voice_id, language=language))
        heard = engine.stt.transcribe(pcm, rate=24000, language=language)
        said = plain(SPOKEN[voice_id]).replace("twelve thousand dollars", "12 000")
        assert jiwer.wer(said, plain(heard.text)) <= 0.3


def test_a_line_prepared_ahead_is_at_hand(engine: SpeechEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    voice = voice_for("reed", language="en")
    monkeypatch.setattr(engine.tts, "_cache", SpokenCache(None))
    assert not engine.tts.at_hand("Go on then.", voice)
    engine.prepare(["Go on then."], voice_id="reed", language="en")
    engine._ahead.submit(lambda: None, needed_at=1.0).result(timeout=60)  # comes after all that was asked for
    assert engine.tts.at_hand("Go on then.", voice)


def test_preparing_too_much_is_dropped_not_queued_forever(
    engine: SpeechEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise queue.Full

    monkeypatch.setattr(engine._ahead, "submit", full)
    engine.prepare(["One. Two."], voice_id="reed", language="en")
    assert not engine._asked
