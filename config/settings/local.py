"""A developer's machine and `make run`: debug on, demo organisations allowed, everything on loopback."""

from __future__ import annotations

import secrets

from config.runtime.places import write_private

from .base import *  # noqa: F403
from .base import SECRET_KEY, SITE_URL
from .environment import VAR_DIR, env

DEBUG = env.bool("DEBUG", default=True)
DEMO = env.bool("PARLEY_DEMO", default=True)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", ".localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True

if not SECRET_KEY:
    # Kept in var/ so that sessions and signed links survive a restart; never shared between machines.
    key_file = VAR_DIR / "secret_key"
    if not key_file.exists():
        write_private(key_file, secrets.token_urlsafe(48))
    SECRET_KEY = key_file.read_text().strip()
