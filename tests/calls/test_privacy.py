"""Taking one's calls along, and having them deleted."""

from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django_tenants.utils import schema_context

from calls.models import Call, Recording, Turn
from scoring.models import Score, ScoreRun
from tests import factories
from tests.cast import Cast


def test_an_export_holds_the_calls_and_what_was_said(in_acme: Cast, ada_client: Client) -> None:
    call = factories.make_scored_call(trainee=in_acme.ada, turns=True)
    factories.make_scored_call(trainee=in_acme.val, turns=True)
    body = ada_client.post("/org/acme/api/v1/user/export/", {}, content_type="application/json").json()
    [exported] = body["sections"]["calls"]
    assert exported["id"] == str(call.pk)
    with schema_context("org_acme"):
        assert [turn["content"] for turn in exported["turns"]] == [turn.content for turn in call.turns.order_by("seq")]


def test_leaving_deletes_ones_calls_and_nobody_elses(
    in_acme: Cast, ada_client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    call = factories.make_scored_call(trainee=in_acme.ada, turns=True)
    kept = factories.make_scored_call(trainee=in_acme.val, turns=True)
    Recording.objects.filter(call=call).delete()
    recording = factories.make_recording(call)
    name = default_storage.save("recordings/ada.mp3", ContentFile(b"voice"))
    Recording.objects.filter(pk=recording.pk).update(file_name=name)
    with django_capture_on_commit_callbacks(execute=True):
        response = ada_client.post(
            "/org/acme/api/v1/user/delete/", {"confirm": "ada@cast.test"}, content_type="application/json"
        )
    assert response.status_code == 200, response.content
    with schema_context("org_acme"):
        assert list(Call.objects.all()) == [kept]
        assert set(Turn.objects.values_list("call_id", flat=True)) == {kept.pk}
        assert set(Score.objects.values_list("call_id", flat=True)) == {kept.pk}
        assert set(ScoreRun.objects.values_list("call_id", flat=True)) == {kept.pk}
        assert not default_storage.exists(name)
