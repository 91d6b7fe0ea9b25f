"""Signals of this layer, and who listens. Both are sent inside an organisation's schema.

`personal_data_requested(user, organization)`: each receiver returns `(section, JSON-able data)` for the person's export.
`personal_files_requested(user, organization)`: each returns a list of `PersonalFile`, for the same export.
`person_erased(user, organization)`: sent in the transaction of the erasure; receivers delete or anonymise what their app
keeps about the person in this organisation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from django.dispatch import Signal


@dataclass(frozen=True, slots=True)
class PersonalFile:
    """A file of a person's export: its path inside, and how to open it when its turn comes."""

    path: str
    open: Callable[[], IO[bytes]]


personal_data_requested = Signal()
personal_files_requested = Signal()
person_erased = Signal()
