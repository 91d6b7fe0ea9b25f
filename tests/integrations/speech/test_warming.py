"""What happens when a web process starts, and when the models' files are not there."""

from __future__ import annotations

import threading
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from integrations.errors import ProviderNotConfigured
from integrations.speech import engine as engines
from integrations.speech import weights
from integrations.speech.engine import SpeechEngine, default_engine
from integrations.speech.weights import Weights


@pytest.fixture
def cold() -> SpeechEngine:
    """An engine of its own that has loaded nothing."""
    return default_engine.__wrapped__()


def test_warming_goes_on_when_a_model_is_missing(cold: SpeechEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    done = threading.Event()

    def load(language: str, *, voice_id: str = "") -> None:
        asked.append(language)
        if language == "es":
            done.set()
        raise ProviderNotConfigured("not there", provider="embedded")

    monkeypatch.setattr(cold, "load", load)
    cold.warm(first=lambda: asked.append("encoder"))
    assert done.wait(60)
    assert asked == ["encoder", "en", "es"]


async def test_a_call_without_models_is_refused_in_words(cold: SpeechEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        weights, "MODELS", {"whisper-base": (weights.Joined("x", (weights.Part("none_such", "x"),), ""),)}
    )
    with pytest.raises(ProviderNotConfigured, match="none_such is not installed"):
        await cold.ready(voice_id="carl", language="es")


def test_preparing_reports_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from integrations.management.commands import prepare_speech

    monkeypatch.setattr(prepare_speech, "MODELS", {})
    monkeypatch.setattr(prepare_speech, "default_weights", lambda: Weights(cache=tmp_path))
    said, warned = StringIO(), StringIO()
    call_command("prepare_speech", stdout=said, stderr=warned)
    assert "af_heart" in warned.getvalue()
    monkeypatch.setattr(prepare_speech, "MODELS", {"whisper-base": ()})
    monkeypatch.setattr(
        Weights,
        "model",
        lambda self, name: (_ for _ in ()).throw(weights.missing("a part is damaged")),
    )
    with pytest.raises(CommandError, match="a part is damaged"):
        call_command("prepare_speech", stdout=said, stderr=warned)


def test_settings_may_name_own_models(tmp_path: Path, settings: object) -> None:
    settings.SPEECH_MODEL_DIR = str(tmp_path)  # type: ignore[attr-defined]
    assert engines.default_weights().own == tmp_path
