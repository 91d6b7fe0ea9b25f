"""No pauses between attempts, and no breaker that remembers another test."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _fresh(fresh_breakers: None) -> None:
    """For every test here."""
