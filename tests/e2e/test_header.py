"""The row of links above every page: one line at every width that shows it, and usable by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import DESKTOP, enter
from .test_pages import problems

# From the width at which the row takes the place of the one menu.
WIDTHS = (1024, 1280)
ORGANIZATIONS = ("acme", "globex")


def lines_of_text(page: Page) -> int:
    """How many lines the row's entries stand on; 1 where none wraps and all stand beside each other."""
    return int(
        page.evaluate(
            """() => new Set([...document.querySelectorAll("header nav:first-of-type > *")].flatMap(entry => {
                const range = document.createRange();
                range.selectNodeContents(entry.querySelector("summary") ?? entry);
                return [...range.getClientRects()].filter(box => box.height > 12).map(box => Math.round(box.bottom / 14));
            })).size"""
        )
    )


@pytest.mark.parametrize("role", ["trainee", "manager", "admin"])
@pytest.mark.parametrize("organization", ORGANIZATIONS)
def test_every_role_has_its_links_on_one_line(browser: Browser, site: str, organization: str, role: str) -> None:
    context = enter(browser, site, f"{role}@{organization}.test")
    page = context.new_page()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 700})
        page.goto(f"{site}/org/{organization}/")
        row = page.locator("header nav").first
        expect(row).to_be_visible()
        assert lines_of_text(page) == 1, f"at {width}"
        end = row.evaluate("nav => nav.getBoundingClientRect().right")
        assert end <= page.locator("header [data-bell]").evaluate("bell => bell.getBoundingClientRect().left")
    context.close()


def test_the_menus_of_the_row_take_the_keyboard(browser: Browser, site: str) -> None:
    context = enter(browser, site, "admin@acme.test", viewport=DESKTOP, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{site}/org/acme/")
    team = page.locator("header nav details").first
    reviews = team.get_by_role("link", name="Reviews")
    team.locator("summary").focus()
    expect(reviews).to_be_hidden()
    page.keyboard.press("Enter")
    expect(reviews).to_be_visible()
    assert problems(page) == []
    page.keyboard.press("Tab")
    expect(team.get_by_role("link").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(reviews).to_be_hidden()
    expect(team.locator("summary")).to_be_focused()

    page.keyboard.press("Enter")
    expect(reviews).to_be_visible()
    for _ in range(team.get_by_role("link").count() + 1):
        page.keyboard.press("Tab")
    expect(page.locator("header nav details").nth(1).locator("summary")).to_be_focused()
    expect(reviews).to_be_hidden()

    team.locator("summary").click()
    reviews.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reviews")
    expect(page.locator("header nav details").first.locator("[aria-current=page]")).to_have_text("Reviews")
    context.close()
