"""After a call: the debrief fills itself, leads from a quote to its place, and shows up at home and with the manager."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from .conftest import PHONE, enter, open_room
from .test_call import SCORED_MS, hang_up
from .test_pages import check

LINES = (
    "Hi, this is Ada from Routewise, do you have a minute? The reason I am calling is that companies like yours grow fast.",
    "How do you handle that today, and what tends to go wrong?",
    "That sounds frustrating. What does that cost you in a normal month?",
    "Could we look at your own numbers together on Tuesday at ten?",
)


@pytest.fixture(scope="module")
def member(browser: Browser, site: str) -> Iterator[BrowserContext]:
    context = enter(browser, site, "trainee@acme.test")
    yield context
    context.close()


@pytest.fixture(scope="module")
def debrief(member: BrowserContext, site: str) -> str:
    """The address of the debrief of a typed call, opened the moment the call was over: it becomes ready by itself."""
    page = member.new_page()
    open_room(page, site, channel="text")
    page.locator("[data-part=start]").click()
    room, turns = page.locator("[data-room]"), page.locator("[data-part=turns] li")
    expect(room).to_have_attribute("data-state", "live", timeout=30_000)
    expect(turns).to_have_count(1, timeout=30_000)
    for number, line in enumerate(LINES, start=1):
        page.locator("[data-part=type-input]").fill(line)
        page.keyboard.press("Enter")
        expect(turns).to_have_count(1 + 2 * number, timeout=60_000)
        if room.get_attribute("data-state") == "over":
            break  # the buyer had enough
    call = page.url
    if room.get_attribute("data-state") != "over":
        with page.expect_response(lambda answer: answer.url.endswith("/end/"), timeout=30_000):
            hang_up(page)
    expect(room).to_have_attribute("data-state", "over", timeout=30_000)
    page.goto(f"{call}debrief/")
    expect(page.locator("#debrief[data-state=ready]")).to_be_visible(timeout=SCORED_MS)
    page.close()
    return f"{call}debrief/"


@pytest.fixture
def page(member: BrowserContext) -> Iterator[Page]:
    opened = member.new_page()
    yield opened
    opened.close()


def test_debrief_shows_what_counts_and_why(page: Page, debrief: str) -> None:
    page.goto(debrief)
    expect(page.locator(".score-ring")).to_contain_text("of 100")
    expect(page.get_by_role("heading", name="Criteria and evidence")).to_be_visible()
    for line in LINES[:2]:
        expect(page.locator(".transcript")).to_contain_text(line)
    page.get_by_text("Judged by").click()
    expect(page.get_by_text("not by a language model")).to_be_visible()


def test_a_quote_leads_to_its_turn(page: Page, debrief: str) -> None:
    page.goto(debrief)
    link = page.locator(".quote a[data-seek]").first
    turn = link.get_attribute("href")
    assert turn is not None
    link.click()
    expect(page.locator(f".transcript {turn}")).to_be_in_viewport()
    expect(page.locator(f".transcript {turn}.turn-now")).to_be_visible()


@pytest.mark.parametrize(("scheme", "size"), [("light", None), ("dark", PHONE)])
def test_debrief_and_home_are_readable_by_everybody(
    page: Page, site: str, debrief: str, scheme: str, size: dict[str, int] | None
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    if size:
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
    for address in (debrief, f"{site}/org/acme/", f"{site}/org/acme/history/"):
        page.goto(address)
        page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true })")
        check(page)


def test_home_and_history_list_the_call(page: Page, site: str, debrief: str) -> None:
    path = debrief.removeprefix(site)
    for address in (f"{site}/org/acme/", f"{site}/org/acme/history/?mode="):
        page.goto(address)
        expect(page.locator(f".call-row[href='{path}']")).to_be_visible()


def test_filter_leaves_empty_fields_out_of_the_address(page: Page, site: str, debrief: str) -> None:
    page.goto(f"{site}/org/acme/history/")
    page.get_by_label("Band").select_option("exceptional")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/history/?band=exceptional")


def test_manager_finds_the_call_in_the_team(browser: Browser, site: str, debrief: str) -> None:
    context = enter(browser, site, "manager@acme.test")
    page = context.new_page()
    page.goto(f"{site}/org/acme/team/")
    check(page)
    page.get_by_role("link", name="Theo").click()
    page.wait_for_url("**/team/*/")
    check(page)
    page.locator(f".call-row[href='{debrief.removeprefix(site)}']").click()
    page.wait_for_url(debrief)
    expect(page.get_by_role("link", name="Practise again")).to_have_count(0)
    expect(page.locator(".turn-trainee").first).to_contain_text("Theo")
    context.close()
