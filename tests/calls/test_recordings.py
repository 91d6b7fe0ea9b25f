"""From two raw sides to one file, and its end."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from calls import recordings, tasks
from calls.models import Call, Recording, Turn
from calls.voice.recorder import CallTape, spool_folder
from tests.cast import Cast
from tests.factories import make_call


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Path) -> None:
    settings.CALL_SPOOL_DIR = tmp_path / "spool"
    settings.MEDIA_ROOT = tmp_path / "media"


def tone(seconds: float, rate: int, hertz: float) -> bytes:
    time = np.arange(int(seconds * rate)) / rate
    return bytes((np.sin(2 * np.pi * hertz * time) * 12000).astype("<i2").tobytes())


def tape(cast: Cast, call: Call, *, seconds: float = 2.0) -> None:
    """The buyer speaks for the first half, the trainee for the second."""
    now = 0
    both = CallTape(
        spool_folder(cast.acme.schema_name, call.pk), clock=lambda: now, trainee_rate=16000, buyer_rate=24000
    )
    both.buyer(tone(seconds / 2, 24000, 440))
    now = int(seconds * 1000)
    both.trainee(tone(seconds / 2, 16000, 880))
    both.close()


def loudness(recording: Recording) -> tuple[np.ndarray, np.ndarray]:
    """How loud each side is, in halves of a second."""
    with default_storage.open(recording.file_name) as file, av.open(file) as container:
        samples = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    halves = samples.shape[1] // 12_000
    loud = np.abs(samples[:, : halves * 12_000]).reshape(2, halves, 12_000).mean(axis=2)
    return loud[0] > loud.max() / 4, loud[1] > loud.max() / 4


def test_a_redo_begins_with_the_sound_that_both_calls_share(in_acme: Cast) -> None:
    first = make_call(trainee=in_acme.ada, recording_consent=True)
    tape(in_acme, first, seconds=2.0)
    recordings.finish(call_id=first.pk)
    redo = make_call(trainee=in_acme.ada, recording_consent=True, forked_from=first, forked_at_seq=1)
    Turn.objects.create(call=redo, seq=1, role="assistant", content="Hello?", timestamp_ms=0, end_ms=1500)
    now = 1500
    own = CallTape(
        spool_folder(in_acme.acme.schema_name, redo.pk), clock=lambda: now, trainee_rate=16000, buyer_rate=24000
    )
    own.buyer(tone(1, 24000, 440))
    own.close()
    recording = recordings.finish(call_id=redo.pk)
    assert recording is not None
    assert recording.duration_ms == pytest.approx(2500, abs=60)
    trainee, buyer = loudness(recording)
    assert buyer[:2].all(), "the buyer of the first call, its first second"
    assert trainee[2], "the trainee of the first call, up to where it branched off"
    assert not trainee[3:].any(), "and not what came after that in the first call"
    assert buyer[3:5].all(), "the buyer of the redo"


def test_a_redo_of_a_call_whose_sound_is_gone_begins_in_silence(in_acme: Cast) -> None:
    first = make_call(trainee=in_acme.ada)
    redo = make_call(trainee=in_acme.ada, recording_consent=True, forked_from=first, forked_at_seq=1)
    tape(in_acme, redo)
    assert recordings.finish(call_id=redo.pk) is not None


def test_both_sides_become_one_stereo_file(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada, recording_consent=True)
    tape(in_acme, call)
    recording = recordings.finish(call_id=call.pk)
    assert recording is not None
    assert recording.duration_ms == pytest.approx(2000, abs=60)
    assert recording.expires_at == call.ended_at + timedelta(days=in_acme.acme.recording_retention_days)
    with default_storage.open(recording.file_name) as file, av.open(file) as container:
        samples = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    left, right = np.abs(samples[0]), np.abs(samples[1])
    half = samples.shape[1] // 2
    assert left[:half].mean() < right[:half].mean() / 10  # the buyer, right
    assert right[half + 3000 :].mean() < left[half + 3000 :].mean() / 10  # the trainee, left
    assert not spool_folder(in_acme.acme.schema_name, call.pk).exists()


def test_finishing_twice_keeps_one_file(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada, recording_consent=True)
    tape(in_acme, call)
    first = recordings.finish(call_id=call.pk)
    assert recordings.finish(call_id=call.pk) == first
    assert Recording.objects.filter(call=call).count() == 1


def test_without_consent_nothing_is_kept(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada, recording_consent=False)
    tape(in_acme, call)
    assert recordings.finish(call_id=call.pk) is None
    assert not spool_folder(in_acme.acme.schema_name, call.pk).exists()


def test_a_call_that_still_goes_on_keeps_its_raw_sides(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada, status="in_progress", recording_consent=False)
    tape(in_acme, call)
    recordings.finish(call_id=call.pk)
    assert spool_folder(in_acme.acme.schema_name, call.pk).exists()


def test_the_sweep_makes_what_is_missing_and_deletes_what_is_over(in_acme: Cast) -> None:
    call = make_call(trainee=in_acme.ada, recording_consent=True, ended_at=timezone.now() - timedelta(minutes=5))
    tape(in_acme, call)
    tasks.sweep()
    recording = Recording.objects.get(call=call)
    name = recording.file_name
    assert default_storage.exists(name)
    Recording.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    tasks.sweep()
    assert not default_storage.exists(name)
    recording.refresh_from_db()
    assert recording.file_name == ""
