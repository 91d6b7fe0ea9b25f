"""The way past the database's own guards of rows that never change: for erasing a person, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def erasing() -> Iterator[None]:
    """Inside, rows that are kept for ever may be changed and deleted; a transaction of its own, or part of the one at hand.

    Versions, score runs, events of calls and the audit trail carry triggers (migrations `…_never_change`) that refuse it
    otherwise, whoever asks. Deleting a whole call needs no permission: what belongs to it goes with it.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('parley.erasing', 'on', true)")
        yield
        cursor.execute("SELECT set_config('parley.erasing', 'off', true)")
