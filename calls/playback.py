"""The sound and the words of a call by signed link: no session; the sound can be sought."""

from __future__ import annotations

import re
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from calls import tokens
from calls.models import Call, Recording
from calls.transcripts import FORMATS
from tenants.schemas import current_schema

RANGE = re.compile(r"\Abytes=(\d{0,15})-(\d{0,15})\Z")


@login_not_required
@require_safe
def recording(request: HttpRequest, call_id: UUID) -> HttpResponse | StreamingHttpResponse | FileResponse:
    """The file, or the part that `Range` asks for (one range; players ask for no more)."""
    ticket = tokens.read(tokens.RECORDING, request.GET.get("token", ""), schema_name=current_schema(), call_id=call_id)
    known = Recording.objects.filter(call_id=call_id).first() if ticket else None
    if known is None or (known.expires_at and known.expires_at <= timezone.now()):
        raise Http404
    return seekable(request, name=known.file_name, size=known.size_bytes, content_type=known.content_type)


def seekable(
    request: HttpRequest, *, name: str, size: int, content_type: str
) -> HttpResponse | StreamingHttpResponse | FileResponse:
    """A kept file, or the part of it that `Range` asks for."""
    wanted = RANGE.match(request.headers.get("range", ""))
    start, end = _span(wanted, size) if wanted else (0, size - 1)
    if start > end or start >= size:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response: HttpResponse | FileResponse
    if wanted:
        with default_storage.open(name) as file:
            file.seek(start)
            response = HttpResponse(file.read(end - start + 1), status=206)
        response["Content-Range"] = f"bytes {start}-{end}/{size}"
    else:
        response = FileResponse(default_storage.open(name))
    response["Content-Type"] = content_type
    response["Content-Length"] = str(end - start + 1)
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, max-age=3600"
    return response


@login_not_required
@require_safe
def transcript(request: HttpRequest, call_id: UUID, extension: str) -> HttpResponse:
    """The words of a call as a file (see `calls.transcripts`)."""
    ticket = tokens.read(tokens.TRANSCRIPT, request.GET.get("token", ""), schema_name=current_schema(), call_id=call_id)
    call = Call.objects.select_related("trainee").filter(pk=call_id).first() if ticket else None
    if call is None or extension not in FORMATS:
        raise Http404
    content_type, write = FORMATS[extension]
    return HttpResponse(
        write(call, call.turns.order_by("seq")),
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="transcript-{call.pk}.{extension}"',
            "Cache-Control": "private, no-store",
        },
    )


def _span(wanted: re.Match[str], size: int) -> tuple[int, int]:
    first, last = wanted.groups()
    if not first:  # the last n bytes
        return (max(0, size - int(last or 0)), size - 1) if last and int(last) else (size, size - 1)
    return int(first), min(int(last), size - 1) if last else size - 1
