"""Parley as an app: it can be installed, says when it is offline, loses nothing, and keeps nothing personal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Route, expect

from .conftest import PHONE, enter, launched, open_room
from .test_room import until
from .typed import hold_typed_call

LINES = ["Hello, this is Theo from Acme.", "How do you plan your week today?"]


@pytest.fixture
def context(browser: Browser, site: str) -> Iterator[BrowserContext]:
    """A phone of the demo trainee's, without a worker: the requests of its pages can be held (see `enter`)."""
    context = enter(browser, site, "trainee@acme.test", viewport=PHONE)
    yield context
    context.close()


@pytest.fixture
def phone(browser: Browser, site: str) -> Iterator[BrowserContext]:
    """The same phone with a worker."""
    context = enter(browser, site, "trainee@acme.test", viewport=PHONE, service_workers="allow")
    yield context
    context.close()


def with_worker(context: BrowserContext, address: str) -> Page:
    """A page that a worker answers for."""
    page = context.new_page()
    page.goto(address)
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    return page


def test_it_can_be_installed(phone: BrowserContext, site: str) -> None:
    page = with_worker(phone, f"{site}/org/acme/")
    devtools = phone.new_cdp_session(page)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert json.loads(manifest["data"])["start_url"] == "/org/acme/"
    problems = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A browser without a window of its own, as here, is a private one.
    assert {problem["errorId"] for problem in problems} <= {"in-incognito"}


# What a page is told in a window without an address bar.
STANDALONE = """
const ask = window.matchMedia.bind(window);
window.matchMedia = (query) => ask(query.includes("display-mode: standalone") ? "all" : query);
"""


def test_the_installed_app_says_where_it_lets_the_microphone_in(driver: Playwright, site: str) -> None:
    """It has no address to click beside."""
    with launched(driver, ask=True) as browser:
        page = enter(browser, site, "trainee@acme.test", viewport=PHONE).new_page()
        page.add_init_script(STANDALONE)
        open_room(page, site)
        page.get_by_role("button", name="Allow the microphone").click()
        expect(page.locator("[data-part=mic-status]")).to_contain_text("blocked for this app")


def test_without_a_server_there_is_a_page_that_says_so_and_goes_again(phone: BrowserContext, site: str) -> None:
    page = with_worker(phone, f"{site}/org/acme/")
    phone.set_offline(True)
    page.goto(f"{site}/org/acme/history/")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    phone.set_offline(False)
    expect(page.get_by_role("heading", level=1)).not_to_have_text("You are offline", timeout=60_000)
    expect(page).to_have_url(f"{site}/org/acme/history/")


KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request);
      const text = /script|css|html|plain/.test(answer.headers.get("content-type") ?? "") ? await answer.text() : "";
      found.push([new URL(request.url).pathname, text]);
    }
  }
  return found;
}"""


def test_nothing_of_anybody_is_kept_by_the_worker(phone: BrowserContext, site: str) -> None:
    page = with_worker(phone, f"{site}/org/acme/")
    for path in ("history/", "profile/", "notifications/"):
        page.goto(f"{site}/org/acme/{path}")
    page.evaluate("() => fetch('/org/acme/api/v1/user/profile/').then((answer) => answer.text())")
    kept: list[Any] = page.evaluate(KEPT)
    assert kept
    assert {path for path, _text in kept if not path.startswith("/static/assets/")} <= {"/offline/", "/"}
    assert not any("trainee@acme.test" in text or "/org/acme" in text for _path, text in kept)


def test_what_is_typed_without_a_line_is_said_once_when_it_is_back(context: BrowserContext, site: str) -> None:
    page = context.new_page()
    open_room(page, site, channel="text")
    page.locator("[data-part=start]").click()
    room, turns = page.locator("[data-room]"), page.locator("[data-part=turns] li")
    expect(room).to_have_attribute("data-state", "live", timeout=60_000)
    expect(turns).to_have_count(1, timeout=60_000)
    context.set_offline(True)
    for line in LINES:
        page.locator("[data-part=type-input]").fill(line)
        page.keyboard.press("Enter")
    expect(page.locator("[data-part=unsent]")).to_contain_text(LINES[1])
    expect(room).to_have_attribute("data-state", "reconnecting", timeout=60_000)
    context.set_offline(False)
    expect(room).to_have_attribute("data-state", "live", timeout=60_000)
    expect(page.locator("[data-part=unsent]")).not_to_contain_text(LINES[1], timeout=60_000)
    said = page.evaluate("(url) => fetch(url).then((answer) => answer.json())", transcript_of(page))
    mine = [turn["content"] for turn in said["turns"] if turn["role"] == "user"]
    assert mine == LINES


def transcript_of(page: Page) -> str:
    call = page.url.rstrip("/").rsplit("/", 1)[1]
    return f"/org/acme/api/v1/calls/{call}/transcript/"


def test_lines_of_a_closed_tab_go_from_the_next_page(context: BrowserContext, site: str) -> None:
    """The tab went while the line was down, and the call was over when somebody came back."""
    page = context.new_page()
    call = hold_typed_call(page, site, LINES[:1])
    person = page.evaluate("() => document.body.dataset.owner")
    url = transcript_of(page)
    line = {"id": "b1", "text": "One more thing about Tuesday.", "at_ms": 1500}
    key = f"parley.lines.{person}.{call.rstrip('/').rsplit('/', 1)[1]}"
    page.evaluate(
        "([key, value]) => localStorage.setItem(key, value)", [key, json.dumps({"url": url, "lines": [line]})]
    )
    for _time in range(2):
        page.goto(f"{site}/org/acme/")
        page.wait_for_function("(key) => localStorage.getItem(key) === null", arg=key, timeout=60_000)
        said = page.evaluate("(url) => fetch(url).then((answer) => answer.json())", url)
        assert [turn["content"] for turn in said["turns"]].count(line["text"]) == 1
        page.evaluate(
            "([key, value]) => localStorage.setItem(key, value)", [key, json.dumps({"url": url, "lines": [line]})]
        )


def test_no_other_tab_sends_the_lines_of_a_call_that_goes_on(context: BrowserContext, site: str) -> None:
    """The room of one tab waits for its line; a page in another one finds the server first."""
    room = context.new_page()
    open_room(room, site, channel="text")
    room.locator("[data-part=start]").click()
    turns = room.locator("[data-part=turns] li")
    expect(room.locator("[data-room]")).to_have_attribute("data-state", "live", timeout=60_000)
    expect(turns).to_have_count(1, timeout=60_000)
    sent: list[str] = []
    context.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    key, url = "parley.lines.%s.%s", transcript_of(room)
    person = room.evaluate("() => document.body.dataset.owner")
    key %= (person, room.url.rstrip("/").rsplit("/", 1)[1])
    line = {"id": "c1", "text": "Is this a good moment?", "at_ms": 1500}
    room.evaluate(
        "([key, value]) => localStorage.setItem(key, value)", [key, json.dumps({"url": url, "lines": [line]})]
    )
    other = context.new_page()
    other.goto(f"{site}/org/acme/")
    other.evaluate("() => document.dispatchEvent(new Event('parley:waiting'))")
    other.wait_for_timeout(6000)
    assert not [address for address in sent if address.endswith("/transcript/")]
    assert other.evaluate("(key) => localStorage.getItem(key)", key)
    expect(other.locator("[data-waiting]")).to_be_hidden()
    room.close()  # now nobody says it any more
    other.evaluate("() => document.dispatchEvent(new Event('parley:waiting'))")
    other.wait_for_function("(key) => localStorage.getItem(key) === null", arg=key, timeout=60_000)


@pytest.fixture
def discussion(context: BrowserContext, site: str) -> Page:
    """The discussion of a call that is scored."""
    page = context.new_page()
    page.goto(f"{site}/org/acme/history/")
    call = page.locator("a[href*='/debrief/']").first.get_attribute("href")
    assert call
    page.goto(f"{site}{call.replace('debrief', 'discussion')}")
    return page


def test_a_comment_without_a_server_waits_and_goes_once(context: BrowserContext, site: str, discussion: Page) -> None:
    words = f"Written in tunnel {uuid4().hex[:6]}."
    context.set_offline(True)
    discussion.locator("textarea[name=body]").fill(words)
    discussion.locator("form[data-keep=comment] button[type=submit]").click()
    note = discussion.locator("[data-waiting]")
    expect(note).to_contain_text("One thing you wrote waits to be sent.")
    expect(discussion.locator("textarea[name=body]")).to_have_value("")
    button = discussion.locator("form[data-keep=comment] button[type=submit]").bounding_box()
    box = note.bounding_box()
    assert button
    assert box
    assert button["y"] + button["height"] <= box["y"], "the note lies over the button"
    context.set_offline(False)
    expect(note).to_contain_text("Everything is sent.", timeout=60_000)
    discussion.reload()
    expect(discussion.get_by_text(words, exact=True)).to_have_count(1)


def test_a_request_that_hangs_is_made_again(discussion: Page) -> None:
    """A line that goes in the middle of a request may leave it without an answer for minutes."""
    words = f"Written in a lift {uuid4().hex[:6]}."
    tries: list[str] = []

    def hang_once(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        tries.append(route.request.url)
        if len(tries) > 1:
            route.continue_()

    discussion.route("**/discussion/", hang_once)
    discussion.context.set_offline(True)
    discussion.locator("textarea[name=body]").fill(words)
    discussion.locator("form[data-keep=comment] button[type=submit]").click()
    expect(discussion.locator("[data-waiting]")).to_contain_text("One thing you wrote waits to be sent.")
    discussion.context.set_offline(False)
    expect(discussion.locator("[data-waiting]")).to_contain_text("Everything is sent.", timeout=90_000)
    assert len(tries) == 2
    discussion.unroute("**/discussion/")
    discussion.reload()
    expect(discussion.get_by_text(words, exact=True)).to_have_count(1)


DRAFTS = """() => new Promise((resolve, reject) => {
  const asked = indexedDB.open("parley");
  asked.onerror = () => reject(asked.error);
  asked.onsuccess = () => {
    const db = asked.result;
    const drafts = db.transaction("drafts").objectStore("drafts").getAll();
    drafts.onsuccess = () => { db.close(); resolve(JSON.stringify(drafts.result)); };
  };
})"""


def test_what_is_half_written_is_there_again(discussion: Page, site: str) -> None:
    body = discussion.locator("textarea[name=body]")
    body.fill("Half a thou")
    until(discussion, lambda: "Half a thou" in discussion.evaluate(DRAFTS), "it is kept")
    address = discussion.url
    discussion.goto(f"{site}/org/acme/")
    discussion.goto(address)
    expect(body).to_have_value("Half a thou")
    discussion.get_by_role("button", name="Discard it").click()
    expect(body).to_have_value("")
    until(discussion, lambda: "Half a thou" not in discussion.evaluate(DRAFTS), "it is dropped")
    discussion.reload()
    expect(body).to_have_value("")


def test_signing_out_leaves_nothing_on_the_device(browser: Browser, site: str) -> None:
    # A session of its own: it ends here.
    context = browser.new_context(locale="en", service_workers="block")
    page = context.new_page()
    page.goto(f"{site}/accounts/login/?next=/org/acme/profile/")
    page.fill("[name=login]", "trainee@acme.test")
    page.fill("[name=password]", "parley-demo")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/org/acme/**")
    person = page.evaluate("() => document.body.dataset.owner")
    line = json.dumps({"url": "/nowhere/", "lines": [{"id": "1", "text": "x", "at_ms": 0}]})
    page.route("**/nowhere/", lambda route: route.abort())  # so that nothing is sent before
    page.evaluate("([key, value]) => localStorage.setItem(key, value)", [f"parley.lines.{person}.1", line])
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.locator("details[data-menu] summary").first.click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "/org/" not in url)
    assert len(asked) == 1
    assert page.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('parley.lines'))") == []
    assert "parley" not in page.evaluate("async () => (await indexedDB.databases()).map(({ name }) => name)")
    context.close()
