"""A file's text as data that remembers its lines, and data as text that is the same for the same content."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from typing import Any

import yaml
from django.utils.translation import gettext as _
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs leave it out
from yaml.resolver import Resolver

from .files import Files
from .refusals import PackageRefused

FORMAT = 1
LARGEST = 4_000_000
DEEPEST = 16
WIDTH = 110
# The last part of a path: `.text`, `[0]`, or a row by its key, `[not_technical]`.
_LAST = re.compile(r"(?:\[[^\[\]]*\]|\.?[^.\[\]]+)\Z")


class Package(dict[str, Any]):
    """The data of a package; `lines` says in which line of the file a path (`personas[0].objections[2].text`) begins,
    `files` has the files that it names."""

    def __init__(self, data: Mapping[str, Any], lines: Mapping[str, int], files: Files | None = None) -> None:
        super().__init__(data)
        self.lines = dict(lines)
        self.files = files or Files()


def place(package: Mapping[str, Any], path: str) -> str:
    """`line 12: ` for a path, or for the nearest thing around it; nothing where the data came from no file."""
    lines: Mapping[str, int] = getattr(package, "lines", {})
    while path and path not in lines:
        around = _LAST.sub("", path)
        path = around if around != path else ""  # a path of a form that nobody thought of ends here, too
    if path not in lines:
        return ""
    return _("line %(line)d") % {"line": lines[path]} + ": "


class _Refused(yaml.MarkedYAMLError):
    """What YAML would allow and a package may not hold."""

    def __init__(self, problem: str, mark: Any) -> None:
        super().__init__(problem=problem, problem_mark=mark)


def _problem(error: Exception) -> str:
    """The parser's own words are English; they stand behind ours, for whoever looks them up."""
    said = getattr(error, "problem", None)
    if isinstance(error, _Refused):
        return str(said)
    if not said:
        return _("this is not YAML or JSON")
    return _("this is not YAML or JSON (%(problem)s)") % {"problem": said}


# libyaml reads the characters, which takes most of the time; the nodes are put together here, where they can be looked at.
class _PlainLoader(Composer, CParser, SafeConstructor, Resolver):
    """YAML without anchors, without two values for one key and without depths: a small file must not unfold into a large
    one, and what an author wrote must not be dropped in silence."""

    def __init__(self, text: str) -> None:
        CParser.__init__(self, text)
        Composer.__init__(self)
        SafeConstructor.__init__(self)
        Resolver.__init__(self)
        self._depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused(_("anchors and aliases are not allowed"), event.start_mark)
        self._depth += 1
        if self._depth > DEEPEST:
            raise _Refused(_("this is nested too deep"), event.start_mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _Refused(_("a name must be a plain word"), key.start_mark)
            if key.value in seen:
                raise _Refused(_("“%(key)s” is there twice") % {"key": key.value[:80]}, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def parse(text: str, files: Files | None = None) -> Package:
    """The package in a file's text, with the files that came with it. Raises `PackageRefused` naming the line."""
    if len(text.encode(errors="replace")) > LARGEST:
        raise PackageRefused([_("The file is larger than %(most)d kB.") % {"most": LARGEST // 1000}])
    lines: dict[str, int] = {}
    try:
        loader = _PlainLoader(text)
        node = loader.get_single_node()
        data = loader.construct_document(node) if node is not None else None
        json.dumps(data, ensure_ascii=False, default=str, skipkeys=True).encode()  # half a character fits no database
        _note_lines(node, "", lines)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = (
            min(mark.line, text.count("\n")) + 1 if mark else 0
        )  # an end that is missing is missed behind the last line
        where = _("line %(line)d") % {"line": line} if line else _("the file")
        raise PackageRefused([f"{where}: {_problem(error)}"]) from None
    if not isinstance(data, dict) or data.get("parley_content") is None:
        raise PackageRefused([_("This is no content package: it does not begin with “parley_content: 1”.")])
    package = Package(data, lines, files)
    if data["parley_content"] != FORMAT:
        newer = _("This package was written by a newer Parley. Update this one first.")
        raise PackageRefused([place(package, "parley_content") + newer])
    return package


def _note_lines(node: Any, path: str, lines: dict[str, int]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = f"{path}.{key.value}" if path else str(key.value)
            lines[inner] = key.start_mark.line + 1
            _note_lines(value, inner, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            inner = f"{path}[{index}]"
            lines[inner] = value.start_mark.line + 1
            _note_lines(value, inner, lines)


class _Dumper(yaml.SafeDumper):
    """Longer texts keep their lines, so that a difference shows the line that changed; nothing is ever an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def dump(package: Mapping[str, Any]) -> str:
    """The package as YAML: the same content gives the same bytes."""
    text: str = yaml.dump(dict(package), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH)
    return text
