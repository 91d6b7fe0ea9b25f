"""From an empty organisation and a playbook to a trained person: the way that Parley is for, in both languages.

An admin, at a desk, has drafts made from a supplied playbook, a front desk before the buyer among them, tries the scenario
in a test flight, publishes it, puts it into a track with something to read and a knowledge check, and assigns the track to a
team by a sheet. A trainee, on a phone, reads, answers, holds the call, and has a certificate.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from secrets import token_hex

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect

from tests.runtime.stack import Stack

from .conftest import DESKTOP, PHONE, enter

PLAYBOOKS = Path(__file__).parents[1] / "scenarios" / "generation" / "playbooks"
TEAM = "Sales"
COURSE = "main a[href*='/learn/']:not([href$='/learn/'])"
CERTIFICATE = "main a[href*='/certificates/']"
LONG = 120_000  # ms; a draft from templates, a flight and a score take seconds on an idle machine


@dataclass(frozen=True)
class Tongue:
    """What is clicked and typed in one language."""

    language: str
    playbook: str
    make: str
    branching: str
    fly: str
    publish: str
    track: str
    reading: str
    check: str
    text: str
    questions: str
    answer: str
    look: str
    assign: str
    read: str
    hand_in: str
    go_on: str
    typed: str
    certificate: str
    confirm: str
    download: str


TONGUES = {
    "en": Tongue(
        language="en",
        playbook="routewise.md",
        make="Make a draft",
        branching="Branching",
        fly="Start the test flight",
        publish="Publish",
        track="First calls",
        reading="Before you call",
        check="What you remember",
        text="## Listen first\n\nAsk what a bad week looks like before you say what you sell.",
        questions="What comes first?\n- A price\n* A question\n! Who asks first learns what the price is measured against.",
        answer="A question",
        look="Look at what it would do",
        assign="Assign all of it",
        read="I have read this",
        hand_in="Hand in",
        go_on="Go on",
        typed="Type instead of talking",
        certificate="Your certificate",
        confirm="Confirm the certificate",
        download="Download as PDF",
    ),
    "es": Tongue(
        language="es",
        playbook="clinica.md",
        make="Hacer un borrador",
        branching="Ramificación",
        fly="Iniciar el vuelo de prueba",
        publish="Publicar",
        track="Primeras llamadas",
        reading="Antes de llamar",
        check="Lo que recuerdas",
        text="## Escuchar primero\n\nPregunta cómo es una mala semana antes de decir qué vendes.",
        questions="¿Qué va primero?\n- Un precio\n* Una pregunta\n! Quien pregunta primero sabe con qué comparar el precio.",
        answer="Una pregunta",
        look="Ver lo que haría",
        assign="Asignarlo todo",
        read="Lo he leído",
        hand_in="Entregar",
        go_on="Seguir",
        typed="Escribir en vez de hablar",
        certificate="Tu certificado",
        confirm="Confirmar el certificado",
        download="Descargar como PDF",
    ),
}

OPEN = """
import json
from allauth.account.models import EmailAddress
from django_tenants.utils import tenant_context
from accounts.models import Membership, User
from accounts.people.models import Team, TeamMembership
from tenants.models import Organization
from tenants.provisioning import open_organization
organization = open_organization(slug="{slug}", name="{slug}".title(), language="{language}")
for name, role in (("admin", "admin"), ("trainee", "trainee")):
    email = name + "@{slug}.test"
    user = User.objects.create_user(email, "parley-demo", full_name=name.title(), onboarding_completed=True)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    Membership.objects.create(organization=organization, user=user, role=role)
with tenant_context(organization):
    team = Team.objects.create(name="{team}")
    TeamMembership.objects.create(team=team, user=User.objects.get(email="trainee@{slug}.test"))
"""
# What the strong seller of the newest flight said, on the path that scored best.
LINES = """
import json
from django_tenants.utils import schema_context
from scoring.flights.models import FlightRun
with schema_context("{schema}"):
    run = FlightRun.objects.filter(trainee="strong").order_by("-flight__created_at", "-score").first()
    print(json.dumps([turn["content"] for turn in run.turns if turn["role"] == "user"]))
"""


@pytest.fixture(params=TONGUES)
def tongue(request: pytest.FixtureRequest) -> Tongue:
    return TONGUES[request.param]


@pytest.fixture
def slug(stack: Stack, tongue: Tongue) -> str:
    """An organisation of its own, with nobody and nothing in it but an admin, a trainee and their team."""
    slug = f"journey-{tongue.language}-{token_hex(3)}"
    stack.manage("shell", "-v", "0", "-c", OPEN.format(slug=slug, language=tongue.language, team=TEAM))
    return slug


@pytest.fixture
def admin(browser: Browser, site: str, slug: str, tongue: Tongue) -> Iterator[Page]:
    context = enter(
        browser, site, f"admin@{slug}.test", viewport=DESKTOP, locale=tongue.language, service_workers="allow"
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def trainee(browser: Browser, site: str, slug: str, tongue: Tongue) -> Iterator[Page]:
    context = enter(
        browser, site, f"trainee@{slug}.test", viewport=PHONE, locale=tongue.language, service_workers="allow"
    )
    yield context.new_page()
    context.close()


def schema_of(slug: str) -> str:
    return "org_" + slug.replace("-", "_")


def draft_from_playbook(page: Page, root: str, tongue: Tongue) -> str:
    """Has a set of drafts made with a front desk before the buyer; answers the address of the scenario's preview."""
    page.goto(f"{root}/admin/generation/generation/new/?what=scenario&from=playbook")
    page.set_input_files("[name=file]", PLAYBOOKS / tongue.playbook)
    page.select_option("[name=language]", tongue.language)
    page.locator("[name=branching]").check(force=True)
    page.get_by_role("button", name=tongue.make).click()
    look = page.locator("a[href*='/scenarios/scenario/'][href$='/preview/']")
    expect(look).to_have_count(1, timeout=LONG)
    look.click()
    page.wait_for_url("**/scenarios/scenario/*/preview/")
    return page.url


def fly_and_publish(page: Page, preview: str, tongue: Tongue) -> None:
    """Publishing is refused before the flight, and done after it."""
    page.goto(preview)
    page.get_by_role("button", name=tongue.publish, exact=True).click()
    expect(page.locator(".authoring-published")).to_have_count(0)
    page.goto(preview)
    page.locator("article a[href*='flight']").first.click()
    page.get_by_role("button", name=tongue.fly).click()
    expect(page.locator(".flight-green")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name=tongue.publish, exact=True).click()
    page.goto(preview)
    expect(page.locator(".authoring-published").first).to_be_visible(timeout=LONG)


def has_a_front_desk(page: Page, preview: str, tongue: Tongue) -> None:
    """The drafted scenario is a graph that the editor shows, and finds nothing wrong with."""
    page.goto(preview.replace("/preview/", "/change/"))
    page.get_by_role("link", name=tongue.branching).first.click()
    expect(page.locator("[data-outline] [data-node], [data-outline] tr").nth(3)).to_be_visible()
    expect(page.locator("[data-text]")).not_to_be_empty()
    expect(page.locator("[data-problems] li")).to_have_count(0)


def write_track(page: Page, root: str, tongue: Tongue, *, scenario_id: str) -> None:
    page.goto(f"{root}/admin/training/track/add/")
    page.fill("[name=title]", tongue.track)
    page.select_option("[name=language]", tongue.language)
    add = page.locator("#items-group a.add-row")
    for position, kind in enumerate(("reading", "check", "scenario")):
        add.click()
        page.select_option(f"[name=items-{position}-kind]", kind)
    page.fill("[name=items-0-title]", tongue.reading)
    page.fill("[name=items-0-text]", tongue.text)
    page.fill("[name=items-1-title]", tongue.check)
    page.fill("[name=items-1-questions]", tongue.questions)
    page.select_option("[name=items-2-scenario]", scenario_id)
    page.click("[name=_save]")
    page.wait_for_url("**/preview/")
    page.get_by_role("button", name=tongue.publish, exact=True).click()
    expect(page.locator(".authoring-published").first).to_be_visible()


def assign_by_sheet(page: Page, root: str, tongue: Tongue) -> None:
    due = (date.today() + timedelta(days=14)).isoformat()
    key = tongue.track.lower().replace(" ", "-")
    sheet = f"team,track,due\n{TEAM},{key},{due}\n"
    page.goto(f"{root}/learn/assign/")
    file = {"name": "sheet.csv", "mimeType": "text/csv", "buffer": sheet.encode("utf-8-sig")}
    page.set_input_files("[name=file]", files=[file])
    page.get_by_role("button", name=tongue.look).click()
    page.get_by_role("button", name=tongue.assign).click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody .text-error")).to_have_count(0)


def learn(page: Page, root: str, tongue: Tongue) -> None:
    """To the call: the reading, and the check after it."""
    page.goto(f"{root}/learn/")
    until_there(page, COURSE)
    page.locator(COURSE).first.click()
    page.get_by_role("link", name=tongue.go_on).click()
    page.get_by_role("button", name=tongue.read).click()
    page.get_by_role("link", name=tongue.go_on).first.click()
    page.get_by_label(tongue.answer).check()
    page.get_by_role("button", name=tongue.hand_in).click()
    page.get_by_role("link", name=tongue.go_on).first.click()


def hold_the_call(page: Page, tongue: Tongue, lines: list[str]) -> None:
    page.get_by_role("button", name=tongue.typed).click()
    room, turns = page.locator("[data-room]"), page.locator("[data-part=turns] li")
    page.locator("[data-part=start]").click()
    expect(room).to_have_attribute("data-state", "live", timeout=60_000)
    expect(turns).not_to_have_count(0, timeout=60_000)
    buyer = page.locator("[data-part=turns] li[data-role=assistant]")
    for line in lines:
        if room.get_attribute("data-state") == "over":
            break
        heard = buyer.count()
        page.locator("[data-part=type-input]").fill(line)
        page.keyboard.press("Enter")
        page.wait_for_function(
            "([count, room]) => document.querySelectorAll(room + ' li[data-role=assistant]').length > count"
            " || document.querySelector('[data-room]').dataset.state === 'over'",
            arg=[heard, "[data-part=turns]"],
            timeout=60_000,
        )
    # The buyer may hang up while we do.
    with suppress(TimeoutError):
        page.locator("[data-part=end]").click(timeout=20_000)
        page.locator("[data-part=confirm-yes]").click(timeout=20_000)
    expect(room).to_have_attribute("data-state", "over", timeout=60_000)


def test_from_a_playbook_to_a_certificate(
    admin: Page, trainee: Page, stack: Stack, slug: str, site: str, tongue: Tongue
) -> None:
    root = f"{site}/org/{slug}"
    preview = draft_from_playbook(admin, root, tongue)
    has_a_front_desk(admin, preview, tongue)
    fly_and_publish(admin, preview, tongue)
    write_track(admin, root, tongue, scenario_id=preview.split("/")[-3])
    assign_by_sheet(admin, root, tongue)

    learn(trainee, root, tongue)
    lines = json.loads(stack.manage("shell", "-v", "0", "-c", LINES.format(schema=schema_of(slug))))
    hold_the_call(trainee, tongue, lines)
    trainee.goto(f"{root}/learn/")
    until_there(trainee, CERTIFICATE)
    trainee.locator(CERTIFICATE).first.click()
    trainee.wait_for_url("**/certificates/**")
    if trainee.get_by_role("link", name=tongue.download).count() == 0:
        # The judge may not certify by itself before people have calibrated it: a person confirms.
        admin.goto(trainee.url)
        admin.get_by_role("button", name=tongue.confirm).click()
        trainee.reload()
    with trainee.expect_download() as download:
        trainee.get_by_role("link", name=tongue.download).click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    assert not wide(trainee)
    assert re.search(r"\b20\d\d\b", trainee.locator("main").inner_text())


def until_there(page: Page, selector: str) -> None:
    """What workers do shows seconds later: who is asked to learn, a score and what it completes."""
    for _time in range(90):
        if page.locator(selector).count():
            return
        page.wait_for_timeout(2000)
        page.reload()
    raise AssertionError(page.locator("main").inner_text())


def wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
