"""What `manage.py check` says before Parley starts."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet

from config.checks import fit_for_production, no_transaction_pooling, settings_make_sense, sign_in_makes_sense


def ids(messages: list[Any]) -> list[str]:
    return [message.id for message in messages]


def test_settings_of_the_suite_make_sense() -> None:
    assert ids(settings_make_sense(None)) == ["parley.W001"]  # demo accounts are allowed in tests
    assert ids(sign_in_makes_sense(None)) == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SECRET_KEY", "short", "parley.E001"),
        ("SITE_URL", "ftp://x", "parley.E002"),
        ("QUICK_SCORER", "groq", "parley.E003"),
        ("VOICE_PROVIDER", "carrier-pigeon", "parley.E009"),
        ("VENDOR_KEYS", {"elevenlabs": "key-without-an-agent"}, "parley.W006"),
    ],
)
def test_a_setting_that_cannot_work_is_named(settings: Any, name: str, value: str, expected: str) -> None:
    setattr(settings, name, value)
    assert expected in ids(settings_make_sense(None))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("FIELD_ENCRYPTION_KEYS", ["nonsense"], "parley.E005"),
        ("THROTTLE_RATES", {"chat": "often"}, "parley.E007"),
        ("API_TOKEN_LIFETIME_DAYS", 0, "parley.E008"),
        ("SOCIALACCOUNT_PROVIDERS", {"openid_connect": {"APPS": [{"settings": {"server_url": ""}}]}}, "parley.E006"),
    ],
)
def test_sign_in_that_would_fail_later_is_named_now(settings: Any, name: str, value: Any, expected: str) -> None:
    setattr(settings, name, value)
    assert ids(sign_in_makes_sense(None)) == [expected]


def test_good_keys_pass(settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), Fernet.generate_key().decode()]
    assert ids(sign_in_makes_sense(None)) == []


def test_production_is_asked_for_more(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert ids(fit_for_production(None)) == ["parley.W002", "parley.W003", "parley.W004", "parley.W005"]
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    settings.ALLOWED_HOSTS = ["parley.example"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.SITE_URL = "https://parley.example"
    assert ids(fit_for_production(None)) == []


def test_transaction_pooling_is_refused(settings: Any) -> None:
    assert no_transaction_pooling(None) == []
    settings.DATABASES = {"default": {"PORT": 6432}}
    assert ids(no_transaction_pooling(None)) == ["parley.E004"]
