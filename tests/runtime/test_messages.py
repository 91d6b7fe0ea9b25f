"""Translations: found in code and templates, kept when catalogues are updated, compiled without GNU gettext."""

from __future__ import annotations

import ast
import gc
import gettext
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from config.runtime.messages import (
    KEYWORDS,
    LANGUAGES,
    LOCALE,
    compile_messages,
    extracted,
    is_translated,
    sources,
    update_catalogues,
)
from config.runtime.places import ROOT


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_messages_are_found_in_code_and_templates(tmp_path: Path) -> None:
    write(tmp_path, "calls/views.py", 'title = _("Practice")\nngettext("%(n)d call", "%(n)d calls", n)\n')
    write(tmp_path, "calls/migrations/0001_initial.py", 'verbose_name = _("not for people")\n')
    write(
        tmp_path,
        "templates/a.html",
        "<p>don't {% translate \"Start 'now'\" %}</p>\n  {% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days"
        '{% endblocktranslate %}\n{% translate "May" context "month" %} {{ _("Inline")|upper }}',
    )
    found = {(message.context, message.id) for message in extracted(tmp_path) if message.id}
    assert found == {
        (None, "Practice"),
        (None, ("%(n)d call", "%(n)d calls")),
        (None, "Start 'now'"),
        (None, ("%(n)s day", "%(n)s days")),
        ("month", "May"),
        (None, "Inline"),
    }


def test_every_simple_tag_of_our_templates_is_found() -> None:
    found = {message.id if isinstance(message.id, str) else message.id[0] for message in extracted()}
    simple = re.compile(r"""\{%\s*trans(?:late)?\s+"([^"]+)"\s*(?:as \w+\s*)?%\}""")
    written = {text for path in (ROOT / "templates").rglob("*.html") for text in simple.findall(path.read_text())}
    assert written
    assert written - found == set()


def tree_of(text: str) -> ast.AST:
    """With the collector at rest: a finalizer that logs a traceback parses, too, and Python 3.11 takes one parse begun
    inside of another for a fault of its own (`AST constructor recursion depth mismatch`)."""
    gc.disable()
    try:
        return ast.parse(text)
    finally:
        gc.enable()


def test_no_message_hides_inside_of_an_f_string() -> None:
    """What stands there is no call for whoever looks for messages before Python 3.12, and would stay English."""
    hidden = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, text in sources(ROOT)
        if path.suffix == ".py"
        for formatted in ast.walk(tree_of(text))
        if isinstance(formatted, ast.JoinedStr)
        for call in ast.walk(formatted)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS
    ]
    assert hidden == []


def test_updating_keeps_translations_and_drops_what_is_gone(tmp_path: Path) -> None:
    write(tmp_path, "calls/views.py", '_("Practice")\n_("Gone soon")\n')
    locale = tmp_path / "locale"
    assert update_catalogues(tmp_path, locale) == {"es": 2}
    catalogue = locale / "es" / "LC_MESSAGES" / "django.po"
    catalogue.write_text(
        catalogue.read_text().replace('msgid "Practice"\nmsgstr ""', 'msgid "Practice"\nmsgstr "Practicar"')
    )
    write(tmp_path, "calls/views.py", '_("Practice")\n_("New")\n')
    assert update_catalogues(tmp_path, locale) == {"es": 1}
    text = catalogue.read_text()
    assert 'msgstr "Practicar"' in text
    assert "Gone soon" not in text


def test_a_guess_counts_as_missing(tmp_path: Path) -> None:
    write(tmp_path, "calls/views.py", '_("Practice")\n')
    update_catalogues(tmp_path, tmp_path)
    catalogue = tmp_path / "es" / "LC_MESSAGES" / "django.po"
    guessed = '#, fuzzy\nmsgid "Practice"\nmsgstr "Practicar"'
    catalogue.write_text(catalogue.read_text().replace('msgid "Practice"\nmsgstr ""', guessed))
    assert update_catalogues(tmp_path, tmp_path) == {"es": 1}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_of_ours_is_translated_for_good(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        entries = [entry for entry in read_po(file, locale=language) if entry.id]
    assert entries
    assert [entry.id for entry in entries if entry.fuzzy or not is_translated(entry.string)] == []


def test_compiling_writes_once_and_what_python_reads(tmp_path: Path) -> None:
    write(tmp_path, "calls/views.py", '_("Practice")\n')
    update_catalogues(tmp_path, tmp_path)
    catalogue = tmp_path / "es" / "LC_MESSAGES" / "django.po"
    catalogue.write_text(
        catalogue.read_text().replace('msgid "Practice"\nmsgstr ""', 'msgid "Practice"\nmsgstr "Practicar"')
    )
    assert compile_messages(tmp_path) == [catalogue.with_suffix(".mo")]
    assert compile_messages(tmp_path) == []
    assert gettext.translation("django", tmp_path, ["es"]).gettext("Practice") == "Practicar"
