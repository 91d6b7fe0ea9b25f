"""`python -m config.runtime.browser`: find a Chromium for the tests, or install one, and print where it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """The program to start: `PARLEY_CHROMIUM`, the machine's Chromium or Chrome, else Playwright's own."""
    chosen = os.environ.get("PARLEY_CHROMIUM")
    if chosen:
        return chosen
    for name in NAMES:
        if found := shutil.which(name):
            return found
    home = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    downloads = [
        *home.glob("chromium-*/chrome-linux*/chrome"),
        *home.glob("chromium-*/chrome-mac*/*.app/Contents/MacOS/*"),
    ]
    return str(sorted(downloads)[-1]) if downloads else None


def install() -> None:
    """Try the ways there are, most self-contained first; each is quiet unless all fail."""
    playwright = [sys.executable, "-m", "playwright", "install", "chromium"]
    ways = [[*playwright[:-1], "--with-deps", "chromium"] if os.geteuid() == 0 else playwright]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        ways += [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]]
    said = []
    for way in ways:
        result = subprocess.run(way, check=False, capture_output=True, text=True)
        if chromium():
            return
        said.append(f"$ {' '.join(way)}\n{result.stdout[-500:]}{result.stderr[-500:]}")
    print("\n".join(said), file=sys.stderr)
    raise SystemExit(
        "The browser tests need Chromium, and it could not be installed. Install it, or set PARLEY_CHROMIUM."
    )


if __name__ == "__main__":
    if chromium() is None:
        print("Installing Chromium for the browser tests.", flush=True)
        install()
    print(f"browser: {chromium()}")
