"""A received message with everything taken out that somebody said, is called or can be reached by: what is left is its shape,
ids, kinds, numbers and times."""

from __future__ import annotations

import re
from typing import Any

# Only under such names may a text be shown, and only where it looks like an id, a kind or a time.
SHOWN = re.compile(
    r"(^|_)(id|type|kind|status|state|role|reason|timestamp|at|language|event)$|Id$|Reason$|At$", re.ASCII
)
HARMLESS = re.compile(r"[A-Za-z][\w.:/-]{0,79}|\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)?", re.ASCII)
LONGEST_LIST = 20


def redacted(value: Any, *, name: str = "") -> Any:
    """The same JSON, redacted: texts become `‹12 characters›`."""
    if isinstance(value, dict):
        return {str(key): redacted(inner, name=str(key)) for key, inner in value.items()}
    if isinstance(value, list):
        shown = [redacted(inner, name=name) for inner in value[:LONGEST_LIST]]
        return [*shown, f"‹{len(value) - LONGEST_LIST} more›"] if len(value) > LONGEST_LIST else shown
    if isinstance(value, str) and not (SHOWN.search(name) and HARMLESS.fullmatch(value)):
        return f"‹{len(value)} characters›"
    return value
