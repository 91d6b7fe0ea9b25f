"""Taking one's data along and being forgotten: asked for, made or waited for, fetched, cancelled, done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context

from accounts import erasure, tasks
from accounts.models import Membership, User
from accounts.people import exports
from accounts.people.models import AuditEvent, DataExport, ErasureRequest
from tests.accounts.conftest import Api
from tests.cast import PASSWORD, Cast
from tests.conftest import signed_in

GONE = {"confirm": "ada@cast.test", "password": PASSWORD}


@pytest.fixture
def made(ada: Api, cast: Cast, django_capture_on_commit_callbacks: Any) -> Any:
    """Ada's finished export, as the API tells of it."""
    with django_capture_on_commit_callbacks(execute=True):
        asked = ada.post("user/export/")
    assert asked.status_code == 202, asked.content
    assert asked.json()["status"] == "pending"
    [export] = ada.get("user/export/").json()["results"]
    return export


def test_an_export_is_made_and_fetched_by_its_link(made: Any, ada: Api, mailoutbox: list[Any]) -> None:
    assert (made["status"], made["progress"]) == ("done", 100)
    assert ada.get(f"user/export/{made['id']}/").json()["sha256"] == made["sha256"]
    fetched = Client().get(made["url"])
    assert fetched["Content-Type"] == "application/zip"
    assert b"".join(fetched.streaming_content)[:2] == b"PK"
    [mail] = mailoutbox
    assert mail.to == ["ada@cast.test"]
    assert "/org/acme/profile/" in mail.body
    assert "token=" not in mail.body


def test_a_link_is_for_one_file_and_one_organisation(made: Any, cast: Cast) -> None:
    path, _sep, token = made["url"].partition("?token=")
    assert Client().get(path).status_code == 404
    assert Client().get(f"{path}?token={token}x").status_code == 404
    assert Client().get(path.replace("/acme/", "/globex/") + f"?token={token}").status_code == 404
    with schema_context("org_acme"):
        DataExport.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert Client().get(made["url"]).status_code == 404


def test_somebody_elses_export_is_not_there(made: Any, cy: Api, gil: Api) -> None:
    assert cy.get(f"user/export/{made['id']}/").status_code == 404
    assert cy.get("user/export/").json()["results"] == []
    assert gil.get("user/export/").status_code == 404


def test_one_at_a_time(ada: Api, cast: Cast) -> None:
    first = ada.post("user/export/").json()
    assert ada.post("user/export/").json()["id"] == first["id"]
    with schema_context("org_acme"):
        DataExport.objects.update(status="running", started_at=timezone.now() - timedelta(hours=2))
        assert exports.tidy_up() == []
        assert DataExport.objects.get().status == "failed"
    assert ada.post("user/export/").json()["id"] != first["id"]


def test_an_export_that_no_worker_heard_of_is_made_by_the_sweep(ada: Api, cast: Cast) -> None:
    ada.post("user/export/")
    with schema_context("org_acme"):
        DataExport.objects.update(created_at=timezone.now() - timedelta(minutes=5))
        tasks.sweep.delay()
        assert DataExport.objects.get().status == "done"


def test_old_exports_go_with_their_files(made: Any, cast: Cast) -> None:
    with schema_context("org_acme"):
        name = DataExport.objects.get().file_name
        assert default_storage.exists(name)
        DataExport.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
        exports.tidy_up()
        assert not default_storage.exists(name)
        assert not DataExport.objects.exists()


def test_the_page_tells_how_far_it_is(ada_client: Client, cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    ada_client.post("/org/acme/profile/export/")
    assert 'hx-trigger="every 2s"' in ada_client.get("/org/acme/profile/").content.decode()
    with schema_context("org_acme"):
        exports.make(export_id=DataExport.objects.get().pk)
    part = ada_client.get("/org/acme/profile/export/").content.decode()
    assert "hx-get" not in part
    assert "my-data.zip?token=" in part


def test_leaving_is_scheduled_told_and_cancelled(
    ada: Api, cast: Cast, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    assert ada.get("user/delete/").json()["status"] == "none"
    with django_capture_on_commit_callbacks(execute=True):
        asked = ada.post("user/delete/", GONE)
    assert asked.status_code == 202, asked.content
    assert asked.json()["account_closes"] is True
    assert asked.json()["erase_at"][:10] == (timezone.now() + timedelta(days=14)).date().isoformat()
    assert ada.post("user/delete/", GONE).json() == asked.json()
    assert [mail.to for mail in mailoutbox] == [["ada@cast.test"]]
    assert ada.get("user/profile/").status_code == 200
    assert ada.delete("user/delete/").status_code == 204
    assert ada.delete("user/delete/").status_code == 404
    with schema_context("org_acme"):
        assert erasure.erase_due() == 0
        assert AuditEvent.objects.filter(action__in=["erasure.requested", "erasure.cancelled"]).count() == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"confirm": "ada@cast.test"}, 401),
        ({"confirm": "ada@cast.test", "password": "wrong"}, 401),
        ({"confirm": "bo@cast.test", "password": PASSWORD}, 400),
        ({"password": PASSWORD}, 400),
        ({}, 400),
    ],
)
def test_leaving_takes_address_and_password(ada: Api, cast: Cast, body: dict[str, str], status: int) -> None:
    assert ada.post("user/delete/", body).status_code == status
    with schema_context("org_acme"):
        assert not ErasureRequest.objects.exists()


def test_who_has_no_password_signs_in_anew(ada: Api, cast: Cast) -> None:
    cast.ada.set_unusable_password()
    cast.ada.save()
    client = signed_in(User.objects.get(pk=cast.ada.pk))
    assert Api(client).post("user/delete/", {"confirm": "ada@cast.test"}).status_code == 401
    session = client.session
    session["account_authentication_methods"] = [{"method": "socialaccount", "at": timezone.now().timestamp()}]
    session["account_authentication_methods_user"] = str(cast.ada.pk)
    session.save()
    assert Api(client).post("user/delete/", {"confirm": "ada@cast.test"}).status_code == 202


def test_when_the_time_has_come_the_person_is_forgotten(made: Any, ada: Api, cast: Cast) -> None:
    ada.post("user/delete/", GONE)
    with schema_context("org_acme"):
        name = DataExport.objects.get().file_name
        ErasureRequest.objects.update(erase_at=timezone.now() - timedelta(minutes=1))
        tasks.sweep.delay()
        assert not ErasureRequest.objects.exists()
        assert not default_storage.exists(name)
        assert AuditEvent.objects.filter(action="person.erased").exists()
    assert User.objects.get(pk=cast.ada.pk).email.endswith("@closed.invalid")


def test_somebody_who_became_the_last_owner_waits(cast: Cast, ada: Api) -> None:
    ada.post("user/delete/", GONE)
    Membership.objects.filter(user=cast.dee).update(is_active=False)
    Membership.objects.filter(user=cast.ada).update(role="owner")
    with schema_context("org_acme"):
        ErasureRequest.objects.update(erase_at=timezone.now() - timedelta(minutes=1))
        assert erasure.erase_due() == 0
        assert ErasureRequest.objects.exists()
