"""Content from one organisation to another: by somebody who authors in both, seen before it is written, noted in both."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError
from django.test import Client
from django_tenants.utils import tenant_context

from accounts.models import Membership
from accounts.people.models import AuditEvent
from scenarios import packages
from scenarios.exchange.models import StagedPackage
from scenarios.knowledge import library
from scenarios.knowledge.models import KnowledgeDocument
from scenarios.models import Scenario
from scenarios.packages import archives
from scenarios.packages.promoting import package_of
from scenarios.training.models import Track, TrackFile
from tenants.errors import PermissionRefused
from tenants.models import Organization
from tests.cast import Cast
from tests.scenarios.factories import make_scenario
from tests.scenarios.test_admin_transfer import put_aside
from tests.scenarios.test_package_exchange import run
from tests.scenarios.test_package_files import PDF, attach

LIST = "/org/acme/admin/scenarios/scenario/"
PAGE = f"{LIST}promote/"


@pytest.fixture
def in_both(in_acme: Cast) -> Cast:
    """Cy authors at Globex, too."""
    Membership.objects.create(user=in_acme.cy, organization=in_acme.globex, role="admin")
    return in_acme


def titles(cast: Cast) -> set[str]:
    with tenant_context(cast.globex):
        return set(Scenario.objects.values_list("title", flat=True))


def test_it_is_seen_before_it_is_written_and_noted_in_both(in_both: Cast, cy_client: Client) -> None:
    scenario = make_scenario(title="For Globex")
    make_scenario(title="Stays here")
    page = cy_client.post(f"{PAGE}?item={scenario.pk}", {"target": "globex", "what": "these"}).content.decode()
    assert "What it would do at Globex" in page
    assert "For Globex" in page
    assert "Stays here" not in page
    assert "For Globex" not in titles(in_both)
    yes = {"staged": put_aside(page), "confirmed": "1"}
    answer = cy_client.post(PAGE, yes)
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    assert {"For Globex", "Stays here"} & titles(in_both) == {"For Globex"}
    assert not StagedPackage.objects.exists()
    here = AuditEvent.objects.get(action="content.promoted")
    assert (here.actor, here.target, here.data["items"]["scenarios"]) == (in_both.cy, "globex", {"new": 1})
    with tenant_context(in_both.globex):
        there = AuditEvent.objects.get(action="content.imported")
        assert (there.actor, there.target) == (in_both.cy, "acme")


def test_what_differs_is_shown_line_by_line_and_decided(in_both: Cast, cy_client: Client) -> None:
    scenario = make_scenario(title="Both have it")
    address, asked = f"{PAGE}?item={scenario.pk}", {"target": "globex", "what": "these"}
    yes = {"staged": put_aside(cy_client.post(address, asked).content.decode()), "confirmed": "1"}
    assert cy_client.post(PAGE, yes).status_code == 302
    Scenario.objects.filter(pk=scenario.pk).update(title="Changed at Acme")
    with tenant_context(in_both.globex):
        Scenario.objects.filter(title="Both have it").update(title="Changed at Globex")
    page = cy_client.post(address, asked).content.decode()
    assert "<del>-title: Changed at Globex</del>" in page
    assert "<ins>+title: Changed at Acme</ins>" in page
    staged = put_aside(page)
    name = f"choice:scenarios/{scenario.pk}/en/title"
    assert name in page
    assert "title was changed here and over there" in page
    undecided = cy_client.post(PAGE, {"staged": staged, "confirmed": "1"}).content.decode()
    assert "changed here and in the file" in undecided
    assert cy_client.post(PAGE, {"staged": staged, "confirmed": "1", name: "theirs"}).status_code == 302
    assert "Changed at Acme" in titles(in_both)


def test_nobody_brings_anything_to_where_they_do_not_author(in_acme: Cast, cy_client: Client) -> None:
    make_scenario(title="Not for Globex")
    assert "To another organisation" not in cy_client.get(LIST).content.decode()
    assert cy_client.get(PAGE).status_code == 403
    assert cy_client.post(PAGE, {"target": "globex", "what": "kind"}).status_code == 403
    membership = Membership.objects.create(user=in_acme.cy, organization=in_acme.globex, role="manager")
    assert cy_client.post(PAGE, {"target": "globex", "what": "kind"}).status_code == 403
    with pytest.raises(PermissionRefused):
        packages.promote(package_of(in_acme.acme), target=in_acme.globex, by=_fresh(in_acme.cy))
    membership.role = "admin"
    membership.save()
    assert "To another organisation" in cy_client.get(LIST).content.decode()
    page = cy_client.post(PAGE, {"target": "globex", "what": "kind"}).content.decode()
    membership.role = "trainee"
    membership.save()
    yes = {"staged": put_aside(page), "confirmed": "1"}
    assert cy_client.post(PAGE, yes).status_code == 403
    Organization.objects.filter(pk=in_acme.globex.pk).update(second_factor_required=True)
    membership.role = "admin"
    membership.save()
    assert cy_client.post(PAGE, yes).status_code == 403
    assert "Not for Globex" not in titles(in_acme)


@pytest.mark.parametrize("target", ["", "acme", "nowhere"], ids=["none", "here", "unknown"])
def test_a_target_that_is_none_is_a_plain_sentence(in_both: Cast, cy_client: Client, target: str) -> None:
    page = cy_client.post(f"{PAGE}?item=x&item=", {"target": target, "what": "kind"})
    assert page.status_code == 200
    assert "Nothing was written" in page.content.decode()


def test_chosen_rows_lead_to_the_page(in_both: Cast, cy_client: Client) -> None:
    scenario = make_scenario(title="Chosen")
    answer = cy_client.post(LIST, {"action": "promote_selected", "_selected_action": [scenario.pk]})
    assert answer["Location"] == f"{PAGE}?item={scenario.pk}"
    page = cy_client.get(answer["Location"]).content.decode()
    assert "Only these, with what they need" in page
    assert "Chosen" in page


def test_documents_go_from_their_own_list(in_both: Cast, cy_client: Client) -> None:
    document = library.add_text(text="A seat costs nine francs.", title="Prices", source="prices.md", actor=None)
    library.add_text(text="The house is closed in August.", title="House", source="house.md", actor=None)
    documents = "/org/acme/admin/knowledge/knowledgedocument/"
    assert "To another organisation" in cy_client.get(documents).content.decode()
    answer = cy_client.post(documents, {"action": "promote_selected", "_selected_action": [document.pk]})
    assert answer["Location"] == f"{documents}promote/?item={document.pk}"
    page = cy_client.post(answer["Location"], {"target": "globex", "what": "these"}).content.decode()
    assert "can then be found" in page
    yes = {"staged": put_aside(page), "confirmed": "1"}
    assert cy_client.post(f"{documents}promote/", yes)["Location"] == documents
    with tenant_context(in_both.globex):
        assert set(KnowledgeDocument.objects.values_list("source", flat=True)) == {"prices.md"}


def test_files_are_read_where_they_are_kept(in_both: Cast) -> None:
    attach(Track.objects.create(key="x-track", title="First week"), PDF, "prices.pdf")
    package = package_of(in_both.acme)
    packages.promote(package, target=in_both.globex, by=_fresh(in_both.cy))
    with tenant_context(in_both.globex):
        file = TrackFile.objects.get()
        from_there = io.BytesIO()
        archives.write(
            from_there, packages.export_package(tracks=Track.objects.filter(key="x-track")), packages.Files()
        )
        assert archives.read(io.BytesIO(from_there.getvalue())).files.read(file.sha256) == PDF


def test_the_command_asks_on_whose_behalf(in_acme: Cast) -> None:
    make_scenario(title="By command")
    with pytest.raises(CommandError, match="Your role does not allow this"):
        run("promote", "acme", "globex", "--as", in_acme.cy.email)
    with pytest.raises(CommandError, match="nobody with the address"):
        run("promote", "acme", "globex", "--as", "nobody@acme.test")
    Membership.objects.create(user=in_acme.cy, organization=in_acme.globex, role="admin")
    assert "new" in run("promote", "acme", "globex", "--as", in_acme.cy.email)
    assert "By command" in titles(in_acme)
    assert AuditEvent.objects.get(action="content.promoted").actor == in_acme.cy


def _fresh(user: Any) -> Any:
    """As the next request knows the person: roles are looked up once a request."""
    return type(user).objects.get(pk=user.pk)
