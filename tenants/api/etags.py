"""`ETag` on reads of one object, and 304 where the client already has it."""

from __future__ import annotations

import hashlib
from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response


def entity_tag(data: Any) -> str:
    """The tag of an answer: a hash of its JSON, quoted."""
    return '"' + hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:32] + '"'


class EntityTagMixin:
    """For DRF views of one object. The tag is a hash of the answer, so it changes exactly when the answer does."""

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        if request.method in {"GET", "HEAD"} and response.status_code == 200 and isinstance(response.data, dict):
            tag = entity_tag(response.data)
            response["ETag"] = tag
            wanted = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
            if tag in wanted or "*" in wanted:
                response.status_code = 304
                response.data = None
        return response
