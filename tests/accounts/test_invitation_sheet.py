"""Many invitations at once, from a sheet: line by line, nothing before it is confirmed, nothing more than one may give."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from django_tenants.utils import schema_context

from accounts.people import sheets
from accounts.people.models import Invitation
from tenants.errors import DomainError
from tests.accounts.conftest import Api
from tests.cast import Cast

PAGE = "/org/acme/people/invite/sheet/"
HEAD = "email,role,team\n"


def run(text: str, cast: Cast, *, dry_run: bool = False, actor: Any = None) -> sheets.Report:
    with translation.override("en"):
        return sheets.run(text, actor=actor or cast.cy, dry_run=dry_run)


def test_a_sheet_invites_line_by_line_and_a_dry_run_nobody(
    in_acme: Cast, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    text = HEAD + "\n".join(
        [
            "new@cast.test,manager,North",
            "NEW@cast.test,,",
            "other@cast.test,,",
            "ada@cast.test,trainee,",
            "not-an-address,trainee,",
            "boss@cast.test,owner,",
            "lost@cast.test,pilot,",
            "lost@cast.test,trainee,South Pole",
        ]
    )
    with django_capture_on_commit_callbacks(execute=True):
        dry = run(text, in_acme, dry_run=True)
    assert (dry.invited, dry.refused) == (2, 6)
    assert dry.lines[0].message == "Would be invited."
    assert not Invitation.objects.exists()
    assert not mailoutbox
    with django_capture_on_commit_callbacks(execute=True):
        report = run(text, in_acme)
    assert [line.outcome for line in report.lines] == ["invited", "refused", "invited", *["refused"] * 5]
    assert [line.number for line in report.lines] == [2, 3, 4, 5, 6, 7, 8, 9]
    assert [line.message for line in report.lines[3:]] == [
        "This person is a member already.",
        "Enter an e-mail address.",
        "You may not give this role.",
        "There is no role “pilot”.",
        "There is no team “South Pole”.",
    ]
    assert {(row.email, row.role, str(row.team or "")) for row in Invitation.objects.all()} == {
        ("new@cast.test", "manager", "North"),
        ("other@cast.test", "trainee", ""),
    }
    assert sorted(mail.to[0] for mail in mailoutbox) == ["new@cast.test", "other@cast.test"]
    assert run(text, in_acme).invited == 0


@pytest.mark.parametrize("role", ["trainee", "Trainee", "client", "aprendiz", ""])
def test_a_role_is_known_by_every_name_it_has(in_acme: Cast, role: str) -> None:
    with translation.override("es"):
        label = str(sheets.Role.TRAINEE.label)
    run(f"correo;rol\nnew@cast.test;{label if role == 'aprendiz' else role}\n", in_acme)
    assert Invitation.objects.get().role == "trainee"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no line below"),
        ("role,team\ntrainee,North", "first line must name the columns: email, role, team"),
        ("email,salary\na@b.c,1", "no column “salary”"),
        (HEAD + "a@b.test,,\n" * 1001, "at most 1000 lines"),
    ],
)
def test_a_sheet_that_cannot_be_read_is_refused_whole(in_acme: Cast, text: str, problem: str) -> None:
    with pytest.raises(DomainError, match=problem):
        run(text, in_acme)
    assert not Invitation.objects.exists()


def test_the_report_holds_no_formulas(in_acme: Cast) -> None:
    report = run(HEAD + "=HYPERLINK(1),@x,+1\n", in_acme, dry_run=True)
    cells = report.as_csv().splitlines()[1]
    assert "'=HYPERLINK(1)" in cells
    assert "'@x" in cells


def invited() -> list[tuple[str, str]]:
    """As it stands in Acme, whichever organisation the last request was for."""
    with schema_context("org_acme"):
        return list(Invitation.objects.values_list("email", "role"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_the_page_shows_first_and_then_does_it(cy_client: Client, encoding: str) -> None:
    file = SimpleUploadedFile("people.csv", "correo,equipo\nnuño@cast.test,North\n".encode(encoding))
    page = cy_client.post(PAGE, {"file": file}).content.decode()
    assert "nuño@cast.test" in page
    sheet = SimpleUploadedFile("people.csv", f"{HEAD}new@cast.test,trainee,North\n".encode(encoding))
    answer = cy_client.post(PAGE, {"file": sheet})
    assert "Would be invited." in answer.content.decode()
    assert not invited()
    text = answer.context["text"]
    report = cy_client.post(PAGE, {"text": text, "as": "csv"})
    assert report["Content-Type"].startswith("text/csv")
    done = cy_client.post(PAGE, {"text": text, "confirm": "1"})
    assert "Invited; the mail is on its way." in done.content.decode()
    assert invited() == [("new@cast.test", "trainee")]


def test_the_page_refuses_what_is_no_sheet(cy_client: Client) -> None:
    for content in (b"", b"\x00\x01", b"x" * 1_000_001):
        answer = cy_client.post(PAGE, {"file": SimpleUploadedFile("people.csv", content)})
        assert answer.status_code == 400
        assert 'role="alert"' in answer.content.decode()
    assert cy_client.post(PAGE).status_code == 400
    assert cy_client.get(PAGE)["Location"] == "/org/acme/people/"


def test_only_who_manages_people_may(bo_client: Client, gil_client: Client, bo: Api) -> None:
    assert bo_client.post(PAGE, {"text": HEAD, "confirm": "1"}).status_code == 403
    assert gil_client.post(PAGE, {"text": HEAD, "confirm": "1"}).status_code == 404
    assert bo.post("invitations/sheet/", {"csv": HEAD}).status_code == 403


def test_over_rest(cy: Api) -> None:
    body = {"csv": f"{HEAD}new@cast.test,manager,\nada@cast.test,,\n"}
    dry = cy.post("invitations/sheet/", body).json()
    assert (dry["dry_run"], dry["invited"], dry["refused"]) == (True, 1, 1)
    done = cy.post("invitations/sheet/", {**body, "dry_run": False}).json()
    assert done["lines"][0]["outcome"] == "invited"
    assert invited() == [("new@cast.test", "manager")]
    refused = cy.post("invitations/sheet/", {"csv": "a,b\n1,2"})
    assert refused.status_code == 400
    assert refused.json()["error"]["details"]["field"] == "csv"
