"""Import and export in the admin."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from scenarios import packages
from scenarios.models import Scenario
from tests.cast import Cast
from tests.scenarios.factories import make_scenario

ADMIN = "/org/acme/admin/scenarios/scenario"


def exported(client: Client) -> str:
    make_scenario(title="Carried over")
    answer = client.get(f"{ADMIN}/export/")
    assert answer["Content-Disposition"].startswith('attachment; filename="acme-scenarios-')
    return answer.content.decode()


def upload(client: Client, content: bytes) -> str:
    return client.post(f"{ADMIN}/import/", {"file": SimpleUploadedFile("content.yaml", content)}).content.decode()


def test_a_file_is_tried_before_it_is_written(in_acme: Cast, cy_client: Client) -> None:
    text = exported(cy_client).replace("title: Carried over", "title: Carried back")
    page = upload(cy_client, text.encode())
    assert "What this file would do" in page
    assert "Carried back" in page
    assert not Scenario.objects.filter(title="Carried back").exists()
    answer = cy_client.post(f"{ADMIN}/import/", {"text": text, "confirmed": "1"})
    assert answer.status_code == 302
    assert Scenario.objects.filter(title="Carried back").count() == 1


def test_every_problem_of_a_file_is_shown(in_acme: Cast, cy_client: Client) -> None:
    text = exported(cy_client).replace("mode: cold_call", "mode: shouting")
    page = upload(cy_client, text.encode())
    assert "Nothing was imported" in page
    assert "mode" in page


def test_files_that_are_no_content_are_refused(in_acme: Cast, cy_client: Client) -> None:
    assert "not UTF-8 text" in upload(cy_client, b"\xff\xfe\x00")
    assert "larger than 1000 kB" in upload(cy_client, b"a" * 1_100_000)
    assert "no content package" in upload(cy_client, b"hello")
    assert "The submitted file is empty." in upload(cy_client, b"")
    assert "Choose a file." in cy_client.post(f"{ADMIN}/import/").content.decode()


def test_chosen_items_are_exported_with_what_they_need(in_acme: Cast, cy_client: Client) -> None:
    scenario = make_scenario(title="One")
    make_scenario(title="Two")
    data = {"action": "export_selected", "_selected_action": [scenario.pk]}
    package = packages.parse(cy_client.post(f"{ADMIN}/", data).content.decode())
    assert [item["title"] for item in package["scenarios"]] == ["One"]
    assert [item["key"] for item in package["personas"]] == [str(scenario.persona_id)]
