"""Everything of an organisation as one archive, written piece by piece in the background.

`content.yaml` is a signed content package and `files/` what it names: any Parley imports the archive as it is. `people.csv`,
`teams.csv`, `calls.jsonl` (a call with its turns and scores a line) and `recordings.csv` are for whatever else reads such
files; `manifest.json` has their hashes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import IO, Any
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import Membership
from accounts.notices.services import place
from accounts.notices.work import tell_failed, tell_ready
from accounts.people import audit
from accounts.people.models import TeamMembership
from calls.models import Call, Recording
from scenarios import packages
from scenarios.packages import staging
from scoring.models import Score
from tenants.context import current_organization
from tenants.sheets import harmless

from .models import TakeOut

Status = TakeOut.Status
AT_ONCE = 200
STUCK_SECONDS = 3600
Part = tuple[str, Iterable[bytes]]


def request(*, user: Any) -> TakeOut:
    """The take-out that is being made, or a new one; the caller has it made after commit."""
    try:
        with transaction.atomic():
            made = TakeOut.objects.create(requested_by=user)
            audit.record(user, "organization.taken_out", made)
    except IntegrityError:
        return TakeOut.objects.get(status__in=[Status.PENDING, Status.RUNNING])
    return made


def make(*, take_out_id: UUID) -> bool:
    """Write the file; False where somebody else does or did. What goes wrong leaves a failed one, and another can be asked
    for."""
    begun = TakeOut.objects.filter(pk=take_out_id, status=Status.PENDING)
    if not begun.update(status=Status.RUNNING, worked_at=timezone.now()):
        return False
    take_out = TakeOut.objects.get(pk=take_out_id)
    try:
        with tempfile.TemporaryFile() as file:
            for percent in _write(file):
                TakeOut.objects.filter(pk=take_out.pk).update(progress=percent, worked_at=timezone.now())
            take_out.size_bytes = file.tell()
            file.seek(0)
            take_out.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            take_out.file_name = default_storage.save(f"takeouts/{take_out.pk}.zip", File(file))
    except Exception:
        _give_up(take_out)
        raise
    take_out.status, take_out.progress = Status.DONE, 100
    take_out.expires_at = timezone.now() + TakeOut.LIFETIME
    with transaction.atomic():
        take_out.save()
        tell_ready(until=take_out.expires_at, **_told(take_out))
    return True


@transaction.atomic
def _give_up(take_out: TakeOut) -> None:
    TakeOut.objects.filter(pk=take_out.pk).update(status=Status.FAILED)
    reason = gettext_lazy("Something went wrong on our side. Ask for another one.")
    tell_failed(reason=reason, **_told(take_out))


def _told(take_out: TakeOut) -> dict[str, Any]:
    """A notice about it."""
    return {
        "user": take_out.requested_by,
        "title": current_organization().name,
        "url": place("admin:takeout_takeout_changelist"),
        "key": f"takeout:{take_out.pk}",
    }


def tidy_up() -> list[UUID]:
    """Give up what a dead worker left, remove what is too old, also packages that nobody said yes to; answers those that
    still wait for a worker."""
    staging.tidy_up()
    now = timezone.now()
    stuck = now - timedelta(seconds=STUCK_SECONDS)
    for take_out in TakeOut.objects.filter(status=Status.RUNNING, worked_at__lt=stuck):
        _give_up(take_out)
    old = TakeOut.objects.filter(Q(expires_at__lt=now)).exclude(file_name="")
    for take_out in old:
        default_storage.delete(take_out.file_name)
        TakeOut.objects.filter(pk=take_out.pk).update(file_name="")
    settled = now - timedelta(minutes=1)  # the task of a new one is on its way
    return list(TakeOut.objects.filter(status=Status.PENDING, created_at__lt=settled).values_list("pk", flat=True))


def _write(target: IO[bytes]) -> Iterator[int]:
    """Write the archive; yields how far it is, in percent."""
    counted = max(1, _calls().count() // AT_ONCE)
    listed: dict[str, Any] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        steps = 0
        for name, pieces in _parts():
            digest, size = hashlib.sha256(), 0
            with archive.open(name, "w", force_zip64=True) as packed:
                for piece in pieces:
                    packed.write(piece)
                    digest.update(piece)
                    size += len(piece)
                    steps += name == "calls.jsonl"
                    yield min(98, 5 + 90 * steps // (counted + 1))
            listed[name] = {"sha256": digest.hexdigest(), "size_bytes": size}
        about = {"organization": current_organization().slug, "made_at": timezone.now(), "files": listed}
        archive.writestr("manifest.json", _json(about, indent=2))
    yield 99


def _parts() -> Iterator[Part]:
    package = packages.signed(packages.export_everything())
    files = packages.Files()
    yield packages.archives.CONTENT, [packages.dump(package).encode()]
    for sha256 in packages.named_in(package):
        yield packages.archives.FOLDER + sha256, (files.read(name) for name in [sha256])
    yield "people.csv", _sheet(("email", "name", "role", "language", "timezone", "member since"), _people())
    yield "teams.csv", _sheet(("team", "email", "manages"), _teams())
    yield "calls.jsonl", _call_lines()
    yield "recordings.csv", _sheet(("call", "type", "bytes", "milliseconds", "kept until"), _recordings())


def _people() -> Iterator[tuple[Any, ...]]:
    rows = Membership.objects.filter(organization=current_organization()).select_related("user").order_by("user__email")
    for row in rows.iterator(AT_ONCE):
        user = row.user
        yield user.email, user.full_name, row.role, user.language, user.timezone, row.created_at.isoformat()


def _teams() -> Iterator[tuple[Any, ...]]:
    rows = TeamMembership.objects.order_by("team__name", "user__email")
    yield from rows.values_list("team__name", "user__email", "is_manager").iterator(AT_ONCE)


def _recordings() -> Iterator[tuple[Any, ...]]:
    rows = Recording.objects.filter(call__in=_calls()).order_by("created_at")
    fields = ("call_id", "content_type", "size_bytes", "duration_ms", "expires_at")
    yield from rows.values_list(*fields).iterator(AT_ONCE)


def _calls() -> QuerySet[Call]:
    """All but what somebody practises in private and has not handed in: that is nobody else's."""
    return Call.objects.exclude(private=True, submitted_at=None)


def _call_lines() -> Iterator[bytes]:
    rows = _calls().select_related("trainee").prefetch_related("turns").order_by("created_at", "pk")
    for batch in _batches(rows.iterator(AT_ONCE)):
        scores = dict(Score.objects.settled().filter(call__in=batch).values_list("call_id", "overall_score"))
        yield b"".join(_json(_call(call, scores.get(call.pk))) + b"\n" for call in batch)


def _call(call: Call, score: int | None) -> dict[str, Any]:
    fields = (
        "id",
        "title",
        "mode",
        "channel",
        "language",
        "status",
        "outcome",
        "started_at",
        "ended_at",
        "duration_ms",
    )
    return {
        **{name: getattr(call, name) for name in fields},
        "trainee": call.trainee.email,
        "overall_score": score,
        "turns": [
            {"role": turn.role, "content": turn.content, "timestamp_ms": turn.timestamp_ms} for turn in call.turns.all()
        ],
    }


def _batches(rows: Iterator[Call]) -> Iterator[list[Call]]:
    batch: list[Call] = []
    for row in rows:
        batch.append(row)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _sheet(head: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> Iterator[bytes]:
    for row in (head, *rows):
        line = io.StringIO()
        csv.writer(line).writerow([harmless(value) for value in row])
        yield line.getvalue().encode()


def _json(value: Any, *, indent: int | None = None) -> bytes:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=indent).encode()
