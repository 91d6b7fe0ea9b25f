"""Every page that can be reached by links, for each role that sees other pages, in both languages, on a phone.

Nothing scrolls sideways, nothing complains in the console, axe finds nothing serious (in English by day, in
Spanish by night), and no Spanish page says something in English. The walk
covers the table of addresses: a new page that no link and no search leads to fails it.
`PARLEY_PICTURES=<folder>` keeps a picture of each page.
"""

from __future__ import annotations

import os
import re
import zoneinfo
from collections import deque
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.urls import Resolver404, get_resolver
from playwright.sync_api import Browser, Page

from config.runtime.messages import LOCALE
from scenarios.library import preset_package
from tests.runtime.stack import Stack
from tests.test_isolation import ALL

from .conftest import PHONE, enter, policy
from .test_pages import problems as faults

LANGUAGES = {"acme": "en", "globex": "es"}
SCHEMES = {"acme": "light", "globex": "dark"}
PICTURES = os.environ.get("PARLEY_PICTURES", "")
MOST_PAGES = 300

# What a GET of these is: not a page. Forms that only take a POST, files, streams, the API, doors that need a key.
NO_PAGES = re.compile(
    r"^(api/|\^api/|recordings/|transcripts/|uploads/.*sound|join/|admin/(jsi18n|autocomplete|search|login|logout|r/|password_change))"
    r"|(consent|tokens|revoke|export|invite|seats|submit|redo|attempt|mark|decision|remove|phone/end|archive|duplicate|publish|rewrite|restore|cancel|again|accept|body|count|progress|speakers|do|days|adopt|look|draft)/$"
    r"|my-data\.zip$|^learn/assign/sheet/$|^people/invite/sheet/$|^learn/team/completion\.csv$|certificate\.pdf$|/files/<uuid:file_id>/$|^verify/"
    r"|^practice/<uuid:scenario_id>/phone/$"
    r"|^manifest\.webmanifest$|^notifications/(unsubscribe/|read/$|<)"
    # What the coach cites opens on its own page; the others only act.
    r"|^coach/(passages/<|<uuid:conversation_id>/forget/$)|^admin/knowledge/.*encoder/$"
    r"|^admin/scenarios/scenario/<uuid:pk>/branching/(check|save)/$|^admin/takeout/takeout/(request|<uuid:pk>/file)/$"
    r"|^uploads/rules/<|^people/invitations/|^people/<uuid:member_id>/$|^people/teams/<uuid:team_id>/delete/$"
    r"|^admin/.*(<path:object_id>/$|\(\?P<)"
)
# The admin offers these where somebody may do it and there is something to do it to; they are walked where it does.
WHERE_OFFERED = re.compile(
    r"^admin/.*(add|change|delete|history)/$|^admin/rescorings/"
    # Reached by forms and buttons, or where there is something of that kind.
    r"|^admin/experiments/<"
    # For those who author in another organisation as well.
    r"|^admin/(scenarios|training|knowledge)/\w+/promote/$"
    # While a call is held or rings somewhere, and after it was redone: test_observe and test_redo go there.
    r"|^calls/<uuid:call_id>/(observe|compare|phone)/$"
    # Once somebody has earned one: tests/coaching/learning/test_pages.py.
    r"|^certificates/<uuid:certificate_id>/$"
    # Once a program is assigned: tests/coaching/learning/test_programs.py.
    r"|^learn/programs/<uuid:program_id>/$"
)
# Enough for a score.
SAID = (
    ("assistant", "Hola."),
    ("user", "Hola, soy Ada de Norte y le llamo por las entregas de los lunes."),
    ("assistant", "Tengo un minuto."),
    ("user", "¿Cómo las planifican hoy, y qué pasa cuando una llega tarde?"),
)

# Another address of a page that is walked.
SECOND_NAMES = re.compile(r"^\^(configuracion|simulacion|resultado)")

# Reads the page as a person does: visible text, and what a screen reader says of controls. Text in another language than
# the page's (an English scenario in a Spanish organisation) is marked by `lang` and is left out; so is a person's own.
READ = """() => {
  const lang = document.documentElement.lang;
  const texts = new Set();
  const foreign = element => {
    const marked = element.closest("[lang],code,pre,textarea,script,style,template,noscript,.material-symbols-outlined");
    return marked && marked !== document.documentElement;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent.replace(/\\s+/g, " ").trim();
    if (text && !foreign(node.parentElement)) texts.add(text);
  }
  for (const element of document.querySelectorAll("[aria-label],[placeholder],[title],[alt]")) {
    if (foreign(element)) continue;
    for (const name of ["aria-label", "placeholder", "title", "alt"]) {
      const text = (element.getAttribute(name) || "").trim();
      if (text) texts.add(text);
    }
  }
  const root = document.documentElement;
  const wide = [...document.querySelectorAll("body *")].filter(
    element => element.getBoundingClientRect().right > root.clientWidth + 1 &&
      getComputedStyle(element).position !== "fixed" && !element.closest("[class*=overflow-x],[class*=sr-only]"));
  return {
    lang, title: document.title, texts: [...texts],
    overflow: root.scrollWidth > root.clientWidth
      ? wide.slice(0, 3).map(element => element.outerHTML.slice(0, 160)) || ["?"] : [],
    links: [
      ...[...document.querySelectorAll("a[href]")].map(anchor => anchor.href),
      ...[...document.querySelectorAll("form[method=get][action]")].map(
        form => `${form.action}?${new URLSearchParams(new FormData(form))}`),
    ],
  };
}"""
# Words that no Spanish sentence has.
ENGLISH = re.compile(
    r"\b(the|and|with|your|you|this|that|these|from|please|save|delete|search|select|change|choose|show|back|next|"
    r"previous|add|edit|history|yes|are|was|when|what|which|who|have|been|not|any|all|by|of|for|to|is|it|sign|"
    r"updated|created|filters?|cancel|close|open|loading|results?|type|name|date|time|today|yesterday|user|account)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Practised:
    """Ids of the trainee, and of calls."""

    trainee: str
    ended: str
    waiting: str


@dataclass
class Walk:
    """What somebody sees who follows every link."""

    routes: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


@cache
def english_content() -> tuple[str, ...]:
    """What the shipped content says in English, which an admin's lists show in any organisation."""
    texts: list[str] = []

    def gather(value: Any) -> None:
        if isinstance(value, str):
            texts.append(" ".join(value.split()))
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            gather(part)

    gather([part for kind, part in preset_package("en").items() if kind != "parley_content"])
    return tuple(text for text in texts if len(text) > 3)


@cache
def english_messages() -> frozenset[str]:
    """Every text that has a Spanish translation of its own."""
    catalogue = LOCALE / "es" / "LC_MESSAGES" / "django.po"
    with catalogue.open("rb") as source:
        entries = read_po(source, locale="es")
    return frozenset(
        entry.id
        for entry in entries
        if isinstance(entry.id, str) and entry.id and entry.string and entry.string != entry.id and "%" not in entry.id
    )


def route_of(address: str, root: str) -> str | None:
    """The entry of the table that serves this address, or a page of one's account; None for what is neither."""
    path = urlsplit(address).path
    if path.startswith("/accounts/"):
        return None if "logout" in path else path
    if not path.startswith(root):
        return None
    try:
        return get_resolver(settings.ORG_URLCONF).resolve("/" + path.removeprefix(root)).route
    except Resolver404:
        return None


def leftovers(texts: list[str]) -> list[str]:
    """What of these is English: a message that has a translation, or a sentence with a word that Spanish doesn't have."""
    said = [text for text in texts if text in english_messages() or ENGLISH.search(text)]
    places = zoneinfo.available_timezones()
    return [text for text in said if not text.startswith(english_content()) and text.replace(" ", "_") not in places]


def walk(page: Page, site: str, organization: str, *, admin: bool, start: tuple[str, ...], checked: set[str]) -> Walk:
    """`checked`: routes that axe was asked about already, by somebody else."""
    root = f"/org/{organization}/"
    found = Walk()
    queue = deque(site + address for address in start)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    while queue and len(found.routes) < MOST_PAGES:
        address = queue.popleft()
        route = route_of(address, root)
        if route is None or route in found.routes or NO_PAGES.search(route):
            continue
        if route.startswith("admin/") and not admin:
            continue
        found.routes.add(route)
        complaints.clear()
        answer = page.goto(address, wait_until="load")
        found.routes.add(route_of(page.url, root) or route)
        seen: dict[str, Any] = page.evaluate(READ)
        if answer is None or answer.status >= 400:
            found.problems.append(f"{route}: {answer and answer.status}")
        if seen["lang"] != LANGUAGES[organization]:
            found.problems.append(f"{route}: in {seen['lang']!r}")
        if seen["lang"] == "es":
            found.problems += [f"{route}: says {text[:120]!r}" for text in leftovers(seen["texts"])]
        found.problems += [f"{route}: too wide: {element}" for element in seen["overflow"]]
        if route not in checked:
            checked.add(route)
            found.problems += [f"{route}: axe: {text}" for text in faults(page)]
        found.problems += [f"{route}: console: {text[:200]}" for text in complaints]
        if PICTURES:
            name = re.sub(r"[^a-z0-9]+", "-", re.sub(r"<\w+:\w+>", "x", route.lower())).strip("-") or "home"
            page.screenshot(path=Path(PICTURES) / f"{organization}-{name}.png", full_page=True)
        queue.extend(link.split("#")[0] for link in seen["links"])
    return found


@pytest.fixture(scope="module")
def practised(browser: Browser, site: str, stack: Stack) -> dict[str, Practised]:
    """What the demo's trainee did in each organisation: a call that was scored and contested, and one that waits, a
    consent, a token, a scenario of one's own."""
    done = {}
    for organization, language in LANGUAGES.items():
        context = enter(browser, site, f"trainee@{organization}.test")
        page = context.new_page()
        page.goto(f"{site}/org/{organization}/practice/")
        token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
        scenario = page.locator("#scenarios h2 a").first.get_attribute("href") or ""
        root = f"{site}/org/{organization}/api/v1"
        api = f"{root}/calls/"
        headers = {"X-CSRFToken": token, "Referer": site}
        body = {"scenario_id": scenario.rstrip("/").rsplit("/", 1)[1], "channel": "text"}
        call = page.request.post(api, data=body, headers=headers).json()["id"]
        assert page.request.patch(f"{api}{call}/", data={"status": "in_progress"}, headers=headers).ok
        turns = [{"role": role, "content": text, "timestamp_ms": at} for at, (role, text) in enumerate(SAID)]
        assert page.request.post(f"{api}{call}/transcript/", data={"turns": turns}, headers=headers).ok
        assert page.request.post(f"{api}{call}/end/", data={}, headers=headers).ok
        while page.request.get(f"{api}{call}/score/").status == 202:
            page.wait_for_timeout(500)
        criterion = page.request.get(f"{api}{call}/score/").json()["criteria"][0]["key"]
        objection = {"criterion": criterion, "reason": "?"}
        assert page.request.post(f"{api}{call}/appeal/", data=objection, headers=headers).ok
        waiting = page.request.post(api, data=body, headers=headers).json()["id"]
        consent = {"kind": "recording", "granted": True, "text": "?"}
        assert page.request.post(f"{root}/user/consents/", data=consent, headers=headers).ok
        assert page.request.post(f"{root}/auth/tokens/", data={"name": "CI"}, headers=headers).ok
        goal = {"kind": "calls", "target": 3, "due": (date.today() + timedelta(days=30)).isoformat()}
        assert page.request.post(f"{root}/goals/", data=goal, headers=headers).ok
        assert page.request.post(f"{root}/chat/", data={"message": "?"}, headers=headers).ok
        upload = {"file_name": "01.wav", "size_bytes": 1000, "language": language, "consent": True}
        assert page.request.post(f"{root}/uploads/", data=upload, headers=headers).ok
        with policy(stack, organization, own_scenarios_allowed=True):  # and so it stays
            page.goto(f"{site}/org/{organization}/configure/")
            page.fill("[name=company]", "Ada")
            page.fill("[name=sells]", "Ada")
            page.locator("main form [type=submit]").first.click()
            page.wait_for_url(re.compile(r"/[0-9a-f-]{36}/$"))
        me = page.request.get(f"{root}/user/profile/").json()["id"]
        done[organization] = Practised(me, call, waiting)
        context.close()
    return done


# More than a hundred pages for each of three people.
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("organization", LANGUAGES)
def test_every_page_on_a_phone(browser: Browser, site: str, practised: dict[str, Practised], organization: str) -> None:
    root = f"/org/{organization}"
    done = practised[organization]
    starts = {
        "trainee": (
            f"{root}/",
            # Spanish links name it in Spanish.
            f"{root}/configure/",
            f"{root}/calls/{done.waiting}/",
            f"{root}/calls/{done.ended}/debrief/",
            f"{root}/calls/{done.ended}/discussion/",
            f"{root}/welcome/",
            f"{root}/welcome/1/",
        ),
        # One page of a person is walked: not the manager's own, which has no goals to set.
        "manager": (f"{root}/", f"{root}/team/{done.trainee}/", f"{root}/calls/{done.ended}/discussion/"),
        "admin": (f"{root}/admin/", f"{root}/"),
    }
    routes: set[str] = set()
    problems: set[str] = set()
    checked: set[str] = set()
    for role, start in starts.items():
        look = {"viewport": PHONE, "reduced_motion": "reduce", "color_scheme": SCHEMES[organization]}
        context = enter(browser, site, f"{role}@{organization}.test", service_workers="allow", **look)
        found = walk(context.new_page(), site, organization, admin=role == "admin", start=start, checked=checked)
        context.close()
        routes |= found.routes
        problems |= set(found.problems)
    assert not problems, "\n".join(sorted(problems))
    pages = {
        route for route in ALL if not any(known.search(route) for known in (NO_PAGES, SECOND_NAMES, WHERE_OFFERED))
    }
    unknown = "\n".join(sorted(pages - routes))
    assert not unknown, f"no link leads there; if it is no page, say so in NO_PAGES:\n{unknown}"
