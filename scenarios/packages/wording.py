"""Kinds and fields of a package in the words of their forms: `objections[price].text` is “objection “price”: what the buyer
says”."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.translation import gettext as _

from .registry import REGISTRY

_PATH = re.compile(r"(?P<name>[^.\[]+)(?:\[(?P<key>[^\]]*)\])?(?:\.(?P<rest>.+))?")
_KEY = re.compile(r"\[([^\]]+)\]")


def kind_in_words(kind: str) -> str:
    return str(REGISTRY[kind].model._meta.verbose_name)


def fields_in_words(kind: str, names: Iterable[str]) -> str:
    """One after the other, each once: what a document's text and its letters as a file are is one thing to its author."""
    return ", ".join(dict.fromkeys(path_in_words(kind, name) for name in names))


def path_in_words(kind: str, path: str) -> str:
    """A field, or a place below it, as the form of its kind calls it."""
    found = _PATH.fullmatch(path)
    if found is None:
        return path
    about = REGISTRY[kind]
    child = about.serializer.children.get(found["name"])
    if child is None:
        label = _label(about.model, found["name"])
        keys = [key for key in (found["key"], *_KEY.findall(found["rest"] or "")) if key]
        return " ".join([label, *(_quoted(key) for key in keys)])
    if found["key"] is None:
        return str(child._meta.verbose_name_plural)
    row = f"{child._meta.verbose_name} {_quoted(found['key'])}"
    return f"{row}: {_label(child, found['rest'].split('.')[0].split('[')[0])}" if found["rest"] else row


def _quoted(key: str) -> str:
    return _("“%(name)s”") % {"name": key}


def _label(model: type[Model], name: str) -> str:
    if name in {"base64", "sha256", "file_name", "files"}:
        return _("file")
    try:
        return str(getattr(model._meta.get_field(name), "verbose_name", name))
    except FieldDoesNotExist:
        return _("text") if name == "text" else name
