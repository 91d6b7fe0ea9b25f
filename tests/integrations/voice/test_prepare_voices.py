"""`manage.py prepare_voices`, with a voice that costs nothing."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from calls.management.commands import prepare_voices
from scenarios.briefs import PersonaBrief
from scenarios.presets import scenarios
from tests.cast import Cast


class Voiceless:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.tts = self

    def worth_preparing(self, text: str, voice: Any) -> bool:
        return text not in self.said

    def say(self, text: str, voice: Any, *, ahead: bool) -> bytes:
        assert ahead
        self.said.append(text)
        return b""


def test_lines_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    brief: PersonaBrief = scenarios()["freight-cold-call", "en"].brief()
    engine = Voiceless()
    monkeypatch.setattr(prepare_voices, "default_engine", lambda: engine)
    command = prepare_voices.Command()
    assert command._prepare(brief) > 50
    assert any(text in brief.objections[0].text for text in engine.said)
    assert command._prepare(brief) == 0


def test_every_published_scenario_of_an_organisation_is_prepared(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare_voices, "default_engine", Voiceless)
    said = StringIO()
    call_command("prepare_voices", organization=cast.acme.slug, stdout=said)
    assert "globex" not in said.getvalue()
    assert connection.schema_name == "public"
    with pytest.raises(CommandError, match="nowhere"):
        call_command("prepare_voices", organization="nowhere")
