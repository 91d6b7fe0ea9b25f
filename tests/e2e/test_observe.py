"""A manager listens in: sees the call, reads every word, hears both voices; and the trainee sees that at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, WebSocket, expect

from .conftest import PHONE, enter, launched, open_room
from .speech import MICROPHONE_HZ, microphone, synthetic
from .test_call import hang_up
from .test_pages import check
from .test_redo import type_turns

PITCH = "Hello, my name is Ada. I am calling because companies like yours lose hours with manual work every week."


class Heard:
    """Sound that came over the listening socket, by whose voice it is (0 the trainee, 1 the buyer)."""

    def __init__(self, page: Page) -> None:
        self.loudest = {0: 0, 1: 0}
        page.on("websocket", self._watch)

    def _watch(self, socket: WebSocket) -> None:
        if "/listen/" in socket.url:
            socket.on("framereceived", self._received)

    def _received(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes) and len(frame) > 8 and frame[0] in self.loudest:
            loud = max(
                abs(int.from_bytes(frame[at : at + 2], "little", signed=True)) for at in range(8, len(frame) - 1, 2)
            )
            self.loudest[frame[0]] = max(self.loudest[frame[0]], loud)


@pytest.fixture(scope="module")
def manager(browser: Browser, site: str) -> Iterator[Page]:
    """Acme's manager; the organisation lets its managers listen in."""
    allow(browser, site, allowed=True)
    context = enter(browser, site, "manager@acme.test")
    yield context.new_page()
    context.close()
    allow(browser, site, allowed=False)


def allow(browser: Browser, site: str, *, allowed: bool) -> None:
    """By the owner, on the page with the rules."""
    context = enter(browser, site, "owner@acme.test")
    page = context.new_page()
    page.goto(f"{site}/org/acme/practice/policy/")
    check(page)
    page.set_checked("[name=observers_allowed]", allowed)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    context.close()


def begin_typed_call(browser: Browser, site: str, **look: Any) -> Page:
    page = enter(browser, site, "trainee@acme.test", **look).new_page()
    open_room(page, site, channel="text")
    page.locator("[data-part=start]").click()
    expect(page.locator("[data-part=turns] li")).to_have_count(1, timeout=60_000)
    return page


def listen_in(manager: Page, site: str, trainee: Page) -> None:
    """From the list of calls right now into the one on the trainee's page."""
    call_id = trainee.url.rstrip("/").rsplit("/", 1)[1]
    manager.goto(f"{site}/org/acme/live/")
    manager.locator(f"#listen-{call_id}").click()


def hang_up_for_good(trainee: Page) -> None:
    with trainee.expect_response(lambda response: response.url.endswith("/end/")):
        hang_up(trainee)


def test_a_typed_call_is_read_along_and_the_trainee_knows(browser: Browser, site: str, manager: Page) -> None:
    trainee = begin_typed_call(browser, site)
    badge = trainee.locator("[data-part=observers]")
    expect(badge).to_be_hidden()
    manager.goto(f"{site}/org/acme/live/")
    check(manager)
    expect(manager.locator("[data-live-count]").first).to_be_visible()
    listen_in(manager, site, trainee)
    expect(manager.locator("[data-observe]")).to_have_attribute("data-state", "listening")
    expect(badge).to_contain_text("listening in")
    check(trainee)
    type_turns(trainee, ("Hello, do you have a minute for a question?",), before=1)
    read = manager.locator("[data-part=turns] [data-words]")
    expect(read).to_have_count(3)
    assert read.all_inner_texts() == trainee.locator("[data-part=turns] [data-words]").all_inner_texts()
    check(manager)
    manager.get_by_role("link", name="Stop listening").click()
    expect(badge).to_be_hidden(timeout=10_000)
    hang_up_for_good(trainee)
    trainee.context.close()


def test_the_end_is_told_and_leads_to_the_debrief(browser: Browser, site: str, manager: Page) -> None:
    trainee = begin_typed_call(browser, site, viewport=PHONE, color_scheme="dark")
    manager.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    listen_in(manager, site, trainee)
    expect(manager.locator("[data-observe]")).to_have_attribute("data-state", "listening")
    check(manager)
    hang_up_for_good(trainee)
    expect(manager.locator("[data-observe]")).to_have_attribute("data-state", "over")
    manager.get_by_role("link", name="To the debrief").click()
    manager.wait_for_url("**/debrief/")
    trainee.context.close()


def test_both_voices_of_a_spoken_call_are_heard(
    driver: Playwright, browser: Browser, site: str, manager: Page, tmp_path: Path
) -> None:
    # Said several times: whoever comes late to listen in hears it as well.
    spoken = microphone(tmp_path / "call.wav", [14.0, synthetic(PITCH, MICROPHONE_HZ)] * 3)
    heard = Heard(manager)
    with launched(driver, microphone=spoken) as loud:
        trainee = enter(loud, site, "trainee@acme.test").new_page()
        open_room(trainee, site)
        trainee.get_by_label("No, keep only the words").check()
        trainee.locator("[data-part=start]").click()
        expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "live", timeout=60_000)
        listen_in(manager, site, trainee)
        expect(trainee.locator("[data-part=observers]")).to_be_visible(timeout=10_000)
        expect(manager.locator("[data-part=turns] li[data-role=user]").first).to_be_visible(timeout=120_000)
        # The words of an answer stand there before it is spoken.
        for _ in range(150):
            if min(heard.loudest.values()) > 2_000:
                break
            manager.wait_for_timeout(200)
        for side in ("trainee", "buyer"):
            expect(manager.locator("[data-observe]")).to_have_attribute(f"data-heard-{side}", "yes")
        hang_up_for_good(trainee)
        expect(manager.locator("[data-observe]")).to_have_attribute("data-state", "over")
    assert heard.loudest[0] > 2_000, "the trainee's voice"
    assert heard.loudest[1] > 2_000, "the buyer's voice"
