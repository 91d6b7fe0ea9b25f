"""From what was heard to a call with turns, which is shown, kept and scored like one that was held here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.people import audit
from calls import events
from calls.models import Call, CallEvent, Turn
from calls.services import announce_completed
from calls.signals import calls_going
from calls.turns import turn_json
from calls.uploads import keeping, places, speakers
from calls.uploads.errors import UploadRefused, WrongState
from calls.uploads.models import CallUpload, UploadSegment
from calls.uploads.receiving import refuse
from calls.uploads.sound import Span

# A pause of the same speaker that is longer begins another turn.
SAME_TURN_MS = 2500
LONGEST_TURN_MS = 90_000


@dataclass(slots=True)
class Said:
    """A turn to be: pieces of one role in a row. `confidence`: of the piece that was heard worst."""

    role: str
    start_ms: int
    end_ms: int
    text: str
    confidence: float | None


def turns_of(segments: Iterable[UploadSegment], roles: Mapping[str, str]) -> list[Said]:
    """Pieces in the order of time as turns; whoever is left out says nothing."""
    said: list[Said] = []
    for segment in sorted(segments, key=lambda one: (one.start_ms, one.position)):
        role = roles.get(segment.speaker, speakers.LEFT_OUT)
        if role == speakers.LEFT_OUT:
            continue
        last = said[-1] if said else None
        if (
            last is not None
            and last.role == role
            and segment.start_ms - last.end_ms <= SAME_TURN_MS
            and segment.end_ms - last.start_ms <= LONGEST_TURN_MS
        ):
            last.text = f"{last.text} {segment.text}"
            last.end_ms = max(last.end_ms, segment.end_ms)
            known = [value for value in (last.confidence, segment.confidence) if value is not None]
            last.confidence = min(known, default=None)
        else:
            said.append(Said(role, segment.start_ms, segment.end_ms, segment.text, segment.confidence))
    return said


def confirm(*, upload: CallUpload, roles: Mapping[str, Any], changes: Mapping[int, str]) -> Call:
    """The owner has said who is who: make the call, and have it scored where the rules say so.

    `roles`: speaker → user, assistant or left_out. `changes`: the speaker of single pieces, by position. Raises `WrongState`,
    `InvalidInput`, and `UploadRefused` where only one side is left; nothing changes then.
    """
    checked = speakers.check_roles(roles)
    with transaction.atomic():
        upload = CallUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        if upload.status != CallUpload.Status.SPEAKERS:
            raise WrongState
        speakers.reassign(upload, changes)
        segments = list(upload.segments.all())
        said = turns_of(segments, checked)
        if {one.role for one in said} != {Turn.Role.USER.value, Turn.Role.ASSISTANT.value}:
            raise UploadRefused("one_speaker", field="speakers")
        silent = [
            Span(one.start_ms, one.end_ms)
            for one in segments
            if checked.get(one.speaker, speakers.LEFT_OUT) == speakers.LEFT_OUT
        ]
        sound = keeping.without(upload, silent)
        call = _make(upload, said)
        if sound:
            keeping.as_recording(call, sound)
        CallUpload.objects.filter(pk=upload.pk).update(
            status=CallUpload.Status.DONE,
            call=call,
            speakers=checked,
            sound={},  # it is the call's recording now
            pieces=[],
            revision=F("revision") + 1,
            updated_at=timezone.now(),
        )
        upload.segments.all().delete()
        if call.to_score:
            announce_completed(call.pk)
    return call


def _make(upload: CallUpload, said: list[Said]) -> Call:
    ended = timezone.now()
    length = max(upload.duration_ms or 0, *(one.end_ms for one in said))
    with translation.override(upload.language):
        unnamed = _("Customer")
    call = Call.objects.create(
        trainee_id=upload.owner_id,
        rubric_version_id=upload.rubric_version_id,
        title=upload.title,
        mode=upload.mode,
        channel=Call.Channel.UPLOAD,
        transport=Call.Transport.FILE,
        language=upload.language,
        # Nobody wrote this buyer, so a judge is told nothing of one.
        brief={"name": upload.counterpart or unnamed, "mode": upload.mode, "language": upload.language},
        status=Call.Status.COMPLETED,
        time_limit_ms=length,
        recording_consent=True,
        started_at=ended - timedelta(milliseconds=length),
        ended_at=ended,
        duration_ms=length,
        ended_by=Call.EndedBy.SYSTEM,
        end_reason="uploaded",
        private=upload.private,
        to_score=upload.action != CallUpload.Action.SAVE,
        metadata={"uploaded": {"told_apart_by": upload.told_apart_by, "sha256": upload.sha256}},
        last_event_seq=len(said),
    )
    turns = Turn.objects.bulk_create(
        Turn(
            call=call,
            seq=number,
            role=one.role,
            content=one.text,
            timestamp_ms=one.start_ms,
            end_ms=one.end_ms,
            confidence=one.confidence,
        )
        for number, one in enumerate(said, start=1)
    )
    CallEvent.objects.bulk_create(
        CallEvent(call=call, seq=turn.seq, type="turn:added", data={"turn": turn_json(turn)}, at_ms=turn.end_ms)
        for turn in turns
    )
    ending = {"ended_by": call.ended_by, "reason": call.end_reason, "outcome": "", "duration_ms": length}
    events.announce(call.pk, "call:ended", ending, at_ms=length)
    return call


def score_after_all(*, upload: CallUpload, actor: Any) -> Call:
    """Score a call that was only kept. Raises `WrongState` where there is none, or it is scored already."""
    with transaction.atomic():
        changed = Call.objects.filter(upload=upload, to_score=False).update(to_score=True)
        if not changed:
            raise WrongState
        call = Call.objects.get(upload=upload)
        audit.record(actor, "upload.scored_after_all", call)
        CallUpload.objects.filter(pk=upload.pk).update(revision=F("revision") + 1)
        announce_completed(call.pk)
    return call


def withdraw(*, upload: CallUpload, actor: Any, problem: str = "withdrawn") -> None:
    """Somebody takes consent back, or it was the wrong file: sound, words, call and score go; that it was there stays."""
    call_id = upload.call_id
    with transaction.atomic():
        upload = CallUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        if call_id:
            recording = Call.objects.get(pk=call_id).recording if _recorded(call_id) else None
            CallUpload.objects.filter(pk=upload.pk).update(call=None)
            upload.call = None
            calls_going.send(sender=Call, call_ids=[call_id])
            if recording is not None:
                keeping.delete_after_commit(recording.file_name)
            Call.objects.filter(pk=call_id).delete()
        audit.record(actor, f"upload.{problem}", upload)
        refuse(upload, problem)
    places.clear(upload.pk)


def _recorded(call_id: Any) -> bool:
    return Call.objects.filter(pk=call_id, recording__isnull=False).exclude(recording__file_name="").exists()
