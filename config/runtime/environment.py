"""`python config/runtime/environment.py`: make `.venv` exactly as the lock file says. Standard library only.

uv does the work. It comes from PATH, else from the package index into the environment itself; a Python without `ensurepip`
(Debian's, without python3-venv) gets it by its own pip.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
NODE_AT_LEAST = (20, 19)
# Where systems keep the certificates that their administrator trusts, a company's proxy among them.
CERTIFICATES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


def trusting_environment() -> dict[str, str]:
    """The environment in which uv and npm trust what the machine trusts, besides what they trust by themselves."""
    found = next((path for path in CERTIFICATES if Path(path).exists()), None)
    if found is None:
        return dict(os.environ)
    return {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1", "NODE_EXTRA_CA_CERTS": found, **os.environ}


def succeeds(*command: str | Path) -> bool:
    return subprocess.run([str(part) for part in command], cwd=ROOT, check=False, capture_output=True).returncode == 0


def uv_command() -> list[str]:
    """How to call uv; installs it where it is missing. Raises `SystemExit` with a sentence where that fails."""
    python = VENV / "bin" / "python"
    inside = [str(python), "-m", "uv"]
    if not python.exists():
        shutil.rmtree(VENV, ignore_errors=True)
        succeeds(sys.executable, "-m", "venv", VENV)
    if python.exists() and (succeeds(*inside, "--version") or succeeds(python, "-m", "pip", "install", "-q", "uv")):
        return inside
    beside = ROOT / "var" / "tools"
    if succeeds(sys.executable, "-m", "pip", "install", "-q", "--target", beside, "uv"):
        return [str(beside / "bin" / "uv")]
    if found := shutil.which("uv"):
        return [found]
    raise SystemExit(
        "The Python environment could not be made. Is the package index reachable? On Debian and Ubuntu the packages "
        "python3-venv and python3-pip are needed, or uv."
    )


def has_node(path: str | None = None) -> bool:
    """Whether this PATH (the machine's by default) has npm and a Node that the front end can be built with."""
    node = shutil.which("node", path=path)
    if node is None or shutil.which("npm", path=path) is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", answer)
    return found is not None and (int(found[1]), int(found[2])) >= NODE_AT_LEAST


def main() -> None:
    print("Installing the Python environment; the first time this takes a few minutes.", flush=True)
    uv = uv_command()
    groups = [] if has_node() else ["--group", "node"]
    command = [*uv, "sync", "--frozen", "--inexact", "--quiet", "--python", sys.executable, *groups]
    if subprocess.run(command, cwd=ROOT, env=trusting_environment(), check=False).returncode:
        raise SystemExit("The packages of uv.lock could not be installed. Is the package index reachable?")


if __name__ == "__main__":
    main()
