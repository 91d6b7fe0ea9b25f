"""Secrets at rest: encrypted with the newest of `FIELD_ENCRYPTION_KEYS`, readable with any of them.

To change keys, put a new one in front, re-save what was encrypted, then drop the old one. Without any, a key derived from
`SECRET_KEY` is used, so a development machine needs no set-up; `manage.py check --deploy` asks production for keys.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class CannotDecrypt(ValueError):
    """Written with a key that is no longer configured, or damaged."""


def _keys() -> MultiFernet:
    if settings.FIELD_ENCRYPTION_KEYS:
        return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"parley.field-encryption").derive(
        settings.SECRET_KEY.encode()
    )
    return MultiFernet([Fernet(base64.urlsafe_b64encode(derived))])


def encrypt(text: str) -> str:
    return _keys().encrypt(text.encode()).decode("ascii")


def decrypt(token: str) -> str:
    """Raises `CannotDecrypt`."""
    try:
        return _keys().decrypt(token.encode("ascii")).decode()
    except (InvalidToken, UnicodeEncodeError):
        raise CannotDecrypt("no configured key reads this") from None
