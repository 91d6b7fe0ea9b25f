"""The test suite: fast hashing, mail in memory, one database per run (and per xdist worker)."""

from __future__ import annotations

import os

from .base import *  # noqa: F403
from .base import DATABASES, MIDDLEWARE, THROTTLE_RATES
from .environment import VAR_DIR

DEBUG = False
DEMO = True
SECRET_KEY = "test-only-secret-key-of-the-suite-0123456789"  # noqa: S105
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
DATABASES["default"]["OPTIONS"] = {}
DATABASES["default"]["TEST"] = {"NAME": f"test_parley_{os.environ.get('PARLEY_TEST_DB', 'main')}"}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "KEY_FUNCTION": "tenants.names.cache_key",
        "REVERSE_KEY_FUNCTION": "tenants.names.plain_cache_key",
    }
}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
THROTTLE_RATES = dict.fromkeys(THROTTLE_RATES, "100000/min")
# Tests ask for no built files, and WhiteNoise warns where there are none.
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("whitenoise.")]
STORAGES = {
    "default": {"BACKEND": "tenants.storage.PrivateFiles"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = VAR_DIR / "test-media" / os.environ.get("PYTEST_XDIST_WORKER", "main")
DJANGO_VITE = {"default": {"dev_mode": True}}
# A vendor key in a developer's shell must not make the suite call out.
VENDOR_KEYS = dict.fromkeys(("elevenlabs", "vapi", "groq", "gemini", "openai", "openrouter", "highlevel", "stripe"), "")
BREAKER_URL = ""
# Tests publish what they need; those of test flights turn this on.
FLIGHT_REQUIRED = False
SPEECH_WARM = False
# A first request of a busy machine's loads the vendor's whole software; tests of the limit set one of their own.
QUICK_SCORE_SECONDS = 10.0
VOICE_PROVIDER = QUICK_SCORER = DEEP_SCORER = ""
GRADED_RUNS_AT_ONCE = 1  # readings stay in the test's own transaction
STATICFILES_DIRS = []
STT_ENDPOINT_ENABLED = True
