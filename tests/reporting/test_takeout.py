"""An organisation takes everything along: what is in the archive, what is not, who gets it, and that it comes in again."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from accounts.notices.models import Notice
from reporting.takeout import making
from reporting.takeout.models import TakeOut
from scenarios import packages
from scenarios.knowledge import library
from scenarios.knowledge.models import KnowledgeDocument
from scenarios.models import Scenario
from tests.cast import Cast
from tests.conftest import signed_in
from tests.factories import make_call, make_turns
from tests.scenarios.factories import make_scenario

LONG = b"A seat costs nine francs.\n" * 4_000
PAGE = "/org/acme/admin/takeout/takeout/"


@pytest.fixture
def archive(cast: Cast) -> Iterator[zipfile.ZipFile]:
    """Acme's, with one call that counts and one that is private."""
    with tenant_context(cast.acme):
        make_scenario(title="Taken along")
        library.add(file=LONG, file_name="long.txt", actor=cast.cy)
        call = make_call(trainee=cast.ada, title="Told call")
        make_turns(call)
        make_call(trainee=cast.ada, title="Private call", private=True)
        take_out = making.request(user=cast.cy)
        assert making.make(take_out_id=take_out.pk)
        assert not making.make(take_out_id=take_out.pk)
        take_out.refresh_from_db()
        assert (take_out.status, take_out.progress) == ("done", 100)
        assert Notice.objects.get(user=cast.cy).kind == "work_done"
    client = signed_in(cast.cy)
    answer = client.get(f"{PAGE}{take_out.pk}/file/")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as opened:  # type: ignore[attr-defined]
        yield opened


def test_everything_is_in_it_but_what_is_private(archive: zipfile.ZipFile, cast: Cast) -> None:
    manifest = json.loads(archive.read("manifest.json"))
    file = f"files/{hashlib.sha256(LONG).hexdigest()}"
    assert set(manifest["files"]) == {"content.yaml", file, "people.csv", "teams.csv", "calls.jsonl", "recordings.csv"}
    assert archive.read(file) == LONG
    assert cast.ada.email in archive.read("people.csv").decode()
    calls = [json.loads(line) for line in archive.read("calls.jsonl").splitlines()]
    [told] = [call for call in calls if call["title"] == "Told call"]
    assert len(told["turns"]) > 1
    assert "Private call" not in archive.read("calls.jsonl").decode()


def test_its_content_comes_in_elsewhere(archive: zipfile.ZipFile, cast: Cast) -> None:
    with tenant_context(cast.globex):
        assert archive.fp is not None
        packages.import_package(packages.archives.read(archive.fp))
        assert Scenario.objects.filter(title="Taken along").exists()
        assert KnowledgeDocument.objects.get(source="long.txt").size_bytes == len(LONG)


def test_it_is_asked_for_once_and_gone_after_a_week(cast: Cast) -> None:
    client = signed_in(cast.cy)
    assert client.post(f"{PAGE}request/").status_code == 302
    with tenant_context(cast.acme):
        first = TakeOut.objects.get()
        TakeOut.objects.update(status="running", worked_at=timezone.now())
        assert making.request(user=cast.cy) == first
        TakeOut.objects.update(worked_at=timezone.now() - timedelta(hours=2))
        making.tidy_up()
        assert TakeOut.objects.get().status == "failed"
        again = making.request(user=cast.cy)
        making.make(take_out_id=again.pk)
        TakeOut.objects.filter(pk=again.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(f"{PAGE}{again.pk}/file/").status_code == 404
    assert client.get(PAGE).status_code == 200
    with tenant_context(cast.acme):
        making.tidy_up()
        assert TakeOut.objects.get(pk=again.pk).file_name == ""


@pytest.mark.parametrize("who", ["ada", "bo", "gil"])
def test_nobody_else_gets_it(cast: Cast, who: str) -> None:
    with tenant_context(cast.acme):
        take_out = making.request(user=cast.cy)
        making.make(take_out_id=take_out.pk)
    client = signed_in(getattr(cast, who))
    for address in (PAGE, f"{PAGE}{take_out.pk}/file/"):
        assert client.get(address, follow=True).status_code in {403, 404}
    assert client.post(f"{PAGE}request/", follow=True).status_code in {403, 404}
