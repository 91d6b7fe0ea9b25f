"""An admin writes a buyer and a situation in the browser; a trainee finds it and nothing that is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from secrets import token_hex

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PHONE, enter

ADMIN = "/org/acme/admin"


@pytest.fixture
def author(browser: Browser, site: str) -> Iterator[Page]:
    """Acme's demo admin, on a blank page."""
    context = enter(browser, site, "admin@acme.test")
    yield context.new_page()
    context.close()


def write_persona(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}{ADMIN}/scenarios/persona/add/")
    texts = {"name": name, "role": "Head of stores", "company": "Birch & Sons", "industry": "Retail"}
    for field, text in (texts | {"backstory": "Runs nine shops.", "facts": "shops: We have nine."}).items():
        page.fill(f"[name={field}]", text)
    page.select_option("[name=personality]", "busy")
    page.select_option("[name=voice_id]", "june")
    # A form that was just added is open, with the cursor in it.
    page.get_by_text("Add another Objection").click()
    expect(page.locator("[name=objections-0-kind]")).to_be_focused()
    page.select_option("[name=objections-0-kind]", "price")
    page.fill("[name=objections-0-text]", "That is too dear for us.")
    page.fill("[name=objections-0-concern]", "The budget is spent.")
    page.fill("[name=objections-0-resolve_hints]", "It pays for itself by spring.\nLet us look at the sums.")
    page.get_by_text("Add another Hidden pain").click()
    page.fill("[name=hidden_pains-0-pain]", "Three store managers have quit since May.")
    page.fill("[name=hidden_pains-0-reveal_hints]", "Who runs the shops day to day?")
    page.fill("[name=hidden_pains-0-reveal_text]", "Three of my managers have quit.")
    page.click("[name=_save]")
    page.wait_for_url("**/preview/")


def write_scenario(page: Page, site: str, title: str, buyer: str) -> None:
    page.goto(f"{site}{ADMIN}/scenarios/scenario/add/")
    page.fill("[name=title]", title)
    page.select_option("[name=mode]", "discovery")
    page.select_option("[name=persona]", label=f"{buyer}, Head of stores")
    page.select_option("[name=rubric]", label="Five criteria")
    page.fill("[name=trainee_brief]", "You sell rota planning. They have asked for this meeting.")
    page.fill("[name=goal]", "Find out why people leave.")
    page.click("[name=_save]")
    page.wait_for_url("**/preview/")


def test_what_an_admin_wrote_can_be_practised(author: Page, trainee: Page, site: str) -> None:
    mark = token_hex(3)
    buyer, title = f"Nora {mark}", f"Rota planning {mark}"
    write_persona(author, site, buyer)
    expect(author.locator("article")).to_contain_text("Draft: nobody but authors sees it")
    write_scenario(author, site, title, buyer)
    expect(author.locator("article")).to_contain_text("Published along with it")
    trainee.goto(f"{site}/org/acme/practice/")
    expect(trainee.locator("main")).not_to_contain_text(title)
    preview = author.url
    author.get_by_role("button", name="Publish").click()
    expect(author.locator("body")).to_contain_text("It has not been through a test flight.")
    author.goto(preview)
    author.get_by_role("link", name="Test flight").click()
    author.get_by_role("button", name="Start the test flight").click()
    expect(author.get_by_text("All checks passed")).to_be_visible(timeout=120_000)
    author.get_by_role("button", name="Publish").click()
    expect(author.locator("body")).to_contain_text("Published as version 1")
    author.goto(preview)
    trainee.reload()
    trainee.get_by_role("link", name=title).click()
    expect(trainee.locator("main")).to_contain_text("You sell rota planning.")
    assert "quit" not in trainee.content()
    author.get_by_role("link", name="Try it").click()
    expect(author.locator("main")).to_contain_text(title)


def test_a_folded_form_opens_by_keyboard(author: Page, site: str) -> None:
    author.goto(f"{site}{ADMIN}/scenarios/rubric/")
    author.get_by_role("link", name="Five criteria").first.click()
    line = author.get_by_role("button", name="Opening – 20")
    expect(line).to_have_attribute("aria-expanded", "false")
    line.focus()
    author.keyboard.press("Enter")
    expect(line).to_have_attribute("aria-expanded", "true")
    expect(author.locator("[name=criteria-0-definition]")).to_be_visible()


def test_what_is_missing_is_said_and_the_button_is_off(author: Page, site: str) -> None:
    author.goto(f"{site}{ADMIN}/scenarios/persona/add/")
    for field in ("name", "role", "company", "industry", "backstory"):
        author.fill(f"[name={field}]", f"Bare {token_hex(2)}")
    author.select_option("[name=personality]", "busy")
    author.click("[name=_save]")
    author.wait_for_url("**/preview/")
    expect(author.get_by_role("button", name="Publish")).to_be_disabled()
    expect(author.locator("#what-is-missing")).to_contain_text("at least one objection")


def test_a_rubric_is_put_better_tried_and_published(author: Page, site: str) -> None:
    author.goto(f"{site}{ADMIN}/scenarios/rubric/add/")
    author.fill("[name=name]", f"Closing {token_hex(3)}")
    author.get_by_text("Add another Criterion").click()
    expect(author.locator("[name=criteria-0-name]")).to_be_focused()
    author.fill("[name=criteria-0-name]", "Close")
    author.fill("[name=criteria-0-weight]", "100")
    author.fill("[name=criteria-0-definition]", "Names the price and asks for the order.")
    # A kind asks only for what it needs, and what was typed stays while another one is tried.
    for kind, shown in (("compound", "parts"), ("grounded", "source"), ("binary", "partial")):
        author.select_option("[name=criteria-0-kind]", kind)
        for field in ("parts", "source", "partial"):
            wanted = field == shown or (kind, field) == ("compound", "partial")
            expect(author.locator(f"[name=criteria-0-{field}]")).to_be_visible(visible=wanted)
    author.click("[name=_save]")
    author.wait_for_url("**/preview/")
    expect(author.locator("article")).to_contain_text("asks for two things at once")
    author.get_by_role("button", name="Use this").click()
    expect(author.locator("article")).to_contain_text("several parts")
    expect(author.locator("article")).not_to_contain_text("asks for two things at once")
    author.get_by_role("button", name="Publish").click()
    expect(author.locator("article")).to_contain_text("Published as version 1")
    author.get_by_role("link", name="Edit").click()
    author.fill("[name=pass_mark]", "80")
    author.click("[name=_save]")
    author.wait_for_url("**/preview/")
    # What replaces a version in use is published from the page that shows whom it changes.
    author.get_by_role("button", name="Publish").click()
    author.wait_for_url("**/impact/")
    expect(author.locator("article")).to_contain_text("No call was scored by this rubric yet")
    author.get_by_role("button", name="Publish").click()
    expect(author.locator("article")).to_contain_text("Published as version 2")


@pytest.mark.parametrize("page", ["/", "/scenarios/scenario/", "/scenarios/persona/add/", "/scenarios/rubric/import/"])
def test_pages_fit_a_phone(browser: Browser, site: str, page: str) -> None:
    context = enter(browser, site, "admin@acme.test", viewport=PHONE)
    screen = context.new_page()
    screen.goto(f"{site}{ADMIN}{page}")
    assert screen.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    context.close()
