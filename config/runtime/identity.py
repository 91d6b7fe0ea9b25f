"""Whom the embedded servers run as. PostgreSQL refuses root, and neither server needs it."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Identity:
    """A user that a child process becomes. `uid` None: the user who runs us."""

    uid: int | None = None
    gid: int | None = None

    def spawn_options(self) -> dict[str, Any]:
        """Arguments for `subprocess` that make the child this user, with no group besides its own."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether this user can reach the folder by its path: a checkout below a private home cannot be."""
        if self.uid is None:
            return True
        probe = ["/bin/sh", "-c", 'cd "$0"', str(folder)]
        return (
            subprocess.run(probe, check=False, cwd="/", stderr=subprocess.DEVNULL, **self.spawn_options()).returncode
            == 0
        )


def server_identity(home: Path) -> Identity:
    """The user for servers whose data is below `home`: us; for root the owner of existing data, else `nobody`."""
    if os.geteuid() != 0:
        return Identity()
    if home.exists() and (owner := home.stat()).st_uid != 0:
        return Identity(owner.st_uid, owner.st_gid)
    nobody = pwd.getpwnam("nobody")
    return Identity(nobody.pw_uid, nobody.pw_gid)
