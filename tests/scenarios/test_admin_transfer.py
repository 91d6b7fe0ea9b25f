"""Import and export in the admin."""

from __future__ import annotations

import re
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_tenants.utils import tenant_context

from accounts.models import Membership
from accounts.people.models import AuditEvent
from scenarios import packages
from scenarios.exchange.models import StagedPackage, TrustedKey
from scenarios.models import Scenario
from scenarios.training.models import Track
from tests.cast import Cast
from tests.coaching.learning.test_programs import make_program
from tests.conftest import signed_in
from tests.scenarios.factories import make_scenario

ADMIN = "/org/acme/admin/scenarios/scenario"


def exported(client: Client) -> str:
    make_scenario(title="Carried over")
    answer = client.get(f"{ADMIN}/export/")
    assert answer["Content-Disposition"].startswith('attachment; filename="acme-scenarios-')
    return answer.content.decode()


def upload(client: Client, content: bytes) -> str:
    return client.post(f"{ADMIN}/import/", {"file": SimpleUploadedFile("content.yaml", content)}).content.decode()


def put_aside(page: str) -> str:
    """What the second post says of the package that was looked at."""
    found = re.search(r'name="staged" value="([^"]+)"', page)
    assert found, page
    return found[1]


def test_a_file_is_tried_before_it_is_written(in_acme: Cast, cy_client: Client) -> None:
    text = exported(cy_client).replace("title: Carried over", "title: Carried back")
    page = upload(cy_client, text.encode())
    assert "What this file would do" in page
    assert "Carried back" in page
    assert not Scenario.objects.filter(title="Carried back").exists()
    yes = {"staged": put_aside(page), "confirmed": "1"}
    assert cy_client.post(f"{ADMIN}/import/", yes).status_code == 302
    assert Scenario.objects.filter(title="Carried back").count() == 1
    assert not StagedPackage.objects.exists()
    assert "no longer kept" in cy_client.post(f"{ADMIN}/import/", yes).content.decode()
    noted = AuditEvent.objects.get(action="content.imported")
    assert (noted.actor, noted.data["items"]["scenarios"]["changed"]) == (in_acme.cy, 1)


def test_what_somebody_put_aside_is_theirs(in_acme: Cast, cy_client: Client) -> None:
    staged = put_aside(upload(cy_client, exported(cy_client).encode()))
    other = signed_in(in_acme.dee)
    assert "no longer kept" in other.post(f"{ADMIN}/import/", {"staged": staged, "confirmed": "1"}).content.decode()
    for wrong in ("", "x", str(uuid4())):
        answer = cy_client.post(f"{ADMIN}/import/", {"staged": wrong, "confirmed": "1"})
        assert "no longer kept" in answer.content.decode()


def test_every_problem_of_a_file_is_shown(in_acme: Cast, cy_client: Client) -> None:
    text = exported(cy_client).replace("mode: cold_call", "mode: shouting")
    page = upload(cy_client, text.encode())
    assert "Nothing was imported" in page
    assert "mode" in page


def test_files_that_are_no_content_are_refused(in_acme: Cast, cy_client: Client) -> None:
    assert "not UTF-8 text" in upload(cy_client, b"\xff\xfe\x00")
    assert "larger than 4000 kB" in upload(cy_client, b"a" * 4_000_001)
    assert "This archive is damaged" in upload(cy_client, b"PK\x03\x04 and nothing more")
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


def test_what_both_sides_changed_is_chosen_on_the_page(in_acme: Cast, cy_client: Client) -> None:
    text = exported(cy_client)
    package = packages.parse(text)
    packages.import_package(package)
    [row] = [row for row in package["scenarios"] if row["title"] == "Carried over"]
    name = f"scenarios/{row['key']}/en"
    Scenario.objects.filter(title="Carried over").update(title="Changed here")
    text = text.replace("title: Carried over", "title: Changed there")
    page = upload(cy_client, text.encode())
    assert f'name="choice:{name}/title"' in page
    assert "<del>-title: Changed here</del>" in page
    staged = put_aside(page)
    refused = cy_client.post(f"{ADMIN}/import/", {"staged": staged, "confirmed": "1"}).content.decode()
    assert "changed here and in the file" in refused
    assert put_aside(refused) == staged
    chosen = {"staged": staged, "confirmed": "1", f"choice:{name}/title": "theirs"}
    assert cy_client.post(f"{ADMIN}/import/", chosen).status_code == 302
    assert Scenario.objects.filter(title="Changed there").exists()


def test_what_is_left_out_is_not_imported(in_acme: Cast, cy_client: Client) -> None:
    text = exported(cy_client).replace("title: Carried over", "title: Carried back")
    [row] = [row for row in packages.parse(text)["scenarios"] if row["title"] == "Carried back"]
    leave = {
        "staged": put_aside(upload(cy_client, text.encode())),
        "confirmed": "1",
        "leave": f"scenarios/{row['key']}/en",
    }
    assert cy_client.post(f"{ADMIN}/import/", leave).status_code == 302
    assert not Scenario.objects.filter(title="Carried back").exists()


def test_content_comes_from_an_organisation_in_which_one_authors_too(in_acme: Cast, cy_client: Client) -> None:
    assert "globex" not in cy_client.get(f"{ADMIN}/import/").content.decode()
    page = cy_client.post(f"{ADMIN}/import/", {"source": "globex"}).content.decode()
    assert "Select a valid choice" in page
    with tenant_context(in_acme.globex):
        make_scenario(title="Made at Globex")
    Membership.objects.create(user=in_acme.cy, organization=in_acme.globex, role="admin")
    page = cy_client.post(f"{ADMIN}/import/", {"source": "globex"}).content.decode()
    assert "Made at Globex" in page
    assert "Signed by Globex" in page


def test_keys_are_trusted_in_the_admin(in_acme: Cast, cy_client: Client) -> None:
    address = "/org/acme/admin/exchange/trustedkey/"
    assert packages.own_key().public in cy_client.get(address).content.decode()
    refused = cy_client.post(f"{address}add/", {"name": "Globex", "public": "no key"})
    assert "This is no public key" in refused.content.decode()
    with tenant_context(in_acme.globex):
        public = packages.own_key().public
    assert cy_client.post(f"{address}add/", {"name": "Globex", "public": public}).status_code == 302
    assert TrustedKey.objects.get().name == "Globex"


def test_tracks_and_programs_go_out_and_come_in_again(in_acme: Cast, cy_client: Client) -> None:
    program = make_program("One", title="Carried over")
    for kind, item in (("program", program), ("track", Track.objects.get(title="One"))):
        address = f"/org/acme/admin/training/{kind}/"
        listed = cy_client.get(address).content.decode()
        assert "Generate…" not in listed
        assert f"{address}export/" in listed
        text = cy_client.get(f"{address}export/").content.decode()
        assert "title: One" in text
        assert ("title: Carried over" in text) is (kind == "program")
        file = SimpleUploadedFile("content.yaml", text.replace(f"title: {item.title}", "title: Carried back").encode())
        page = cy_client.post(f"{address}import/", {"file": file}).content.decode()
        yes = {"staged": put_aside(page), "confirmed": "1"}
        assert cy_client.post(f"{address}import/", yes)["Location"] == address
        item.refresh_from_db()
        assert item.title == "Carried back"


def test_an_export_is_signed_where_somebody_asks_for_it(in_acme: Cast, cy_client: Client) -> None:
    scenario = make_scenario(title="Ours")
    chosen = {"action": "export_signed", "_selected_action": str(scenario.pk)}
    text = cy_client.post(f"{ADMIN}/", chosen).content.decode()
    signature = packages.verified(packages.parse(text))
    assert signature is not None
    assert signature.trusted == "Acme"
