"""An upload as the API and its stream give it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from calls.uploads import speakers
from calls.uploads.errors import PROBLEMS
from calls.uploads.models import CallUpload, UploadSegment


def problem_text(upload: CallUpload) -> str:
    """Why it was refused or failed, as a sentence in the reader's language; empty where it was not."""
    if not upload.problem:
        return ""
    text = str(PROBLEMS.get(upload.problem, upload.problem))
    heard = upload.details.get("heard")
    if upload.problem == "wrong_language" and heard:
        text += " " + _("It sounds like: %(language)s.") % {"language": language_name(str(heard))}
    return text


def language_name(code: str) -> str:
    """In the reader's language, where it is one of ours; else its code."""
    names = {"en": _("English"), "es": _("Spanish")}
    return names.get(code, code)


def upload_json(upload: CallUpload) -> dict[str, Any]:
    return {
        "id": str(upload.pk),
        "owner_id": str(upload.owner_id),
        "title": upload.title,
        "counterpart": upload.counterpart,
        "mode": upload.mode,
        "language": upload.language,
        "rubric_version_id": str(upload.rubric_version_id),
        "private": upload.private,
        "file_name": upload.file_name,
        "size_bytes": upload.size_bytes,
        "received_bytes": upload.received_bytes,
        "status": upload.status,
        "problem": upload.problem,
        "message": problem_text(upload),
        "details": upload.details,
        "progress": upload.progress,
        "duration_ms": upload.duration_ms,
        "told_apart_by": upload.told_apart_by,
        "speakers": upload.speakers,
        "suggested_because": upload.suggested_because,
        "suggestion": speakers.reason(upload),
        "action": upload.action,
        "call_id": str(upload.call_id) if upload.call_id else None,
        "created_at": upload.created_at.isoformat().replace("+00:00", "Z"),
    }


def segment_json(segment: UploadSegment) -> dict[str, Any]:
    return {
        "position": segment.position,
        "speaker": segment.speaker,
        "start_ms": segment.start_ms,
        "end_ms": segment.end_ms,
        "text": segment.text,
        "confidence": segment.confidence,
    }
