"""`check_models` says which language models answer, in words that tell what to do."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from integrations.catalogue.models import ProviderModel
from tests.standins import models, openai
from tests.standins.openai import OpenAI

pytestmark = pytest.mark.django_db


def check(settings: Any, slug: str, base_url: str, key: str = models.KEY) -> str:
    settings.VENDOR_KEYS = {**settings.VENDOR_KEYS, slug: key}
    settings.VENDOR_BASE_URLS = {**settings.VENDOR_BASE_URLS, slug: base_url}
    said = StringIO()
    try:
        call_command("check_models", timeout=10, stdout=said)
    except CommandError as error:
        return f"{said.getvalue()}{error}"
    return said.getvalue()


def test_without_keys_the_embedded_engine_works() -> None:
    said = StringIO()
    call_command("check_models", stdout=said)
    assert said.getvalue().count("the embedded engine does its work") == 4


@pytest.mark.parametrize(("slug", "wire"), [("groq", models.groq), ("gemini", models.gemini)])
def test_a_model_that_answers(settings: Any, slug: str, wire: Any) -> None:
    with models.standing_in(wire) as vendor:
        vendor.script += ['{"ready": true}'] * 2
        said = check(settings, slug, vendor.base_url)
    assert said.count(f"{slug} ") == 2, "the model, and the one that would take its place"
    assert said.count("answers (") == 2


def test_a_wrong_key_is_said(settings: Any) -> None:
    with models.standing_in(models.groq) as vendor:
        said = check(settings, "groq", vendor.base_url, key="wrong")
    assert "(refused)" in said
    assert said.endswith("Not usable: groq.")


def test_a_retired_model_is_said(settings: Any) -> None:
    body = {"error": {"code": "model_decommissioned", "message": "The model has been decommissioned."}}
    with models.standing_in(models.groq) as vendor:
        vendor.script += [models.Fault(status=400, body=body), '{"ready": true}']
        said = check(settings, "groq", vendor.base_url)
        assert "groq openai/gpt-oss-120b: this model is retired; set GROQ_MODEL" in said
        assert "groq openai/gpt-oss-20b: answers (" in said
        assert "Not usable" not in said
        assert ProviderModel.objects.get(name="openai/gpt-oss-120b").retired_at is not None
        vendor.script = ['{"ready": true}']
        assert "120b" not in check(settings, "groq", vendor.base_url), "it is not in line any more"


def test_a_retired_spare_is_not_blamed_on_the_setting(settings: Any) -> None:
    body = {"error": {"code": "model_decommissioned", "message": "The model has been decommissioned."}}
    with models.standing_in(models.groq) as vendor:
        vendor.script += ['{"ready": true}', models.Fault(status=400, body=body)]
        said = check(settings, "groq", vendor.base_url)
    assert "groq openai/gpt-oss-20b: this model is retired; it stood in line as a spare" in said
    assert "set GROQ_MODEL" not in said


def test_no_model_left_is_said(settings: Any) -> None:
    body = {"error": {"code": "model_decommissioned", "message": "The model has been decommissioned."}}
    with models.standing_in(models.groq) as vendor:
        vendor.script += [models.Fault(status=400, body=body)] * 2
        assert check(settings, "groq", vendor.base_url).endswith("Not usable: groq.")
        vendor.script = ['{"ready": true}']
        assert "groq openai/gpt-oss-120b: answers (" in check(settings, "groq", vendor.base_url)
    assert not ProviderModel.objects.filter(name="openai/gpt-oss-120b").exclude(retired_at=None).exists()


def test_models_that_go_soon_are_said(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with OpenAI(hear=lambda pcm, language: "").serving() as vendor:
        settings.VENDOR_OPTIONS = {"openai": {"stt_model": "gpt-9", "tts_model": "gpt-4o-mini-tts"}}
        monkeypatch.setitem(openai.MODELS, "gpt-4o-mini-tts", str(date.today() + timedelta(days=59)))
        said = check(settings, "openai", f"{vendor.base_url}/v1")
    assert "openai gpt-6-luna: answers (" in said
    assert "openai gpt-9: not served to this account; set OPENAI_STT_MODEL" in said
    assert "openai gpt-4o-mini-tts: goes on " in said
    assert "set OPENAI_TTS_MODEL to another one before" in said
    assert "gpt-6-luna: goes" not in said
