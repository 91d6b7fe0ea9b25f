"""Signing in with a passkey, and what a strict browser says about the account pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import DESKTOP, PASSWORD, PHONE, enter
from .test_pages import check

# Nobody else's tests sign in as this person, so that a second factor is in nobody's way.
WHO = "owner@globex.test"


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    """A browser with a platform authenticator (a fingerprint reader that always says yes), not signed in."""
    context = browser.new_context(viewport=DESKTOP, locale="en")
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    able = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, **able}})
    yield page
    context.close()


def refusals(page: Page) -> list[str]:
    """Collects what the content security policy refuses and what scripts throw."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "console", lambda message: found.append(message.text) if "Content Security Policy" in message.text else None
    )
    return found


def confirm_password(page: Page) -> None:
    if "/reauthenticate/" in page.url:
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "/reauthenticate/" not in url)


def test_a_passkey_from_set_up_to_sign_in(visitor: Page, site: str) -> None:
    refused = refusals(visitor)
    visitor.goto(f"{site}/accounts/login/")
    visitor.fill("[name=login]", WHO)
    visitor.fill("[name=password]", PASSWORD)
    visitor.press("[name=password]", "Enter")
    visitor.wait_for_url(lambda url: "/login" not in url)
    visitor.goto(f"{site}/accounts/2fa/webauthn/add/")
    confirm_password(visitor)
    visitor.fill("[name=name]", "Laptop")
    visitor.check("[name=passwordless]")
    visitor.click("#mfa_webauthn_add")
    visitor.wait_for_url("**/2fa/recovery-codes/**")
    expect(visitor.locator("#recovery_codes")).to_be_visible()

    visitor.context.clear_cookies()
    visitor.goto(f"{site}/accounts/login/")
    visitor.click("#passkey_login")
    visitor.wait_for_url("**/org/globex/**")

    visitor.goto(f"{site}/accounts/2fa/webauthn/")
    visitor.locator("table a").last.click()
    confirm_password(visitor)
    visitor.locator("main form button[type=submit]").last.click()
    expect(visitor.locator("table")).to_have_count(0)
    assert refused == []


PAGES = ("profile/", "welcome/1/", "welcome/2/", "welcome/3/", "people/", "people/teams/", "profile/leave/")
ACCOUNT_PAGES = ("/accounts/email/", "/accounts/password/change/", "/accounts/2fa/", "/accounts/logout/")


@pytest.mark.parametrize("look", [{"color_scheme": "light"}, {"color_scheme": "dark", "viewport": PHONE}], ids=str)
def test_the_account_pages_are_readable_and_need_nothing_that_the_policy_refuses(
    browser: Browser, site: str, look: dict[str, Any]
) -> None:
    context = enter(browser, site, "admin@acme.test", **look)
    page = context.new_page()
    refused = refusals(page)
    for path in (*[f"/org/acme/{path}" for path in PAGES], *ACCOUNT_PAGES):
        page.goto(site + path)
        expect(page.locator("h1")).to_have_count(1)
        check(page)
    page.goto(f"{site}/org/acme/people/teams/")
    page.locator("main h2 a").first.click()
    check(page)
    page.goto(f"{site}/org/acme/people/")
    page.locator("details[data-menu] summary", has_text="More").first.click()
    expect(page.get_by_role("button", name="End access").first).to_be_visible()
    assert refused == []
    context.close()
