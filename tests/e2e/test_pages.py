"""Every page of a trainee: readable by everybody (axe), on a phone, in both languages, light and dark, by keyboard."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from config.runtime.places import ROOT

from .conftest import PHONE, enter, open_room
from .double import CallDouble

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
PUBLIC = ("/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nowhere/")
SIGNED_IN = ("/org/{org}/", "/org/{org}/practice/", "/org/{org}/history/", "/org/{org}/profile/")
OF_ADMINS = ("/org/acme/team/", "/org/acme/people/", "/org/acme/people/teams/")
PEOPLE = {"acme": "trainee@acme.test", "globex": "trainee@globex.test"}


# Whole, in its own letters, with nothing on its way: what fades has the contrast of neither state. Five seconds at most.
SETTLED = """async () => {
  await document.fonts.ready;
  const moves = one => one.playState === "running" && one.effect?.getComputedTiming().endTime !== Infinity;
  const busy = () => document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added") !== null
    || document.getAnimations().some(moves);
  for (let look = 0; look < 100 && busy(); look++) await new Promise(resolve => setTimeout(resolve, 50));
}"""


def problems(page: Page) -> list[str]:
    """What axe calls serious or critical, with the elements."""
    page.wait_for_load_state()
    page.evaluate(SETTLED)
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in found["violations"]
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]


def overflows(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def check(page: Page) -> None:
    assert problems(page) == [], page.url
    assert not overflows(page), f"{page.url} scrolls sideways"


@pytest.fixture(scope="module", params=[("light", "desktop"), ("dark", "phone")], ids="-".join)
def look(request: pytest.FixtureRequest) -> dict[str, Any]:
    scheme, size = request.param
    # A dialog that is still fading in has the contrast of neither state.
    return {"color_scheme": scheme, "reduced_motion": "reduce", **({"viewport": PHONE} if size == "phone" else {})}


@pytest.fixture(scope="module")
def visitor(browser: Browser, look: dict[str, Any]) -> Any:
    context = browser.new_context(locale="en", **look)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module", params=list(PEOPLE))
def member(request: pytest.FixtureRequest, browser: Browser, site: str, look: dict[str, Any]) -> Any:
    context = enter(browser, site, PEOPLE[request.param], **look)
    yield request.param, context
    context.close()


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages(visitor: Page, site: str, path: str) -> None:
    visitor.goto(site + path)
    check(visitor)


@pytest.mark.parametrize("path", SIGNED_IN)
def test_pages_of_a_trainee(member: tuple[str, BrowserContext], site: str, path: str) -> None:
    organization, context = member
    page = context.new_page()
    page.goto(site + path.format(org=organization))
    expect(page.locator("html")).to_have_attribute("lang", "en" if organization == "acme" else "es")
    check(page)
    page.close()


@pytest.mark.parametrize("path", OF_ADMINS)
def test_pages_of_an_admin(browser: Browser, site: str, look: dict[str, Any], path: str) -> None:
    context = enter(browser, site, "admin@acme.test", **look)
    page = context.new_page()
    page.goto(site + path)
    expect(page.locator("h1")).to_be_visible()
    check(page)
    context.close()


def test_the_page_before_a_call_and_every_state_of_the_room(member: tuple[str, BrowserContext], site: str) -> None:
    organization, context = member
    page = context.new_page()
    page.goto(f"{site}/org/{organization}/practice/")
    page.locator("#scenarios h2 a").first.click()
    page.locator("button[name=channel]").first.wait_for()
    check(page)
    double = CallDouble(page)
    open_room(page, site, organization=organization)
    page.locator("[data-part=mic]").wait_for()
    check(page)
    page.locator("input[name=consent][value=no]").check()
    page.locator("[data-part=start]").click()
    expect(page.locator("[data-room]")).to_have_attribute("data-state", "live")
    double.turn(1, "assistant", "Buenos días, dígame.")
    double.turn(2, "user", "Hola, soy Ada.")
    double.tentative("y llamo porque")
    page.locator("[data-part=type-toggle]").click()
    check(page)
    double.hang_up(4409, "taken_over")
    expect(page.locator("[data-room]")).to_have_attribute("data-state", "elsewhere")
    check(page)
    page.locator("[data-part=take-back]").click()
    expect(page.locator("[data-room]")).to_have_attribute("data-state", "live")
    page.locator("[data-part=end]").click()
    check(page)
    page.locator("[data-part=confirm-yes]").click()
    expect(page.locator("[data-part=score-number]")).to_be_visible()
    check(page)
    page.close()


def test_the_theme_is_kept_and_written_by_the_server(trainee: Page, site: str) -> None:
    trainee.goto(f"{site}/org/acme/practice/")
    trainee.locator("header summary").first.click()
    trainee.get_by_role("button", name="Dark").click()
    expect(trainee.locator("html")).to_have_attribute("data-theme", "parley-dark")
    html = trainee.request.get(f"{site}/org/acme/practice/").text()
    assert 'data-theme="parley-dark"' in html
    trainee.get_by_role("button", name="Auto").click()
    expect(trainee.locator("html")).not_to_have_attribute("data-theme", "parley-dark")


def test_the_language_can_be_switched_from_any_page(trainee: Page, site: str) -> None:
    trainee.goto(f"{site}/org/acme/practice/")
    for name, code in (("Español", "es"), ("English", "en")):
        trainee.locator("header summary").first.click()
        trainee.get_by_role("button", name=name).click()
        expect(trainee.locator("html")).to_have_attribute("lang", code)
        assert trainee.url.endswith("/org/acme/practice/")


def test_the_picker_filters_without_loading_the_page(trainee: Page, site: str) -> None:
    trainee.goto(f"{site}/org/acme/practice/?language=")
    cards = trainee.locator("#scenarios h2")
    everything = cards.count()
    assert everything >= 3
    trainee.evaluate("window.stillHere = true")
    trainee.locator("select[name=mode]").select_option("cold_call")
    expect(cards).not_to_have_count(everything)
    expect(trainee).to_have_url(re.compile("mode=cold_call"))
    assert trainee.evaluate("window.stillHere")


def test_the_filter_of_calls_stays_within_its_frame_on_a_phone(browser: Browser, site: str) -> None:
    context = enter(browser, site, "trainee@acme.test", viewport=PHONE)
    page = context.new_page()
    page.goto(f"{site}/org/acme/history/?mode=discovery")
    fields = page.locator("[data-filter] :is(select, input)")
    expect(fields).not_to_have_count(0)
    right = "field => field.getBoundingClientRect().right"
    frame = page.locator("[data-filter]").evaluate(right)
    assert [field.get_attribute("name") for field in fields.all() if field.evaluate(right) > frame - 8] == []
    context.close()


def test_the_skip_link_leads_past_the_menu(trainee: Page, site: str) -> None:
    trainee.goto(f"{site}/org/acme/practice/")
    trainee.keyboard.press("Tab")
    expect(trainee.get_by_role("link", name="Skip to the content")).to_be_focused()
    trainee.keyboard.press("Enter")
    expect(trainee.locator("main")).to_be_focused()


def test_nothing_comes_from_another_host_and_no_page_complains(trainee: Page, site: str) -> None:
    strangers: list[str] = []
    complaints: list[str] = []
    trainee.on(
        "request", lambda request: None if request.url.startswith((site, "data:")) else strangers.append(request.url)
    )
    trainee.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    trainee.on("pageerror", lambda error: complaints.append(str(error)))
    for path in SIGNED_IN:
        trainee.goto(site + path.format(org="acme"))
        trainee.wait_for_timeout(300)
    open_room(trainee, site)
    trainee.locator("[data-part=mic]").wait_for()
    assert strangers == []
    assert complaints == []


def test_somebody_in_two_organisations_switches_between_them(browser: Browser, site: str) -> None:
    context = enter(browser, site, "both@parley.test")
    page = context.new_page()
    page.goto(f"{site}/org/acme/practice/")
    page.locator("header summary").first.click()
    page.get_by_role("link", name="Globex").click()
    page.wait_for_url("**/org/globex/**")
    context.close()
