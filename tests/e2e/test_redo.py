"""Redo from here in a browser: from a turn in the debrief into a call that goes on from there, and both side by side."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import PHONE, enter, open_room
from .test_call import expect_scores, hang_up
from .test_pages import check

FIRST = (
    "Hello, this is Ada from Acme. Do you have a minute for a question?",
    "We are the best in the market, and everybody buys from us. Shall I send you the contract?",
)
BETTER = "Before I say anything about us: how do you handle that today, and what happens when something goes wrong?"


def type_turns(page: Page, lines: tuple[str, ...], *, before: int) -> None:
    """Type each line and wait for its answer; `before`: turns of the buyer that stand there already."""
    answers = page.locator("[data-part=turns] li[data-role=assistant]")
    expect(page.locator("[data-room]")).to_have_attribute("data-state", "live", timeout=60_000)
    expect(answers).to_have_count(before, timeout=60_000)
    for number, text in enumerate(lines, start=1):
        page.locator("[data-part=type-input]").fill(text)
        page.keyboard.press("Enter")
        expect(answers).to_have_count(before + number, timeout=60_000)


def to_debrief(page: Page) -> None:
    hang_up(page)
    expect_scores(page)
    page.locator("[data-part=debrief]").click()
    page.wait_for_url("**/debrief/")


@pytest.mark.parametrize(
    "look",
    [{}, {"viewport": PHONE, "color_scheme": "dark", "reduced_motion": "reduce"}],
    ids=["desktop-light", "phone-dark"],
)
def test_a_moment_is_redone_and_both_ways_stand_side_by_side(
    browser: Browser, site: str, look: dict[str, object]
) -> None:
    context = enter(browser, site, "trainee@acme.test", **look)
    page = context.new_page()
    open_room(page, site, channel="text")
    page.locator("[data-part=start]").click()
    type_turns(page, FIRST, before=1)
    to_debrief(page)
    first = page.url
    # The second turn of the buyer: after the greeting, before the pitch.
    shared = page.locator(".transcript .turn p:not(.turn-who)").all_inner_texts()[:3]
    page.get_by_role("button", name="Redo from here").nth(1).click()
    page.locator("[data-room][data-state=lobby]").wait_for()
    expect(page.get_by_text("You go on from here")).to_be_visible()
    check(page)
    page.locator("[data-part=start]").click()
    said = page.locator("[data-part=turns] [data-words]")
    expect(said).to_have_count(3, timeout=60_000)
    assert said.all_inner_texts() == shared, "the room shows what was said before"
    type_turns(page, (BETTER,), before=2)
    to_debrief(page)
    expect(page.get_by_text("A redo", exact=True)).to_be_visible()
    page.get_by_role("link", name="Compare").click()
    page.wait_for_url("**/compare/")
    expect(page.get_by_text("Both share 3 turns")).to_be_visible()
    expect(page.get_by_label("First try")).to_contain_text("the best in the market")
    expect(page.get_by_label("Redo", exact=True)).to_contain_text("what happens when something goes wrong")
    expect(page.get_by_role("row", name="Overall")).to_be_visible()
    check(page)
    page.goto(first.replace("/debrief/", "/compare/"))
    expect(page.get_by_label("Redo", exact=True)).to_contain_text("what happens when something goes wrong")
    context.close()


def test_a_private_call_is_submitted_from_its_debrief(browser: Browser, site: str) -> None:
    context = enter(browser, site, "trainee@acme.test")
    page = context.new_page()
    page.goto(f"{site}/org/acme/practice/")
    page.locator("#scenarios h2 a").nth(1).click()
    title = page.locator("h1").inner_text()
    page.get_by_label("Practise in private").check()
    check(page)
    page.locator("button[name=channel][value=text]").click()
    page.locator("[data-room][data-state=lobby]").wait_for()
    expect(page.get_by_text("Only you see this call")).to_be_visible()
    page.locator("[data-part=start]").click()
    type_turns(page, FIRST, before=1)
    to_debrief(page)
    debrief = page.url
    manager = enter(browser, site, "manager@acme.test").new_page()
    answer = manager.goto(debrief)
    assert answer is not None
    assert answer.status == 404
    check(page)
    page.locator("summary", has_text="Submit this call").click()
    page.get_by_role("button", name="Submit for good").click()
    expect(page.get_by_text("Your managers see this call now")).to_be_visible()
    manager.goto(debrief)
    expect(manager.locator("h1")).to_have_text(title)
    manager.context.close()
    context.close()
