"""What a worker does with an upload: look at it, find the speech, write it down; a slice at a time.

A worker takes an upload, renews its hold with every piece and puts it back. One that dies loses its hold after a while, and
the next goes on with the piece that it had not finished. So a long recording neither blocks the queue nor is begun anew.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, When
from django.utils import timezone
from django.utils.functional import lazy

from accounts.notices.services import place
from accounts.notices.work import tell_failed, tell_ready
from calls.errors import NoVoiceService
from calls.spoken import PADDED_SECONDS, THEIRS, TurnVoice, voice_for_turns
from calls.uploads import keeping, places, rules, speakers, voices
from calls.uploads.models import FIRST, SECOND, CallUpload, UploadSegment
from calls.uploads.payloads import problem_text
from calls.uploads.receiving import refuse
from calls.uploads.sound import Span, are_two_people, levels, listen, mix, samples_of, spoken
from calls.uploads.tidying import HELD_FOR
from integrations.budgets import governor, minutes
from integrations.errors import OverBudget, ProviderError
from integrations.speech.decoding import NotAudio, TooLong, decode_to_files
from integrations.speech.engine import embedded_languages
from tenants.context import current_organization

logger = structlog.get_logger(__name__)

SLICE_SECONDS = 4.0
MOST_ATTEMPTS = 3
LEAST_MS = 3000  # of a recording
LEAST_SPEECH_MS = 1000
# Where each channel has a speaker; where both share one, shorter pauses may be where the other begins.
PAUSE_MS, SHARED_PAUSE_MS = 600, 320
MIXED = -1
CLIPS = 4  # listened to for the language
SURE, UNLIKELY = 0.7, 0.2
# Progress when the file is decoded, its speech is found, and the sound is kept; the rest is transcription.
DECODED, FOUND, KEPT = 5, 20, 35


class _Refused(Exception):
    def __init__(self, problem: str, **details: Any) -> None:
        self.problem, self.details = problem, details
        super().__init__(problem)


def advance(upload_id: UUID, *, seconds: float = SLICE_SECONDS) -> float | None:
    """Work on an upload for about so long. Returns after how many seconds to go on, None where there is nothing to do.

    Doing it twice at the same time is harmless: one of the two finds it taken.
    """
    with _taken(upload_id) as upload:
        if upload is None:
            return None
        try:
            if upload.attempts >= MOST_ATTEMPTS:  # every worker that took it died of it
                return _failed(upload, None, "internal")
            until = time.monotonic() + seconds
            if upload.status == CallUpload.Status.TRANSCRIBING:
                return _transcribe(upload, until=until)
            _check(upload, until=until)
            return 0.0
        except _Refused as refused:
            _end_with(upload, refused)
        except (ProviderError, NoVoiceService) as error:
            return _failed(upload, error, "speech_service")
        except Exception as error:
            logger.exception("an upload could not be worked on", upload=str(upload_id))
            return _failed(upload, error, "internal")
    return None


@contextmanager
def _taken(upload_id: UUID) -> Iterator[CallUpload | None]:
    """The upload, held by this worker; None where another holds it or nothing is to be done."""
    now = timezone.now()
    lost = Q(worked_at__lt=now - HELD_FOR)
    free = Q(worked_at__isnull=True) | lost
    uploads = CallUpload.objects.at_work().filter(pk=upload_id)
    if not uploads.filter(free).update(worked_at=now, attempts=F("attempts") + Case(When(lost, then=1), default=0)):
        yield None
        return
    try:
        yield CallUpload.objects.select_related("owner").get(pk=upload_id)
    finally:
        CallUpload.objects.filter(pk=upload_id).update(worked_at=None)


def _note(upload: CallUpload, **changes: Any) -> None:
    """Write down how far it is, and that somebody is at it. Raises `_Refused` where it was withdrawn meanwhile."""
    changed = CallUpload.objects.at_work().filter(pk=upload.pk)
    if not changed.update(**changes, worked_at=timezone.now(), updated_at=timezone.now(), revision=F("revision") + 1):
        raise _Refused("withdrawn")
    for name, value in changes.items():
        setattr(upload, name, value)


def _telling(upload: CallUpload, first: int, last: int, *, of: int) -> Callable[[int], None]:
    """For a step that takes long in one go: told how much of it is done, it notes the progress between these two percents,
    and ends the step with `_Refused` where the upload was withdrawn."""

    def told(done: int) -> None:
        percent = first + (last - first) * min(done, of) // max(of, 1)
        if percent > upload.progress:
            _note(upload, progress=percent)

    return told


def _check(upload: CallUpload, *, until: float) -> None:
    """From the file to the pieces in which somebody speaks, a step at a time; what is there already is not done again."""
    if upload.duration_ms is None or not _channels(upload):
        _open(upload)
    elif not all(_listened(upload, number, until=until) for number in _channels(upload)):
        _note(upload, progress=DECODED)
    elif not upload.pieces:
        pieces, told_apart_by = _pieces(upload)
        _refuse_wrong_language(upload, pieces)
        _note(upload, pieces=pieces, pieces_heard=0, told_apart_by=told_apart_by, progress=FOUND)
    else:
        source = places.original(upload.pk)
        try:
            sound = upload.sound or keeping.keep_sound(
                upload, source, on_ms=_telling(upload, FOUND, KEPT, of=upload.duration_ms)
            )
        except keeping.UNPLAYABLE:
            raise _Refused("unreadable") from None
        _note(upload, status=CallUpload.Status.TRANSCRIBING, sound=sound, progress=KEPT)
        source.unlink(missing_ok=True)


def _open(upload: CallUpload) -> None:
    """Decode the file; see who is on which channel, and whether such a call is kept at all."""
    source = places.original(upload.pk)
    if not source.is_file() or source.stat().st_size != upload.size_bytes:
        raise _Refused("damaged")
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    sides = [places.channel(upload.pk, 0), places.channel(upload.pk, 1)]
    try:
        with source.open("rb") as file:
            channels, duration_ms = decode_to_files(
                file,
                sides,
                most_seconds=settings.UPLOAD_MAX_SECONDS,
                on_read=_telling(upload, 0, DECODED, of=upload.size_bytes),
            )
    except NotAudio:
        raise _Refused("unreadable") from None
    except TooLong:
        raise _Refused("too_long", most_minutes=settings.UPLOAD_MAX_SECONDS // 60) from None
    if duration_ms < LEAST_MS:
        raise _Refused("too_short")
    upload.duration_ms = duration_ms
    action = rules.action_for(upload)
    if action == CallUpload.Action.IGNORE:
        raise _Refused("by_rule")
    if channels == 1:
        sides[0].replace(places.channel(upload.pk, MIXED))
    elif not are_two_people(levels(sides[0]), levels(sides[1])):
        mix(sides[0], sides[1], places.channel(upload.pk, MIXED))
        for side in sides:
            side.unlink()
    _note(upload, sha256=digest, duration_ms=duration_ms, action=action, progress=DECODED)


def _channels(upload: CallUpload) -> list[int]:
    """The channels that lie decoded in the spool: one for each side, or one for both."""
    if places.channel(upload.pk, MIXED).exists():
        return [MIXED]
    return [number for number in (0, 1) if places.channel(upload.pk, number).exists()]


def _listened(upload: CallUpload, number: int, *, until: float) -> bool:
    path = places.channel(upload.pk, number)
    other = None if number == MIXED else levels(places.channel(upload.pk, 1 - number))
    return listen(path, places.voiced(upload.pk, number), own=levels(path), other=other, until=until)


def _pieces(upload: CallUpload) -> tuple[list[list[Any]], str]:
    """`CallUpload.pieces` in the order of time, and how the speakers were told apart."""
    channels = _channels(upload)
    notes = {number: places.voiced(upload.pk, number).read_bytes() for number in channels}
    if channels != [MIXED]:
        found = [
            [number, span.start_ms, span.end_ms, speaker]
            for number, speaker in ((0, FIRST), (1, SECOND))
            for span in spoken(notes[number], pause_ms=PAUSE_MS)
        ]
        _refuse_silence(found)
        return sorted(found, key=lambda piece: (piece[1], piece[0])), "channels"
    shared = places.channel(upload.pk, MIXED)
    spans = spoken(notes[MIXED], pause_ms=SHARED_PAUSE_MS)
    _refuse_silence([[MIXED, span.start_ms, span.end_ms, ""] for span in spans])
    who, how = voices.tell_apart([(span, voices.describe(samples_of(shared, span))) for span in spans])
    return [[MIXED, span.start_ms, span.end_ms, name] for span, name in zip(spans, who, strict=True)], how


def _refuse_silence(pieces: list[list[Any]]) -> None:
    if sum(end - start for _channel, start, end, _speaker in pieces) < LEAST_SPEECH_MS:
        raise _Refused("no_speech")


def _clip(upload: CallUpload, piece: list[Any]) -> bytes:
    channel, start_ms, end_ms, _speaker = piece
    return samples_of(places.channel(upload.pk, channel), Span(start_ms, end_ms))


def _refuse_wrong_language(upload: CallUpload, pieces: list[list[Any]]) -> None:
    """Where it is plainly another language than was said: the judge would read it by the wrong rules."""
    longest = sorted(pieces, key=lambda piece: (piece[1] - piece[2], piece[1]))[:CLIPS]
    heard = embedded_languages().detect([_clip(upload, piece) for piece in longest])
    if not heard:
        return
    best = max(heard, key=lambda name: heard[name])
    if best != upload.language and heard[best] >= SURE and heard.get(upload.language, 0.0) <= UNLIKELY:
        raise _Refused("wrong_language", expected=upload.language, heard=best)


def _transcribe(upload: CallUpload, *, until: float) -> float | None:
    voice = voice_for_turns(current_organization(), may_spend=lambda: _put_aside(upload))
    try:
        return _write_down(upload, voice, until=until)
    finally:
        if voice.used:
            voice.note_used(user_id=upload.owner_id, key=upload.pk)
        if upload.pieces_heard == len(upload.pieces):
            minutes.release(upload.pk)


def _put_aside(upload: CallUpload) -> bool:
    """Put aside what a vendor costs for the pieces that are left. False where a budget does not cover all of them: one
    recording is not to be heard by two kinds of ears."""
    left_ms = sum(end - start for _channel, start, end, _speaker in upload.pieces[upload.pieces_heard :])
    try:
        minutes.reserve(
            minutes.HEAR,
            THEIRS,
            seconds=left_ms / 1000 + PADDED_SECONDS * (len(upload.pieces) - upload.pieces_heard),
            key=upload.pk,
            user_id=upload.owner_id,
            held=governor.HELD,
        )
    except OverBudget:
        return False
    return True


def _write_down(upload: CallUpload, voice: TurnVoice, *, until: float) -> float | None:
    total = max(1, sum(end - start for _channel, start, end, _speaker in upload.pieces))
    done = sum(end - start for _channel, start, end, _speaker in upload.pieces[: upload.pieces_heard])
    while upload.pieces_heard < len(upload.pieces):
        if time.monotonic() > until:
            return 0.0
        piece = upload.pieces[upload.pieces_heard]
        _hear(upload, voice, upload.pieces_heard, piece)
        done += piece[2] - piece[1]
        progress = KEPT + done * (100 - KEPT) // total
        _note(upload, pieces_heard=upload.pieces_heard + 1, progress=min(100, progress), attempts=0)
    if not upload.segments.exists():
        raise _Refused("no_speech")
    roles, why = speakers.suggest(upload)
    with transaction.atomic():
        _note(upload, status=CallUpload.Status.SPEAKERS, speakers=roles, suggested_because=why, progress=100)
        tell_ready(user=upload.owner, heard=upload.title, **_told(upload))
    places.clear(upload.pk)
    return None


def _hear(upload: CallUpload, voice: TurnVoice, position: int, piece: list[Any]) -> None:
    _channel, start_ms, end_ms, speaker = piece
    heard = voice.hear(_clip(upload, piece), language=upload.language)
    if not heard.text:
        return
    UploadSegment.objects.update_or_create(
        upload=upload,
        position=position,
        defaults={
            "speaker": speaker,
            "start_ms": start_ms,
            "end_ms": end_ms,
            "text": heard.text,
            "confidence": heard.confidence,
        },
    )


def _end_with(upload: CallUpload, refused: _Refused) -> None:
    upload = CallUpload.objects.filter(pk=upload.pk).first() or upload
    if refused.problem == "withdrawn":  # whoever withdrew it has cleared it away
        places.clear(upload.pk)
        return
    status = CallUpload.Status.IGNORED if refused.problem == "by_rule" else CallUpload.Status.REFUSED
    with transaction.atomic():
        refuse(upload, refused.problem, status=status, **refused.details)
        tell_failed(user=upload.owner, reason=lazy(problem_text, str)(upload), **_told(upload))
    logger.info("an upload was refused", upload=str(upload.pk), problem=refused.problem)


def _told(upload: CallUpload) -> dict[str, Any]:
    """A notice about it; an upload that is taken up again after it failed may end in another way."""
    key = f"upload:{upload.pk}:{upload.revision}"
    return {"title": upload.title, "url": place("calls:upload", upload.pk), "key": key}


@transaction.atomic
def _failed(upload: CallUpload, error: Exception | None, problem: str) -> float | None:
    """Try again later, three times in all; then its owner may."""
    attempts = upload.attempts + 1
    logger.warning("an upload could not be written down", upload=str(upload.pk), error_type=type(error).__name__)
    if attempts < MOST_ATTEMPTS:
        CallUpload.objects.filter(pk=upload.pk).update(attempts=attempts)
        return 5.0 * 2**attempts
    changed = (
        CallUpload.objects.at_work()
        .filter(pk=upload.pk)
        .update(
            status=CallUpload.Status.FAILED,
            problem=problem,
            attempts=attempts,
            revision=F("revision") + 1,
            updated_at=timezone.now(),
        )
    )
    if changed:
        upload.refresh_from_db()
        tell_failed(user=upload.owner, reason=lazy(problem_text, str)(upload), **_told(upload))
    return None


def take_up_again(upload: CallUpload) -> bool:
    """Go on with a failed upload where it stopped. False where it has not failed."""
    status = CallUpload.Status.TRANSCRIBING if upload.sound else CallUpload.Status.CHECKING
    return bool(
        CallUpload.objects.filter(pk=upload.pk, status=CallUpload.Status.FAILED).update(
            status=status, problem="", attempts=0, revision=F("revision") + 1, updated_at=timezone.now()
        )
    )
