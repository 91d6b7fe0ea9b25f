"""How long the embedded judge takes on ten-minute calls made of the preset scenarios, and the metrics on one of three hours.

`python -m benchmarks.scoring`: needs neither database nor Redis. *First* means that the sentence encoder has not met these
sentences before, as when a call has just ended; *again* is a re-score. Writes `var/bench/scoring.json`.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

TARGET_QUICK_P95_MS = 500
TEN_MINUTES_MS = 600_000
TARGET_TURNS_PER_SECOND = 2000
METRICS_RUNS = 5
LONG_CALL = "edge-three-hours"


def ten_minutes(turns: list[Any]) -> tuple[Any, ...]:
    """The call over and over, in slightly different words, until ten minutes are full."""
    filled: list[Any] = []
    offset = lap = 0
    while offset < TEN_MINUTES_MS:
        for turn in turns:
            seq = len(filled) + 1
            content = f"{turn.content} That is point {lap}." if lap and turn.by_trainee else turn.content
            filled.append(
                replace(
                    turn,
                    id=f"t{seq}",
                    seq=seq,
                    content=content,
                    start_ms=turn.start_ms + offset,
                    end_ms=turn.end_ms + offset,
                )
            )
        offset = filled[-1].end_ms
        lap += 1
    return tuple(filled)


def measure() -> dict[str, list[float]]:
    from integrations.embeddings.embedded import EmbeddedEncoder
    from scenarios import presets
    from scoring.judges.base import Case
    from scoring.judges.embedded import EmbeddedJudge
    from tests.sellers.play import QUALITIES, play, scenario_keys

    encoder = EmbeddedEncoder()
    encoder.encode(["warm"])
    judge = EmbeddedJudge(encoder)
    times: dict[str, list[float]] = {"quick, first": [], "quick, again": [], "deep": []}
    for slug, language in scenario_keys():
        scenario = presets.scenarios()[slug, language]
        for quality in QUALITIES:
            case = Case(
                turns=ten_minutes(play(slug, language, quality)),
                rubric=presets.rubrics()[scenario.rubric, language].spec,
                language=language,
                mode=scenario.mode,
                brief=scenario.brief(),
            )
            for kind, track in (("quick, first", "quick"), ("quick, again", "quick"), ("deep", "deep")):
                began = time.perf_counter()
                judge.judge(case, track=track)  # type: ignore[arg-type]
                times[kind].append((time.perf_counter() - began) * 1000)
    return times


def turns_per_second() -> list[float]:
    """How many turns of the three-hour call the metrics take in a second. No turn says what another said, and what is
    remembered of texts is forgotten before each run: every run reads all of it for the first time."""
    from scoring import lexicon, metrics, transcripts
    from tests.corpus import corpus

    sample = next(one for one in corpus() if one.id == LONG_CALL)
    case = sample.case()
    turns = [replace(turn, content=f"{turn.content} That was turn {turn.seq}.") for turn in case.turns]
    rates = []
    for _run in range(METRICS_RUNS):
        for remembered in (
            transcripts.fold,
            transcripts.count_words,
            transcripts._stretches,
            lexicon._found,
            lexicon._topics,
        ):
            remembered.cache_clear()
        began = time.perf_counter()
        metrics.measure(turns, language=case.language, spoken=True, brief=case.brief).to_json()
        rates.append(len(turns) / (time.perf_counter() - began))
    return rates


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    import django

    django.setup()
    times = measure()
    rows = {
        kind: {
            "calls": len(values),
            "p50_ms": round(statistics.median(values)),
            "p95_ms": round(statistics.quantiles(values, n=20)[-1]),
        }
        for kind, values in times.items()
    }
    print(f"{'track':<14}{'calls':>7}{'p50 ms':>9}{'p95 ms':>9}")
    for kind, row in rows.items():
        print(f"{kind:<14}{row['calls']:>7}{row['p50_ms']:>9}{row['p95_ms']:>9}")
    met = rows["quick, first"]["p95_ms"] < TARGET_QUICK_P95_MS
    print(f"target: quick, first, p95 < {TARGET_QUICK_P95_MS} ms: {'met' if met else 'missed'}")
    rate = round(statistics.median(turns_per_second()))
    fast = rate >= TARGET_TURNS_PER_SECOND
    print(
        f"metrics, a call of three hours: {rate} turns/s, target {TARGET_TURNS_PER_SECOND}: {'met' if fast else 'missed'}"
    )
    folder = Path("var/bench")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scoring.json").write_text(
        json.dumps({"rows": rows, "target_met": met, "metrics_turns_per_second": rate}, indent=2)
    )


if __name__ == "__main__":
    main()
