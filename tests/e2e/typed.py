"""A typed call from beginning to end, for tests of what comes after a call."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from playwright.sync_api import Page, TimeoutError, expect

from .conftest import open_room
from .test_call import hang_up
from .test_room import until


def hold_typed_call(page: Page, site: str, lines: Sequence[str]) -> str:
    """Says the lines, each after the buyer's answer, and hangs up unless the buyer did. Answers the call's address."""
    ended: list[str] = []
    page.on("response", lambda answer: ended.append(answer.url) if answer.url.endswith("/end/") else None)
    open_room(page, site, channel="text")
    page.locator("[data-part=start]").click()
    room, turns = page.locator("[data-room]"), page.locator("[data-part=turns] li")
    expect(room).to_have_attribute("data-state", "live", timeout=60_000)
    expect(turns).to_have_count(1, timeout=60_000)
    with suppress(TimeoutError):  # the buyer may have had enough at any moment: then there is no field and no button
        for number, line in enumerate(lines, start=1):
            if room.get_attribute("data-state") == "over":
                break
            page.locator("[data-part=type-input]").fill(line)
            page.keyboard.press("Enter")
            expect(turns).to_have_count(1 + 2 * number, timeout=120_000)
        if room.get_attribute("data-state") != "over":
            hang_up(page)
    call = page.url
    expect(room).to_have_attribute("data-state", "over", timeout=60_000)
    until(page, lambda: bool(ended), "the server knows that it is over")
    return call
