"""Parley as it is served, with the echo in a vendor's place."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

from config.runtime.serve import main
from integrations.voice import registry

registry.PROVIDERS["echo"] = "benchmarks.servers.echo.EchoProvider"

if __name__ == "__main__":
    main()
