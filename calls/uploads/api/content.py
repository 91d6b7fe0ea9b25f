"""`uploads/{id}/content/`: a file in parts, by the core protocol of tus 1.0 (https://tus.io/protocols/resumable-upload).

`HEAD` says how much is here, `PATCH` adds what comes next. A connection that breaks costs only what was on its way: the
client asks and goes on. Any client of tus works with this address as its upload's.
"""

from __future__ import annotations

from typing import IO, Any, cast
from uuid import UUID

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from calls import tasks
from calls.uploads import receiving
from calls.uploads.errors import UploadTooLarge
from calls.uploads.models import CallUpload
from tenants.errors import InvalidInput

VERSION = "1.0.0"
PART = "application/offset+octet-stream"
OFFSET = OpenApiParameter(
    "Upload-Offset", OpenApiTypes.INT, OpenApiParameter.HEADER, required=True, description="Where this part begins."
)


class ContentView(APIView):
    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        if isinstance(response.data, dict) and response.status_code == status.HTTP_409_CONFLICT:
            offset = response.data.get("error", {}).get("details", {}).get("offset")
            if offset is not None:
                response["Upload-Offset"] = str(offset)
        return response

    @extend_schema(exclude=True)
    def head(self, request: Request, upload_id: UUID) -> Response:
        """How much is here, and of how much."""
        return self._told(receiving.get_own(upload_id, user=request.user), status.HTTP_200_OK)

    @extend_schema(
        request={PART: OpenApiTypes.BINARY},
        parameters=[OFFSET],
        responses={204: OpenApiResponse(description="`Upload-Offset` says how much is here now.")},
    )
    def patch(self, request: Request, upload_id: UUID) -> Response:
        """Add the next part; with the last one the file is looked at. 409 where it does not begin where that before ended."""
        upload = receiving.get_own(upload_id, user=request.user)
        if (request.content_type or "").split(";")[0].strip() != PART:
            raise InvalidInput(details={"field": "Content-Type", "issue": PART})
        length = number(request.META.get("CONTENT_LENGTH"), "Content-Length")
        if length > settings.UPLOAD_PART_BYTES:
            raise UploadTooLarge(most_bytes=settings.UPLOAD_PART_BYTES)
        upload = receiving.append(
            upload_id=upload.pk,
            offset=number(request.headers.get("upload-offset"), "Upload-Offset"),
            source=cast("IO[bytes]", request._request),
            length=length,
        )
        if upload.status == CallUpload.Status.CHECKING:
            tasks.enqueue_upload(upload.pk)
        return self._told(upload, status.HTTP_204_NO_CONTENT)

    @staticmethod
    def _told(upload: CallUpload, code: int) -> Response:
        headers = {"Upload-Offset": str(upload.received_bytes), "Upload-Length": str(upload.size_bytes)}
        return Response(status=code, headers=headers)


def number(told: str | None, name: str) -> int:
    """A header's number. Raises `InvalidInput`."""
    if not told or not told.isascii() or not told.isdecimal() or len(told) > 15:
        raise InvalidInput(details={"field": name, "issue": "a whole number"})
    return int(told)
