"""Taking one's calls along, and having them deleted."""

from __future__ import annotations

import hashlib
import json
import zipfile
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django_tenants.utils import schema_context

from accounts.people import exports
from calls.models import Call, Recording, Turn
from scoring.models import Score, ScoreRun
from tests import factories
from tests.cast import PASSWORD, Cast


def recorded_call(trainee: Any) -> tuple[Call, str]:
    """A scored call whose recording is a file that holds the word `voice`."""
    call = factories.make_scored_call(trainee=trainee, turns=True)
    Recording.objects.filter(call=call).delete()
    recording = factories.make_recording(call)
    name = default_storage.save("recordings/ada.mp3", ContentFile(b"voice"))
    Recording.objects.filter(pk=recording.pk).update(file_name=name)
    return call, name


def test_an_export_holds_the_calls_their_words_and_their_sound(in_acme: Cast) -> None:
    call, _name = recorded_call(in_acme.ada)
    factories.make_scored_call(trainee=in_acme.val, turns=True)
    export = exports.request_export(user=in_acme.ada)
    exports.make(export_id=export.pk)
    export.refresh_from_db()
    assert (export.status, export.progress) == ("done", 100)
    with default_storage.open(export.file_name) as file:
        packed = file.read()
    assert hashlib.sha256(packed).hexdigest() == export.sha256
    with zipfile.ZipFile(BytesIO(packed)) as archive:
        document = json.loads(archive.read("data.json"))
        [exported] = document["sections"]["calls"]
        assert exported["id"] == str(call.pk)
        said = [turn.content for turn in call.turns.order_by("seq")]
        assert [turn["content"] for turn in exported["turns"]] == said
        folder = f"calls/{call.created_at:%Y-%m-%d}-{call.pk}"
        assert archive.read(f"{folder}/recording.mp3") == b"voice"
        assert said[0] in archive.read(f"{folder}/transcript.txt").decode()
        manifest = json.loads(archive.read("manifest.json"))["files"]
        assert set(manifest) == set(archive.namelist()) - {"manifest.json"}
        for path, told in manifest.items():
            assert hashlib.sha256(archive.read(path)).hexdigest() == told["sha256"]


def test_leaving_deletes_ones_calls_and_nobody_elses(
    in_acme: Cast, ada_client: Client, django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    settings.ERASURE_GRACE_DAYS = 0
    _call, name = recorded_call(in_acme.ada)
    kept = factories.make_scored_call(trainee=in_acme.val, turns=True)
    with django_capture_on_commit_callbacks(execute=True):
        body = {"confirm": "ada@cast.test", "password": PASSWORD}
        response = ada_client.post("/org/acme/api/v1/user/delete/", body, content_type="application/json")
    assert response.status_code == 200, response.content
    with schema_context("org_acme"):
        assert list(Call.objects.all()) == [kept]
        assert set(Turn.objects.values_list("call_id", flat=True)) == {kept.pk}
        assert set(Score.objects.values_list("call_id", flat=True)) == {kept.pk}
        assert set(ScoreRun.objects.values_list("call_id", flat=True)) == {kept.pk}
        assert not default_storage.exists(name)
