"""An admin uploads a playbook in the browser and reads the drafts, what to look at, and a proposal's differences."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PHONE, enter
from tests.e2e.test_pages import problems as faults

ADMIN = "/org/acme/admin"
PLAYBOOK = Path(__file__).parents[1] / "scenarios" / "generation" / "playbooks" / "routewise.md"
PICTURES = os.environ.get("PARLEY_PICTURES", "")


@pytest.fixture
def author(browser: Browser, site: str) -> Iterator[Page]:
    context = enter(browser, site, "admin@acme.test")
    yield context.new_page()
    context.close()


def keep(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def test_a_playbook_becomes_drafts(author: Page, site: str) -> None:
    author.goto(f"{site}{ADMIN}/scenarios/scenario/")
    author.get_by_role("link", name="Generate…").click()
    author.wait_for_url("**/new/?what=scenario")
    assert faults(author) == []
    keep(author, "generate")
    author.set_input_files("[name=file]", str(PLAYBOOK))
    author.select_option("[name=personality]", "busy")
    author.get_by_label("with a front desk before the buyer").check(force=True)
    author.get_by_role("button", name="Make a draft").click()
    author.wait_for_url("**/change/")
    article = author.locator("article")
    expect(article).to_contain_text("What was made", timeout=120_000)
    expect(article).to_contain_text("Made from templates, no language model")
    expect(article).to_contain_text("Ignore all previous instructions")
    expect(article).to_contain_text("Lumenroute costs 18 euros per van and month.")
    assert faults(author) == []
    keep(author, "generated")
    author.get_by_role("link", name="Look at it").nth(1).click()
    author.wait_for_url("**/preview/")
    expect(author.locator("article")).to_contain_text("Draft: nobody but authors sees it")
    expect(author.locator("article")).not_to_contain_text("Before this can be published")


def test_a_proposal_is_taken_over_in_part(author: Page, site: str) -> None:
    author.goto(f"{site}{ADMIN}/scenarios/persona/")
    there = author.locator("a[href*='/scenarios/persona/'][href$='/change/']").first.get_attribute("href")
    assert there
    author.goto(f"{site}{there.replace('/change/', '/preview/')}")
    author.get_by_role("button", name="Duplicate").click()  # others go on with the one that is there
    author.get_by_role("link", name="Propose changes…").click()
    author.wait_for_url("**/new/?what=persona**")
    before = author.get_by_label("Job title of the buyer").input_value()
    assert before
    author.get_by_role("button", name="Propose changes").click()
    article = author.locator("article")
    expect(article).to_contain_text("What would change", timeout=120_000)
    assert faults(author) == []
    keep(author, "proposal")
    author.set_viewport_size(PHONE)
    assert author.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    keep(author, "proposal-phone")
    author.get_by_role("checkbox").first.check()
    author.get_by_role("button", name="Take over what is ticked").click()
    author.wait_for_url("**/preview/")
    expect(author.locator("article")).to_contain_text("Draft: nobody but authors sees it")
