"""The reference of the API in a browser: drawn by our own copy of Swagger UI, where pages run no scripts of others."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from .conftest import enter


def test_the_reference_of_the_api_is_drawn(browser: Browser, site: str) -> None:
    context = enter(browser, site, "admin@acme.test")
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{site}/org/acme/api/v1/docs/")
    expect(page.locator(".swagger-ui .info .title")).to_contain_text("Parley API")
    asked = page.locator("#operations-appeals-appeals_list")  # further ones are drawn when they come into sight
    asked.locator(".opblock-summary-control").click()
    asked.get_by_role("button", name="Try it out").click()
    asked.get_by_role("button", name="Execute").click()
    expect(asked.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    assert wrong == []
    context.close()
