"""What a worker makes of a recording, and how it goes on where another stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.notices.models import Notice
from accounts.people.models import Team
from calls import recordings, spoken, tasks
from calls.models import CallUpload, UploadRule
from calls.uploads import places, receiving, tidying, work
from calls.uploads.errors import PROBLEMS
from integrations.budgets.standing import BudgetSpent
from integrations.models import Budget, BudgetMonth, ModelCall, Reservation
from integrations.speech import decoding
from integrations.speech.base import Transcript
from tests.cast import Cast
from tests.factories import make_upload

from .conftest import Ears, Languages
from .sounds import LOW, dialogue, shared_dialogue, track, wav

Finished = Callable[[CallUpload], CallUpload]


def sent(cast: Cast, content: bytes, **fields: Any) -> CallUpload:
    """An upload whose file has arrived."""
    upload = make_upload(
        owner=cast.ada,
        **{
            "status": "checking",
            "speakers": {},
            "told_apart_by": "",
            "action": "",
            "duration_ms": None,
            "size_bytes": len(content),
            "received_bytes": len(content),
            **fields,
        },
    )
    places.original(upload.pk).write_bytes(content)
    return upload


def test_each_channel_is_a_speaker(in_acme: Cast, finished: Finished, ears: Ears) -> None:
    ears.lines = iter(["Marta speaking.", "Hello, this is Ada, I am calling about planning.", "Go on.", "Thank you."])
    upload = finished(sent(in_acme, dialogue()))
    assert (upload.status, upload.told_apart_by, upload.action) == ("speakers", "channels", "score")
    assert (upload.duration_ms, upload.progress, len(upload.sha256)) == (12_000, 100, 64)
    assert Notice.objects.get(user=in_acme.ada).kind == "work_done"
    heard = [(s.speaker, s.text, s.confidence) for s in upload.segments.all()]
    assert heard == [
        ("A", "Marta speaking.", 0.8),
        ("B", "Hello, this is Ada, I am calling about planning.", 0.8),
        ("A", "Go on.", 0.8),
        ("B", "Thank you.", 0.8),
    ]
    starts = [segment.start_ms for segment in upload.segments.all()]
    assert starts == pytest.approx([0, 2350, 4850, 7350], abs=120)
    assert (upload.speakers["B"], upload.speakers["A"], upload.suggested_because) == ("user", "assistant", "name")
    assert default_storage.exists(upload.sound["file_name"])
    assert places.present() == set()


def test_one_channel_is_told_apart_by_voice(in_acme: Cast, finished: Finished) -> None:
    upload = finished(sent(in_acme, shared_dialogue()))
    assert (upload.status, upload.told_apart_by) == ("speakers", "voices")
    assert [segment.speaker for segment in upload.segments.all()] == ["A", "B"] * 4


def test_silence_is_refused_and_nothing_of_it_kept(in_acme: Cast, finished: Finished, ears: Ears) -> None:
    upload = finished(sent(in_acme, wav(np.zeros(160_000, dtype=np.int16))))
    assert (upload.status, upload.problem, ears.heard) == ("refused", "no_speech", 0)
    assert Notice.objects.get(user=in_acme.ada).data["reason"] == str(PROBLEMS["no_speech"])
    assert places.present() == set()


def test_words_that_nobody_understands_are_no_speech(in_acme: Cast, finished: Finished, ears: Ears) -> None:
    ears.lines = iter([""] * 20)
    upload = finished(sent(in_acme, dialogue()))
    assert (upload.status, upload.problem, upload.sound) == ("refused", "no_speech", {})


def test_another_language_is_refused_with_its_name(
    in_acme: Cast, finished: Finished, languages: Languages, ears: Ears
) -> None:
    languages.found = {"es": 0.9, "en": 0.05}
    upload = finished(sent(in_acme, dialogue()))
    assert (upload.status, upload.problem) == ("refused", "wrong_language")
    assert upload.details == {"expected": "en", "heard": "es"}
    assert (languages.asked, ears.heard) == ([4], 0)


@pytest.mark.parametrize("found", [{}, {"es": 0.6, "en": 0.3}, {"es": 0.75, "en": 0.24}])
def test_a_language_that_is_not_sure_is_believed(
    in_acme: Cast, finished: Finished, languages: Languages, found: dict[str, float]
) -> None:
    languages.found = found
    assert finished(sent(in_acme, dialogue())).status == "speakers"


@pytest.mark.parametrize(
    ("content", "problem"),
    [(wav(track((LOW, 2.0))), "too_short"), (dialogue()[:44], "unreadable")],
)
def test_what_is_no_call_is_refused(in_acme: Cast, finished: Finished, content: bytes, problem: str) -> None:
    upload = finished(sent(in_acme, content))
    assert (upload.status, upload.problem) == ("refused", problem)


def test_what_is_too_long_is_refused(in_acme: Cast, finished: Finished, settings: Any) -> None:
    settings.UPLOAD_MAX_SECONDS = 10
    upload = finished(sent(in_acme, dialogue()))
    assert (upload.problem, upload.details) == ("too_long", {"most_minutes": 0})


def test_a_file_that_is_not_whole_is_refused(in_acme: Cast, finished: Finished) -> None:
    upload = sent(in_acme, dialogue())
    places.original(upload.pk).write_bytes(b"RIFF")
    assert finished(upload).problem == "damaged"


def test_a_worker_goes_on_where_another_stopped(in_acme: Cast, finished: Finished, ears: Ears) -> None:
    upload = sent(in_acme, dialogue())
    while upload.status != CallUpload.Status.TRANSCRIBING:
        work.advance(upload.pk)
        upload.refresh_from_db()
    assert work.advance(upload.pk, seconds=0) == 0.0
    work._hear(upload, work.voice_for_turns(in_acme.acme), 0, upload.pieces[0])  # and died before it was counted
    assert finished(upload).status == "speakers"
    assert upload.segments.count() == 4


def test_two_workers_do_not_take_the_same_upload(in_acme: Cast) -> None:
    upload = sent(in_acme, dialogue())
    with work._taken(upload.pk) as mine, work._taken(upload.pk) as theirs:
        assert mine is not None
        assert theirs is None
    CallUpload.objects.filter(pk=upload.pk).update(worked_at=timezone.now() - tidying.HELD_FOR - timedelta(seconds=1))
    assert tidying.due() == [upload.pk]
    with work._taken(upload.pk) as after:
        assert after is not None
        assert after.attempts == 1  # that one died of it counts


def test_a_service_that_is_away_is_asked_three_times(in_acme: Cast, finished: Finished, ears: Ears) -> None:
    ears.failing = 3
    upload = sent(in_acme, dialogue())
    delays = [delay for _slice in range(9) if (delay := work.advance(upload.pk)) is not None]
    upload.refresh_from_db()
    assert [delay for delay in delays if delay] == [10.0, 20.0]
    assert (upload.status, upload.problem, upload.attempts) == ("failed", "speech_service", 3)
    assert Notice.objects.get(user=in_acme.ada).kind == "work_failed"
    assert work.take_up_again(upload)
    assert not work.take_up_again(upload)
    assert finished(upload).status == "speakers"


def test_an_upload_withdrawn_meanwhile_is_left_alone(in_acme: Cast, finished: Finished) -> None:
    upload = sent(in_acme, dialogue())
    with work._taken(upload.pk) as mine:
        assert mine is not None
        receiving.refuse(upload, "withdrawn")
        with pytest.raises(work._Refused):
            work._open(mine)
    assert finished(upload).problem in {"withdrawn"}


@pytest.mark.parametrize(
    ("rule", "status", "action"),
    [
        ({"shorter_than_s": 60, "action": "ignore"}, "ignored", ""),
        ({"shorter_than_s": 12, "action": "ignore"}, "speakers", "score"),
        ({"longer_than_s": 5, "mode": "discovery", "action": "save"}, "speakers", "save"),
        ({"mode": "cold_call", "action": "ignore"}, "speakers", "score"),
        ({"language": "es", "action": "ignore"}, "speakers", "score"),
    ],
)
def test_rules_decide_what_becomes_of_it(
    in_acme: Cast, finished: Finished, ears: Ears, rule: dict[str, Any], status: str, action: str
) -> None:
    UploadRule.objects.create(**rule)
    upload = finished(sent(in_acme, dialogue()))
    assert (upload.status, upload.action) == (status, action)
    if status == "ignored":
        assert (upload.problem, ears.heard, places.present()) == ("by_rule", 0, set())


def test_the_first_rule_counts_and_a_team_is_the_owners(in_acme: Cast, finished: Finished) -> None:
    others = Team.objects.create(name="South")
    UploadRule.objects.create(position=0, team=others, action="ignore")
    UploadRule.objects.create(position=1, team=Team.objects.get(name="North"), action="save")
    UploadRule.objects.create(position=2, action="ignore")
    assert finished(sent(in_acme, dialogue())).action == "save"


def test_what_nobody_finishes_is_cleared_away(in_acme: Cast) -> None:
    old = timezone.now() - timedelta(days=2)
    unsent = sent(in_acme, dialogue(), status="receiving")
    unnamed = make_upload(owner=in_acme.ada, segments=True)
    CallUpload.objects.filter(pk=unsent.pk).update(updated_at=old)
    places.original(unnamed.pk).write_bytes(b"left")
    assert tidying.clear_abandoned() == 1
    assert places.present() == {unnamed.pk}
    CallUpload.objects.filter(pk=unnamed.pk).update(updated_at=old - timedelta(days=14))
    assert tidying.clear_abandoned() == 1
    unnamed.refresh_from_db()
    assert (unnamed.status, unnamed.problem, unnamed.segments.count()) == ("refused", "abandoned", 0)
    assert places.present() == set()


def test_the_task_sends_itself_on(in_acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sent_on: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.advance_upload, "apply_async", lambda **options: sent_on.append(options))
    upload = sent(in_acme, dialogue())
    tasks.advance_upload(str(upload.pk))
    assert sent_on == [{"args": [str(upload.pk)], "countdown": 0.0}]


def test_decoding_and_encoding_say_how_far_they_are(
    in_acme: Cast, finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "TOLD_EVERY", 16_000)
    monkeypatch.setattr(recordings, "TOLD_EVERY", 24_000)
    seen: list[int] = []
    note = work._note

    def noted(upload: CallUpload, **changes: Any) -> None:
        note(upload, **changes)
        seen.append(upload.progress)

    monkeypatch.setattr(work, "_note", noted)
    assert finished(sent(in_acme, dialogue())).status == "speakers"
    assert seen == sorted(seen), "it never goes back"
    assert any(0 < progress < work.DECODED for progress in seen)
    assert len({progress for progress in seen if work.FOUND < progress < work.KEPT}) >= 5


def test_who_withdraws_does_not_wait_for_the_encoder(in_acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "TOLD_EVERY", 24_000)
    upload = sent(in_acme, dialogue())
    encoded: list[int] = []
    telling = work._telling

    def withdrawn(upload: CallUpload, first: int, last: int, *, of: int) -> Callable[[int], None]:
        told = telling(upload, first, last, of=of)

        def heard(done: int) -> None:
            if first == work.FOUND:
                encoded.append(done)
                CallUpload.objects.filter(pk=upload.pk).update(status="refused", problem="withdrawn")
            told(done)

        return heard

    monkeypatch.setattr(work, "_telling", withdrawn)
    while work.advance(upload.pk) is not None:
        pass
    upload.refresh_from_db()
    assert (upload.status, upload.sound, len(encoded)) == ("refused", {}, 1)
    assert places.present() == set()


class TestWithinABudget:
    @pytest.fixture(autouse=True)
    def their_ears(self, settings: Any, monkeypatch: pytest.MonkeyPatch, ears: Ears) -> list[int]:
        """OpenAI's ears are asked first; returns where they note each request."""
        asked: list[int] = []

        class Theirs:
            def __init__(self, keys: Any, *, seconds: float) -> None:
                pass

            def transcribe(self, pcm: bytes, *, rate: int, language: str) -> Transcript:
                asked.append(len(pcm))
                return Transcript("Something.", 0.9, 5)

        settings.VOICE_PROVIDER = "openai"
        settings.VENDOR_KEYS = {**settings.VENDOR_KEYS, "openai": "key"}
        monkeypatch.setattr(spoken, "OpenAISpeechToText", Theirs)
        return asked

    def test_what_was_written_down_is_paid_for(
        self, in_acme: Cast, finished: Finished, ears: Ears, their_ears: list[int]
    ) -> None:
        budget = Budget.objects.create(monthly_usd=1)
        upload = finished(sent(in_acme, dialogue()))
        assert (upload.status, ears.heard, len(their_ears)) == ("speakers", 0, 4)
        entries = ModelCall.objects.filter(task="hear", reference=str(upload.pk))
        assert sum(entry.sound_seconds for entry in entries) == pytest.approx(sum(their_ears) / 32_000, abs=1)
        assert BudgetMonth.objects.get(budget=budget).spent_usd == sum(entry.cost_usd for entry in entries) > 0
        assert not Reservation.objects.exists()

    def test_where_it_is_not_covered_our_own_ears_do_it(
        self, in_acme: Cast, finished: Finished, ears: Ears, their_ears: list[int]
    ) -> None:
        Budget.objects.create(monthly_usd=0)
        assert finished(sent(in_acme, dialogue())).status == "speakers"
        assert (ears.heard, their_ears) == (4, [])
        assert not ModelCall.objects.exists()

    def test_where_no_more_calls_are_wanted_none_is_taken(self, in_acme: Cast, rubric: Any) -> None:
        Budget.objects.create(monthly_usd=0, when_spent="stop")
        wanted = receiving.Wanted("call.wav", 1000, "en", "cold_call", consent=True)
        with pytest.raises(BudgetSpent, match="New calls start again on"):
            receiving.announce(owner=in_acme.ada, wanted=wanted)
