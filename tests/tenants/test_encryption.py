"""Secrets at rest, and changing their keys."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet

from tenants.encryption import CannotDecrypt, decrypt, encrypt

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_what_is_stored_does_not_show_the_secret() -> None:
    stored = encrypt("otpauth ñ")
    assert "otpauth" not in stored
    assert decrypt(stored) == "otpauth ñ"
    assert encrypt("otpauth ñ") != stored


def test_keys_are_changed_without_losing_anything(settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    stored = encrypt("secret")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    assert decrypt(stored) == "secret"
    renewed = encrypt(decrypt(stored))
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert decrypt(renewed) == "secret"
    with pytest.raises(CannotDecrypt):
        decrypt(stored)


@pytest.mark.parametrize("damaged", ["", "nonsense", "ñ"])
def test_damaged_text_is_refused(damaged: str) -> None:
    with pytest.raises(CannotDecrypt):
        decrypt(damaged)
