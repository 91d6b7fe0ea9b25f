"""Nobody's feelings are judged: no column, field of the API, criterion, signal, prompt or answer of a model asks for one.

Inferring emotions of people at work is forbidden in the European Union. What Parley scores is words and timing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.apps import apps
from django.conf import settings
from django_tenants.utils import schema_context

from integrations.embeddings.embedded import default_encoder
from scenarios.models import RubricVersion
from scenarios.wording import EMOTION
from scoring.judges.embedded import EmbeddedJudge
from scoring.judges.schemas import schema_for
from scoring.results import flags_for, result_of
from scoring.signals import SIGNALS
from scoring.wording import wording
from tests.cast import Cast
from tests.scoring.rubrics import FIVE
from tests.scoring.test_readings import CASE

OURS = ("tenants", "accounts", "people", "integrations", "scenarios", "calls", "scoring", "coaching", "reporting")
FEELING = re.compile(
    r"emotion|emocion|\bmood|sentiment|feeling|\baffect(?!ed)|valence|arousal|anger\b|angry|stress(?!ed by)|nervous|anxi"
    r"|\bfear|\bjoy\b|sadness|happiness|enthusias|charisma|facial|\bface_|gaze|pitch\b|prosod|intonation|timbre",
    re.IGNORECASE,
)
FORBIDS = re.compile(r"\bnever\b|\bnothing\b|\bnot\b|\bno\b|ruled out", re.IGNORECASE)


def keys_of(value: Any) -> Iterator[str]:
    """Every key in nested JSON."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


def test_no_column_holds_a_feeling() -> None:
    models = [model for model in apps.get_models() if model._meta.app_label in OURS]
    assert len(models) > 20
    for model in models:
        for field in model._meta.get_fields():
            texts = [field.name, str(getattr(field, "verbose_name", "")), str(getattr(field, "help_text", ""))]
            assert not FEELING.search(" ".join(texts)), f"{model.__name__}.{field.name}"


def test_no_field_of_the_api_holds_one() -> None:
    described = yaml.safe_load((settings.BASE_DIR / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
    fields = set(keys_of(described["components"]["schemas"]))
    assert len(fields) > 200
    assert not [name for name in fields if FEELING.search(name)]


@pytest.mark.parametrize("organization", ["org_acme", "org_globex"])
def test_no_criterion_that_is_shipped_asks_for_one(cast: Cast, organization: str) -> None:
    with schema_context(organization):
        versions = list(RubricVersion.objects.all())
    assert versions
    for version in versions:
        for item in version.spec().criteria:
            text = " ".join([item.name, item.definition, *item.anchors.values()])
            assert not FEELING.search(text), text
            assert not EMOTION.search(text), text


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_signal_measures_one(language: str) -> None:
    words = wording(language).signals
    for name in SIGNALS:
        assert not FEELING.search(f"{name} {words[name].label} {words[name].good}"), name


@pytest.mark.parametrize("track", ["quick", "deep"])
def test_no_model_is_asked_for_one(track: Any) -> None:
    assert not [key for key in keys_of(schema_for(FIVE, track)) if FEELING.search(key)]


@pytest.mark.parametrize(
    "path", sorted((settings.BASE_DIR / "scoring" / "prompts").glob("*.md")), ids=lambda path: path.name
)
def test_prompts_speak_of_feelings_only_to_forbid_them(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        for sentence in re.split(r"(?<=[.;:])\s+", line):
            if FEELING.search(sentence):
                assert FORBIDS.search(sentence), sentence


def test_no_result_holds_one() -> None:
    judgement = EmbeddedJudge(default_encoder()).judge(CASE, track="deep")
    result = result_of(CASE, judgement, flags=flags_for(CASE))
    assert not [key for key in keys_of(result) if FEELING.search(key)]
