"""The call's room, with the server's side played by a double."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Playwright, Route, expect

from .conftest import PHONE, enter, launched, open_room
from .double import CallDouble


@pytest.fixture
def double(trainee: Page) -> CallDouble:
    return CallDouble(trainee)


def until(page: Page, condition: Callable[[], bool], what: str) -> None:
    """Let the page work until the condition holds."""
    for _attempt in range(1200):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never happened: {what}")


def is_silent(double: CallDouble) -> bool:
    """Nothing but silence came lately, for much longer than from one beep of the fake microphone to the next."""
    latest = double.audio()[-60:]
    return len(latest) == 60 and not any(any(chunk) for chunk in latest)


def begin(page: Page, site: str, *, channel: str = "voice") -> None:
    open_room(page, site, channel=channel)
    if channel == "voice":
        page.get_by_label("No, keep only the words").check()
    page.locator("[data-part=start]").click()
    expect(page.locator("[data-room]")).to_have_attribute("data-state", "live")


def test_a_spoken_call_from_start_to_score(trainee: Page, site: str, double: CallDouble) -> None:
    begin(trainee, site)
    assert double.started_with == [{"recording_consent": False}]
    until(trainee, lambda: len(double.audio()) > 5, "the microphone is sent")
    double.turn(1, "assistant", "Marta speaking.")
    double.tentative("Hello this is")
    expect(trainee.locator("[data-part=tentative]")).to_have_text("Hello this is")
    double.turn(2, "user", "Hello, this is Ada.")
    expect(trainee.locator("[data-part=turns] li")).to_have_count(2)
    expect(trainee.locator("[data-part=tentative]")).to_be_hidden()
    double.buyer_audio(3)
    expect(trainee.locator("[data-room]")).to_have_attribute("data-mode", "speaking")
    trainee.locator("[data-part=end]").click()
    trainee.locator("[data-part=confirm-yes]").click()
    expect(trainee.locator("[data-part=score-number]")).to_have_text("72")
    expect(trainee.locator("[data-part=score-summary]")).to_have_text("Good questions, late next step.")
    assert double.ended_with == [{}]
    double.score = {"judged_by": {"quick": "embedded", "deep": "embedded"}, "overall_score": 70}
    double.tell("feedback:ready", {})
    expect(trainee.locator("[data-part=over]")).to_have_attribute("data-debrief", "ready")
    href = trainee.locator("[data-part=debrief]").get_attribute("href")
    assert href
    assert href.endswith("/debrief/")


def test_the_debrief_waits_until_the_server_knows_that_the_call_is_over(
    trainee: Page, site: str, double: CallDouble
) -> None:
    begin(trainee, site, channel="text")
    held: list[Route] = []
    left: list[str] = []

    def hold(route: Route) -> None:
        held.append(route)

    trainee.route("**/end/", hold)
    trainee.on("framenavigated", lambda frame: left.append(frame.url))
    trainee.locator("[data-part=end]").click()
    trainee.locator("[data-part=confirm-yes]").click()
    link = trainee.locator("[data-part=debrief]")
    link.click()
    until(trainee, lambda: bool(held), "the call is hung up")
    expect(link).to_have_attribute("aria-busy", "true")
    assert left == [], "the server would lead back into a call that goes on"
    held[0].fulfill(json={"success": True, "quick_score": None})
    until(trainee, lambda: bool(left), "the page is left for the debrief")


def test_a_double_click_starts_one_call(trainee: Page, site: str, double: CallDouble) -> None:
    open_room(trainee, site)
    trainee.get_by_label("No, keep only the words").check()
    trainee.locator("[data-part=start]").dblclick()
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "live")
    trainee.wait_for_timeout(300)
    assert len(double.started_with) == len(double.voice_urls) == 1


def test_words_that_were_cut_off_are_corrected_in_place(trainee: Page, site: str, double: CallDouble) -> None:
    begin(trainee, site)
    double.turn(1, "assistant", "We have looked at this before and it was far too expensive.")
    double.turn(1, "assistant", "We have looked at", interrupted=True)
    turn = trainee.locator("[data-part=turns] li")
    expect(turn).to_have_count(1)
    expect(turn.locator("[data-words]")).to_have_text("We have looked at")
    expect(turn).to_contain_text("cut off")


def test_consent_is_asked_before_anything_starts_and_kept_with_its_words(browser: Browser, site: str) -> None:
    context = enter(browser, site, "both@parley.test")  # holds no call anywhere else, so was never asked
    page = context.new_page()
    double = CallDouble(page)
    open_room(page, site)
    page.locator("[data-part=mic]").wait_for()
    page.locator("[data-part=start]").click()
    expect(page.locator("[data-part=problem-text]")).to_have_text("Say first whether the call may be recorded.")
    assert double.started_with == []
    page.get_by_label("Yes, record both sides").check()
    page.locator("[data-part=start]").click()
    expect(page.locator("[data-room]")).to_have_attribute("data-state", "live")
    assert double.started_with == [{"recording_consent": True}]
    [answer] = double.consents
    assert (answer["kind"], answer["granted"]) == ("recording", True)
    assert "recorded" in answer["text"]
    context.close()


def test_a_lost_line_comes_back_on_the_same_address_and_nothing_is_missed(
    trainee: Page, site: str, double: CallDouble
) -> None:
    begin(trainee, site)
    double.turn(1, "assistant", "Marta speaking.")
    expect(trainee.locator("[data-part=turns] li")).to_have_count(1)
    double.answers_sockets = False
    assert double.events
    # Nobody is told of it, and it is in the log before the page can ask again: the events come back by themselves.
    double.turn(2, "user", "Said while the line was down.", live=False)
    double.events.close(code=1011)
    double.hang_up(1011, "restart")
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "reconnecting")
    expect(trainee.locator("[data-part=line-text]")).to_have_text("The connection was lost. Reconnecting…")
    expect(trainee.locator("[data-part=mode]"), "nobody listens or speaks on a dead line").to_have_text("")
    double.answers_sockets = True
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "live")
    expect(trainee.locator("[data-part=turns] li")).to_have_count(2)
    assert len({url.split("&source")[0] for url in double.voice_urls}) == 1
    assert double.event_urls[-1].endswith("after=1")
    assert double.ended_with == []


def test_a_call_taken_over_elsewhere_is_told_and_can_be_taken_back(
    trainee: Page, site: str, double: CallDouble
) -> None:
    begin(trainee, site)
    double.hang_up(4409, "taken_over")
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "elsewhere")
    expect(trainee.locator("[data-part=line-text]")).to_have_text("This call is open in another tab or window.")
    assert len(double.voice_urls) == 1, "it must not fight for the line"
    expect(trainee.locator("[data-part=end]"), "nothing is said or ended from here").to_be_hidden()
    expect(trainee.locator("[data-part=mode]")).to_have_text("")
    trainee.get_by_role("button", name="Continue here").click()
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "live")
    expect(trainee.locator("[data-part=end]")).to_be_visible()
    assert double.ended_with == []


def test_the_newest_words_stay_in_sight_when_a_notice_takes_room(trainee: Page, site: str, double: CallDouble) -> None:
    begin(trainee, site, channel="text")
    for seq in range(1, 25):
        double.turn(seq, "assistant" if seq % 2 else "user", f"Line {seq} of this call.")
    last = trainee.locator("[data-part=turns] li").nth(23)
    expect(last).to_be_in_viewport(ratio=1)
    double.presence([{"name": "Marta Gil", "role": "manager"}])
    expect(trainee.locator("[data-part=observers]")).to_be_visible()
    within = "(item, list) => item.getBoundingClientRect().bottom <= list.getBoundingClientRect().bottom + 1"
    scroller = trainee.locator("[data-part=scroller]").element_handle()
    until(trainee, lambda: last.evaluate(within, scroller), "the last words are in sight")


def test_the_newest_words_stay_in_sight_when_a_phone_is_turned(trainee: Page, site: str, double: CallDouble) -> None:
    begin(trainee, site, channel="text")
    for seq in range(1, 25):
        double.turn(seq, "assistant" if seq % 2 else "user", f"Line {seq} of this call, which is long. " * 4)
    last = trainee.locator("[data-part=turns] li").nth(23)
    expect(last).to_be_in_viewport(ratio=1)
    trainee.set_viewport_size(PHONE)
    within = "(item, list) => item.getBoundingClientRect().bottom <= list.getBoundingClientRect().bottom + 1"
    scroller = trainee.locator("[data-part=scroller]").element_handle()
    until(trainee, lambda: last.evaluate(within, scroller), "the last words are in sight")


def test_the_last_minute_is_announced_to_everybody(trainee: Page, site: str, double: CallDouble) -> None:
    trainee.clock.install()
    begin(trainee, site, channel="text")
    limit_ms = trainee.evaluate("JSON.parse(document.getElementById('room-data').textContent).timeLimitMs")
    note = trainee.locator("[data-part=note]")
    expect(note).to_be_hidden()
    trainee.clock.fast_forward(limit_ms - 60_000)
    expect(note).to_have_text("One minute left")


def test_a_buyer_who_hangs_up_says_why(trainee: Page, site: str, double: CallDouble) -> None:
    begin(trainee, site)
    double.quick = None
    double.tell("call:ended", {"ended_by": "persona", "reason": "patience_ran_out"})
    double.hang_up(1000, "agent")
    expect(trainee.locator("[data-part=over-reason]")).to_contain_text("lost patience")
    expect(trainee.locator("[data-part=score-label]")).to_have_text("Your quick score is on its way…")
    double.score = {"quick": {"overall": 41, "summary": "Pitched too early."}, "judged_by": {"quick": "embedded"}}
    double.tell("score:ready", {})
    expect(trainee.locator("[data-part=score-number]")).to_have_text("41")


def test_scores_that_are_told_before_the_server_answers_are_not_called_pending(
    trainee: Page, site: str, double: CallDouble
) -> None:
    """A buyer who hangs up ends the call on the server: its scores are ready before the page has said that it is over."""
    begin(trainee, site)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    trainee.route("**/end/", hold)
    double.tell("call:ended", {"ended_by": "persona", "reason": "patience_ran_out"})
    double.hang_up(1000, "agent")
    until(trainee, lambda: bool(held), "the page says that it is over")
    quick = {"overall": 0, "summary": "Pitched too early."}
    double.score = {"quick": quick, "overall_score": 0, "judged_by": {"quick": "embedded", "deep": "embedded"}}
    double.tell("score:ready", {})
    expect(trainee.locator("[data-part=over]")).to_have_attribute("data-debrief", "ready")
    with trainee.expect_response("**/end/"):
        held[0].fulfill(json={"success": True, "quick_score": quick})
    trainee.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(trainee.locator("[data-part=score-label]")).to_have_text("Quick score")
    expect(trainee.locator("[data-part=debrief-status]")).to_have_text("The full debrief is ready.")


def test_a_typed_call_needs_no_microphone(trainee: Page, site: str, double: CallDouble) -> None:
    begin(trainee, site, channel="text")
    expect(trainee.locator("[data-part=type-input]")).to_be_focused()
    trainee.keyboard.type("Hello Marta")
    trainee.keyboard.press("Enter")
    until(trainee, lambda: double.texts() == ["Hello Marta"], "the text is sent")
    assert double.started_with == [{}]
    assert double.audio() == []


def test_typing_is_there_in_a_spoken_call_too(trainee: Page, site: str, double: CallDouble) -> None:
    begin(trainee, site)
    trainee.keyboard.press("t")
    trainee.keyboard.type("Typed because of noise")
    trainee.keyboard.press("Enter")
    until(trainee, lambda: double.texts() == ["Typed because of noise"], "the text is sent")
    assert {"type": "user_activity"} in double.heard


def test_a_muted_microphone_sends_silence(trainee: Page, site: str, double: CallDouble) -> None:
    begin(trainee, site)
    until(trainee, lambda: any(any(chunk) for chunk in double.audio()), "the fake microphone beeps")
    trainee.keyboard.press("m")
    expect(trainee.get_by_role("button", name="Unmute")).to_be_visible()
    expect(trainee.locator("[data-part=mode]")).to_have_text("Your microphone is muted")
    until(trainee, lambda: is_silent(double), "silence is sent")


def test_push_to_talk_is_heard_only_while_held(trainee: Page, site: str, double: CallDouble) -> None:
    open_room(trainee, site)
    trainee.get_by_label("No, keep only the words").check()
    trainee.get_by_label("Push to talk").check()
    trainee.locator("[data-part=start]").click()
    expect(trainee.get_by_role("button", name="Hold to talk")).to_be_visible()
    keys = trainee.get_by_text("Keys:").filter(visible=True)
    expect(keys, "there is nothing to mute").to_have_text("Keys: T types, E ends")
    trainee.locator("[data-part=scroller]").focus()
    until(trainee, lambda: is_silent(double), "silence is sent")
    trainee.keyboard.down("Space")
    until(trainee, lambda: any(any(chunk) for chunk in double.audio()), "talking is heard")
    trainee.keyboard.up("Space")


def test_a_whole_call_by_keyboard(trainee: Page, site: str, double: CallDouble) -> None:
    open_room(trainee, site)
    # The list of microphones comes when the browser has given one.
    expect(trainee.locator("[data-part=microphones]")).to_be_visible()
    reached: set[str] = set()
    for _step in range(40):
        trainee.keyboard.press("Tab")
        part = trainee.evaluate("document.activeElement.dataset.part ?? document.activeElement.name ?? ''")
        reached.add(part)
        if part == "consent":
            trainee.keyboard.press("ArrowDown")
        if part == "start":
            trainee.keyboard.press("Enter")
            break
    assert {"microphones", "push-to-talk", "consent", "start"} <= reached
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "live")
    trainee.keyboard.press("e")
    expect(trainee.locator("[data-part=confirm]")).to_be_visible()
    trainee.keyboard.press("Escape")
    expect(trainee.locator("[data-part=confirm]")).to_be_hidden()
    trainee.keyboard.press("e")
    trainee.keyboard.press("Tab")
    trainee.keyboard.press("Enter")
    expect(trainee.locator("[data-part=over-title]")).to_be_focused()


def test_a_blocked_microphone_is_explained_with_its_remedy(driver: Playwright, site: str) -> None:
    with launched(driver, ask=True) as browser:
        context = enter(browser, site, "trainee@acme.test")
        page = context.new_page()
        CallDouble(page)
        open_room(page, site)
        page.get_by_role("button", name="Allow the microphone").click()
        expect(page.locator("[data-part=mic-status]")).to_contain_text("set Microphone to “Allow”")
        page.get_by_role("button", name="Type instead of talking").click()
        expect(page.get_by_role("heading", name="A typed call")).to_be_visible()


def test_a_server_that_is_away_leaves_one_in_the_lobby(trainee: Page, site: str, double: CallDouble) -> None:
    open_room(trainee, site, channel="text")
    trainee.route("**/start/", lambda route: route.abort())
    trainee.locator("[data-part=start]").click()
    expect(trainee.locator("[data-part=problem-text]")).to_contain_text("cannot be reached")
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "lobby")


def test_the_call_fits_a_phone(browser: Browser, site: str) -> None:
    context = enter(browser, site, "trainee@acme.test", viewport=PHONE, has_touch=True)
    page = context.new_page()
    double = CallDouble(page)
    begin(page, site)
    for seq in range(1, 15):
        double.turn(seq, "user" if seq % 2 else "assistant", "A sentence of ordinary length, said in a call. " * 2)
    expect(page.locator("[data-part=turns] li")).to_have_count(14)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    end = page.locator("[data-part=end]").bounding_box()
    assert end
    assert end["y"] + end["height"] <= PHONE["height"], "the controls stay on the screen"
    context.close()
