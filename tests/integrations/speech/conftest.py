from __future__ import annotations

import pytest

from integrations.speech.engine import SpeechEngine, default_engine


@pytest.fixture(scope="session")
def engine() -> SpeechEngine:
    """The real models, loaded once per process."""
    engine = default_engine()
    engine.load("en")
    engine.load("es")
    return engine
