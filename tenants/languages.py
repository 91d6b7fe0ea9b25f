"""Addresses that have a name in a language of their own, besides the one that they have in every language.

Such an address answers in its language, whoever asks; and where a reader's language has a name for a page, links say it.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

# The page's name in every language → its name in Spanish.
SPANISH = {
    "own:configure": "configuracion",
    "calls:room": "simulacion",
    "scoring:debrief": "resultado",
}
_SPANISH_PATH = re.compile(rf"^/(?:org/[^/]+/)?(?:{'|'.join(SPANISH.values())})(?:/|$)")


def local_url(name: str, *args: object) -> str:
    """The path of a page, in the language at hand where it has a name there."""
    if (get_language() or "").startswith("es"):
        name = SPANISH.get(name, name)
    return reverse(name, args=args)


def language_of_address(request: HttpRequest) -> str:
    """The language that the address asked for is in, or the page that asks for a part of itself; empty: in none."""
    page = urlsplit(request.headers.get("hx-current-url", "")).path if "hx-request" in request.headers else ""
    return "es" if any(_SPANISH_PATH.match(path) for path in (request.path, page)) else ""
