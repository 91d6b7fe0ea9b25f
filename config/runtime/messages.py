"""`python -m config.runtime.messages [--extract]`: compile translations; with --extract, first update the catalogues.

Babel does both, so that no machine needs GNU gettext.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from .places import ROOT

LOCALE = ROOT / "config" / "locale"
LANGUAGES = ("es",)
CODE = ("accounts", "calls", "coaching", "config", "integrations", "reporting", "scenarios", "scoring", "tenants")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def compile_messages(locale: Path = LOCALE) -> list[Path]:
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


def sources(root: Path) -> Iterator[tuple[Path, str]]:
    """Every file that may hold text for people, with its text as Python source."""
    from django.utils.translation.template import templatize  # noqa: PLC0415  (compiling needs no Django)

    for folder in CODE:
        for path in sorted((root / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, path.read_text()
    for path in sorted((root / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            # Template code becomes calls of gettext; what stands around them is no Python, so each call gets its line.
            calls = templatize(path.read_text(), origin=str(path))
            yield path, "\n".join(line.strip() for line in calls.splitlines())


def extracted(root: Path = ROOT) -> Catalog:
    """All messages of code and templates, with where they are; comments that start with `Translators:` go along."""
    catalogue = Catalog(project="Parley", charset="utf-8", fuzzy=False)
    for path, text in sources(root):
        for line, message, comments, context in extract(
            "python", io.BytesIO(text.encode()), keywords=KEYWORDS, comment_tags=["Translators:"]
        ):
            where = [(str(path.relative_to(root)), line)]
            catalogue.add(message, locations=where, auto_comments=comments, context=context)
    return catalogue


def update_catalogues(root: Path = ROOT, locale: Path = LOCALE) -> dict[str, int]:
    """Merge what was extracted into each language's catalogue; answers how many messages lack a translation."""
    template = extracted(root)
    missing = {}
    for language in LANGUAGES:
        path = locale / language / "LC_MESSAGES" / "django.po"
        if path.exists():
            with path.open("rb") as file:
                catalogue = read_po(file, locale=language)
            catalogue.update(template, no_fuzzy_matching=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            catalogue = template
            catalogue.locale = language
        with path.open("wb") as file:
            write_po(file, catalogue, width=120, ignore_obsolete=True, include_lineno=False, sort_output=True)
        # What is only guessed (fuzzy) is left out when it is compiled: nobody would read it.
        missing[language] = sum(
            1 for message in catalogue if message.id and (message.fuzzy or not is_translated(message.string))
        )
    return missing


def is_translated(text: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(text) if isinstance(text, (tuple, list)) else bool(text)


if __name__ == "__main__":
    if "--extract" in sys.argv[1:]:
        for language, count in update_catalogues().items():
            print(f"{language}: {count} messages without a translation")
    for path in compile_messages():
        print(f"compiled {path}")
