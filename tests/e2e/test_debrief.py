"""After a call: the debrief fills itself, leads from a quote to its place, and shows up at home and with the manager."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from .conftest import PHONE, enter
from .test_call import SCORED_MS
from .test_pages import check
from .typed import hold_typed_call

# A score near the pass mark waits for a person, but its debrief is there.
JUDGED = "#debrief:is([data-state=ready], [data-state=needs_review])"

LINES = (
    "Hi, this is Ada from Routewise, do you have a minute? The reason I am calling is that companies like yours grow fast.",
    "How do you handle that today, and what tends to go wrong?",
    "That sounds frustrating. What does that cost you in a normal month?",
    "Could we look at your own numbers together on Tuesday at ten?",
)


@pytest.fixture(scope="module")
def debrief(member: BrowserContext, site: str) -> str:
    """The address of the debrief of a typed call, opened the moment the call was over: it becomes ready by itself."""
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


def test_debrief_shows_what_counts_and_why(page: Page, debrief: str) -> None:
    page.goto(debrief)
    expect(page.locator(".score-ring")).to_contain_text("of 100")
    expect(page.get_by_role("heading", name="Criteria and evidence")).to_be_visible()
    for line in LINES[:2]:
        expect(page.locator(".transcript")).to_contain_text(line)
    page.locator("summary", has_text="Judged by").click()
    expect(page.get_by_text("not by a language model")).to_be_visible()


def test_the_lines_on_the_page_add_up_to_the_score(page: Page, debrief: str) -> None:
    page.goto(debrief)
    shown = page.locator(".fall > li:not(.fall-sum) .fall-points").all_inner_texts()
    tenths = sum(round(float(points) * 10) for points in shown if points != "–")
    total = int(page.locator(".fall-sum .fall-points").inner_text())
    assert (tenths + 5) // 10 == total
    assert page.locator(".score-ring p").first.inner_text() == str(total)


def test_a_line_leads_to_its_criterion_and_asking_why_shows_the_rule(page: Page, debrief: str) -> None:
    page.goto(debrief)
    line = page.locator(".fall-name a").first
    line.click()
    criterion = page.locator(line.get_attribute("href") or "")
    expect(criterion).to_be_in_viewport()
    why = criterion.locator("details.why")
    why.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(why.get_by_role("heading", name="The rule")).to_be_visible()
    expect(why.get_by_role("heading", name="What was counted")).to_be_visible()


def test_a_quote_leads_to_its_turn(page: Page, debrief: str) -> None:
    page.goto(debrief)
    link = page.locator(".quote a[data-seek]").first
    turn = link.get_attribute("href")
    assert turn is not None
    link.click()
    expect(page.locator(f".transcript {turn}")).to_be_in_viewport()
    expect(page.locator(f".transcript {turn}.turn-now")).to_be_visible()


@pytest.mark.parametrize(("scheme", "size"), [("light", None), ("dark", PHONE)])
def test_debrief_and_home_are_readable_by_everybody(
    page: Page, site: str, debrief: str, scheme: str, size: dict[str, int] | None
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    if size:
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
    for address in (debrief, f"{site}/org/acme/", f"{site}/org/acme/history/"):
        page.goto(address)
        page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true })")
        check(page)


def test_home_and_history_list_the_call(page: Page, site: str, debrief: str) -> None:
    path = debrief.removeprefix(site)
    for address in (f"{site}/org/acme/", f"{site}/org/acme/history/?mode="):
        page.goto(address)
        expect(page.locator(f".call-row[href='{path}']")).to_be_visible()


def test_filter_leaves_empty_fields_out_of_the_address(page: Page, site: str, debrief: str) -> None:
    page.goto(f"{site}/org/acme/history/")
    page.get_by_label("Band").select_option("exceptional")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/history/?band=exceptional")


def test_manager_finds_the_call_in_the_team(browser: Browser, site: str, debrief: str) -> None:
    context = enter(browser, site, "manager@acme.test")
    page = context.new_page()
    page.goto(f"{site}/org/acme/team/")
    check(page)
    page.get_by_role("link", name="Theo").click()
    page.wait_for_url("**/team/*/")
    check(page)
    page.locator(f".call-row[href='{debrief.removeprefix(site)}']").click()
    page.wait_for_url(debrief)
    expect(page.get_by_role("link", name="Practise again")).to_have_count(0)
    expect(page.locator(".turn-trainee").first).to_contain_text("Theo")
    context.close()


def test_a_person_decides_and_the_trainee_reads_who_and_why(
    browser: Browser, page: Page, site: str, debrief: str
) -> None:
    page.goto(debrief)
    before = int(page.locator(".fall-sum .fall-points").inner_text())
    reason = "The question about cost was asked at the right moment."
    context = enter(browser, site, "manager@acme.test")
    coach = context.new_page()
    coach.goto(debrief)
    coach.get_by_role("link", name="Mark this call").first.click()
    coach.wait_for_url("**/review/")
    for field in coach.locator("input[name^=mark-]").all():
        field.fill("88")
    coach.get_by_role("button", name="Hand in and see").click()
    coach.locator("input[name=choice][value=override]").check()
    coach.locator("[name=reason]").fill(reason)
    with coach.expect_navigation():
        coach.get_by_role("button", name="Save the decision").click()
    coach.goto(debrief)
    expect(coach.locator(".score-ring")).to_contain_text("88")
    check(coach)
    context.close()
    page.reload()
    expect(page.locator(".score-ring")).to_contain_text("88")
    expect(page.get_by_text("Set by Maya Chen")).to_be_visible()
    expect(page.locator("#debrief").get_by_text(reason).first).to_be_visible()
    page.get_by_role("link", name="See what the judge said").click()
    page.wait_for_url("**/debrief/?run=*")
    expect(page.locator(".score-ring")).to_contain_text(str(before))
    expect(page.get_by_text("This judgement does not count.")).to_be_visible()
    page.get_by_role("link", name="All judgements of this call").click()
    page.wait_for_url("**/runs/**")
    check(page)
