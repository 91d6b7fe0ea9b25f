"""How long a trainee waits for the buyer, split into its parts.

`python -m benchmarks.embedded_turn`: needs neither database nor Redis. Scripted sellers talk, in real time and by synthetic
speech, to the preset buyers through the embedded engine, all on this machine:

    first call    nothing of this buyer has been spoken before; its lines are synthesised while the call goes on
    later call    the buyer's own lines were kept from earlier calls
    human         a person's recorded sentences (LibriVox) instead of the synthetic seller, when they can be fetched

Columns, in ms from the end of speech: `decided` that the turn is over, `text` known, `reply` known, `audio` sent. Writes
`var/bench/embedded_turn.json`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

TARGET_P50_MS = 800
COLUMNS = ("decided", "text", "reply", "audio")
KINDS = ("first call", "later call", "human")


@dataclass(frozen=True)
class Turn:
    kind: str
    scenario: str
    decided: int
    text: int
    reply: int
    audio: int


class Talker:
    """Sends a microphone's audio in real time, silence between the lines."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.queue = bytearray()

    async def run(self) -> None:
        began, sent = time.monotonic(), 0
        while True:
            await asyncio.sleep(0.02)
            due = int((time.monotonic() - began) * 16000) - sent
            chunk = bytes(self.queue[: due * 2])
            del self.queue[: due * 2]
            self.session.hear_audio(chunk.ljust(due * 2, b"\0"))
            sent += due


async def hold(
    kind: str, scenario: str, language: str, engine: Any, lines: Iterator[bytes] | None, most: int
) -> list[Turn]:
    """One call; `lines`: the seller's audio, or None for the scripted seller of the scenario."""
    from calls.voice.responder import BuyerResponder
    from integrations.vendors import VendorKeys
    from integrations.voice.base import VoiceBrief
    from integrations.voice.embedded import EmbeddedProvider
    from integrations.voice.events import BuyerFinished, BuyerSaid, Ended, UserSaid
    from scenarios import presets
    from tests.sellers.play import Seller, scripts

    brief = presets.scenarios()[scenario, language].brief()
    seller = Seller("good", scripts(scenario, language)["good"])
    began = time.monotonic()
    session = await EmbeddedProvider(engine).open(
        VoiceBrief("bench", "", brief.first_message, language, brief.voice_id),
        keys=VendorKeys("embedded"),
        responder=BuyerResponder(brief, state=None),
        clock=lambda: int((time.monotonic() - began) * 1000),
    )
    await session.start()
    talker = Talker(session)
    sending = asyncio.create_task(talker.run())
    turns: list[Turn] = []
    state: dict[str, Any] = {}
    heard: Any = None
    replied: dict[str, int] = {}
    async for event in session.events():
        match event:
            case UserSaid():
                heard = event
            case BuyerSaid():
                state = dict(event.state or state)
                replied = event.latency
            case BuyerFinished():
                if heard is not None and event.first_audio_ms is not None:
                    text = heard.latency["text"]
                    turns.append(
                        Turn(
                            kind,
                            f"{scenario}.{language}",
                            heard.latency["endpoint"],
                            text,
                            text + replied.get("reply", 0),
                            event.first_audio_ms,
                        )
                    )
                    print(f"  {turns[-1]}", flush=True)
                    heard = None
                if len(turns) >= most:
                    break
                line = (
                    next(lines, None)
                    if lines is not None
                    else spoken(engine, seller.opening() if not turns else seller.answer(state), language)
                )
                if line is None:
                    break
                talker.queue += line
            case Ended():
                break
            case _:
                pass
    sending.cancel()
    await session.close()
    return turns


def spoken(engine: Any, text: str, language: str) -> bytes:
    """A seller's line as a microphone hears it; the voice is not the buyer's."""
    import numpy as np
    import soxr

    voice = "ada" if language == "en" else "ines"
    pcm = b"".join(engine.tts.stream(text, voice_id=voice, language=language))
    heard: bytes = soxr.resample(np.frombuffer(pcm, "<i2"), engine.rate, 16000).astype("<i2").tobytes()
    return heard


def fresh_engine(kept: Path) -> Any:
    """An engine that knows only what is kept on disk in `kept`."""
    from integrations.speech import engine
    from integrations.speech.cache import SpokenCache

    engine.default_engine.cache_clear()
    made = engine.default_engine()
    made.tts._cache = SpokenCache(kept)
    return made


def keep_lines(engine: Any, slug: str, language: str) -> None:
    """What earlier calls leave behind: the lines that this buyer says to this seller."""
    from integrations.speech.sentences import pieces
    from integrations.speech.voices import voice_for
    from scenarios import presets
    from tests.sellers.play import play_call

    engine.stop_preparing()
    voice = voice_for(presets.scenarios()[slug, language].brief().voice_id, language=language)
    for reply in play_call(slug, language, "good").replies:
        for piece in pieces(reply.text):
            engine.tts.say(piece.text, voice, ahead=True)


async def measure(scenarios: list[tuple[str, str]], most: int) -> list[Turn]:
    from tests.recordings import librivox

    kept = Path(tempfile.mkdtemp(prefix="parley-bench-"))
    turns: list[Turn] = []
    try:
        for kind in KINDS:
            engine = fresh_engine(kept)
            for slug, language in scenarios:
                await asyncio.to_thread(engine.load, language)
                if kind == "human" and language != "en":
                    continue
                lines = iter([clip.pcm() for clip in librivox()]) if kind == "human" else None
                got = await hold(kind, slug, language, engine, lines, most)
                print(f"{kind:12} {slug}.{language}: {len(got)} turns", flush=True)
                turns += got
                if kind == "first call":
                    await asyncio.to_thread(keep_lines, engine, slug, language)
            engine.stop_preparing()
    finally:
        shutil.rmtree(kept, ignore_errors=True)
    return turns


def percentile(values: list[int], share: float) -> int:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def summary(turns: list[Turn]) -> dict[str, dict[str, Any]]:
    out: dict[str, dict[str, Any]] = {}
    for kind in KINDS:
        group = [asdict(turn) for turn in turns if turn.kind == kind]
        if group:
            out[kind] = {"turns": len(group)} | {
                column: {
                    "p50": int(statistics.median(turn[column] for turn in group)),
                    "p95": percentile([turn[column] for turn in group], 0.95),
                }
                for column in COLUMNS
            }
    return out


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--turns", type=int, default=5, help="most turns of a call")
    arguments.add_argument(
        "--scenario", action="append", help="slug.language; default: two English ones and a Spanish one"
    )
    given = arguments.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    import django

    django.setup()
    chosen = given.scenario or ["dental-cold-call.en", "insurance-discovery.en", "freight-cold-call.es"]
    turns = asyncio.run(
        measure([(slug, language) for slug, _, language in (name.rpartition(".") for name in chosen)], given.turns)
    )
    results = summary(turns)
    print(f"\n{'ms, p50 / p95':14}" + "".join(f"{column:>16}" for column in COLUMNS) + "   turns")
    for kind, row in results.items():
        cells = "".join(f"{row[column]['p50']:>9} / {row[column]['p95']:4}" for column in COLUMNS)
        print(f"{kind:14}{cells}   {row['turns']}")
    usual = results.get("later call") or next(iter(results.values()))
    met = usual["audio"]["p50"] < TARGET_P50_MS
    verdict = "met" if met else "missed"
    print(f"target: p50 below {TARGET_P50_MS} ms in a later call: {verdict}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    target = Path("var/bench/embedded_turn.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        json.dumps(
            {
                "results": results,
                "target_p50_ms": TARGET_P50_MS,
                "met": met,
                "cores": os.cpu_count(),
                "load": os.getloadavg(),
                "turns": [asdict(turn) for turn in turns],
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
