"""Every setting read from the environment is in `.env.example`, without a value."""

from __future__ import annotations

import re

from django.conf import settings

from config.runtime.places import ROOT

READ = re.compile(r"""\benv(?:\.\w+)?\(\s*"([A-Z][A-Z0-9_]*)""")
LISTED = re.compile(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)


def test_every_setting_is_listed_without_a_value() -> None:
    listed = dict(LISTED.findall((ROOT / ".env.example").read_text()))
    read = {name for file in (ROOT / "config" / "settings").glob("*.py") for name in READ.findall(file.read_text())}
    read |= {
        f"{vendor}_{suffix}" for vendor in settings.VENDORS for suffix in ("API_KEY", "BASE_URL", "WEBHOOK_SECRET")
    }
    assert "DATABASE_URL" in read
    assert read - set(listed) == set()
    assert {name for name, value in listed.items() if value} == set()
