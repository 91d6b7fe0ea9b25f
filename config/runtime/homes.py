"""The folder of one embedded server: its data, its copy of the program, its remembered port and password.

Everything about one server is below one folder, so removing `var/postgres` removes data and password together.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

from .errors import RunFailed
from .identity import server_identity
from .places import free_port, port_is_free, read_json, write_private


class ServerHome:
    """`<var>/<name>`, owned by the user that the server runs as.

    Where root runs us and that user cannot reach `var/` (a checkout below a private home), the folder is a link to one in
    `/var/lib/parley`: the permissions of folders above the checkout are not ours to change.
    """

    def __init__(self, var: Path, name: str) -> None:
        self.name = name
        path = var / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.identity = server_identity(path)
        if not path.exists():
            self._create(path)
        self.path = path.resolve()
        if not os.access(self.path, os.R_OK | os.W_OK | os.X_OK):
            raise RunFailed(
                f"{path} belongs to another user (was Parley run as root here before?). "
                f"Run as that user again, or remove the folder to start with empty data."
            )
        state = read_json(self.path / "server.json")
        self.password = str(state.get("password") or secrets.token_urlsafe(24))
        self.port = int(state.get("port") or 0)

    def _create(self, path: Path) -> None:
        if path.is_symlink():  # its target is gone
            path.unlink()
        target = path
        if not self.identity.can_enter(path.parent):
            shared = Path("/var/lib/parley")
            target = shared / f"{self.name}-{secrets.token_hex(6)}"
            shared.mkdir(parents=True, exist_ok=True)
            shared.chmod(0o755)
            path.symlink_to(target)
        target.mkdir(mode=0o700)
        self.identity.own(target)

    def folder(self, name: str) -> Path:
        """A folder below the home that the server may write to."""
        folder = self.path / name
        folder.mkdir(mode=0o700, exist_ok=True)
        self.identity.own(folder)
        return folder

    def settle(self) -> None:
        """Choose the port, the last one again where it is free, and write it down with the password for the next run."""
        if not self.port or not port_is_free(self.port):
            self.port = free_port()
        self.private_file("server.json", json.dumps({"port": self.port, "password": self.password}))

    def private_file(self, name: str, text: str) -> Path:
        """A file for the server's eyes only."""
        path = self.path / name
        write_private(path, text)
        self.identity.own(path)
        return path

    def copy_program(self, version: str, *sources: Path) -> Path:
        """Copy a server's program here once per version and answer the copy's folder.

        The environment may lie where the server's user cannot read, and wheels may lose the permission to execute. The
        sources keep their places relative to each other, because the programs find their libraries that way.
        """
        target = self.path / f"program-{version}"
        if not target.exists():
            draft = self.path / f".program-{os.getpid()}"
            shutil.rmtree(draft, ignore_errors=True)
            for source in sources:
                into = draft / source.name
                if source.is_dir():
                    shutil.copytree(source, into, symlinks=True)
                else:
                    into.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(source, into)
            for path in (draft, *draft.rglob("*")):
                if path.is_dir() or "bin" in path.parts or path.parent == draft:
                    path.chmod(0o755)
                elif not path.is_symlink():
                    path.chmod(0o644)
            draft.rename(target)
        return target


def command_of(pid: int) -> str:
    """The command line of a running process, empty where there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return ""
    listing = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False)
    return listing.stdout.strip()


def stop_leftover(pid_file: Path, *, belongs: str, how: signal.Signals, seconds: float = 15) -> None:
    """Stop a server that an earlier, killed run left behind. Its command line must contain `belongs`: pids are reused."""
    try:
        pid = int(pid_file.read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return
    for attempt in (how, signal.SIGKILL):
        if belongs not in command_of(pid):
            return
        os.kill(pid, attempt)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and belongs in command_of(pid):
            time.sleep(0.1)
    if belongs in command_of(pid):
        raise RunFailed(f"Process {pid} of an earlier run does not stop. Stop it by hand: kill -9 {pid}")
