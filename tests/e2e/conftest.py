"""A real browser against the real stack: database, Redis, web, workers, demo organisations, stand-in vendors.

The stack starts once for all browser tests. `PARLEY_E2E_URL` points them at one that is running already, with the settings
that `make standins` prints; `PARLEY_E2E_VAR` is its folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, StorageState, expect, sync_playwright

from config.runtime.browser import chromium
from config.runtime.places import ROOT
from tests.runtime.stack import Stack, open_folder
from tests.standins.base import StandIn
from tests.standins.vendors import FIXED_PORTS, STAND_INS, environment, report_to, stand_in

PASSWORD = "parley-demo"
DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}

# How long a page may take to show what is expected of it, on a machine that has other things to do as well.
expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(900))  # the first one starts the whole stack


# The embedded engine speaks and judges where a test does not say otherwise, though every vendor has a key.
AT_HOME = {
    "VOICE_PROVIDER": "embedded",
    "QUICK_SCORER": "embedded",
    "DEEP_SCORER": "embedded",
    "LLM_ORDER_AUTHOR": "gemini",  # which has no key here: drafts are made from templates
}


@pytest.fixture(scope="session")
def vendors() -> Iterator[Mapping[str, StandIn]]:
    """The stand-in vendors by name, serving."""
    stands = {name: stand_in(name) for name in STAND_INS}
    if os.environ.get("PARLEY_E2E_URL"):
        for name, stand in stands.items():
            stand.base_url = f"http://127.0.0.1:{FIXED_PORTS[name]}"
        yield stands
        return
    with ExitStack() as serving:
        for name, stand in stands.items():
            stand.key = f"key-of-{name}-5f0c1d"
            serving.enter_context(stand.serving())
        yield stands


@pytest.fixture(scope="session")
def stack(vendors: Mapping[str, StandIn]) -> Iterator[Stack]:
    """A running Parley with its demo organisations."""
    running = os.environ.get("PARLEY_E2E_URL")
    if running:
        folder = Path(os.environ.get("PARLEY_E2E_VAR", ROOT / "var"))
        yield Stack(folder, urlsplit(running).port or 80, supervisor=None, console=folder / "console.log")  # type: ignore[arg-type]
        return
    settings = {key: value for stand in vendors.values() for key, value in environment(stand).items()}
    with open_folder() as var, Stack.started(var, RATE_START="1000/min", **AT_HOME, **settings) as started:
        started.wait_healthy()
        for stand in vendors.values():
            report_to(stand, f"{started.url}/org/acme")
        yield started


@pytest.fixture(scope="session")
def site(stack: Stack) -> str:
    """The address of the running Parley."""
    return stack.url


POLICY = """
import json
from tenants.models import Organization
Organization.objects.filter(slug="{slug}").update(**json.loads({changes!r}))
"""


@contextmanager
def policy(stack: Stack, slug: str = "acme", **changes: object) -> Iterator[None]:
    """Inside, the organisation has these fields; afterwards it talks by the embedded engine through us."""
    usual = {"voice_providers": [], "voice_direct": False, "voice_failover": True}
    stack.manage("shell", "-v", "0", "-c", POLICY.format(slug=slug, changes=json.dumps(changes)))
    try:
        yield
    finally:
        stack.manage("shell", "-v", "0", "-c", POLICY.format(slug=slug, changes=json.dumps(usual)))


# By the module and not by the session: while Playwright's loop runs in this thread, Django refuses its database here.
@pytest.fixture(scope="module")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@contextmanager
def launched(driver: Playwright, *, microphone: Path | None = None, ask: bool = False) -> Iterator[Browser]:
    """Chromium whose microphone plays a WAV file once (or beeps); `ask` leaves permission to the browser's defaults."""
    executable = chromium()
    assert executable, "no Chromium: run `make browser`"
    arguments = ["--no-sandbox", "--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required"]
    if not ask:
        arguments.append("--use-fake-ui-for-media-stream")
    if microphone is not None:
        arguments.append(f"--use-file-for-fake-audio-capture={microphone}%noloop")
    browser = driver.chromium.launch(executable_path=executable, args=arguments)
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture(scope="module")
def browser(driver: Playwright) -> Iterator[Browser]:
    with launched(driver) as started:
        yield started


_signed_in: dict[tuple[str, str], StorageState] = {}


def enter(browser: Browser, site: str, who: str, **options: object) -> BrowserContext:
    """A context in which `who` (an e-mail address of the demo) is signed in. Signs in once: that is throttled.

    Without the service worker, unless `service_workers="allow"` says otherwise: what a page asks for beside a worker may
    pass by `page.route`, and whether it does depends on when the worker took the page over. Tests that walk the product
    as people do, and hold nothing back, have it.
    """
    settings: dict[str, Any] = {"viewport": DESKTOP, "locale": "en", "service_workers": "block", **options}
    if (site, who) not in _signed_in:
        context = browser.new_context(locale="en")
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.goto(f"{site}/accounts/login/")
        page.fill("[name=login]", who)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        _signed_in[site, who] = context.storage_state()
        context.close()
    context = browser.new_context(storage_state=_signed_in[site, who], **settings)
    context.set_default_timeout(60_000)
    return context


@pytest.fixture
def trainee(browser: Browser, site: str) -> Iterator[Page]:
    """Acme's demo trainee, on a blank page."""
    context = enter(browser, site, "trainee@acme.test")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def member(browser: Browser, site: str) -> Iterator[BrowserContext]:
    """Acme's demo trainee, signed in for all tests of a file: what one of them made, the next one finds."""
    context = enter(browser, site, "trainee@acme.test")
    yield context
    context.close()


def open_room(page: Page, site: str, *, channel: str = "voice", organization: str = "acme", nth: int = 0) -> None:
    """From the picker into the room of a new call."""
    page.goto(f"{site}/org/{organization}/practice/")
    page.locator("#scenarios h2 a").nth(nth).click()
    page.locator(f"button[name=channel][value={channel}]").click()
    page.locator("[data-room][data-state=lobby]").wait_for()
