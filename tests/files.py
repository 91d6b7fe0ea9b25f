"""Private files of one test, in a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def keep_files_in(settings: Any, folder: Path) -> None:
    """`settings`: the fixture, which takes it back. Setting the storages anew has the storage, which remembers its folder,
    made again."""
    settings.MEDIA_ROOT = folder
    settings.STORAGES = {**settings.STORAGES}
