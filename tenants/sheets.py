"""Sheets (CSV): read however a spreadsheet saved them, and written so that no spreadsheet runs what is in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from .errors import InvalidInput

LARGEST = 1_000_000  # bytes of a file that is read
MOST_LINES = 1000
# What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")

Columns = Mapping[str, Sequence[str]]


class SheetRefused(InvalidInput):
    """The whole sheet cannot be read; nothing was done."""

    def __init__(self, issue: str) -> None:
        super().__init__(issue, details={"field": "csv", "issue": issue})


def written(rows: Iterable[Sequence[Any]]) -> str:
    """CSV that a spreadsheet opens without running anything of it; with the mark by which Excel knows that it is UTF-8."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([harmless(value) for value in row])
    return out.getvalue()


def harmless(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula. Numbers and days stay as they are."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def decoded(raw: bytes) -> str:
    """A file's text, in whatever encoding spreadsheets write. Raises `SheetRefused`."""
    if len(raw) > LARGEST:
        raise SheetRefused(_("The file is larger than %(most)d kB.") % {"most": LARGEST // 1000})
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError:
            raise SheetRefused(_("This is no text file. Save the sheet as CSV.")) from None
    if b"\x00" in raw:
        raise SheetRefused(_("This is no text file. Save the sheet as CSV."))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def lines_of(
    text: str, *, columns: Columns, needs: Sequence[Set[str]], without: str
) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines below the head, each with its number in the sheet and its cells by the names of `columns`, a name's values
    being what the head may call it. The head must have one of each of `needs`; `without` is what is said else. Raises
    `SheetRefused` where the sheet cannot be read at all."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if len(text.encode()) > LARGEST * 2:
        raise SheetRefused(_("The file is larger than %(most)d kB.") % {"most": LARGEST // 1000})
    if "\x00" in text:
        raise SheetRefused(_("This is no text file. Save the sheet as CSV."))
    head, _newline, _rest = text.lstrip("\n").partition("\n")
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        yield from _named(reader, partial(_head, columns=columns, needs=needs, without=without))
    except csv.Error:
        raise SheetRefused(_("Line %(line)d cannot be read.") % {"line": reader.line_num}) from None


def _named(reader: Any, head: Callable[[list[str]], list[str]]) -> Iterator[tuple[int, dict[str, str]]]:
    names: list[str] = []
    count = 0
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if not names:
            names = head(cells)
            continue
        count += 1
        if count > MOST_LINES:
            raise SheetRefused(_("A sheet has at most %(most)d lines; make two of it.") % {"most": MOST_LINES})
        yield reader.line_num, {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
    if not count:
        raise SheetRefused(_("The sheet has no line below its head."))


def _head(cells: list[str], *, columns: Columns, needs: Sequence[Set[str]], without: str) -> list[str]:
    known = {alias: name for name, aliases in columns.items() for alias in aliases}
    names = [known.get(cell.strip().casefold(), "") for cell in cells]
    unknown = [cell.strip() for cell, name in zip(cells, names, strict=True) if cell.strip() and not name]
    if unknown:
        raise SheetRefused(_("There is no column “%(name)s”.") % {"name": unknown[0][:40]})
    if not all(any_of & set(names) for any_of in needs):
        raise SheetRefused(without)
    if len(set(filter(None, names))) < len(list(filter(None, names))):
        raise SheetRefused(_("A column is there twice."))
    return names
