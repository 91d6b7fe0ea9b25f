"""Cache, threads, echo, and what is made of a recogniser's answer."""

from __future__ import annotations

import os
import queue
import threading
from concurrent.futures import CancelledError
from pathlib import Path

import numpy as np
import pytest

from integrations.speech import echo
from integrations.speech.cache import SpokenCache
from integrations.speech.kokoro import Kokoro, Samples
from integrations.speech.phonemes import Phonemizer
from integrations.speech.stt import Reading, cleaned, plain, repeats
from integrations.speech.tts import EmbeddedTextToSpeech
from integrations.speech.voices import voice_for
from integrations.speech.weights import Weights
from integrations.speech.workbench import Workbench


def test_authored_lines_are_kept_on_disk_and_others_are_not(tmp_path: Path) -> None:
    cache = SpokenCache(tmp_path)
    kept, passing = cache.key("carl", "Who is this?"), cache.key("carl", "Your name is Ada?")
    cache.put(kept, b"kept", keep=True)
    cache.put(passing, b"passing", keep=False)
    assert cache.get(passing) == b"passing"
    later = SpokenCache(tmp_path)
    assert later.get(kept) == b"kept"
    assert later.get(passing) is None
    assert not later.has(passing)
    assert "Ada" not in "".join(path.name for path in tmp_path.rglob("*"))


def test_a_line_that_was_said_before_it_was_prepared_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kokoro = Kokoro(Weights(cache=tmp_path), threads=1)
    tts = EmbeddedTextToSpeech(
        kokoro=kokoro, idle_kokoro=kokoro, phonemizer=Phonemizer(), cache=SpokenCache(tmp_path / "spoken")
    )
    made: list[str] = []

    def synthesise(text: str, *_: object) -> Samples:
        made.append(text)
        return np.ones(100, np.float32)

    monkeypatch.setattr(tts, "_synthesise", synthesise)
    voice = voice_for("marcos", language="es")
    tts.say("Hola.", voice)
    assert tts.at_hand("Hola.", voice)
    assert tts.worth_preparing("Hola.", voice)
    tts.say("Hola.", voice, ahead=True)
    assert not tts.worth_preparing("Hola.", voice)
    assert made == ["Hola."]


def test_memory_drops_what_was_used_least_recently() -> None:
    cache = SpokenCache(None, memory_bytes=20)
    cache.put("a", b"0123456789", keep=False)
    cache.put("b", b"0123456789", keep=False)
    cache.get("a")
    cache.put("c", b"0123456789", keep=False)
    assert [cache.has(key) for key in "abc"] == [True, False, True]


def test_disk_stays_below_its_bound(tmp_path: Path) -> None:
    cache = SpokenCache(tmp_path, memory_bytes=1, disk_bytes=100)
    for number in range(30):
        key = cache.key(str(number))
        cache.put(key, bytes(10), keep=True)
        path = tmp_path / key[:2] / f"{key}.pcm"
        if path.exists():
            os.utime(path, (number, number))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.pcm")) <= 100
    assert cache.has(cache.key("29"))


def test_what_is_needed_soonest_is_made_first() -> None:
    bench = Workbench("test")
    gate = threading.Event()
    done: list[str] = []
    first = bench.submit(gate.wait)
    jobs = [
        bench.submit(lambda: done.append("later"), needed_at=9.0),
        bench.submit(lambda: done.append("now"), needed_at=1.0),
        bench.submit(lambda: done.append("soon"), needed_at=2.0),
    ]
    cancelled = bench.submit(lambda: done.append("never"), needed_at=3.0)
    cancelled.cancel()
    gate.set()
    for job in [first, *jobs]:
        job.result(timeout=60)
    assert done == ["now", "soon", "later"]


def test_a_failing_job_fails_alone() -> None:
    bench = Workbench("test")

    def fail() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        bench.submit(fail).result(timeout=60)
    assert bench.submit(lambda: 2).result(timeout=60) == 2


def test_a_closed_bench_finishes_what_it_does_and_begins_nothing() -> None:
    bench = Workbench("test")
    begun, gate = threading.Event(), threading.Event()

    def work() -> str:
        begun.set()
        gate.wait()
        return "finished"

    first, second = bench.submit(work), bench.submit(lambda: "never")
    assert begun.wait(60)
    closing = threading.Thread(target=bench.close, kwargs={"seconds": 60})
    closing.start()
    with pytest.raises(CancelledError):
        second.result(timeout=60)
    gate.set()
    closing.join(60)
    assert (first.result(), closing.is_alive()) == ("finished", False)
    assert not any(thread.is_alive() for thread in bench._threads)
    with pytest.raises(queue.Full):
        bench.submit(lambda: "never")


def test_an_echo_is_told_from_another_voice() -> None:
    rng = np.random.default_rng(3)
    played = rng.normal(size=24000).astype(np.float32)
    room = np.convolve(played, [0, 0, 0.4, 0.2, 0, 0.1])[: len(played)] + rng.normal(size=24000) * 0.05
    as_pcm = [(audio * 4000).clip(-32000, 32000).astype("<i2").tobytes() for audio in (played, room)]
    other = (rng.normal(size=4800) * 4000).clip(-32000, 32000).astype("<i2").tobytes()
    alike = echo.likeness(as_pcm[1][9600:19200], as_pcm[0], heard_rate=8000, played_rate=8000)
    unlike = echo.likeness(other, as_pcm[0], heard_rate=8000, played_rate=8000)
    assert alike > echo.ECHO > unlike
    assert echo.likeness(other, bytes(48000), heard_rate=8000, played_rate=8000) == 0.0
    assert echo.likeness(b"", b"", heard_rate=16000, played_rate=24000) == 0.0


@pytest.mark.parametrize(
    ("reading", "text"),
    [
        (Reading(" Yes. ", -1.3, 0.5), "Yes."),
        (Reading("Thank you.", -0.9, 0.3), ""),
        (Reading("Thank you.", -0.2, 0.05), "Thank you."),
        (Reading("[BLANK_AUDIO]", -0.2, 0.1), ""),
        (Reading("so it goes", -1.2, 0.8), ""),
        (Reading("...", -0.2, 0.1), ""),
        (Reading("Yes? Yes? Yes? Yes? Yes? Yes?", -0.2, 0.4), "Yes?"),
        (Reading("No, no, that is fine.", -0.2, 0.1), "No, no, that is fine."),
    ],
)
def test_only_words_that_were_said_are_kept(reading: Reading, text: str) -> None:
    assert cleaned(reading) == text


def test_repetition_is_seen() -> None:
    assert repeats("we can we can we can we can we can")
    assert not repeats("no, no, it is fine, really")


def test_plain_words_compare_across_accents_and_punctuation() -> None:
    assert plain("¿Qué tal, José?") == "que tal jose"
