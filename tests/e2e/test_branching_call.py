"""A typed call past the front desk: who is on the line is shown, and afterwards the way the call took."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, expect

from .conftest import PHONE
from .test_call import SCORED_MS, hang_up
from .test_pages import check

HELLO = "Good morning Gail, this is Laura from RouteWise. Could you put me through to Dana Whitfield, please?"
REASON = "It's about late deliveries to your supermarkets and what they cost you, which Dana answers for."


def test_a_call_is_put_through_and_its_way_is_drawn(member: BrowserContext, site: str) -> None:
    page = member.new_page()
    page.set_viewport_size(PHONE)
    page.goto(f"{site}/org/acme/practice/")
    page.get_by_role("link", name="Past the front desk of a freight company").first.click()
    page.locator("button[name=channel][value=text]").click()
    page.locator("[data-room][data-state=lobby]").wait_for()
    page.locator("[data-part=start]").click()
    turns, line = page.locator("[data-part=turns] li"), page.locator("[data-part=buyer-name]")
    expect(turns).to_have_count(1, timeout=60_000)
    expect(line).to_have_text("Gail Prentice")
    expect(page.locator("[data-part=buyer-role]")).to_be_hidden()
    page.locator("[data-part=type-input]").fill(HELLO)
    page.keyboard.press("Enter")
    expect(turns).to_have_count(3, timeout=120_000)
    page.locator("[data-part=type-input]").fill(REASON)
    page.keyboard.press("Enter")
    expect(turns).to_have_count(6, timeout=120_000)  # the answer, and whom they were put through to
    expect(line).to_have_text("Dana Whitfield")
    expect(page.locator("[data-part=buyer-role]")).to_be_visible()
    assert "Not put through" not in page.content()
    call = page.url
    with page.expect_response(lambda answer: answer.url.endswith("/end/"), timeout=60_000):
        hang_up(page)
    expect(page.locator("[data-room]")).to_have_attribute("data-state", "over", timeout=60_000)
    page.goto(f"{call}debrief/")
    stages = page.locator(".path-stage")
    expect(stages).to_have_count(2)
    expect(stages.nth(0)).to_contain_text("Gail Prentice")
    expect(stages.nth(0)).to_contain_text("Not put through")
    expect(stages.nth(1)).to_contain_text(re.compile("What exactly is it about.*was settled"))
    expect(page.locator("#debrief:not([hx-get])")).to_be_visible(
        timeout=SCORED_MS
    )  # it is not drawn anew under the eyes
    check(page)
    page.close()
