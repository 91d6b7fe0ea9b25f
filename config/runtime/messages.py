"""`python -m config.runtime.messages`: compile translations. Babel does it, so that no machine needs GNU gettext."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from .places import ROOT


def compile_messages(locale: Path = ROOT / "config" / "locale") -> list[Path]:
    """Write the `.mo` beside each `.po` that is newer; answers what was written. Entries marked fuzzy are left out."""
    written = []
    for catalogue in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        compiled = catalogue.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= catalogue.stat().st_mtime:
            continue
        with catalogue.open("rb") as source:
            messages = read_po(source, locale=catalogue.parent.parent.name)
        draft = compiled.with_suffix(".mo.draft")
        with draft.open("wb") as target:
            write_mo(target, messages)
        draft.replace(compiled)
        written.append(compiled)
    return written


if __name__ == "__main__":
    for path in compile_messages():
        print(f"compiled {path}")
