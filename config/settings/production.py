"""Production: every secret comes from the environment and a missing one stops the start."""

from __future__ import annotations

import sentry_sdk

from config import logs

from .base import *  # noqa: F403
from .base import SENTRY_DSN, SITE_URL
from .environment import env

DEBUG = False
SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])
# Behind a proxy that ends TLS. A SITE_URL of http:// is for trying Parley out on one machine and gives all of this up.
HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=HTTPS)
SECURE_REDIRECT_EXEMPT = [r"^health$"]  # probes ask the process itself
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
LOGGING = logs.configure("console" if env("LOG_FORMAT", default="json") == "console" else "json")

if SENTRY_DSN:
    # Errors only, without the values of variables and requests: they may hold what somebody said.
    sentry_sdk.init(SENTRY_DSN, send_default_pii=False, include_local_variables=False, max_request_body_size="never")
