"""JSON as the standard means it: an object, no NaN, no duplicate keys, no absurd depth; anything else is a 400."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from tenants.errors import DomainError


class PayloadTooLarge(DomainError):
    code = "PAYLOAD_TOO_LARGE"
    http_status = 413
    default_message = gettext_lazy("The request body is too large.")


def _refuse_constant(name: str) -> NoReturn:
    raise ParseError(_("%(name)s is not a JSON value.") % {"name": name})


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ParseError(_("A key is written twice in the same object."))
    return result


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise PayloadTooLarge()
        try:
            value = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_object_of)
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not valid JSON.")) from error
        if not isinstance(value, dict):
            raise ParseError(_("The body must be a JSON object."))
        if "\\u0000" in raw.decode("utf-8") or "\x00" in str(value):
            raise ParseError(_("Text may not contain the null character."))
        try:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:  # an escape of half a character, which no database stores
            raise ParseError(_("The body contains text that is not valid Unicode.")) from None
        return value
