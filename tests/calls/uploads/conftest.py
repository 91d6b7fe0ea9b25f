"""Uploads worked on at once, with ears that know what they will hear."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calls import spoken, tasks
from calls.uploads import sound, work
from calls.uploads.models import CallUpload
from integrations.errors import ProviderUnavailable
from integrations.speech.base import Transcript
from scenarios.models import RubricVersion
from tests.cast import Cast
from tests.factories import make_rubric_version
from tests.files import keep_files_in


class Ears:
    """Says its lines one after the other; then, that it heard something. `failing`: how many times it does not answer."""

    def __init__(self) -> None:
        self.lines: Iterator[str] = iter(())
        self.heard = 0
        self.failing = 0

    def transcribe(self, pcm: bytes, *, rate: int, language: str) -> Transcript:
        if self.failing:
            self.failing -= 1
            raise ProviderUnavailable("away", provider="embedded")
        self.heard += 1
        return Transcript(next(self.lines, f"Something number {self.heard}."), 0.8, 5)


class Loudness:
    """What is not silence is speech."""

    def score(self, frame: bytes) -> float:
        return float(np.abs(np.frombuffer(frame, "<i2").astype(np.int32)).mean() > 300)


class Languages:
    def __init__(self) -> None:
        self.found = {"en": 0.97}
        self.asked: list[int] = []

    def detect(self, clips: Sequence[bytes]) -> dict[str, float]:
        self.asked.append(len(clips))
        return self.found


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def languages() -> Languages:
    return Languages()


@pytest.fixture(autouse=True)
def quick_models(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path, ears: Ears, languages: Languages
) -> None:
    monkeypatch.setattr(sound, "SileroDetector", Loudness)
    monkeypatch.setattr(spoken, "contains_speech", lambda pcm: bool(np.frombuffer(pcm, "<i2").any()))
    monkeypatch.setattr(spoken, "embedded_stt", lambda: ears)
    monkeypatch.setattr(work, "embedded_languages", lambda: languages)
    settings.CALL_SPOOL_DIR = tmp_path / "spool"
    settings.VOICE_PROVIDER = "embedded"
    settings.BREAKER_URL = ""
    keep_files_in(settings, tmp_path / "media")


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The uploads that were handed to a worker; nobody works on them by itself."""
    found: list[Any] = []
    monkeypatch.setattr(tasks, "enqueue_upload", found.append)
    return found


@pytest.fixture
def rubric(in_acme: Cast) -> RubricVersion:
    return make_rubric_version()


@pytest.fixture
def finished(in_acme: Cast) -> Callable[[CallUpload], CallUpload]:
    """Work on an upload until nothing is left to do."""

    def run(upload: CallUpload) -> CallUpload:
        for _slice in range(200):
            if work.advance(upload.pk) is None:
                break
        upload.refresh_from_db()
        return upload

    return run
