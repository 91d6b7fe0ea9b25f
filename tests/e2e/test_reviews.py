"""A trainee contests a mark, a manager decides on it, marks a call and replaces its score: by keyboard, on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from .conftest import PHONE, enter
from .test_call import SCORED_MS
from .test_debrief import JUDGED, LINES
from .test_pages import check
from .typed import hold_typed_call

WHY = "I asked what it costs them, and they told me."


@pytest.fixture(scope="module")
def call(member: BrowserContext, site: str) -> str:
    """The address of a typed call that has its debrief."""
    page = member.new_page()
    address = hold_typed_call(page, site, LINES)
    page.goto(f"{address}debrief/")
    expect(page.locator(JUDGED)).to_be_visible(timeout=SCORED_MS)
    page.close()
    return address


@pytest.fixture(scope="module")
def coach(browser: Browser, site: str) -> Iterator[Page]:
    """The trainee's manager, on a phone."""
    context = enter(browser, site, "manager@acme.test", viewport=PHONE)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def appeal(member: BrowserContext, call: str) -> str:
    """The address of what the trainee contested, without touching a mouse."""
    page = member.new_page()
    page.goto(f"{call}appeal/")
    check(page)
    page.get_by_label("Criterion").focus()
    page.keyboard.type("Dis")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(WHY)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Waits for a second person")).to_be_visible()
    check(page)
    address = page.url
    page.close()
    return address


def test_a_contested_mark_is_decided_by_somebody_who_had_not_seen_it(
    coach: Page, member: BrowserContext, appeal: str, site: str
) -> None:
    coach.goto(f"{site}/org/acme/reviews/")
    check(coach)
    coach.locator(f"a[href$='{appeal.removeprefix(site)}']").press("Enter")
    expect(coach.get_by_text(WHY)).to_be_visible()
    expect(coach.get_by_text("Contested mark", exact=True)).to_have_count(0)
    check(coach)
    coach.get_by_label("Mark from 0 to 100").fill("7")
    coach.get_by_label("Mark from 0 to 100").press("Enter")
    expect(coach.get_by_text("Contested mark", exact=True).first).to_be_visible()
    check(coach)
    coach.get_by_label("My mark replaces it").press(" ")
    coach.get_by_label("Reason").fill("It was asked late.")
    coach.get_by_role("button", name="Save the decision").press("Enter")
    expect(coach.get_by_text("The mark is now 7 instead of")).to_be_visible()
    page = member.new_page()
    page.goto(appeal)
    expect(page.get_by_text("It was asked late.")).to_be_visible()
    page.close()


def test_a_manager_marks_a_call_and_replaces_its_score(coach: Page, call: str, appeal: str) -> None:
    coach.goto(f"{call}review/")
    check(coach)
    marks = coach.locator("main input[type=number]")
    for place in range(marks.count()):
        marks.nth(place).fill("40")
    for choice in coach.locator("main form select").all():
        choice.select_option("100")
    coach.get_by_role("button", name="Hand in").press("Enter")
    expect(coach.get_by_role("heading", name="Your decision")).to_be_visible()
    check(coach)
    coach.get_by_label("Replace the score with my marks").press(" ")
    coach.get_by_label("Reason").fill("No next step.")
    coach.get_by_role("button", name="Save the decision").press("Enter")
    expect(coach.get_by_text("You replaced the score with your marks.")).to_be_visible()


def test_a_comment_finds_its_place_beside_the_debrief(coach: Page, member: BrowserContext, call: str) -> None:
    coach.goto(f"{call}discussion/")
    check(coach)
    coach.get_by_label("Comment", exact=True).fill("Well asked at the start.")
    coach.get_by_role("button", name="Comment").press("Enter")
    expect(coach.get_by_role("button", name="Take back")).to_be_visible()
    page = member.new_page()
    page.goto(f"{call}debrief/")
    expect(page.locator("#discussion").get_by_text("Well asked at the start.")).to_be_visible()
    check(page)
    page.close()
