"""How soon a page is there: what a trainee opens every day, in a browser on this machine.

`python -m benchmarks.pages`: starts the whole product with its demo organisations in a folder of its own, has one call
scored, and opens each page in Chromium, warm and one at a time:

    server    from the request to the first byte of the answer
    FCP       from the request to the first text or picture on the screen (the browser's paint timing)
    loaded    until everything the page asks for is there

Times in ms: the median and the worst of `--rounds`, and how many times the sign-in page's median it is, which reads no row of
an organisation. Writes `var/bench/pages.json`; fails where a budget is not kept.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.contest import write
from tests.e2e.conftest import enter, launched
from tests.runtime.stack import Stack, open_folder

# The longest that a page may take until it is painted, ms.
PAINTED = {"home": 800, "call": 500, "debrief": 600}
FIRST_PAINT = 1000
TRAINEE = "trainee@acme.test"
TIMES = """() => new Promise(resolve => {
  const [page] = performance.getEntriesByType("navigation");
  const answer = paint => resolve({
    server: page.responseStart - page.requestStart,
    painted: paint.startTime - page.requestStart,
    loaded: page.loadEventEnd - page.requestStart,
  });
  const look = () => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    if (paint && page.loadEventEnd) answer(paint); else setTimeout(look, 20);
  };
  look();
})"""
SAID = (
    ("assistant", "Hello?"),
    ("user", "Hello, this is Ada from Northwind. How do you plan your deliveries today?"),
    ("assistant", "By hand, and it takes too long."),
    ("user", "What does a late delivery cost you in a year?"),
    ("assistant", "More than I would like."),
    ("user", "Shall we look at it together on Tuesday at ten?"),
)


@dataclass(frozen=True)
class Row:
    """One page; times in ms."""

    page: str
    server: float
    server_worst: float
    painted: float
    painted_worst: float
    loaded: float
    budget: int

    @property
    def kept(self) -> bool:
        return self.painted <= self.budget


def measured(page: Page, name: str, address: str, *, rounds: int) -> Row:
    """The page is opened once before it counts: what a first visit builds is there then."""
    page.goto(address, wait_until="load")
    times = []
    for _round in range(rounds):
        page.goto(address, wait_until="load")
        times.append(page.evaluate(TIMES))
    columns = {key: [time[key] for time in times] for key in ("server", "painted", "loaded")}
    median = {key: round(statistics.median(values), 1) for key, values in columns.items()}
    worst = {key: round(max(values), 1) for key, values in columns.items()}
    return Row(
        name,
        median["server"],
        worst["server"],
        median["painted"],
        worst["painted"],
        median["loaded"],
        PAINTED.get(name, FIRST_PAINT),
    )


def scored_call(context: BrowserContext, site: str) -> tuple[str, str]:
    """The ids of a call that was scored in depth, and of one that waits to be held."""
    page = context.new_page()
    page.goto(f"{site}/org/acme/practice/")
    token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    scenario = page.locator("#scenarios h2 a").first.get_attribute("href") or ""
    api = f"{site}/org/acme/api/v1/calls/"
    headers = {"X-CSRFToken": token, "Referer": site}
    body = {"scenario_id": scenario.rstrip("/").rsplit("/", 1)[1], "channel": "text"}
    call = page.request.post(api, data=body, headers=headers).json()["id"]
    assert page.request.patch(f"{api}{call}/", data={"status": "in_progress"}, headers=headers).ok
    turns = [{"role": role, "content": text, "timestamp_ms": at * 4000} for at, (role, text) in enumerate(SAID)]
    assert page.request.post(f"{api}{call}/transcript/", data={"turns": turns}, headers=headers).ok
    assert page.request.post(f"{api}{call}/end/", data={}, headers=headers).ok
    while page.request.get(f"{api}{call}/score/").status == 202:
        page.wait_for_timeout(500)
    waiting = page.request.post(api, data=body, headers=headers).json()["id"]
    page.close()
    return call, waiting


@contextmanager
def running(address: str) -> Iterator[str]:
    """The product at that address, or one that is started for this."""
    if address:
        yield address
        return
    with open_folder() as var, Stack.started(var, RATE_START="1000/min") as stack:
        stack.wait_healthy()
        yield stack.url


def rows(site: str, rounds: int) -> list[Row]:
    with sync_playwright() as driver, launched(driver) as browser:
        stranger = browser.new_context(locale="en").new_page()
        found = [measured(stranger, "sign-in", f"{site}/accounts/login/", rounds=rounds)]
        context = enter(browser, site, TRAINEE)
        ended, waiting = scored_call(context, site)
        page = context.new_page()
        home = f"{site}/org/acme/"
        addresses = {
            "home": home,
            "practice": f"{home}practice/",
            "call": f"{home}calls/{waiting}/",
            "debrief": f"{home}calls/{ended}/debrief/",
            "history": f"{home}history/",
            "learning": f"{home}learn/",
            "skills": f"{home}skills/",
        }
        found += [measured(page, name, address, rounds=rounds) for name, address in addresses.items()]
    return found


def table(found: list[Row]) -> str:
    base = found[0].painted
    lines = [f"{'page':<10}{'server':>9}{'worst':>9}{'FCP':>9}{'worst':>9}{'loaded':>9}{'budget':>9}{'× sign-in':>11}"]
    for row in found:
        numbers = (row.server, row.server_worst, row.painted, row.painted_worst, row.loaded)
        cells = "".join(f"{number:>9.0f}" for number in numbers)
        lines.append(f"{row.page:<10}{cells}{row.budget:>9}{row.painted / base:>11.1f}{'' if row.kept else '  over'}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--site", default="", help="of a Parley that runs already")
    asked = parser.parse_args()
    with running(asked.site) as site:
        found = rows(site, asked.rounds)
    print(table(found))
    write("pages", {"rounds": asked.rounds, "pages": [asdict(row) for row in found]})
    return 0 if all(row.kept for row in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
