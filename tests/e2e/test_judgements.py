"""All judgements of a call, and how its score came about, in a browser: compared, printed, downloaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from .conftest import PHONE, enter
from .test_call import SCORED_MS
from .test_debrief import JUDGED
from .test_pages import check
from .typed import hold_typed_call

LINES = (
    "Hi, this is Ada from Routewise, do you have a minute?",
    "How do you handle that today, and what tends to go wrong?",
    "Could we look at it together on Tuesday at ten?",
)


@pytest.fixture(scope="module")
def debrief(member: BrowserContext, site: str) -> str:
    """The address of the debrief of a typed call that was scored."""
    page = member.new_page()
    address = f"{hold_typed_call(page, site, LINES)}debrief/"
    page.goto(address)
    expect(page.locator(JUDGED)).to_be_visible(timeout=SCORED_MS)
    page.close()
    return address


@pytest.fixture
def page(member: BrowserContext) -> Iterator[Page]:
    opened = member.new_page()
    yield opened
    opened.close()


def in_every_look(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        page.set_viewport_size({"width": 1280, "height": 860})
        page.reload()
        page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true })")
        check(page)
        page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        check(page)


def test_a_manager_has_a_call_judged_again_and_both_are_compared(
    page: Page, debrief: str, browser: Browser, site: str
) -> None:
    page.goto(debrief.replace("/debrief/", "/runs/"))
    expect(page.get_by_role("heading", name="Judgements")).to_be_visible()
    before = page.locator("input[name=first]").count()
    assert before == 2  # quick and deep
    manager = enter(browser, site, "manager@acme.test")
    api = debrief.replace("/calls/", "/api/v1/calls/").removesuffix("debrief/")
    cookies = {cookie["name"]: cookie["value"] for cookie in manager.cookies()}
    token = next(value for name, value in cookies.items() if name.endswith("csrftoken"))
    answer = manager.request.post(f"{api}analyze/", headers={"X-CSRFToken": token, "Referer": site})
    assert answer.status == 202
    manager.close()
    for _wait in range(240):
        page.reload()
        if page.locator("input[name=first]").count() == before + 2:
            break
        page.wait_for_timeout(500)
    expect(page.locator("input[name=first]")).to_have_count(before + 2)
    expect(page.get_by_text("counts", exact=True)).to_have_count(1)
    expect(page.get_by_text("Same score, same evidence.").first).to_be_visible()
    page.locator("input[name=first]").last.check()
    page.get_by_role("button", name="Compare these two").click()
    expect(page.get_by_role("heading", name="What came out")).to_be_visible()
    in_every_look(page)


def test_the_record_can_be_read_printed_and_downloaded(page: Page, debrief: str, tmp_path: Path) -> None:
    page.goto(debrief)
    page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true })")
    page.get_by_role("link", name="How this score was made").click()
    page.wait_for_url("**/transparency/")
    expect(page.get_by_text("Nothing left this installation.")).to_be_visible()
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download").click()
    kept = tmp_path / "record.json"
    waiting.value.save_as(kept)
    record = json.loads(kept.read_text(encoding="utf-8"))
    assert record["judge"]["kind"] == "rules"
    assert record["contact"]
    in_every_look(page)
