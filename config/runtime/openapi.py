"""`python -m config.runtime.openapi [--check]`: write `docs/openapi.yaml`, or say whether it is what the code does."""

from __future__ import annotations

import difflib
import subprocess
import sys
import tempfile
from pathlib import Path

from .places import ROOT

DOCUMENT = ROOT / "docs" / "openapi.yaml"


def generated() -> str:
    """The document from the code. Raises `SystemExit` where it is not valid or something in it had to be guessed."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "openapi.yaml"
        command = [sys.executable, "manage.py", "spectacular", "--validate", "--fail-on-warn", "--file", str(file)]
        if subprocess.run([*command, "--urlconf", "config.org_urls"], cwd=ROOT, check=False).returncode:
            raise SystemExit("The API cannot be described: see above.")
        return file.read_text()


def main(arguments: list[str]) -> None:
    new = generated()
    if "--check" not in arguments:
        DOCUMENT.write_text(new)
        return
    old = DOCUMENT.read_text() if DOCUMENT.exists() else ""
    if new != old:
        lines = difflib.unified_diff(old.splitlines(), new.splitlines(), "docs/openapi.yaml", "the code", lineterm="")
        print("\n".join(list(lines)[:60]))
        raise SystemExit("docs/openapi.yaml is not what the code does. Look at the difference, then: make openapi")


if __name__ == "__main__":
    main(sys.argv[1:])
