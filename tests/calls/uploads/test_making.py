"""From what was heard to a call: who is who, what is left out, what is scored, and how all of it goes away again."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.db import connection

from accounts.signals import person_erased
from calls import forks, services
from calls.models import Call, CallUpload, Recording, Turn, UploadSegment
from calls.uploads import drafting, keeping, making, places, speakers
from calls.uploads.errors import UploadRefused, WrongState
from scenarios.generation.services import work_now
from scenarios.models import RubricVersion
from scenarios.validation import check_scenario
from scoring.models import Score
from tenants.errors import InvalidInput
from tests.cast import Cast
from tests.factories import make_upload

from .sounds import dialogue

ROLES = {"A": "assistant", "B": "user", "C": "left_out"}


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The calls that were handed on to be scored."""
    found: list[Any] = []
    monkeypatch.setattr(making, "announce_completed", found.append)
    return found


def with_sound(upload: CallUpload) -> CallUpload:
    source = places.original(upload.pk)
    source.write_bytes(dialogue())
    told: list[int] = []
    upload.sound = keeping.keep_sound(upload, source, on_ms=told.append)
    assert told == sorted(told)
    assert told, "whoever waits is told how far it is"
    upload.save(update_fields=["sound"])
    source.unlink()
    return upload


def test_what_was_heard_becomes_a_call_with_turns(in_acme: Cast, announced: list[Any]) -> None:
    upload = with_sound(make_upload(owner=in_acme.ada, segments=True, counterpart="Marta", title="Norte, second call"))
    call = making.confirm(upload=upload, roles=ROLES, changes={})
    assert (call.channel, call.transport, call.status) == ("upload", "file", "completed")
    assert (call.title, call.trainee_id, call.mode) == ("Norte, second call", in_acme.ada.pk, "discovery")
    assert call.brief["name"] == "Marta"
    assert call.persona_version_id is None
    assert call.duration_ms == 33_000
    turns = list(call.turns.order_by("seq"))
    assert [turn.role for turn in turns] == ["assistant", "user"] * 3 + ["assistant"]
    assert turns[0].content == "Marta speaking."
    assert [turn.seq for turn in turns] == list(range(1, 8))
    assert announced == [call.pk]
    upload.refresh_from_db()
    assert (upload.status, upload.call_id, upload.segments.count(), upload.sound) == ("done", call.pk, 0, {})
    recording = Recording.objects.get(call=call)
    assert (recording.duration_ms, default_storage.exists(recording.file_name)) == (12_000, True)
    with pytest.raises(WrongState):
        making.confirm(upload=upload, roles=ROLES, changes={})


def test_an_uploaded_call_is_scored_like_any_other(
    in_acme: Cast, django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    settings.QUICK_SCORER = settings.DEEP_SCORER = "embedded"
    with django_capture_on_commit_callbacks(execute=True):
        call = making.confirm(upload=make_upload(owner=in_acme.ada, segments=True), roles=ROLES, changes={})
    score = Score.objects.get(call=call)
    assert score.overall_score is not None
    assert score.deep_run is not None
    quotes = [item.quote for part in score.deep_run.criteria.all() for item in part.evidence.all()]
    said = [turn.content for turn in call.turns.filter(role=Turn.Role.USER)]
    assert quotes
    assert all(any(quote in words for words in said) for quote in quotes)


def test_it_is_in_nobodys_averages_and_cannot_be_redone(in_acme: Cast, announced: list[Any]) -> None:
    call = making.confirm(upload=make_upload(owner=in_acme.ada, segments=True), roles=ROLES, changes={})
    assert call in services.visible_calls(in_acme.bo, "manager")
    assert call not in Call.objects.counting()
    with pytest.raises(forks.HeldElsewhere):
        forks.fork(call=call, turn=call.turns.first(), private=False)


def test_pieces_of_one_side_in_a_row_are_one_turn() -> None:
    pieces = [
        ("A", 0, 1000, "One."),
        ("A", 1500, 2000, "Two."),
        ("B", 2100, 3000, "Three."),
        ("A", 9000, 9500, "Four."),
    ]
    segments = [
        UploadSegment(position=at, speaker=who, start_ms=start, end_ms=end, text=text, confidence=0.5 + at / 10)
        for at, (who, start, end, text) in enumerate(pieces)
    ]
    said = making.turns_of(segments, {"A": "user", "B": "assistant"})
    assert [(one.role, one.text, one.start_ms, one.end_ms) for one in said] == [
        ("user", "One. Two.", 0, 2000),
        ("assistant", "Three.", 2100, 3000),
        ("user", "Four.", 9000, 9500),
    ]
    assert said[0].confidence == 0.5


def test_single_pieces_can_be_given_to_somebody_else(in_acme: Cast, announced: list[Any]) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True)
    call = making.confirm(upload=upload, roles=ROLES, changes={0: "B", 2: "C"})
    turns = list(call.turns.order_by("seq"))
    assert turns[0].role == Turn.Role.USER
    assert turns[0].content.startswith("Marta speaking. Hello Marta")
    assert "We are quite busy" not in " ".join(turn.content for turn in turns)


def test_whoever_is_left_out_is_not_heard_either(in_acme: Cast, announced: list[Any]) -> None:
    upload = with_sound(make_upload(owner=in_acme.ada, segments=True))
    UploadSegment.objects.filter(upload=upload, position=0).update(start_ms=0, end_ms=2000)
    before = upload.sound["file_name"]
    call = making.confirm(upload=upload, roles=ROLES, changes={0: "C"})
    recording = Recording.objects.get(call=call)
    assert recording.file_name != before
    with default_storage.open(recording.file_name) as file, av.open(file, "r") as opened:
        sound = np.concatenate([frame.to_ndarray() for frame in opened.decode(audio=0)], axis=1)
    rate = 24_000
    assert np.abs(sound[:, rate // 5 : rate * 9 // 5]).max() < 0.02
    assert np.abs(sound[:, rate * 3 : rate * 4]).max() > 0.1


@pytest.mark.parametrize("roles", [{"A": "user", "B": "user"}, {"A": "left_out", "B": "user"}, {}])
def test_a_call_needs_both_sides(in_acme: Cast, roles: dict[str, str]) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True)
    with pytest.raises(UploadRefused) as refused:
        making.confirm(upload=upload, roles=roles, changes={})
    assert refused.value.issue == "one_speaker"
    upload.refresh_from_db()
    assert (upload.status, upload.segments.count()) == ("speakers", 7)


@pytest.mark.parametrize(
    ("roles", "changes"), [({"D": "user"}, {}), ({"A": "boss"}, {}), (ROLES, {99: "A"}), (ROLES, {0: "Z"})]
)
def test_unknown_speakers_and_pieces_are_refused(in_acme: Cast, roles: dict[str, str], changes: dict[int, str]) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True)
    with pytest.raises(InvalidInput):
        making.confirm(upload=upload, roles=roles, changes=changes)
    assert not Call.objects.exists()


def test_a_rule_keeps_a_call_without_a_score_until_somebody_asks(in_acme: Cast, announced: list[Any]) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True, action="save")
    call = making.confirm(upload=upload, roles=ROLES, changes={})
    assert (announced, call.to_score) == ([], False)
    making.score_after_all(upload=upload, actor=in_acme.bo)
    assert announced == [call.pk]
    with pytest.raises(WrongState):
        making.score_after_all(upload=upload, actor=in_acme.bo)


def test_a_private_upload_becomes_a_private_call(in_acme: Cast, announced: list[Any]) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True, private=True)
    call = making.confirm(upload=upload, roles=ROLES, changes={})
    assert call.is_hidden
    assert call not in services.visible_calls(in_acme.bo, "manager")


@pytest.mark.parametrize(
    ("lines", "trainee", "why"),
    [
        ([("A", "Hello?"), ("B", "Hi, this is Ada from Acme.")], "B", "name"),
        ([("A", "Good morning, I'm calling about your deliveries."), ("B", "Is that so? And? Why?")], "A", "words"),
        ([("A", "How do you plan? And who decides?"), ("B", "By hand. I do.")], "A", "questions"),
        ([("A", "Yes."), ("B", "Good.")], "B", "order"),
    ],
)
def test_who_sells_is_suggested_with_its_reason(
    in_acme: Cast, lines: list[tuple[str, str]], trainee: str, why: str
) -> None:
    upload = make_upload(owner=in_acme.ada)
    for position, (who, text) in enumerate(lines):
        upload.segments.create(position=position, speaker=who, start_ms=position * 10, end_ms=5, text=text)
    roles, because = speakers.suggest(upload)
    assert (roles[trainee], because) == ("user", why)
    assert sorted(roles.values()) == ["assistant", "left_out", "user"]
    upload.suggested_because = because
    assert speakers.reason(upload)


def test_when_consent_is_withdrawn_all_of_it_goes(
    in_acme: Cast, django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    settings.QUICK_SCORER = settings.DEEP_SCORER = "embedded"
    upload = with_sound(make_upload(owner=in_acme.ada, segments=True))
    with django_capture_on_commit_callbacks(execute=True):
        call = making.confirm(upload=upload, roles=ROLES, changes={})
    name = Recording.objects.get(call=call).file_name
    upload.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        making.withdraw(upload=upload, actor=in_acme.ada)
    with connection.cursor() as cursor:  # the guards of rows that are kept for ever speak at the end of a transaction
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert not Call.objects.filter(pk=call.pk).exists()
    assert not default_storage.exists(name)
    upload.refresh_from_db()
    assert (upload.status, upload.problem, upload.call_id) == ("refused", "withdrawn", None)


def test_an_upload_in_the_making_can_be_withdrawn(in_acme: Cast, django_capture_on_commit_callbacks: Any) -> None:
    upload = with_sound(make_upload(owner=in_acme.ada, segments=True))
    name = upload.sound["file_name"]
    with django_capture_on_commit_callbacks(execute=True):
        making.withdraw(upload=upload, actor=in_acme.ada, problem="no_consent")
    upload.refresh_from_db()
    assert (upload.problem, upload.segments.count(), default_storage.exists(name)) == ("no_consent", 0, False)


def test_whoever_leaves_takes_their_uploads_along(
    in_acme: Cast, announced: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    waiting = with_sound(make_upload(owner=in_acme.ada, segments=True))
    done = make_upload(owner=in_acme.ada, segments=True)
    making.confirm(upload=done, roles=ROLES, changes={})
    theirs = make_upload(owner=in_acme.val)
    with django_capture_on_commit_callbacks(execute=True):
        person_erased.send(sender=type(in_acme.ada), user=in_acme.ada)
    assert list(CallUpload.objects.values_list("pk", flat=True)) == [theirs.pk]
    assert not default_storage.exists(waiting.sound["file_name"])
    assert not Call.objects.filter(trainee=in_acme.ada).exists()


def test_a_scenario_is_drafted_from_the_call(in_acme: Cast, announced: list[Any], rubric: RubricVersion) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True, counterpart="Marta", rubric_version=rubric)
    with pytest.raises(WrongState):
        drafting.draft_scenario(upload=upload, actor=in_acme.cy)
    making.confirm(upload=upload, roles=ROLES, changes={})
    scenario = drafting.draft_scenario(upload=upload, actor=in_acme.cy)
    assert (scenario.status, scenario.rubric_id, scenario.mode) == ("draft", rubric.rubric_id, "discovery")
    objection = scenario.persona.objections.get()
    assert (objection.kind, objection.text) == ("price", "But that sounds expensive.")
    assert "Marta" not in scenario.persona.first_message


def test_a_draft_from_the_call_is_filled_in(in_acme: Cast, announced: list[Any], rubric: RubricVersion) -> None:
    upload = make_upload(owner=in_acme.ada, segments=True, counterpart="Marta", rubric_version=rubric)
    with pytest.raises(WrongState):
        drafting.begin_whole_draft(upload=upload, actor=in_acme.cy)
    making.confirm(upload=upload, roles=ROLES, changes={})
    job = work_now(drafting.begin_whole_draft(upload=upload, actor=in_acme.cy))
    assert job.persona is not None
    assert job.scenario is not None
    assert (job.persona.status, job.scenario.mode) == ("draft", "discovery")
    objection = job.persona.objections.get(kind="price")
    assert objection.text == "But that sounds expensive."
    assert objection.concern
    assert job.sources["persona"]["objections[0].text"] == 0
    assert not [note for note in check_scenario(job.scenario) if note.is_error]
    assert "Marta" not in str(job.playbook)
