"""`python -m tests.e2e.screenshots [URL]`: the pictures in docs/images, taken from a running Parley with its demo data.

Holds real calls first – two typed ones and one spoken into the microphone – so that home and debrief show what they show
after real work. Without an address it starts a stack of its own.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from config.runtime.places import ROOT
from tests.e2e.conftest import DESKTOP, PHONE, enter, launched, open_room
from tests.e2e.speech import MICROPHONE_HZ, microphone, synthetic
from tests.runtime.stack import Stack

IMAGES = ROOT / "docs" / "images"
LOOKS = {
    "": {"viewport": DESKTOP},
    "-dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "-phone": {"viewport": PHONE},
}


@dataclass(frozen=True)
class Tongue:
    """A demo organisation and what its trainee says."""

    code: str
    organization: str
    voice_id: str
    spoken: tuple[str, ...]
    typed: tuple[str, ...]


TONGUES = (
    Tongue(
        "en",
        "acme",
        "ada",
        (
            "Hello, this is Ada from Acme. I am calling because teams like yours lose hours every week. May I ask?",
            "How do you handle that today, and what happens when it goes wrong?",
        ),
        (
            "Hello, this is Ada from Acme. I know I am calling out of the blue. May I ask you one question?",
            "Thank you. How do you handle this today, and what is hardest about it?",
            "That sounds tiring for your people. What does it cost you when it goes wrong?",
            "I understand. What would have to be true for you to look at a change this quarter?",
            "Then let us look at it together for twenty minutes on Tuesday at ten. Does that work for you?",
        ),
    ),
    Tongue(
        "es",
        "globex",
        "lucia",
        (
            "Hola, soy Lucía de Globex. Le llamo porque equipos como el suyo pierden horas cada semana. ¿Le pregunto algo?",
            "¿Cómo lo gestionan hoy y qué pasa cuando algo sale mal?",
        ),
        (
            "Hola, soy Lucía de Globex. Sé que llamo sin avisar. ¿Puedo hacerle una pregunta?",
            "Gracias. ¿Cómo lo hacen hoy y qué es lo más difícil?",
            "Suena agotador para su equipo. ¿Qué les cuesta cuando sale mal?",
            "Entiendo. ¿Qué tendría que pasar para que lo miren este trimestre?",
            "Entonces veámoslo juntos veinte minutos el martes a las diez. ¿Le viene bien?",
        ),
    ),
)


def shoot(page: Page, name: str) -> None:
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)
    page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")
    print(f"  {name}.png", flush=True)


def hang_up(page: Page) -> str:
    """End the call, wait for both scores and answer the debrief's address."""
    if page.locator("[data-part=end]").is_visible():
        page.locator("[data-part=end]").click()
        page.locator("[data-part=confirm-yes]").click()
    expect(page.locator("[data-part=over]")).to_have_attribute("data-debrief", "ready", timeout=90_000)
    return page.locator("[data-part=debrief]").get_attribute("href") or ""


def typed_call(browser: Browser, site: str, tongue: Tongue, nth: int) -> None:
    context = enter(browser, site, f"trainee@{tongue.organization}.test")
    page = context.new_page()
    open_room(page, site, channel="text", organization=tongue.organization, nth=nth)
    page.locator("[data-part=start]").click()
    answers = page.locator("[data-part=turns] li[data-role=assistant]")
    expect(answers).to_have_count(1, timeout=60_000)
    for number, text in enumerate(tongue.typed, start=1):
        if not page.locator("[data-part=type-input]").is_visible():
            break  # the buyer has hung up
        page.locator("[data-part=type-input]").fill(text)
        page.keyboard.press("Enter")
        page.wait_for_function(
            "n => document.querySelectorAll('[data-part=turns] li[data-role=assistant]').length > n"
            " || document.querySelector('[data-room]').dataset.state === 'over'",
            arg=number,
            timeout=60_000,
        )
    hang_up(page)
    context.close()


def spoken_call(driver: Playwright, site: str, tongue: Tongue, folder: Path) -> str:
    """Pictures of the device check, the call and its quick score; answers the debrief's address."""
    lines = [synthetic(text, MICROPHONE_HZ, voice_id=tongue.voice_id, language=tongue.code) for text in tongue.spoken]
    track = microphone(folder / f"{tongue.code}.wav", [9.0, lines[0], 11.0, lines[1]])
    with launched(driver, microphone=track) as browser:
        context = enter(browser, site, f"trainee@{tongue.organization}.test")
        page = context.new_page()
        open_room(page, site, organization=tongue.organization)
        page.locator("input[name=consent][value=yes]").check()
        page.locator("[data-part=mic]").wait_for()
        page.wait_for_timeout(11_000)
        shoot(page, f"check-{tongue.code}")
        page.locator("[data-part=start]").click()
        users = page.locator("[data-part=turns] li[data-role=user]")
        expect(users).to_have_count(2, timeout=120_000)
        expect(page.locator("[data-room]")).to_have_attribute("data-mode", "speaking", timeout=60_000)
        shoot(page, f"call-{tongue.code}")
        page.set_viewport_size(PHONE)
        shoot(page, f"call-{tongue.code}-phone")
        page.set_viewport_size(DESKTOP)
        page.emulate_media(color_scheme="dark")
        shoot(page, f"call-{tongue.code}-dark")
        page.emulate_media(color_scheme="light")
        page.wait_for_timeout(4000)
        debrief = hang_up(page)
        shoot(page, f"quick-score-{tongue.code}")
        context.close()
        return debrief


def pages(browser: Browser, site: str, tongue: Tongue, debrief: str) -> None:
    base = f"{site}/org/{tongue.organization}"
    for suffix, look in LOOKS.items():
        visitor = browser.new_context(locale=tongue.code, **look)  # type: ignore[arg-type]
        page = visitor.new_page()
        page.goto(f"{site}/accounts/login/")
        shoot(page, f"sign-in-{tongue.code}{suffix}")
        visitor.close()
        trainee = enter(browser, site, f"trainee@{tongue.organization}.test", **look)
        page = trainee.new_page()
        for name, address in (("home", f"{base}/"), ("practice", f"{base}/practice/"), ("debrief", site + debrief)):
            page.goto(address)
            shoot(page, f"{name}-{tongue.code}{suffix}")
        trainee.close()
    author = enter(browser, site, f"admin@{tongue.organization}.test")
    page = author.new_page()
    page.goto(f"{base}/admin/scenarios/scenario/")
    page.locator("a[href*='/change/']").first.click()
    page.locator("#scenario_form").wait_for()
    shoot(page, f"admin-scenario-{tongue.code}")
    author.close()


@contextmanager
def running() -> Iterator[str]:
    if len(sys.argv) > 1:
        yield sys.argv[1].rstrip("/")
        return
    with tempfile.TemporaryDirectory() as folder, Stack.started(Path(folder), RATE_START="1000/min") as stack:
        stack.wait_healthy()
        yield stack.url


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with running() as site, sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        with launched(driver) as browser:
            for tongue in TONGUES:
                for nth in (1, 2):
                    typed_call(browser, site, tongue, nth)
        for tongue in TONGUES:
            debrief = spoken_call(driver, site, tongue, Path(folder))
            with launched(driver) as browser:
                pages(browser, site, tongue, debrief)


if __name__ == "__main__":
    main()
