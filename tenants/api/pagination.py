"""Cursor pages `{next, previous, results}`; a bad cursor is a 400 that names the field."""

from __future__ import annotations

from base64 import b64decode
from typing import Any
from urllib.parse import parse_qs

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination

KEYS = frozenset({"o", "r", "p"})  # offset, reverse, position: what DRF writes into a cursor


class CursorPages(CursorPagination):
    page_size = 25
    max_page_size = 100
    page_size_query_param = "page_size"
    ordering: Any = "-created_at"
    invalid_cursor_message = "Invalid cursor"

    def decode_cursor(self, request: Any) -> Any:
        encoded = request.query_params.get(self.cursor_query_param)
        try:
            # DRF drops characters that are not base64 and reads what is left; a damaged cursor would start from the top.
            # Empty is DRF's own way to write the first page.
            if encoded and not KEYS & parse_qs(b64decode(encoded, validate=True).decode("ascii")).keys():
                raise NotFound
            return super().decode_cursor(request)
        except (NotFound, ValueError):
            raise ValidationError({self.cursor_query_param: [_("This cursor is not valid.")]}) from None
