"""What an author can choose is what the embedded judge knows."""

from __future__ import annotations

from scenarios.signals import SIGNALS
from scoring.signals import SIGNALS as MEASURED


def test_authors_choose_among_the_judges_signals() -> None:
    assert set(SIGNALS) == set(MEASURED)
