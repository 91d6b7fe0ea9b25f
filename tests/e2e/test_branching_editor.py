"""An admin draws where a call can go: by mouse, by keyboard alone, with what is wrong named and nothing overwritten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Locator, Page, expect

from tests.e2e.conftest import PHONE, enter
from tests.e2e.test_room import until

ADMIN = "/org/acme/admin/scenarios/scenario"


@pytest.fixture(scope="module")
def author(browser: Browser, site: str) -> Iterator[BrowserContext]:
    context = enter(browser, site, "admin@acme.test", viewport={"width": 1400, "height": 1000})
    yield context
    context.close()


@pytest.fixture
def editor(author: BrowserContext, site: str) -> Iterator[Page]:
    """The editor of a scenario of its own, which does not branch yet."""
    page = author.new_page()
    page.goto(f"{site}{ADMIN}/?is_preset__exact=1")
    page.locator("#result_list tbody th a").first.click()
    page.goto(page.url.replace("/change/", "/preview/").split("?")[0])
    page.get_by_role("button", name="Duplicate").click()
    page.wait_for_url("**/change/")
    page.get_by_role("link", name="Branching").click()
    opened(page)
    yield page
    page.close()


def opened(page: Page) -> None:
    page.locator("[data-branching][data-ready]").wait_for()


def add(page: Page, kind: str, title: str) -> None:
    page.get_by_role("group", name="Add").get_by_role("button", name=kind, exact=True).click()
    page.get_by_label("Title", exact=True).fill(title)


def node(page: Page, title: str) -> Locator:
    return page.locator("[data-canvas] [data-node]").filter(has_text=title)


def join(page: Page, source: str, target: str) -> None:
    """Drag from the lower handle of a node into another."""
    handle = node(page, source).locator(".step-out").bounding_box()
    body = node(page, target).locator(".step-body").bounding_box()
    assert handle
    assert body
    page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    page.mouse.move(body["x"] + 10, body["y"] + 10, steps=4)
    page.mouse.move(body["x"] + body["width"] / 2, body["y"] + body["height"] / 2, steps=4)
    page.mouse.up()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[data-save-status]")).to_contain_text("Saved.")


def shown(page: Page) -> list[str]:
    """The list below the drawing, without the marks of what is wrong, which come a moment later."""
    rows = page.locator("[data-outline] tbody tr").all_inner_texts()
    return [row.replace(" (to be put right)", "") for row in rows]


def saved_graph(page: Page) -> Any:
    """What the page of this scenario is drawn from now."""
    page.reload()
    opened(page)
    return page.evaluate("JSON.parse(document.getElementById('branching-data').textContent).graph")


def test_a_conversation_is_drawn_by_mouse(editor: Page) -> None:
    page = editor
    for kind, title in (("Start", "Ring"), ("Gatekeeper", "Front desk"), ("Buyer", "The chief")):
        add(page, kind, title)
    for title, outcome in (("A date", "next step agreed"), ("Thrown out", "lost")):
        add(page, "End", title)
        page.get_by_label("Outcome").select_option(label=outcome)
    status, problems = page.locator("[data-check-status]"), page.locator("[data-problems]")
    expect(problems).to_contain_text("“The chief” can't be reached")
    page.get_by_role("button", name="Arrange").click()
    join(page, "Ring", "Front desk")
    join(page, "Front desk", "The chief")
    page.get_by_label("Taken when").select_option(label="Turns spoken")
    page.get_by_label("How many").fill("2")
    join(page, "The chief", "A date")
    page.get_by_label("Taken when").select_option(label="Next step agreed")
    join(page, "The chief", "Thrown out")
    page.get_by_label("Taken when").select_option(label="Patience used up")
    # What is wrong names its place, is marked there, and leads to it.
    problem = problems.get_by_role("button", name="“Front desk” is a gatekeeper: say which persona")
    expect(status).to_have_text("One thing is to be put right before publishing:")
    expect(node(page, "Front desk").locator("circle.step-mark")).to_be_visible()
    problem.click()
    expect(page.get_by_label("Title", exact=True)).to_be_focused()
    page.get_by_label("Who speaks").select_option(index=1)
    expect(status).to_have_text("Nothing is wrong with it.")
    expect(page.locator("[data-text]")).to_contain_text("Front desk")
    page.get_by_role("button", name="Arrange").click()
    save(page)
    before = shown(page)
    graph = saved_graph(page)
    assert shown(page) == before
    assert [edge["when"]["kind"] for edge in graph["edges"]] == ["always", "turns", "agreed", "patience"]
    assert graph["edges"][1]["when"] == {"kind": "turns", "count": 2}
    assert len({(place["x"], place["y"]) for place in graph["nodes"]}) == 5


def test_every_step_is_undone_and_done_again(editor: Page) -> None:
    page = editor
    add(page, "Start", "Ring")
    add(page, "Buyer", "The chief")
    before = shown(page)
    box = node(page, "The chief").locator(".step-body").bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 60, steps=5)
    page.mouse.up()
    moved = node(page, "The chief").locator(".step-body").bounding_box()
    assert moved
    assert moved["x"] > box["x"] + 60
    page.get_by_role("button", name="Undo").click()
    back = node(page, "The chief").locator(".step-body").bounding_box()
    assert back
    assert abs(back["x"] - box["x"]) < 2
    node(page, "The chief").click()
    page.get_by_role("button", name="Delete this").click()
    assert len(shown(page)) == 1
    page.keyboard.press("Control+z")
    assert shown(page) == before
    page.keyboard.press("Control+y")
    assert len(shown(page)) == 1
    # A title that was typed is one step, not one for each letter.
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(node(page, "The chief")).to_have_count(0)
    assert len(shown(page)) == 2


def test_the_keyboard_alone_is_enough(editor: Page) -> None:
    page = editor

    def press_on(locator: Locator) -> None:
        locator.focus()
        page.keyboard.press("Enter")

    def type_title(kind: str, title: str) -> None:
        press_on(page.get_by_role("group", name="Add").get_by_role("button", name=kind, exact=True))
        expect(page.get_by_label("Title", exact=True)).to_be_focused()
        page.keyboard.press("Control+a")
        page.keyboard.type(title)

    def edge_to(title: str) -> None:
        page.get_by_label("One more edge, to").focus()
        page.keyboard.type(title[:6])
        press_on(page.get_by_role("button", name="Add this edge"))

    type_title("Start", "Ring")
    type_title("Buyer", "The chief")
    type_title("End", "A date")
    page.get_by_label("Outcome").focus()
    page.keyboard.type("next")
    press_on(page.locator("[data-outline]").get_by_role("button", name="Ring"))
    edge_to("The chief")
    # By its beginning: it is marked as a dead end as soon as the server has said so.
    press_on(page.locator("[data-outline]").get_by_role("button", name=re.compile("^The chief")))
    edge_to("A date")
    expect(page.locator("[data-check-status]")).to_have_text("Nothing is wrong with it.")
    # The drawing itself takes the keyboard, too: a node is moved by arrows and opened by Enter.
    drawn = node(page, "A date")
    drawn.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Title", exact=True)).to_have_value("A date")
    page.keyboard.press("Control+s")
    expect(page.locator("[data-save-status]")).to_contain_text("Saved.")
    before = shown(page)
    saved_graph(page)
    assert shown(page) == before


def test_two_authors_do_not_overwrite_each_other(editor: Page, author: BrowserContext) -> None:
    other = author.new_page()
    other.goto(editor.url)
    opened(other)
    add(editor, "Start", "Ring")
    save(editor)
    add(other, "Buyer", "Somebody")
    other.get_by_role("button", name="Save", exact=True).click()
    conflict = other.get_by_role("alert")
    expect(conflict).to_contain_text("Somebody else saved this while you were editing")
    expect(conflict).to_contain_text("“Ring” is there now, and not in yours.")
    assert [row["title"] for row in saved_graph(editor)["nodes"]] == ["Ring"]
    conflict.get_by_role("button", name="Keep mine").click()
    expect(other.locator("[data-save-status]")).to_contain_text("Saved.")
    assert [row["title"] for row in saved_graph(editor)["nodes"]] == ["Somebody"]
    other.close()


def test_leaving_with_something_unsaved_is_asked_about(editor: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    editor.on("dialog", stay)
    add(editor, "Start", "Ring")
    editor.get_by_role("link", name="Preview and publish").click()
    until(editor, lambda: asked == ["beforeunload"], "it is asked about")
    assert editor.url.endswith("/branching/")
    save(editor)
    editor.get_by_role("link", name="Preview and publish").click()
    editor.wait_for_url("**/preview/")


def test_the_editor_fits_a_phone(browser: Browser, editor: Page, site: str) -> None:
    add(editor, "Start", "Ring")
    save(editor)
    context = enter(browser, site, "admin@acme.test", viewport=PHONE)
    screen = context.new_page()
    screen.goto(editor.url)
    opened(screen)
    assert screen.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    context.close()
