"""What a trainee is told when something goes wrong around a call, and that nothing is lost by it.

The server's side is played by a double, the devices by scripts of the test.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from .conftest import enter, open_room
from .double import DEVICES, CallDouble
from .test_room import begin, until


@pytest.fixture
def double(trainee: Page) -> CallDouble:
    return CallDouble(trainee)


def heard_sound(double: CallDouble) -> bool:
    return any(any(chunk) for chunk in double.audio())


def test_an_unplugged_microphone_is_told_and_comes_back_without_a_reload(
    trainee: Page, site: str, double: CallDouble
) -> None:
    trainee.add_init_script(DEVICES)
    begin(trainee, site)
    until(trainee, lambda: heard_sound(double), "the microphone is heard")
    trainee.evaluate("pullThePlug()")
    expect(trainee.locator("[data-part=mic-gone-text]")).to_contain_text("The microphone is gone")
    expect(trainee.locator("[data-part=mode]")).to_contain_text("No microphone")
    trainee.locator("[data-part=type-input]").fill("I go on by typing")
    trainee.keyboard.press("Enter")
    until(trainee, lambda: double.texts() == ["I go on by typing"], "the text is sent")
    assert {"type": "user_activity"} in double.heard, "the buyer is not to take this for silence"
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "live")

    trainee.evaluate("plugIn()")
    expect(trainee.locator("[data-part=mic-gone]")).to_be_hidden()
    double.heard.clear()
    until(trainee, lambda: heard_sound(double), "the microphone is heard again")
    assert len(double.voice_urls) == 1, "all on one line"


def test_another_microphone_can_be_chosen_after_the_line_came_back_without_any(
    trainee: Page, site: str, double: CallDouble
) -> None:
    trainee.add_init_script(DEVICES)
    begin(trainee, site)
    trainee.evaluate("pullThePlug()")
    expect(trainee.locator("[data-part=mic-gone]")).to_be_visible()
    double.hang_up(1011, "restart")
    until(trainee, lambda: len(double.voice_urls) == 2, "it dials again")
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "live")
    trainee.evaluate("plugIn()")
    double.heard.clear()
    until(trainee, lambda: heard_sound(double), "the microphone is heard again")
    expect(trainee.locator("[data-part=mic-gone]")).to_be_hidden()
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "live")


def test_lines_typed_while_the_server_is_away_are_said_once_when_it_is_back(
    trainee: Page, site: str, double: CallDouble
) -> None:
    begin(trainee, site, channel="text")
    double.answers_sockets = False
    double.hang_up(1011, "restart")
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "reconnecting")
    for line in ("First line", "Second line"):
        trainee.locator("[data-part=type-input]").fill(line)
        trainee.keyboard.press("Enter")
    expect(trainee.locator("[data-part=unsent] li")).to_have_text(["First line", "Second line"])
    double.answers_sockets = True
    until(trainee, lambda: double.texts() == ["First line", "Second line"], "both are said, in order")
    double.turn(1, "user", "First line")
    double.turn(2, "user", "Second line")
    expect(trainee.locator("[data-part=unsent] li")).to_have_count(0)
    dialled = len(double.voice_urls)
    double.hang_up(1011, "again")
    until(trainee, lambda: len(double.voice_urls) > dialled, "it dials again")
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "live")
    trainee.wait_for_timeout(300)
    assert double.texts() == ["First line", "Second line"], "what is on record is not said again"


def test_a_line_sent_into_a_dead_socket_is_sent_again_under_its_name(
    trainee: Page, site: str, double: CallDouble
) -> None:
    begin(trainee, site, channel="text")
    trainee.locator("[data-part=type-input]").fill("Was I heard?")
    trainee.keyboard.press("Enter")
    until(trainee, lambda: len(double.texts()) == 1, "the text is sent")
    double.hang_up(1011, "restart")  # before its turn was announced
    until(trainee, lambda: len(double.texts()) == 2, "it is sent again")
    names = {frame["rich_content_id"] for frame in double.heard if frame.get("type") == "user_message"}
    assert len(names) == 1, "the server can tell that it is the same"


def test_a_line_that_stays_away_is_not_told_as_hanging_up(trainee: Page, site: str, double: CallDouble) -> None:
    trainee.clock.install()
    begin(trainee, site)
    double.answers_sockets = False
    double.hang_up(1011, "restart")
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "reconnecting")
    room = trainee.locator("[data-room]")

    def is_over() -> bool:
        trainee.clock.fast_forward(10_000)
        return room.get_attribute("data-state") == "over"

    until(trainee, is_over, "it gives up")
    expect(trainee.locator("[data-part=over-reason]")).to_contain_text("The connection did not come back in time.")
    until(trainee, lambda: double.ended_with == [{"reason": "connection_lost"}], "the server is told the same")


def test_waiting_lines_outlive_the_page_and_join_the_record_at_the_end(
    trainee: Page, site: str, double: CallDouble
) -> None:
    begin(trainee, site, channel="text")
    double.answers_sockets = False
    double.hang_up(1011, "restart")
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "reconnecting")
    trainee.locator("[data-part=type-input]").fill("Kept over a reload")
    trainee.keyboard.press("Enter")
    trainee.once("dialog", lambda dialog: dialog.accept())
    trainee.reload()
    double.answers_sockets = True
    trainee.locator("[data-part=start]").click()
    until(trainee, lambda: double.texts() == ["Kept over a reload"], "it is said after the reload")
    double.tell("call:ended", {"ended_by": "system", "reason": "connection_lost"})
    until(trainee, lambda: len(double.filled) == 1, "what nobody confirmed goes on record")
    [turn] = double.filled[0]["turns"]
    assert (turn["role"], turn["content"]) == ("user", "Kept over a reload")
    assert turn["provider_event_id"].startswith("typed.")


def test_a_slow_voice_service_is_said_to_be_slow(trainee: Page, site: str, double: CallDouble) -> None:
    begin(trainee, site)
    double.turn(1, "user", "How do you plan your week today?")
    expect(trainee.locator("[data-part=mode]")).to_contain_text("is thinking")
    note = trainee.locator("[data-part=note]")
    expect(note).to_contain_text("The voice service is slow. This will not count against you.")
    double.buyer_audio(3)
    expect(note).to_be_hidden()


def test_a_first_word_that_is_late_is_said_to_be_until_it_comes(trainee: Page, site: str, double: CallDouble) -> None:
    begin(trainee, site)
    note = trainee.locator("[data-part=note]")
    expect(note).to_contain_text("The voice service is slow. This will not count against you.")
    expect(trainee.locator("[data-part=mode]")).to_contain_text("is listening")
    double.buyer_audio(1)
    expect(trainee.locator("[data-part=mode]")).to_contain_text("is speaking")
    expect(note).to_be_hidden()


def test_who_does_not_wait_for_a_late_first_word_is_told_no_longer(
    trainee: Page, site: str, double: CallDouble
) -> None:
    begin(trainee, site)
    note = trainee.locator("[data-part=note]")
    expect(note).to_contain_text("The voice service is slow.")
    double.tentative("Hello?")
    expect(trainee.locator("[data-part=tentative]")).to_have_text("Hello?")
    expect(note).to_be_hidden()


@pytest.mark.parametrize("begun", ["said", "reconnected"])
def test_no_first_word_is_late_in_a_call_that_has_begun(
    trainee: Page, site: str, double: CallDouble, begun: str
) -> None:
    trainee.clock.install()
    begin(trainee, site)
    if begun == "said":
        double.turn(1, "assistant", "Marta speaking.")
        expect(trainee.locator("[data-part=turns] li")).to_have_count(1)
    else:
        double.hang_up(1011, "restart")
        until(trainee, lambda: len(double.voice_urls) == 2, "it dials again")
        expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "live")
    trainee.clock.fast_forward(5000)
    expect(trainee.locator("[data-part=note]")).to_be_hidden()


def test_a_voice_service_that_was_replaced_is_a_small_note(trainee: Page, site: str, double: CallDouble) -> None:
    double.provider, double.answered_by = "elevenlabs", "embedded"
    begin(trainee, site)
    expect(trainee.locator("[data-part=note]")).to_contain_text("Another voice service has taken over")
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "live")


def test_who_calls_is_told_so_until_somebody_answers(trainee: Page, site: str, double: CallDouble) -> None:
    double.picks_up = False
    open_room(trainee, site, channel="text")
    trainee.locator("[data-part=start]").click()
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "connecting")
    trainee.wait_for_timeout(600)  # the client's software calls itself listening at once
    expect(trainee.locator("[data-part=mode]")).to_have_text(re.compile("^Calling .+…$"))
    expect(trainee.locator("[data-part=end]")).to_be_disabled()
    expect(trainee.get_by_role("link", name="Leave")).to_be_visible()
    double.pick_up()
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "live")
    expect(trainee.locator("[data-part=mode]")).to_contain_text("is listening")
    expect(trainee.locator("[data-part=end]")).to_be_enabled()


def test_nobody_who_types_is_told_to_type_instead(trainee: Page, site: str, double: CallDouble) -> None:
    double.no_provider = True
    open_room(trainee, site, channel="text")
    trainee.locator("[data-part=start]").click()
    expect(trainee.locator("[data-part=problem-text]")).to_have_text(
        "No voice service can be reached right now. This attempt was not used up: try again in a moment."
    )


def test_no_voice_service_at_all_is_said_and_can_be_tried_again(trainee: Page, site: str, double: CallDouble) -> None:
    double.no_provider = True
    open_room(trainee, site)
    trainee.get_by_label("No, keep only the words").check()
    trainee.locator("[data-part=start]").click()
    expect(trainee.locator("[data-part=problem-text]")).to_contain_text("This attempt was not used up")
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "lobby")
    expect(trainee.get_by_role("button", name="Type instead of talking")).to_be_visible()
    double.no_provider = False
    trainee.get_by_role("button", name="Try again").click()
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "live")


def test_an_attempt_that_does_not_count_is_said_with_its_reason(trainee: Page, site: str, double: CallDouble) -> None:
    begin(trainee, site)
    double.tell("call:ended", {"ended_by": "system", "reason": "connection_lost"})
    message = "This attempt doesn't count: the voice service failed. Try again."
    double.tell("attempt:voided", {"reason": "provider_fault", "message": message})
    expect(trainee.locator("[data-part=voided]")).to_have_text(message)
    trainee.get_by_role("link", name="Try again").click()
    expect(trainee.locator("form [name=channel]").first).to_be_attached()


def test_observers_are_shown_while_they_listen(trainee: Page, site: str, double: CallDouble) -> None:
    begin(trainee, site)
    double.presence([{"name": "Marta Gil", "role": "manager"}])
    expect(trainee.locator("[data-part=observers]")).to_have_text("Marta Gil is listening in")
    double.presence([{"name": "Marta Gil", "role": "manager"}, {"name": "Bo", "role": "admin"}])
    expect(trainee.locator("[data-part=observers]")).to_have_text("Marta Gil and Bo are listening in")
    double.presence([])
    expect(trainee.locator("[data-part=observers]")).to_be_hidden()


def frame(type: str, key: str, **event: object) -> dict[str, object]:
    return {"type": type, key: event}


def test_a_call_straight_to_the_voice_service_shows_its_words_and_dials_a_new_address(
    trainee: Page, site: str, double: CallDouble
) -> None:
    double.transport = "direct"
    double.provider = double.answered_by = "elevenlabs"
    begin(trainee, site)
    double.say(frame("agent_response", "agent_response_event", agent_response="Marta speaking.", event_id=1))
    double.say(frame("user_transcript", "user_transcription_event", user_transcript="Hello, Ada here.", event_id=2))
    double.say(frame("agent_response", "agent_response_event", agent_response="I have no time for", event_id=3))
    correction = {"original_agent_response": "x", "corrected_agent_response": "I have no", "event_id": 3}
    double.say(frame("agent_response_correction", "agent_response_correction_event", **correction))
    words = trainee.locator("[data-part=turns] [data-words]")
    expect(words).to_have_text(["Marta speaking.", "Hello, Ada here.", "I have no"])
    # What was cut off before a word of it was heard leaves no empty bubble.
    double.say(frame("agent_response", "agent_response_event", agent_response="What else?", event_id=4))
    expect(words).to_have_count(4)
    unheard = {"original_agent_response": "What else?", "corrected_agent_response": "", "event_id": 4}
    double.say(frame("agent_response_correction", "agent_response_correction_event", **unheard))
    expect(words).to_have_text(["Marta speaking.", "Hello, Ada here.", "I have no"])
    double.hang_up(1011, "lost")
    until(trainee, lambda: len(double.voice_urls) == 2, "it dials again")
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "live")
    assert len(double.started_with) == 2, "such an address is good for once"
    assert len(set(double.voice_urls)) == 2
    # The vendor's record of the call comes later, and is not shown twice.
    double.turn(1, "assistant", "Marta speaking.")
    trainee.wait_for_timeout(200)
    expect(words).to_have_count(3)


# The voice service's own software, as far as the room uses it. Its room is WebRTC, which needs the vendor's servers.
SOFTWARE = """
export default class {
  #ears = {};
  constructor(token, base, room, source) { window.vapi = this; this.told = [{room}]; }
  on(name, ear) { (this.#ears[name] ??= []).push(ear); return this; }
  emit(name, ...data) { for (const ear of this.#ears[name] ?? []) ear(...data); }
  async reconnect(call) { this.told.push({call}); setTimeout(() => this.emit("call-start"), 50); }
  setMuted(muted) { this.told.push({muted}); }
  send(message) { this.told.push({message}); }
  async stop() { this.told.push({stop: true}); }
}
"""


LED = """
const parse = JSON.parse;
JSON.parse = (text, reviver) => {
  const data = parse(text, reviver);
  if (data?.urls && "webCall" in data.urls) data.urls.webCall = "/double/web-call/";
  return data;
};
"""


def by_software(page: Page) -> list[dict[str, Any]]:
    """Leads the room to the voice service's own software; answers what is sent to `web-call/`."""
    asked: list[dict[str, Any]] = []

    def begin(route: Route) -> None:
        asked.append(route.request.post_data_json or {})
        told = {"provider": "vapi", "web_call_url": "https://vapi.daily.co/r", "events_url": "ws://127.0.0.1:9/"}
        route.fulfill(status=201, json=told)

    page.add_init_script(LED)
    page.route("**/double/web-call/", begin)
    page.route("**/vapi-client-*.js", lambda route: route.fulfill(body=SOFTWARE, content_type="text/javascript"))
    return asked


def test_a_call_by_the_voice_services_own_software(browser: Browser, site: str) -> None:
    context = enter(browser, site, "trainee@acme.test")
    trainee = context.new_page()
    double = CallDouble(trainee)
    double.answered_by = "vapi"
    asked = by_software(trainee)
    open_room(trainee, site)
    trainee.get_by_label("No, keep only the words").check()
    trainee.locator("[data-part=start]").click()
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "live")
    assert asked == [{"recording_consent": False}]
    assert double.started_with == []
    heard = "message => window.vapi.emit('message', message)"
    said = {"type": "transcript", "role": "assistant", "transcriptType": "final", "transcript": "Marta speaking."}
    trainee.evaluate(heard, said)
    trainee.evaluate(heard, said | {"role": "user", "transcriptType": "partial", "transcript": "Hello, Ad"})
    trainee.evaluate(heard, said | {"role": "user", "transcript": "Hello, Ada here."})
    words = trainee.locator("[data-part=turns] [data-words]")
    expect(words).to_have_text(["Marta speaking.", "Hello, Ada here."])
    trainee.evaluate("window.vapi.emit('speech-start')")
    expect(trainee.locator("[data-room]")).to_have_attribute("data-mode", "speaking")
    trainee.keyboard.press("t")
    trainee.keyboard.type("How do you plan?")
    trainee.keyboard.press("Enter")
    expect(words).to_have_count(3)
    told = trainee.evaluate("window.vapi.told")
    assert told[:2] == [{"room": {"avoidEval": True}}, {"call": {"webCallUrl": "https://vapi.daily.co/r"}}]
    assert told[-1]["message"]["message"] == {"role": "user", "content": "How do you plan?"}
    # The buyer hangs up.
    trainee.evaluate(heard, {"type": "status-update", "status": "ended"})
    expect(trainee.locator("[data-room]")).to_have_attribute("data-state", "over")
    until(trainee, lambda: double.ended_with == [{}], "the server is told")
    until(trainee, lambda: trainee.evaluate("window.vapi.told").pop() == {"stop": True}, "the software leaves the room")
    context.close()


WITHOUT_SOCKETS = """
const Real = WebSocket;
window.WebSocket = class extends Real {
  constructor(url, protocols) { super(url.includes("/voice") ? "ws://127.0.0.1:9/" : url, protocols); }
};
"""


def test_where_no_live_sound_gets_through_a_call_is_spoken_in_turns(trainee: Page, site: str) -> None:
    """Held by the real server: the double knows no files."""
    trainee.add_init_script(WITHOUT_SOCKETS.replace("ws://127.0.0.1:9/", f"{site.replace('http', 'ws')}/nowhere/"))
    open_room(trainee, site)
    trainee.get_by_label("No, keep only the words").check()
    trainee.locator("[data-part=start]").click()
    expect(trainee.locator("[data-part=problem-text]")).to_contain_text("talk in turns")
    trainee.get_by_role("button", name="Try again").click()
    buyer = trainee.locator("[data-part=turns] li[data-role=assistant]")
    expect(buyer).to_have_count(1, timeout=60_000)
    talk = trainee.get_by_role("button", name="Hold to talk")
    talk.hover()
    trainee.mouse.down()
    trainee.wait_for_timeout(1500)
    trainee.mouse.up()
    # The fake microphone only beeps: the server says that it heard nobody, and nothing is lost.
    expect(trainee.locator("[data-part=line-text]")).not_to_be_empty(timeout=60_000)
    trainee.keyboard.press("t")
    trainee.keyboard.type("Hello, this is Ada. How do you plan your week today?")
    trainee.keyboard.press("Enter")
    expect(buyer).to_have_count(2, timeout=60_000)
    expect(trainee.locator("[data-part=turns] li[data-role=user]")).to_have_count(1)
    trainee.locator("[data-part=end]").click()
    trainee.locator("[data-part=confirm-yes]").click()
    expect(trainee.locator("[data-part=over-reason]")).to_have_text("You ended the call.")


# What the page plays reaches its microphone, as over a loudspeaker; or a steady hiss does.
ROOM = """
window.made = () => {
  const ear = new AudioContext(), heard = ear.createMediaStreamDestination();
  navigator.mediaDevices.getUserMedia = async () => { await ear.resume(); return heard.stream.clone(); };
  return [ear, heard];
};
"""
LOUDSPEAKER = f"""{ROOM}
const [ear, heard] = window.made();
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...rest) {{
  if (target === this.context.destination) {{
    const over = this.context.createMediaStreamDestination();
    connect.call(this, over);
    connect.call(ear.createMediaStreamSource(over.stream), heard);
  }}
  return connect.call(this, target, ...rest);
}};
"""
NOISE = f"""{ROOM}
const [ear, heard] = window.made();
const hiss = ear.createBuffer(1, ear.sampleRate, ear.sampleRate), samples = hiss.getChannelData(0);
for (let i = 0; i < samples.length; i++) samples[i] = (Math.random() - 0.5) * 0.4;
const source = new AudioBufferSourceNode(ear, {{ buffer: hiss, loop: true }});
source.connect(heard);
source.start();
"""


# A server that answers the room's measurement at once, however busy the real one is.
NEAR = """
const asked = window.fetch;
window.fetch = (url, options) => options?.method === "HEAD" ? Promise.resolve(new Response()) : asked(url, options);
"""


def test_a_microphone_that_hears_the_loudspeaker_gets_advice(trainee: Page, site: str) -> None:
    trainee.add_init_script(LOUDSPEAKER)
    open_room(trainee, site)
    trainee.get_by_role("button", name="Test for echo").click()
    expect(trainee.locator("[data-part=echo-result]")).to_contain_text("Put on headphones")
    expect(trainee.locator("[data-part=start]")).to_be_enabled()


def test_a_quiet_room_has_no_echo_and_a_near_server_is_good(trainee: Page, site: str) -> None:
    trainee.add_init_script(f"{ROOM} window.made(); {NEAR}")
    open_room(trainee, site)
    trainee.get_by_role("button", name="Test for echo").click()
    expect(trainee.locator("[data-part=echo-result]")).to_contain_text("No echo")
    expect(trainee.locator("[data-part=latency]")).to_have_attribute("data-latency", "good")


def test_a_far_server_is_said_to_be_slow_and_blocks_nothing(trainee: Page, site: str) -> None:
    def late(route: object) -> None:
        if route.request.method == "HEAD":  # type: ignore[attr-defined]
            trainee.wait_for_timeout(450)
        route.continue_()  # type: ignore[attr-defined]

    trainee.route("**/calls/*/", late)
    open_room(trainee, site)
    expect(trainee.locator("[data-part=latency]")).to_have_attribute("data-latency", "poor")
    expect(trainee.locator("[data-part=start]")).to_be_enabled()


def test_noise_is_noticed(trainee: Page, site: str) -> None:
    trainee.add_init_script(NOISE)
    open_room(trainee, site)
    expect(trainee.locator("[data-part=mic-noisy]")).to_be_visible()
