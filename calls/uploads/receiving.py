"""An upload from its announcement to its last byte. What can be refused is refused as early as it can be known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.people import audit
from accounts.scoping import within_reach
from calls import private_practice
from calls.uploads import keeping, places
from calls.uploads.errors import UploadBusy, UploadNotFound, UploadRefused, UploadTooLarge, WrongOffset, WrongState
from calls.uploads.models import CallUpload
from integrations.budgets.standing import refuse_where_spent
from integrations.speech.decoding import HEAD, format_of
from scenarios.models import RubricVersion
from tenants.errors import InvalidInput

COPY_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is said of a file before it is sent. `rubric_id`: None for the usual one of the language."""

    file_name: str
    size_bytes: int
    language: str
    mode: str
    title: str = ""
    counterpart: str = ""
    rubric_id: UUID | None = None
    consent: bool = False
    private: bool = False


def consent_text() -> str:
    """What the owner confirms, in the active language; kept with the upload."""
    return _(
        "Everybody who can be heard in this recording was told that it is recorded, and agreed that it is written down and "
        "scored by software to train salespeople. I may share it. If somebody takes this back, I delete the call here."
    )


def visible_uploads(user: Any, role: str | None) -> Any:
    """Own uploads, own teams', or everybody's; of others only what is not private."""
    return within_reach(CallUpload.objects.shown_to(user), of="owner_id", user=user, role=role)


def get_visible(upload_id: UUID, *, user: Any, role: str | None) -> CallUpload:
    """Raises `UploadNotFound`, for uploads that are not there and for those that are not theirs to see."""
    upload: CallUpload | None = visible_uploads(user, role).filter(pk=upload_id).first()
    if upload is None:
        raise UploadNotFound
    return upload


def get_own(upload_id: UUID, *, user: Any) -> CallUpload:
    upload = CallUpload.objects.filter(pk=upload_id, owner=user).first()
    if upload is None:
        raise UploadNotFound
    return upload


def rubrics_of(language: str) -> Any:
    """The published rubrics of a language; the one that most published scenarios use comes first."""
    used = Count("rubric__scenarios", filter=Q(rubric__scenarios__status="published"))
    published = RubricVersion.objects.filter(status="published", rubric__status="published", rubric__language=language)
    return published.annotate(used=used).order_by("-used", "rubric__created_at", "-number")


@transaction.atomic
def announce(*, owner: Any, wanted: Wanted) -> CallUpload:
    """A file is about to be sent. Raises `UploadRefused` without consent or for an empty file, `UploadTooLarge`,
    `InvalidInput` where there is no such rubric, and `BudgetSpent` where no more calls are wanted this month. Nothing
    has been sent by then."""
    if not wanted.consent:
        raise UploadRefused("no_consent", field="consent")
    refuse_size(wanted.size_bytes)
    private_practice.refuse_where_forbidden(wanted.private)
    refuse_where_spent(owner.pk)
    rubrics = rubrics_of(wanted.language)
    rubric = (rubrics.filter(rubric_id=wanted.rubric_id) if wanted.rubric_id else rubrics).first()
    if rubric is None:
        raise InvalidInput(details={"field": "rubric_id", "issue": _("No such rubric is published in that language.")})
    name = PurePath(wanted.file_name.replace("\\", "/")).name[:200] or "recording"
    upload = CallUpload.objects.create(
        owner=owner,
        title=(wanted.title.strip() or PurePath(name).stem)[:160],
        counterpart=wanted.counterpart.strip()[:80],
        mode=wanted.mode,
        language=wanted.language,
        rubric_version=rubric,
        private=wanted.private,
        consent_text=consent_text(),
        consented_at=timezone.now(),
        file_name=name,
        size_bytes=wanted.size_bytes,
    )
    audit.record(owner, "upload.consent_confirmed", upload)
    return upload


def refuse_size(size: int) -> None:
    if size <= 0:
        raise UploadRefused("empty")
    if size > settings.UPLOAD_MAX_BYTES:
        raise UploadTooLarge(most_bytes=settings.UPLOAD_MAX_BYTES)


def append(*, upload_id: UUID, offset: int, source: IO[bytes], length: int) -> CallUpload:
    """Add the next `length` bytes. What was written and not counted, because a process died, is written over.

    Raises `WrongOffset`, `UploadBusy`, `WrongState`, `UploadTooLarge`; `UploadRefused` as soon as the first bytes show that
    this is no sound.
    """
    refused = ""
    with transaction.atomic():
        upload = _held(upload_id)
        if upload.status != CallUpload.Status.RECEIVING:
            raise WrongState
        if offset != upload.received_bytes:
            raise WrongOffset(upload.received_bytes)
        if offset + length > upload.size_bytes:
            raise UploadTooLarge(most_bytes=upload.size_bytes)
        upload.received_bytes += _write(upload_id, offset, source, length)
        if not upload.kind and upload.received_bytes >= min(HEAD, upload.size_bytes):
            with places.original(upload_id).open("rb") as file:
                upload.kind = format_of(file.read(HEAD))
            refused = "" if upload.kind else "not_audio"
        if upload.received_bytes == upload.size_bytes and not refused:
            upload.status, upload.revision = CallUpload.Status.CHECKING, upload.revision + 1
        upload.save(update_fields=["received_bytes", "kind", "status", "revision", "updated_at"])
        if refused:
            refuse(upload, refused)
    if refused:
        raise UploadRefused(refused)
    return upload


def _held(upload_id: UUID) -> CallUpload:
    """The row, locked: parts that arrive at the same time would overwrite each other."""
    try:
        return CallUpload.objects.select_for_update(of=("self",), nowait=True).get(pk=upload_id)
    except DatabaseError as error:
        raise UploadBusy from error


def _write(upload_id: UUID, offset: int, source: IO[bytes], length: int) -> int:
    """Returns how much came: a connection that breaks keeps what arrived."""
    path = places.original(upload_id)
    path.touch(mode=0o600)
    written = 0
    with path.open("r+b") as file:
        file.truncate(offset)
        file.seek(offset)
        while written < length and (part := source.read(min(COPY_BYTES, length - written))):
            file.write(part)
            written += len(part)
    return written


def refuse(upload: CallUpload, problem: str, *, status: str = CallUpload.Status.REFUSED, **details: Any) -> None:
    """It goes no further, and nothing of what was sent is kept but the fact."""
    CallUpload.objects.filter(pk=upload.pk).update(
        status=status,
        problem=problem,
        details=details,
        pieces=[],
        worked_at=None,
        revision=F("revision") + 1,
        updated_at=timezone.now(),
    )
    upload.segments.all().delete()
    places.clear(upload.pk)
    keeping.drop_sound(upload)
    upload.refresh_from_db()
