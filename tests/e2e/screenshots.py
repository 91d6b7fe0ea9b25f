"""`python -m tests.e2e.screenshots [URL]`: the pictures in docs/images, taken from a running Parley with its demo data.

Holds real calls first – two typed ones and one spoken into the microphone – so that home and debrief show what they show
after real work. Without an address it starts a stack of its own.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, Route, expect, sync_playwright

from config.runtime.places import ROOT
from tests.e2e.conftest import DESKTOP, PHONE, enter, launched, open_room
from tests.e2e.double import DEVICES, CallDouble
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
    greeting: str
    spoken: tuple[str, ...]
    typed: tuple[str, ...]


TONGUES = (
    Tongue(
        "en",
        "acme",
        "ada",
        "Bell. I'm between two meetings, so who is this?",
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
        "Dígame, pero tengo poco tiempo. ¿Quién es?",
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


# A microphone that says a line when it is told to, so that the trainee lets the buyer finish.
MICROPHONE = """
const ear = new AudioContext(), heard = ear.createMediaStreamDestination();
navigator.mediaDevices.getUserMedia = async () => { await ear.resume(); return heard.stream.clone(); };
navigator.mediaDevices.enumerateDevices = async () => [
  { kind: "audioinput", deviceId: "headset", label: "Headset", groupId: "" },
];
window.speak = async address => {
  const sound = await ear.decodeAudioData(await (await fetch(address)).arrayBuffer());
  const source = new AudioBufferSourceNode(ear, { buffer: sound });
  source.connect(heard);
  source.start();
  await new Promise(resolve => source.addEventListener("ended", resolve));
};
"""


def giving(file: Path) -> Callable[[Route], None]:
    return lambda route: route.fulfill(path=file)


QUIET = """() => {
  const quiet = document.querySelector("[data-room]").dataset.mode === "listening";
  window.quietSince = quiet ? (window.quietSince || performance.now()) : 0;
  return quiet && performance.now() - window.quietSince > 6000;
}"""


def let_finish(page: Page) -> None:
    """Until the buyer has spoken and stays silent for longer than between two sentences."""
    expect(page.locator("[data-room]")).to_have_attribute("data-mode", "speaking", timeout=60_000)
    page.wait_for_function(QUIET, timeout=60_000)


def spoken_call(driver: Playwright, site: str, tongue: Tongue, folder: Path) -> str:
    """Pictures of the device check, the call and its quick score; answers the debrief's address."""
    with launched(driver) as browser:
        context = enter(browser, site, f"trainee@{tongue.organization}.test")
        page = context.new_page()
        page.add_init_script(MICROPHONE)
        for number, text in enumerate(tongue.spoken):
            line = synthetic(text, MICROPHONE_HZ, voice_id=tongue.voice_id, language=tongue.code)
            track = microphone(folder / f"{tongue.code}-{number}.wav", [line])
            page.route(f"**/spoken/{number}.wav", giving(track))
        open_room(page, site, organization=tongue.organization)
        page.locator("input[name=consent][value=yes]").check()
        page.locator("[data-part=mic]").wait_for()
        page.evaluate("void speak('/spoken/0.wav')")
        page.wait_for_timeout(2500)
        shoot(page, f"check-{tongue.code}")
        page.wait_for_timeout(6000)
        page.locator("[data-part=start]").click()
        users = page.locator("[data-part=turns] li[data-role=user]")
        let_finish(page)
        page.evaluate("speak('/spoken/0.wav')")
        let_finish(page)
        page.evaluate("speak('/spoken/1.wav')")
        expect(users).to_have_count(2, timeout=60_000)
        expect(page.locator("[data-room]")).to_have_attribute("data-mode", "speaking", timeout=60_000)
        shoot(page, f"call-{tongue.code}")
        page.set_viewport_size(PHONE)
        shoot(page, f"call-{tongue.code}-phone")
        page.set_viewport_size(DESKTOP)
        page.emulate_media(color_scheme="dark")
        shoot(page, f"call-{tongue.code}-dark")
        page.emulate_media(color_scheme="light")
        page.wait_for_function(QUIET, timeout=60_000)
        debrief = hang_up(page)
        shoot(page, f"quick-score-{tongue.code}")
        context.close()
        return debrief


def faults(browser: Browser, site: str, tongue: Tongue) -> None:
    """Pictures of what a trainee is told when something goes wrong; the server's side is played."""

    def in_call(name: str) -> tuple[Page, CallDouble]:
        page = enter(browser, site, f"trainee@{tongue.organization}.test").new_page()
        page.add_init_script(DEVICES)
        page.add_init_script("Object.defineProperty(MediaDeviceInfo.prototype, 'label', { get: () => 'Headset' })")
        double = CallDouble(page)
        double.no_provider = name == "none-left"
        open_room(page, site, organization=tongue.organization)
        page.locator("input[name=consent][value=no]").check()
        page.locator("[data-part=start]").click()
        if not double.no_provider:
            page.locator("[data-room][data-state=live]").wait_for()
            double.turn(1, "assistant", tongue.greeting)
            double.turn(2, "user", tongue.typed[0])
        return page, double

    page, _ = in_call("microphone")
    page.evaluate("pullThePlug()")
    page.locator("[data-part=mic-gone]").wait_for()
    shoot(page, f"fault-microphone-{tongue.code}")
    page, _ = in_call("slow")
    page.locator("[data-part=note]").wait_for()
    shoot(page, f"fault-slow-{tongue.code}")
    page, _ = in_call("none-left")
    page.locator("[data-part=problem]").wait_for()
    shoot(page, f"fault-none-left-{tongue.code}")
    page, double = in_call("line")
    double.answers_sockets = False
    double.hang_up(1011, "restart")
    page.locator("[data-room][data-state=reconnecting]").wait_for()
    page.locator("[data-part=type-toggle]").click()
    page.locator("[data-part=type-input]").fill(tongue.typed[1])
    page.keyboard.press("Enter")
    shoot(page, f"fault-line-{tongue.code}")


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
                faults(browser, site, tongue)


if __name__ == "__main__":
    main()
