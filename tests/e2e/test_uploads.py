"""A real call, uploaded: two synthesised people on a file, sent in parts by a browser, written down by the embedded
recogniser, named, scored; and files that are refused, each at its step."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PHONE, enter, policy
from tests.e2e.speech import synthetic, word_errors
from tests.runtime.stack import Stack
from tests.standins.base import StandIn

RATE = 16_000
SELLER, CUSTOMER = "martha", "carl"
LINES = (
    (CUSTOMER, "Hello, Carl speaking. Who is this, please?"),
    (
        SELLER,
        "Good morning, I am calling because teams like yours lose hours every week. How do you plan deliveries today?",
    ),
    (CUSTOMER, "By hand, and it takes far too long. But your product sounds expensive."),
    (SELLER, "I understand. What would it be worth to you to halve that time every morning?"),
    (CUSTOMER, "A lot, to be honest. We lose two hours a day with it."),
    (SELLER, "Then let us look at it together for twenty minutes on Tuesday at ten. Does that work for you?"),
)
SPANISH = (
    ("lucia", "Buenos días, le llamo porque equipos como el suyo pierden muchas horas cada semana."),
    ("marcos", "Dígame, pero tengo poco tiempo. ¿De qué empresa me está llamando usted?"),
)
LLAMADA = (
    ("marcos", "Buenos días, habla Marcos, del almacén. ¿Quién llama, por favor?"),
    (
        "lucia",
        "Buenos días, le llamo porque muchos equipos pierden horas cada semana. ¿Cómo planifica hoy las entregas?",
    ),
    ("marcos", "A mano, y tardamos demasiado. Pero su producto me parece muy caro."),
    ("lucia", "Le entiendo. ¿Cuánto le costaría al año seguir perdiendo ese tiempo cada mañana?"),
    ("marcos", "Mucho, la verdad. Perdemos dos horas al día con ello."),
    ("lucia", "Entonces veámoslo juntos veinte minutos el martes a las diez. ¿Le viene bien?"),
)
PAUSE = np.zeros(int(RATE * 0.8), dtype="float32")


def write(target: Path, *channels: np.ndarray) -> Path:
    length = max(len(channel) for channel in channels)
    stacked = np.stack([np.pad(channel, (0, length - len(channel))) for channel in channels], axis=1)
    with wave.open(str(target), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(stacked, -1, 1) * 32767).astype("<i2").tobytes())
    return target


def sides(lines: tuple[tuple[str, str], ...], language: str = "en") -> tuple[np.ndarray, np.ndarray]:
    """Who speaks first on one track, the other on the other; each silent while the other speaks."""
    tracks: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for voice, text in lines:
        spoken = np.concatenate([synthetic(text, RATE, voice_id=voice, language=language), PAUSE])
        mine = 0 if voice == lines[0][0] else 1
        tracks[mine].append(spoken)
        tracks[1 - mine].append(np.zeros_like(spoken))
    return np.concatenate(tracks[0]), np.concatenate(tracks[1])


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("recordings")
    customer, seller = sides(LINES)
    first, second = sides(SPANISH, "es")
    comprador, vendedora = sides(LLAMADA, "es")
    return {
        "stereo": write(folder / "call.wav", customer, seller),
        "mono": write(folder / "room.wav", customer + seller),
        "llamada": write(folder / "entregas.wav", comprador, vendedora),
        "spanish": write(folder / "llamada.wav", first, second),
        "silence": write(folder / "silence.wav", np.zeros(RATE * 8, dtype="float32")),
    }


@pytest.fixture
def phone(browser: Browser, site: str) -> Iterator[Page]:
    context = enter(browser, site, "trainee@acme.test", viewport=PHONE, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def fill(
    page: Page, site: str, file: Path, *, organization: str = "acme", button: str = "Upload", **chosen: str
) -> None:
    page.goto(f"{site}/org/{organization}/uploads/")
    page.set_input_files("#upload-file", file)
    for name, value in chosen.items():
        page.select_option(f"[data-upload-form] [name={name}]", value)
    page.check("#upload-consent")
    page.get_by_role("button", name=button, exact=True).click()


def wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def test_a_call_is_sent_written_down_named_and_scored(phone: Page, site: str, recordings: dict[str, Path]) -> None:
    fill(phone, site, recordings["stereo"], mode="discovery")
    phone.wait_for_url("**/uploads/*-*/")
    expect(phone.get_by_role("heading", name="Who is who?")).to_be_visible(timeout=120_000)
    assert not wide(phone)
    assert "its own channel" in phone.locator("[data-upload]").inner_text()
    assert phone.locator("[name=speaker-A]").input_value() == "assistant"
    assert phone.locator("[name=speaker-B]").input_value() == "user"
    heard = " ".join(phone.locator("[data-speakers] ol p").all_inner_texts())
    assert word_errors(" ".join(text for _voice, text in LINES), heard) < 0.2
    phone.locator("[data-play-ms]").nth(1).click()
    wait_for_playing(phone)
    phone.get_by_role("button", name="That is right").click()
    expect(phone.get_by_role("heading", name="The call is scored")).to_be_visible(timeout=120_000)
    assert not wide(phone)
    phone.get_by_role("link", name="See the debrief").click()
    expect(phone.get_by_text("Your real call with")).to_be_visible()
    expect(phone.locator("[data-recording]")).to_be_visible()
    assert not wide(phone)


@pytest.mark.parametrize("ears", ["embedded", "openai"])
def test_a_spanish_call_is_written_down_by_either_ears(
    browser: Browser, stack: Stack, vendors: dict[str, StandIn], recordings: dict[str, Path], ears: str
) -> None:
    asked = len(vendors["openai"].requests("/audio/transcriptions"))
    with policy(stack, slug="globex", voice_providers=[ears]):
        context = enter(browser, stack.url, "trainee@globex.test", viewport=PHONE, locale="es")
        page = context.new_page()
        fill(page, stack.url, recordings["llamada"], organization="globex", button="Subir", mode="discovery")
        page.wait_for_url("**/uploads/*-*/")
        expect(page.get_by_role("heading", name="¿Quién es quién?")).to_be_visible(timeout=180_000)
        heard = " ".join(page.locator("[data-speakers] ol p").all_inner_texts())
        assert word_errors(" ".join(text for _voice, text in LLAMADA), heard) < 0.25
        assert page.locator("[name=speaker-B]").input_value() == "user"
        page.get_by_role("button", name="Así es").click()
        debrief = page.locator("a[href$='/debrief/']")
        expect(debrief).to_be_visible(timeout=120_000)
        debrief.click()
        expect(page.locator("[data-recording]")).to_be_visible()
        assert not wide(page)
        context.close()
    used = len(vendors["openai"].requests("/audio/transcriptions")) - asked
    assert (used > 0) == (ears == "openai")


def wait_for_playing(page: Page) -> None:
    """Until the recording plays from where it was asked to. The page's security policy forbids the driver's own waiting."""
    for _time in range(300):
        if page.evaluate("document.querySelector('[data-upload-sound]').currentTime") > 1:
            return
        page.wait_for_timeout(100)
    raise AssertionError("the recording does not play")


def test_both_sides_on_one_channel_are_suggested_by_voice(phone: Page, site: str, recordings: dict[str, Path]) -> None:
    fill(phone, site, recordings["mono"])
    expect(phone.get_by_role("heading", name="Who is who?")).to_be_visible(timeout=120_000)
    assert "told apart by their voices" in phone.locator("[data-upload]").inner_text()
    rows = phone.locator("[data-speakers] ol li")
    found = [(row.locator("select").input_value(), row.locator("p").inner_text()) for row in rows.all()]
    customer = {who for who, text in found if "expensive" in text or "by hand" in text.lower()}
    seller = {who for who, text in found if "Tuesday" in text or "understand" in text.lower()}
    assert len(customer) == len(seller) == 1
    assert customer != seller


def test_a_renamed_program_is_told_at_once(phone: Page, site: str, tmp_path: Path) -> None:
    program = tmp_path / "meeting.mp3"
    program.write_bytes(b"MZ" + bytes(10_000))
    fill(phone, site, program)
    expect(phone.locator("[data-upload-problem]")).to_contain_text("not a sound or video file")


def test_nothing_is_sent_without_consent(phone: Page, site: str, recordings: dict[str, Path]) -> None:
    phone.goto(f"{site}/org/acme/uploads/")
    phone.set_input_files("#upload-file", recordings["silence"])
    phone.get_by_role("button", name="Upload", exact=True).click()
    expect(phone.locator("[data-upload-problem]")).to_contain_text("everybody agreed")


@pytest.mark.parametrize(("name", "problem"), [("silence", "no_speech"), ("spanish", "wrong_language")])
def test_what_is_no_call_in_that_language_is_refused(
    phone: Page, site: str, recordings: dict[str, Path], name: str, problem: str
) -> None:
    fill(phone, site, recordings[name], language="en")
    expect(phone.locator(".alert-error")).to_contain_text("was not taken", timeout=120_000)
    api = phone.url.replace("/uploads/", "/api/v1/uploads/")
    assert phone.request.get(api).json()["problem"] == problem


def test_a_stream_goes_on_after_the_last_event(phone: Page, site: str, recordings: dict[str, Path]) -> None:
    fill(phone, site, recordings["silence"])
    expect(phone.locator(".alert-error")).to_contain_text("was not taken", timeout=120_000)
    stream = phone.url.replace("/uploads/", "/api/v1/uploads/") + "stream/"
    first = events(phone.request.get(stream).text())
    assert [name for _id, name, _data in first] == ["upload:changed"]
    assert first[0][2]["status"] == "refused"
    assert phone.request.get(stream, headers={"Last-Event-ID": first[0][0]}).text() == ""


def events(text: str) -> list[tuple[str, str, Any]]:
    """Server-sent events as (id, name, data)."""
    found = []
    for block in filter(None, text.split("\n\n")):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        found.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return found
