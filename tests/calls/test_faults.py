"""What counts as a technical fault, and when an attempt is void for it. Pure: no database."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.flight.faults import STALL_MS, Mark, Said, assess
from calls.flight.timeline import merged, without
from calls.voice.flight import StallWatch

BUYER = Said(False, "Honestly we pay a lot of penalties every single month and nobody upstairs knows.", 1000, 6000)
SELLER = Said(True, "What would it be worth to you if that stopped?", 7000, 10_000, 0.8)
TURNS = (BUYER, SELLER)
OPENED = Mark("session:opened", 0, {"provider": "elevenlabs", "resumed": False, "unheld_ms": 0})
END = 60_000


def stall(from_ms: int, to_ms: int) -> Mark:
    return Mark("stall", from_ms, {"from_ms": from_ms, "to_ms": to_ms, "where": "reply"})


def verdict(*marks: Mark, turns: tuple[Said, ...] = TURNS, **more: Any) -> tuple[str, int, int]:
    found = assess([OPENED, *marks], turns, end_ms=END, **more).verdict
    return found.kind, found.ms, found.times


def kinds(*marks: Mark, turns: tuple[Said, ...] = TURNS) -> list[tuple[str, int, int]]:
    return [(item.kind, item.from_ms, item.to_ms) for item in assess([OPENED, *marks], turns, end_ms=END).windows]


def test_a_call_without_trouble_has_no_faults() -> None:
    assert kinds() == []
    assert verdict() == ("", 0, 0)


class TestStalls:
    def test_four_seconds_void_the_attempt(self) -> None:
        assert verdict(stall(10_000, 14_000)) == ("stall", 4000, 1)

    def test_less_is_only_taken_out_of_the_times(self) -> None:
        assert verdict(stall(10_000, 13_900), stall(20_000, 23_900)) == ("", 0, 0)
        assert kinds(stall(10_000, 13_900)) == [("stall", 10_000, 13_900)]

    @pytest.mark.parametrize(("provider", "blame"), [("embedded", "parley"), ("vapi", "provider")])
    def test_who_speaks_is_to_blame(self, provider: str, blame: str) -> None:
        opened = Mark("session:opened", 0, {"provider": provider})
        found = assess([opened, stall(10_000, 15_000)], TURNS, end_ms=END)
        assert [item.blame for item in found.windows] == [blame]
        assert found.verdict.blame == blame


class TestTheFirstWord:
    """The voice was connected at `CONNECTED`, and the buyer opens."""

    CONNECTED = Mark("session:opened", 2000, {"provider": "elevenlabs", "resumed": False, "unheld_ms": 0})

    def found(self, *marks: Mark, turns: tuple[Said, ...] = (), end_ms: int = END) -> tuple[str, list[tuple[int, int]]]:
        seen = assess([self.CONNECTED, *marks], turns, end_ms=end_ms)
        return seen.verdict.kind, [(item.from_ms, item.to_ms) for item in seen.windows]

    def test_who_hangs_up_on_a_buyer_who_never_spoke_has_not_used_an_attempt(self) -> None:
        assert self.found(end_ms=11_000) == ("stall", [(2000, 11_000)])

    def test_who_spoke_into_the_silence_had_waited_until_then(self) -> None:
        hello = Said(True, "Hello? Is anybody there?", 9000, 10_000, 0.9)
        assert self.found(turns=(hello,), end_ms=12_000) == ("stall", [(2000, 9000)])
        early = Said(True, "Hello?", 3000, 3500, 0.9)
        assert self.found(turns=(early,), end_ms=6000) == ("", [])

    def test_who_hangs_up_at_once_has_waited_for_nobody(self) -> None:
        assert self.found(end_ms=4900) == ("", [])

    def test_a_late_first_word_costs_nobody_a_talk_that_went_on(self) -> None:
        late = Said(False, BUYER.content, 14_000, 20_000)
        assert self.found(turns=(late, Said(True, "At last.", 21_000, 22_000, 0.9))) == ("", [])

    def test_who_closed_the_page_did_not_wait(self) -> None:
        assert self.found(Mark("line:lost", 2500, {"code": 1001})) == ("", [])

    def test_a_call_that_never_went_through_us_has_its_words_elsewhere(self) -> None:
        assert assess([], (), end_ms=END).windows == ()


class TestTheLine:
    def test_two_seconds_without_a_line_void_the_attempt(self) -> None:
        lost, back = Mark("line:lost", 10_000, {"code": 1006}), Mark("line:back", 12_000)
        assert verdict(lost, back) == ("line_lost", 2000, 1)

    def test_a_blink_does_not_but_two_do(self) -> None:
        blink = (Mark("line:lost", 10_000, {"code": 1006}), Mark("line:back", 10_500))
        again = (Mark("line:lost", 20_000, {"code": 1005}), Mark("line:back", 20_900))
        assert verdict(*blink) == ("", 0, 0)
        assert verdict(*blink, *again) == ("line_lost", 900, 2)

    def test_a_line_that_stays_away_is_lost_until_the_end(self) -> None:
        assert verdict(Mark("line:lost", 10_000, {"code": 1006}), end_reason="connection_lost")[:2] == (
            "line_lost",
            END - 10_000,
        )

    def test_a_line_that_stays_away_voids_the_attempt_however_soon_the_call_was_closed(self) -> None:
        lost = Mark("line:lost", END - 500, {"code": 1006})
        assert verdict(lost, end_reason="connection_lost") == ("line_lost", 500, 1)

    @pytest.mark.parametrize("code", [1000, 1001])
    def test_leaving_or_reloading_the_page_is_no_fault(self, code: int) -> None:
        assert verdict(Mark("line:lost", 10_000, {"code": code}), end_reason="connection_lost") == ("", 0, 0)
        assert kinds(Mark("line:lost", 10_000, {"code": code}), Mark("line:back", 15_000)) == []

    def test_a_second_tab_is_no_fault(self) -> None:
        assert kinds(Mark("line:taken_over", 10_000)) == []


class TestOurOwnProcess:
    def test_a_call_taken_up_after_a_crash_is_void(self) -> None:
        again = Mark("session:opened", 20_000, {"provider": "embedded", "resumed": True, "unheld_ms": 5000})
        assert verdict(again) == ("restart", 5000, 1)

    def test_the_first_session_resumes_nothing(self) -> None:
        """A redo begins with what was said before, and a call may be begun long before its voice is connected."""
        first = Mark("session:opened", 0, {"provider": "embedded", "resumed": True, "unheld_ms": 9000})
        assert assess([first], TURNS, end_ms=END).windows == ()

    def test_a_line_that_nobody_saw_going_went_with_the_process(self) -> None:
        assert verdict(end_reason="connection_lost") == ("restart", 0, 0)

    @pytest.mark.parametrize("reason", ["connection_lost", "provider_closed"])
    def test_a_call_that_never_went_through_us_is_not_judged_by_its_end(self, reason: str) -> None:
        assert not assess([], TURNS, end_ms=END, end_reason=reason).verdict.is_void


class TestTheVoiceService:
    def test_a_fatal_fault_voids_the_attempt(self) -> None:
        mark = Mark("provider:fault", 50_000, {"error_type": "llm_error", "fatal": True})
        assert verdict(mark) == ("provider_fault", 10_000, 1)

    def test_ending_without_a_goodbye_does_too(self) -> None:
        assert verdict(end_reason="provider_closed")[0] == "provider_fault"

    def test_one_fault_that_the_call_went_on_from_does_not_but_two_do(self) -> None:
        mark = Mark("provider:fault", 20_000, {"error_type": "tts_cascade_error", "fatal": False})
        assert verdict(mark) == ("", 0, 0)
        assert verdict(mark, mark) == ("provider_fault", 0, 2)

    def test_a_part_that_we_did_ourselves_is_no_fault(self) -> None:
        mark = Mark("provider:fault", 20_000, {"error_type": "llm_error", "fatal": False, "covered": True})
        assert verdict(mark, mark, mark) == ("", 0, 0)

    def test_a_limit_that_was_reached_is_no_fault(self) -> None:
        mark = Mark("provider:fault", 59_000, {"error_type": "max_duration_exceeded", "fatal": True})
        assert verdict(mark) == ("", 0, 0)

    def test_another_service_before_the_first_word_is_no_fault(self) -> None:
        assert kinds(Mark("provider:switched", 500, {"old": "vapi", "new": "embedded"})) == []
        assert kinds(Mark("provider:switched", 8000, {"old": "vapi", "new": "embedded"})) == [
            ("provider_fault", 8000, 8000)
        ]

    def test_services_that_failed_before_the_first_word_void_nothing(self) -> None:
        failed = [Mark("provider:fault", at, {"error_type": "unavailable", "fatal": True}) for at in (100, 300)]
        assert verdict(*failed, Mark("provider:switched", 400, {"old": "vapi", "new": "embedded"})) == ("", 0, 0)


class TestWhatTheMicrophoneHeard:
    def echo(self, at_ms: int) -> tuple[Said, Said]:
        buyer = Said(False, BUYER.content, at_ms, at_ms + 5000)
        return buyer, Said(True, "pay a lot of penalties every single month", at_ms + 800, at_ms + 4000, 0.7)

    def test_the_buyers_words_while_the_buyer_speaks_are_an_echo(self) -> None:
        assert kinds(turns=self.echo(1000)) == [("echo", 1800, 5000)]
        assert verdict(turns=self.echo(1000)) == ("", 0, 0)
        assert verdict(turns=self.echo(1000) + self.echo(20_000)) == ("echo", 3200, 2)

    def test_taking_up_the_buyers_words_afterwards_is_good_selling(self) -> None:
        buyer, said = self.echo(1000)
        later = Said(True, said.content, buyer.end_ms + 300, buyer.end_ms + 3000, 0.8)
        assert kinds(turns=(buyer, later)) == []

    def test_speech_that_was_mostly_not_understood_voids_the_attempt(self) -> None:
        mumbled = tuple(Said(True, "four words or so", at, at + 1000, 0.2) for at in (1000, 3000, 5000))
        clear = Said(True, "a few clear words at last", 8000, 9000, 0.9)
        assert verdict(turns=(*mumbled, clear))[0] == "unclear_speech"
        assert verdict(turns=(*mumbled[:1], clear, clear, clear)) == ("", 0, 0)
        assert verdict(turns=mumbled[:2]) == ("", 0, 0)

    def test_a_vendor_that_does_not_say_how_sure_it_is_is_believed(self) -> None:
        unknown = tuple(Said(True, "four words or so", at, at + 1000) for at in (1000, 3000, 5000))
        assert verdict(turns=unknown) == ("", 0, 0)


def test_windows_lie_within_the_call() -> None:
    assert kinds(stall(58_000, 70_000)) == [("stall", 58_000, END)]
    assert kinds(stall(70_000, 80_000)) == []


spans = st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 5000)), max_size=8)


@given(spans, st.integers(0, 6000), st.integers(0, 6000))
def test_cutting_out_never_turns_time_round(spans: list[tuple[int, int]], one: int, two: int) -> None:
    cut = merged(spans)
    assert all(end < start for (_, end), (start, _) in pairwise(cut))
    early, late = sorted((one, two))
    assert 0 <= without(early, cut) <= without(late, cut)
    assert without(late, cut) - without(early, cut) <= late - early


class Clock:
    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


RATE = 24_000
PIECE = RATE * 2 // 10  # bytes of 100 ms


class TestStallWatch:
    def watch(self, **more: Any) -> tuple[StallWatch, Clock, list[tuple[int, int, str]]]:
        clock, found = Clock(), list[tuple[int, int, str]]()

        def stalled(from_ms: int, to_ms: int, *, where: str) -> None:
            found.append((from_ms, to_ms, where))

        return StallWatch(stalled, clock=clock, rate=RATE, **more), clock, found

    def test_a_quick_answer_is_none(self) -> None:
        watch, clock, found = self.watch()
        watch.trainee_said(0, 1000)
        clock.now = 1000 + STALL_MS - 1
        watch.audio(2, PIECE)
        assert found == []

    def test_a_late_answer_is_a_stall_from_the_trainees_last_word(self) -> None:
        watch, clock, found = self.watch()
        watch.trainee_said(0, 1000)
        clock.now = 5200
        watch.buyer_said(2, "At last.")
        watch.audio(2, PIECE)
        watch.audio(2, PIECE)
        assert found == [(1000, 5200, "reply")]

    def test_asking_again_is_waiting_until_then(self) -> None:
        watch, clock, found = self.watch()
        watch.trainee_said(0, 1000)
        clock.now = 7000
        watch.trainee_said(6000, 7000)
        assert found == [(1000, 6000, "reply")]

    def test_hanging_up_on_a_silent_service_is_waiting_until_then(self) -> None:
        watch, clock, found = self.watch()
        watch.trainee_said(0, 1000)
        clock.now = 9000
        watch.pause()
        watch.pause()
        assert found == [(1000, 9000, "reply")]

    def test_silence_within_an_utterance_is_a_stall(self) -> None:
        watch, clock, found = self.watch()
        watch.audio(2, PIECE * 10)
        clock.now = 5000
        watch.audio(2, PIECE)
        assert found == [(1000, 5000, "speech")]

    def test_silence_between_two_utterances_is_the_trainees(self) -> None:
        watch, clock, found = self.watch()
        watch.buyer_said(2, "Yes?")
        watch.audio(2, PIECE * 10)
        clock.now = 1000
        watch.buyer_done(2)
        clock.now = 20_000
        watch.buyer_said(3, "Are you still there?")
        watch.audio(3, PIECE)
        assert found == []

    def test_a_voice_that_dies_in_mid_sentence_is_a_stall(self) -> None:
        watch, clock, found = self.watch()
        watch.buyer_said(2, "x" * 200)
        watch.audio(2, PIECE * 10)
        clock.now = 8000
        watch.trainee_said(7000, 8000)
        assert found == [(1000, 7000, "speech")]

    def test_an_answer_without_sound_is_an_answer(self) -> None:
        watch, clock, found = self.watch()
        watch.trainee_said(0, 1000)
        clock.now = 2000
        watch.buyer_said(2, "Nobody hears this.")
        watch.buyer_done(2)
        clock.now = 30_000
        watch.trainee_said(29_000, 30_000)
        assert found == []

    def test_the_end_of_an_older_utterance_is_no_answer(self) -> None:
        watch, clock, found = self.watch()
        watch.buyer_said(2, "Go on.")
        watch.audio(2, PIECE)
        watch.trainee_said(0, 1000)
        watch.buyer_done(1)
        clock.now = 9000
        watch.audio(3, PIECE)
        assert found == [(1000, 9000, "reply")]

    def test_who_only_reads_has_the_answer_with_its_words(self) -> None:
        watch, clock, found = self.watch(text_only=True)
        watch.trainee_said(1000, 1000)
        clock.now = 1500
        watch.buyer_said(2, "Here.")
        clock.now = 30_000
        watch.trainee_said(30_000, 30_000)
        assert found == []
