"""A trainee's call, end to end: a voice in the microphone, a buyer behind every voice service, both scores, the debrief."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.runtime.stack import Stack
from tests.standins.base import StandIn

from .conftest import enter, launched, open_room, policy
from .overheard import Overheard
from .speech import CLIP_WORDS, MICROPHONE_HZ, human_clip, microphone, samples_of, synthetic, word_errors

PITCH = "Hello, my name is Ada. I am calling because companies like yours lose hours with manual work every week."
QUESTION = "How do you handle that today, and what happens when something goes wrong?"
# The buyer answers in this time even on a busy machine; what is said into an answer is a barge-in, and fine too.
PAUSE_S = 11.0
SCORED_MS = 120_000


def said_by(page: Page, role: str) -> list[str]:
    return page.locator(f"[data-part=turns] li[data-role={role}] [data-words]").all_inner_texts()


def hang_up(page: Page) -> None:
    page.locator("[data-part=end]").click()
    page.locator("[data-part=confirm-yes]").click()


def expect_scores(page: Page) -> int:
    """Waits for both scores in the room and answers the quick one."""
    number = page.locator("[data-part=score-number]")
    expect(number).to_be_visible(timeout=SCORED_MS)
    expect(page.locator("[data-part=over]")).to_have_attribute("data-debrief", "ready", timeout=SCORED_MS)
    return int(number.inner_text())


VENDORS = ("elevenlabs", "vapi", "openai")
HIDDEN = """
import json
from django_tenants.utils import schema_context
from calls.models import Call
from calls.services import brief_of
from scenarios.prompts import buyer_prompt
with schema_context("org_acme"):
    call = Call.objects.get(pk="{call_id}")
    told = {{"provider": call.provider, "prompt": buyer_prompt(brief_of(call))}}
    told["pains"] = [pain[key] for pain in call.brief["hidden_pains"] for key in ("pain", "reveal_text")]
    turns = list(call.turns.values_list("content", flat=True))
    told["said"], told["longest"] = " ".join(turns), max(turns, key=len)
    print(json.dumps(told))
"""


def behind(stack: Stack, call_id: str) -> dict[str, Any]:
    """What the server knows of a call and its buyer: {provider, prompt, pains: [text], said: all words, longest: a turn}."""
    printed = stack.manage("shell", "-v", "0", "-c", HIDDEN.format(call_id=call_id))
    told: dict[str, Any] = json.loads(printed.strip().splitlines()[-1])
    return told


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A person first, then two synthetic lines."""
    return microphone(
        tmp_path_factory.mktemp("microphone") / "call.wav",
        [
            9.0,
            samples_of(human_clip(), MICROPHONE_HZ),
            PAUSE_S,
            synthetic(PITCH, MICROPHONE_HZ),
            PAUSE_S,
            synthetic(QUESTION, MICROPHONE_HZ),
        ],
    )


@pytest.fixture(scope="module")
def briefly_spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two synthetic lines: the ears are the same behind every vendor here."""
    return microphone(
        tmp_path_factory.mktemp("microphone") / "brief.wav",
        [9.0, synthetic(PITCH, MICROPHONE_HZ), PAUSE_S, synthetic(QUESTION, MICROPHONE_HZ)],
    )


@pytest.mark.parametrize("provider", ["embedded", *VENDORS])
def test_a_spoken_call_is_heard_answered_scored_and_debriefed(
    driver: Playwright,
    stack: Stack,
    vendors: dict[str, StandIn],
    spoken: Path,
    briefly_spoken: Path,
    provider: str,
) -> None:
    at_home = provider == "embedded"
    said = [CLIP_WORDS, PITCH, QUESTION] if at_home else [PITCH, QUESTION]
    with (
        policy(stack, voice_providers=[provider], voice_failover=False),
        launched(driver, microphone=spoken if at_home else briefly_spoken) as browser,
    ):
        page = enter(browser, stack.url, "trainee@acme.test", service_workers="allow").new_page()
        overheard = Overheard.by(page)
        open_room(page, stack.url)
        call_id = page.url.rstrip("/").rsplit("/", 1)[1]
        page.get_by_label("Yes, record both sides").check()
        page.locator("[data-part=start]").click()
        expect(page.locator("[data-room]")).to_have_attribute("data-state", "live", timeout=60_000)
        expect(page.locator("[data-part=turns] li[data-role=user]")).to_have_count(len(said), timeout=180_000)
        expect(page.locator("[data-part=turns] li").last).to_have_attribute("data-role", "assistant", timeout=60_000)
        heard = said_by(page, "user")
        for wanted, words in zip(said, heard, strict=True):
            assert word_errors(wanted, words) <= 0.4, heard
        buyer = np.frombuffer(overheard.buyer_pcm(), dtype="<i2")
        assert buyer.size > 24_000, "more than a second of the buyer's voice"
        assert np.abs(buyer).max() > 2_000, "and it is no silence"
        hang_up(page)
        assert 0 <= expect_scores(page) <= 100
        page.locator("[data-part=debrief]").click()
        page.wait_for_url("**/debrief/")
        expect(page.locator("main")).to_contain_text(heard[-1][:20])
        recording = page.locator("audio").first
        expect(recording).to_be_attached(timeout=SCORED_MS)
        page.wait_for_function(
            "audio => audio.duration > 12 && Number.isFinite(audio.duration)", arg=recording.element_handle()
        )
    known = behind(stack, call_id)
    assert known["provider"] == provider
    nothing_leaks(overheard, known, vendors)


def test_a_call_straight_to_the_voice_service_is_told_us_afterwards(
    browser: Browser, stack: Stack, vendors: dict[str, StandIn]
) -> None:
    vendor = vendors["elevenlabs"]
    with policy(stack, voice_providers=["elevenlabs"], voice_direct=True):
        context = enter(browser, stack.url, "trainee@acme.test", service_workers="allow")
        page = context.new_page()
        overheard = Overheard.by(page)
        open_room(page, stack.url, channel="text")
        call_id = page.url.rstrip("/").rsplit("/", 1)[1]
        page.locator("[data-part=start]").click()
        answers = page.locator("[data-part=turns] li[data-role=assistant]")
        expect(answers).to_have_count(1, timeout=60_000)
        for number, line in enumerate((PITCH, QUESTION), start=2):
            page.locator("[data-part=type-input]").fill(line)
            page.keyboard.press("Enter")
            expect(answers).to_have_count(number, timeout=60_000)
        straight = vendor.base_url.replace("http", "ws")
        assert any(url.startswith(straight) for url, _frame in overheard.frames)
        assert not any("/ws/voice/" in url for url, _frame in overheard.frames)
        hang_up(page)
        expect_scores(page)
        page.locator("[data-part=debrief]").click()
        expect(page.locator("main")).to_contain_text(PITCH)
        context.close()
    known = behind(stack, call_id)
    assert vendor.key not in "".join(text for _url, text in (*overheard.bodies, *overheard.frames))
    assert [line for line in known["prompt"].splitlines() if len(line) > 60 and overheard.places_of(line)] == []
    assert [pain for pain in known["pains"] if pain not in known["said"] and overheard.places_of(pain)] == []


def nothing_leaks(overheard: Overheard, known: dict[str, Any], vendors: dict[str, StandIn]) -> None:
    """No key, no address of a vendor, no prompt; of what the buyer hides only what was said aloud."""
    assert len(overheard.bodies) > 10
    assert len(overheard.frames) > 10
    assert overheard.places_of(known["longest"]), "what is looked for would be found"
    for vendor in vendors.values():
        assert overheard.places_of(vendor.key) == []
        assert overheard.places_of(vendor.base_url.removeprefix("http://")) == []
    for line in known["prompt"].splitlines():
        if len(line) > 60:
            assert overheard.places_of(line) == []
    for pain in known["pains"]:
        if pain not in known["said"]:
            assert overheard.places_of(pain) == []


def test_a_typed_call_in_spanish(browser: Browser, site: str) -> None:
    context = enter(browser, site, "trainee@globex.test", locale="es", service_workers="allow")
    page = context.new_page()
    open_room(page, site, channel="text", organization="globex")
    page.locator("[data-part=start]").click()
    expect(page.locator("[data-part=turns] li[data-role=assistant]")).to_have_count(1, timeout=60_000)
    lines = (
        "Hola, soy Ana de Globex. Le llamo porque empresas como la suya pierden horas cada semana. ¿Puedo preguntarle algo?",
        "¿Cómo lo gestionan hoy y qué pasa cuando algo sale mal?",
    )
    for number, text in enumerate(lines, start=1):
        page.locator("[data-part=type-input]").fill(text)
        page.keyboard.press("Enter")
        expect(page.locator("[data-part=turns] li[data-role=assistant]")).to_have_count(number + 1, timeout=60_000)
    assert said_by(page, "user") == list(lines)
    hang_up(page)
    expect_scores(page)
    page.locator("[data-part=debrief]").click()
    page.wait_for_url("**/debrief/")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    context.close()


def test_a_call_goes_on_after_the_page_was_loaded_again(trainee: Page, site: str) -> None:
    open_room(trainee, site, channel="text")
    trainee.locator("[data-part=start]").click()
    expect(trainee.locator("[data-part=turns] li")).to_have_count(1, timeout=60_000)
    trainee.locator("[data-part=type-input]").fill("Hello, this is Ada. How do you plan your week today?")
    trainee.keyboard.press("Enter")
    expect(trainee.locator("[data-part=turns] li")).to_have_count(3, timeout=60_000)
    before = trainee.locator("[data-part=turns] [data-words]").all_inner_texts()
    trainee.once("dialog", lambda dialog: dialog.accept())
    trainee.reload()
    trainee.get_by_role("button", name="Go on with the call").click()
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "live", timeout=60_000)
    expect(trainee.locator("[data-part=turns] li")).to_have_count(3)
    assert trainee.locator("[data-part=turns] [data-words]").all_inner_texts() == before
    hang_up(trainee)
    expect(trainee.locator("[data-part=over-reason]")).to_have_text("You ended the call.")


def test_the_second_tab_takes_the_call_over_and_the_first_is_told(trainee: Page, site: str) -> None:
    open_room(trainee, site, channel="text")
    trainee.locator("[data-part=start]").click()
    expect(trainee.locator("[data-part=turns] li")).to_have_count(1, timeout=60_000)
    second = trainee.context.new_page()
    second.goto(trainee.url)
    second.get_by_role("button", name="Go on with the call").click()
    expect(second.locator("[data-room]")).to_have_attribute("data-state", "live", timeout=60_000)
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "elsewhere")
    trainee.get_by_role("button", name="Continue here").click()
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "live", timeout=60_000)
    expect(second.locator("[data-room]")).to_have_attribute("data-state", "elsewhere")
    hang_up(trainee)
    expect(second.locator("[data-room]")).to_have_attribute("data-state", "over")
