"""The replay of a call in a browser: it plays, draws as it goes, and goes where it is sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .conftest import PHONE
from .test_pages import check
from .typed import hold_typed_call

LINES = (
    "Hi, this is Ada from Routewise, do you have a minute?",
    "How do you handle that today, and what tends to go wrong?",
)


@pytest.fixture(scope="module")
def replay(member: BrowserContext, site: str) -> str:
    """The address of the replay of a typed call."""
    page = member.new_page()
    page.goto(f"{hold_typed_call(page, site, LINES)}debrief/")
    page.get_by_role("link", name="Replay the call").click()
    page.wait_for_url("**/replay/")
    address = page.url
    page.close()
    return address


@pytest.fixture
def page(member: BrowserContext, replay: str) -> Iterator[Page]:
    opened = member.new_page()
    opened.goto(replay)
    expect(opened.locator("[data-replay][data-state=ready]")).to_be_visible()
    yield opened
    opened.close()


def shown(page: Page) -> int:
    return page.locator("[data-turn]:visible").count()


def test_it_plays_faster_when_asked_and_draws_as_it_goes(page: Page) -> None:
    whole = shown(page)
    assert whole >= 5
    metric = page.locator("[data-metric=questions]")
    total = metric.inner_text()
    page.locator("[data-seek-bar]").fill("0")
    assert shown(page) < whole
    expect(metric).not_to_have_text(total)
    page.get_by_text("2×", exact=True).click()
    expect(page.get_by_label("2×")).to_be_checked()
    page.get_by_role("button", name="Play").click()
    expect(page.locator("[data-replay]")).to_have_attribute("data-playing", "yes")
    expect(page.locator(".turn-now, [data-turn]:visible").nth(1)).to_be_visible(timeout=60_000)
    page.locator("[data-seek-bar]").fill("0")  # and it goes on from there: a short call is not over before the click
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("[data-replay]")).to_have_attribute("data-playing", "no")


def test_keys_and_links_go_to_a_moment(page: Page, replay: str) -> None:
    page.locator("body").press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.locator("body").press("Space")
    turn = page.locator("[data-turn]").nth(2)
    at = turn.get_attribute("data-at")
    page.get_by_label("Show what is still to come").check()
    turn.locator("a[data-seek]").click()
    expect(page.locator("[data-replay]")).to_have_attribute("data-now", str(at))
    expect(page).to_have_url(f"{replay}?t={at}")
    page.goto(f"{replay}?t=999999999")
    expect(page.locator("[data-replay][data-state=ready]")).to_be_visible()
    expect(page.locator("[data-turn]").last).to_be_visible()
    page.locator("body").press("ArrowLeft")
    assert int(page.locator("[data-replay]").get_attribute("data-now") or 0) < int(
        page.locator("[data-seek-bar]").get_attribute("max") or 0
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable_by_everybody(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page.reload()  # colours that change under the eyes fade, and are faint meanwhile
    expect(page.locator("[data-replay][data-state=ready]")).to_be_visible()
    page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true })")
    check(page)
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    check(page)
