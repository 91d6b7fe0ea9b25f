"""After a migration of `public`: the prompts that come with the software have their rows."""

from __future__ import annotations

from typing import Any

from tenants.schemas import in_public

from . import registry


def register_shipped(**kwargs: Any) -> None:
    if in_public():
        registry.register_shipped()
