"""Parley as it is served, with the echo in a vendor's place."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
os.environ.setdefault("VOICE_PROVIDER", "echo")

from django.conf import settings

from config.runtime.serve import main
from integrations.voice import registry

registry.PROVIDERS["echo"] = "benchmarks.servers.echo.EchoProvider"
settings.VENDOR_KEYS["echo"] = "none"  # only who has a key is asked to speak

if __name__ == "__main__":
    main()
