"""Which models stand in line, and what an operator sees and changes of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache

from accounts.models import User
from integrations.catalogue import served
from integrations.catalogue.models import ProviderModel
from integrations.llm.families import family_of
from integrations.vendors import VendorKeys
from tests.cast import Cast
from tests.conftest import signed_in

GROQ = VendorKeys("groq", api_key="x")


def test_the_settings_model_is_first_and_a_spare_one_behind_it(db: None, settings: Any) -> None:
    assert served.models_for(GROQ) == ["openai/gpt-oss-120b", "openai/gpt-oss-20b"]
    settings.GROQ_MODEL = "qwen/qwen3.8-27b"
    assert served.models_for(GROQ) == ["qwen/qwen3.8-27b", "openai/gpt-oss-20b"]


def test_a_place_in_line_may_be_for_one_kind_of_work(db: None) -> None:
    ProviderModel.objects.create(vendor="groq", name="openai/gpt-oss-20b", task="quick", position=1)
    assert served.models_for(GROQ, task="quick")[0] == "openai/gpt-oss-20b"
    assert served.models_for(GROQ, task="deep")[0] == "openai/gpt-oss-120b"


def test_a_model_that_is_gone_is_told_once(db: None) -> None:
    assert served.note_gone(GROQ, "openai/gpt-oss-120b")
    assert not served.note_gone(GROQ, "openai/gpt-oss-120b")
    assert served.models_for(GROQ) == ["openai/gpt-oss-20b"]


def test_with_none_left_the_first_is_asked_all_the_same(db: None) -> None:
    for name in served.models_for(GROQ):
        served.note_gone(GROQ, name)
    assert served.models_for(GROQ) == ["openai/gpt-oss-120b"]


def test_what_one_account_is_not_served_others_are(in_acme: Cast) -> None:
    cache.clear()
    own = VendorKeys("groq", api_key="x", own=True, account="org_acme", options={"model": "my/model"})
    assert served.models_for(own)[:2] == ["my/model", "openai/gpt-oss-120b"]
    assert not served.note_gone(own, "openai/gpt-oss-120b")
    assert served.models_for(GROQ)[0] == "openai/gpt-oss-120b"
    cache.clear()


def test_operators_keep_the_line(cast: Cast) -> None:
    User.objects.filter(pk=cast.dee.pk).update(is_staff=True, is_superuser=True)
    cast.dee.refresh_from_db()
    served.note_gone(GROQ, "openai/gpt-oss-120b")
    gone = ProviderModel.objects.get(name="openai/gpt-oss-120b")
    operator = signed_in(cast.dee)
    address = "/admin/catalogue/providermodel/"
    assert "not served any more" in operator.get(address).content.decode()
    operator.post(address, {"action": "serve_again", "_selected_action": [gone.pk]})
    gone.refresh_from_db()
    assert gone.retired_at is None
    form = {"vendor": "groq", "name": "qwen/qwen3.8-27b", "task": "deep", "position": "5"}
    assert operator.post(address + "add/", form | {"retired_at_0": "", "retired_at_1": ""}).status_code == 302
    assert served.models_for(GROQ, task="deep")[0] == "qwen/qwen3.8-27b"
    assert operator.get("/admin/costs/").status_code == 200
    assert signed_in(cast.ada).get(address).status_code == 302


@pytest.mark.parametrize(
    ("vendor", "model", "temperature", "effort"),
    [
        ("groq", "openai/gpt-oss-120b", True, "low"),
        ("groq", "llama-4", True, ""),
        ("gemini", "gemini-3.8-flash", False, "low"),
        ("gemini", "gemini-2.5-flash-lite", True, ""),
        ("gemini", "gemini-4-flash", False, "low"),
        ("openai", "gpt-4.1-mini", True, ""),
        ("openai", "gpt-6-luna", False, "low"),
        ("openrouter", "openai/gpt-4o", False, ""),
    ],
)
def test_what_a_family_may_be_sent(vendor: str, model: str, temperature: bool, effort: str) -> None:
    family = family_of(vendor, model)
    assert (family.temperature, family.effort) == (temperature, effort)
