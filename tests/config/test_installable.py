"""The app on somebody's device: its manifest, its worker's address, the page without a server."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import User
from config import installable
from tenants.models import Domain
from tests.cast import Cast
from tests.conftest import signed_in


def test_each_organisation_has_an_app_of_its_own(cast: Cast, ada_client: Client) -> None:
    answer = ada_client.get("/org/acme/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    manifest = answer.json()
    assert (manifest["id"], manifest["start_url"], manifest["scope"]) == ("/org/acme/", "/org/acme/", "/")
    assert manifest["name"] == "Acme · Parley"
    assert [item["url"] for item in manifest["shortcuts"]] == [
        "/org/acme/practice/",
        "/org/acme/history/",
        "/org/acme/notifications/",
    ]
    assert signed_in(cast.val).get("/org/globex/manifest.webmanifest").json()["id"] == "/org/globex/"


def test_it_speaks_the_persons_language(cast: Cast) -> None:
    User.objects.filter(pk=cast.val.pk).update(language="es")
    manifest = signed_in(cast.val).get("/org/acme/manifest.webmanifest").json()
    assert manifest["lang"] == "es"


def test_on_a_domain_of_its_own_it_starts_at_the_root(cast: Cast) -> None:
    Domain.objects.create(tenant=cast.acme, domain="training.acme.test", is_primary=True, verified_at=timezone.now())
    manifest = signed_in(cast.ada).get("/manifest.webmanifest", headers={"host": "training.acme.test"}).json()
    assert (manifest["id"], manifest["scope"], manifest["shortcuts"][0]["url"]) == ("/", "/", "/practice/")


def test_every_icon_is_there_in_the_size_that_it_says(cast: Cast, ada_client: Client) -> None:
    manifest = ada_client.get("/org/acme/manifest.webmanifest").json()
    icons = {item["src"]: item for item in manifest["icons"]}
    assert {item["purpose"] for item in icons.values()} == {"any", "maskable"}
    for src, icon in icons.items():
        file = settings.BASE_DIR / "config" / "static" / Path(src).relative_to("/static")
        if icon["type"] == "image/png":
            width, height = struct.unpack(">II", file.read_bytes()[16:24])
            assert f"{width}x{height}" == icon["sizes"]
        else:
            assert file.exists()


@pytest.mark.parametrize(("asked", "spoken"), [("en", "en"), ("es", "es"), ("xx", "en")], ids=["en", "es", "unknown"])
def test_the_offline_page_is_the_same_for_everybody(cast: Cast, ada_client: Client, asked: str, spoken: str) -> None:
    page = Client().get(f"/offline/?lang={asked}")
    assert f'<html lang="{spoken}">' in page.content.decode()
    assert ada_client.get(f"/offline/?lang={asked}").content == page.content
    assert not page.cookies


def test_the_worker_is_served_at_the_root_where_there_is_one(
    db: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert Client().get("/sw.js").status_code == 404, "Vite's own server has none"
    built = tmp_path / "sw.js"
    built.write_text("// built")
    monkeypatch.setattr(installable, "WORKER", built)
    monkeypatch.setitem(settings.DJANGO_VITE["default"], "dev_mode", False)
    answer = Client().get("/sw.js")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert "no-cache" in answer["Cache-Control"]
