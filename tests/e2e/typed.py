"""A typed call from beginning to end, for tests of what comes after a call."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Page, expect

from .conftest import open_room
from .test_call import hang_up


def hold_typed_call(page: Page, site: str, lines: Sequence[str]) -> str:
    """Says the lines, each after the buyer's answer, and hangs up unless the buyer did. Answers the call's address."""
    open_room(page, site, channel="text")
    page.locator("[data-part=start]").click()
    room, turns = page.locator("[data-room]"), page.locator("[data-part=turns] li")
    expect(room).to_have_attribute("data-state", "live", timeout=60_000)
    expect(turns).to_have_count(1, timeout=60_000)
    for number, line in enumerate(lines, start=1):
        page.locator("[data-part=type-input]").fill(line)
        page.keyboard.press("Enter")
        expect(turns).to_have_count(1 + 2 * number, timeout=120_000)
        if room.get_attribute("data-state") == "over":
            break  # the buyer had enough
    call = page.url
    if room.get_attribute("data-state") != "over":
        with page.expect_response(lambda answer: answer.url.endswith("/end/"), timeout=60_000):
            hang_up(page)
    expect(room).to_have_attribute("data-state", "over", timeout=60_000)
    return call
